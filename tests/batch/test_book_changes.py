"""Books put right after people worked on them: the work is where the scans are, once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.cli.app import run_program as sohoa
from ocr_pipeline.errors import BadInputError, ExitCode, MachineError
from ocr_pipeline.export.stored_books import load_book_data
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.reports.status import status
from ocr_pipeline.review import audit, book_changes
from ocr_pipeline.review.errors import NotAllowedYetError, NotFoundError
from ocr_pipeline.review.field_decisions import Action, Decision, decide
from ocr_pipeline.review.page_order import put_aside
from ocr_pipeline.store import book_moves
from ocr_pipeline.store.approvals import ApprovalStep, BookState, add_step, state_of
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.keyings import people_of
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.policies import ReviewMode, ReviewPolicy, policies_of, save_policy
from ocr_pipeline.store.review_models import LeaseRow
from ocr_pipeline.store.states import Lane, PageKind
from tests.batch.test_scan_identity import (
    AN,
    BINH,
    BOOK,
    NOW,
    at_once,
    books,
    correct,
    decided,
    failures,
    field,
    person_of,
    reviewed,
    shown,
    told,
)
from tests.builders import judges
from tests.builders.books import make_book, write_inventory

__all__ = ["at_once"]

OTHER = BOOK.replace(".01", ".02")
THIRD = BOOK.replace(".01", ".03")
both = pytest.mark.databases("sqlite", "postgresql")
HOW = {"judge": judges.accept_sure, "now": NOW}


def meant(office, book=BOOK, **changes):
    with office.workspace.read_session() as session:
        [found] = load_books(session, [book])
    return replace(found, **changes)


def rename(office, book=BOOK, **changes):
    options = {name: changes.pop(name) for name in ("force",) if name in changes}
    return book_changes.rename_book(
        office.workspace, book, meant(office, book, **changes), **options, **HOW
    )


def move(office, book, to, *names, **options):
    return book_changes.move_pages(office.workspace, book, to, names, **options, **HOW)


def trail_holds(office):
    return audit.verify(office.workspace) is None


def waiting(office, book):
    return [text.en for _, text in load_book_data(office.workspace, book).waiting]


def renamed_on_disk(office, number=7):
    """The folder gets another name while its number is corrected: another book, by its line."""
    (office.scans / "so").rename(office.scans / "quyen-7")
    write_inventory(office.scans, {"quyen-7": make_book("KS", number, 2016)})


@both
def test_a_renamed_book_takes_all_that_was_decided(office):
    reviewed(office, 1, 2)
    with office.workspace.transaction() as session:
        save_policy(session, ReviewPolicy(book=BOOK, sample=0.5), "dung")
        add_step(session, BOOK, ApprovalStep.APPROVE, "dung", NOW)
    done = rename(office, number=7)
    new = BOOK.replace(".01", ".07")
    assert (done.book, done.pages, done.decisions) == (new, 2, 2)
    assert set(books(office)) == {new} and shown(office, new) == {
        "001.png": decided(1)[1], "002.png": decided(2)[2],
    }  # fmt: skip
    book = load_book_data(office.workspace, new).book
    assert NamingRule().stem(book) == new and book.number == 7
    with office.workspace.read_session() as session:
        assert policies_of(session, new).effective("").sample == 0.5
        assert state_of(session, new) is BookState.OPEN and people_of(session, new) == {"an": 2}
    [(_, details)] = told(office, "book_renamed")
    assert details["from"] == BOOK and details["decisions"] == 2
    assert trail_holds(office)
    write_inventory(office.scans, {"so": make_book("KS", 7, 2016)})
    assert office.run().read == 0 and set(books(office)) == {new}
    assert shown(office, new)["001.png"] == decided(1)[1]
    assert status(office.workspace)["problems"] == [] and failures(office) == {}


@both
def test_two_books_change_numbers(office):
    reviewed(office, 1, 2)
    office.book("kia", {"1.png": "record 9"})
    office.run()
    with pytest.raises(BadInputError, match="already"):
        rename(office, number=2)
    rename(office, number=3)
    rename(office, OTHER, number=1)
    rename(office, THIRD, number=2)
    lines = {"so": make_book("KS", 2, 2016), "kia": make_book("KS", 1, 2016)}
    write_inventory(office.scans, lines)
    assert office.run().read == 0
    assert set(books(office)) == {BOOK, OTHER} and status(office.workspace)["problems"] == []
    assert shown(office, OTHER) == {"001.png": decided(1)[1], "002.png": decided(2)[2]}
    assert {line[2] for line in shown(office, BOOK).values()} == {"in_review"}
    assert trail_holds(office)


@both
def test_a_book_of_another_id_with_the_same_scans_is_asked_about_and_takes_the_work(office):
    reviewed(office, 1, 2)
    renamed_on_disk(office)
    assert office.run().read == 0
    new, command = BOOK.replace(".01", ".07"), f"sohoa book move {BOOK} --to "
    for _ in range(2):  # until somebody answers
        [problem] = status(office.workspace)["problems"]
        assert command + new in problem["remedy"]["en"]
        assert {one["kind"] for one in failures(office).values()} == {PageKind.GONE.value}
        assert any(command + new in one for one in waiting(office, new))  # held back
        assert waiting(office, BOOK)
        office.run()
    done = move(office, BOOK, new)
    assert (done.decisions, done.left) == (2, False)
    assert shown(office, new) == {"001.png": decided(1)[1], "002.png": decided(2)[2]}
    assert waiting(office, new) == [] and set(books(office)) == {new}
    assert office.run().read == 0
    assert status(office.workspace)["problems"] == [] and shown(office, new)["001.png"][2] == (
        "corrected"
    )
    assert trail_holds(office)


def test_a_book_put_back_as_it_was_has_its_work_and_the_second_one_is_told(office):
    reviewed(office, 1, 2)
    renamed_on_disk(office)
    office.run()
    (office.scans / "quyen-7").rename(office.scans / "so")
    write_inventory(office.scans, {"so": make_book("KS", 1, 2016)})
    for _ in range(2):
        assert office.run().read == 0
        assert shown(office) == {"001.png": decided(1)[1], "002.png": decided(2)[2]}
        assert waiting(office, BOOK) == []
        [problem] = status(office.workspace)["problems"]
        second = BOOK.replace(".01", ".07")
        assert f"sohoa book remove {second}" in problem["remedy"]["vi"]
    book_changes.remove_book(office.workspace, second, now=NOW)
    office.run()
    assert set(books(office)) == {BOOK} and status(office.workspace)["problems"] == []


@both
def test_one_page_goes_to_the_book_that_has_its_scan_with_what_was_asked(office):
    with office.workspace.transaction() as session:
        save_policy(session, ReviewPolicy(kind="person_name", mode=ReviewMode.DOUBLE), "dung")
    office.book("so", {"001.png": "record 1", "002.png": "record 2"})
    office.book("kia", {"1.png": "record 9"})
    office.run()
    assert correct(office, "002.png", person_of(2)).ok  # keyed once, waits for another person
    assert correct(office, "001.png", person_of(1)).ok
    (office.scans / "so" / "002.png").rename(office.scans / "kia" / "7.png")
    office.run()
    if "002.png" in failures(office):
        assert f"sohoa book move {BOOK} --to {OTHER}" in failures(office)["002.png"]["remedy"]["vi"]
    assert waiting(office, OTHER)
    done = move(office, BOOK, OTHER, "002.png")
    assert done.left and waiting(office, OTHER) == [] and "002.png" not in failures(office)
    row = field(office, "7.png", book=OTHER)
    assert row.lane == Lane.SECOND
    said = Decision(row.id, Action.CORRECT, person_of(2), base=row.entry, lane=Lane.SECOND)
    [outcome] = decide(office.workspace, BINH, [said], NOW)
    assert outcome.ok and field(office, "7.png", book=OTHER).state == "corrected"
    assert office.run().read == 0 and failures(office) == {}
    assert field(office, "001.png").lane == Lane.SECOND
    with office.workspace.read_session() as session:
        assert set(people_of(session, OTHER)) == {"an", "binh"}
    assert trail_holds(office)


def test_a_scan_that_the_other_book_does_not_have_stays(office):
    reviewed(office, 1, 2)
    office.book("kia", {"1.png": "record 9"})
    office.run()
    for names in ((), ("001.png",)):
        with pytest.raises(BadInputError, match="no scan"):
            move(office, BOOK, OTHER, *names)
    with pytest.raises(NotFoundError):
        move(office, BOOK, OTHER, "009.png")
    with pytest.raises(NotFoundError):
        move(office, BOOK, THIRD)
    with pytest.raises(BadInputError):
        move(office, BOOK, BOOK)
    assert shown(office) == {"001.png": decided(1)[1], "002.png": decided(2)[2]}


@both
def test_a_removed_book_is_gone_and_its_decisions_come_back_with_it(office):
    reviewed(office, 1, 2)
    with office.workspace.transaction() as session:
        add_step(session, BOOK, ApprovalStep.APPROVE, "dung", NOW)
    done = book_changes.remove_book(office.workspace, BOOK, now=NOW)
    assert (done.pages, done.decisions) == (2, 2) and books(office) == {}
    assert trail_holds(office) and told(office, "book_removed")[0][1]["decisions"] == 2
    assert office.run().read == 0  # it still is in the inventory
    assert shown(office) == {"001.png": decided(1)[1], "002.png": decided(2)[2]}
    with office.workspace.read_session() as session:
        assert state_of(session, BOOK) is BookState.OPEN


@both
def test_nobody_is_disturbed(office):
    reviewed(office, 1)
    with office.workspace.transaction() as session:
        add_step(session, BOOK, ApprovalStep.HAND_OVER, "dung", NOW)
    with pytest.raises(NotAllowedYetError, match="handed over"):
        rename(office, number=7)
    with pytest.raises(NotAllowedYetError):
        book_changes.remove_book(office.workspace, BOOK, now=NOW)
    lease = LeaseRow(field=field(office, "001.png").id, user="an", until=NOW + timedelta(minutes=5))
    with office.workspace.transaction() as session:
        session.add(lease)
    with pytest.raises(NotAllowedYetError, match="reviewing"):
        rename(office, number=7, force=True)
    with office.workspace.transaction() as session:
        session.delete(session.get(LeaseRow, lease.field))
    with run_lock(office.workspace), pytest.raises(MachineError, match="Another run"):
        rename(office, number=7, force=True)
    assert set(books(office)) == {BOOK} and shown(office)["001.png"] == decided(1)[1]
    assert rename(office, number=7, force=True).decisions == 1


@both
@pytest.mark.parametrize("at", ["copy_said", "give_pages", "forget_book", "_judge"])
def test_a_change_that_is_killed_is_as_if_it_had_not_begun(office, monkeypatch, at):
    reviewed(office, 1, 2)
    before = shown(office)

    def cut(*_args, **_options):
        raise KeyboardInterrupt

    where = book_changes if at == "_judge" else book_moves
    with monkeypatch.context() as patch:
        patch.setattr(where, at, cut)
        with pytest.raises(KeyboardInterrupt):
            rename(office, number=7)
    assert shown(office) == before and set(books(office)) == {BOOK}
    assert told(office, "book_renamed") == [] and trail_holds(office)
    assert rename(office, number=7).decisions == 2


def test_another_type_is_read_again_with_what_was_decided_kept(office):
    reviewed(office, 1)
    new = rename(office, type=RegisterType.KH).book
    with office.workspace.read_session() as session:
        [page] = session.scalars(select(PageRow).where(PageRow.book == new))
        assert page.kind == PageKind.PENDING.value
    with pytest.raises(BadInputError, match="Nothing"):
        rename(office, new)


def test_a_scan_that_is_in_the_other_book_on_purpose(office):
    reviewed(office, 1, 2)
    office.book("kia", {"1.png": "record 9"})
    office.run()
    (office.scans / "so" / "002.png").rename(office.scans / "kia" / "7.png")
    office.run()
    assert waiting(office, OTHER)
    with office.workspace.read_session() as session:
        query = select(PageRow.id).where(PageRow.book == BOOK, PageRow.kind == "gone")
        [page] = session.scalars(query)
    put_aside(office.workspace, AN, page, "removed", now=NOW)
    assert waiting(office, OTHER) == []


def test_the_commands(office, capsys):
    reviewed(office, 1, 2)
    where = ["-w", office.location]
    assert sohoa(["book", "list", "--json", *where]) is ExitCode.DONE
    [line] = json.loads(capsys.readouterr().out)["books"]
    assert (line["id"], line["pages"], line["gone"], line["decisions"]) == (BOOK, 2, 0, 2)
    assert sohoa(["book", "remove", BOOK, *where]) is ExitCode.USAGE
    assert sohoa(["book", "remove", "không-có", "--yes", *where]) is ExitCode.FAILURES
    assert sohoa(["book", "rename", BOOK, "--type", "XX", *where]) is ExitCode.USAGE
    assert sohoa(["book", "rename", BOOK, *where]) is ExitCode.BAD_INPUT
    assert sohoa(["book", "move", BOOK, "--to", BOOK, *where]) is ExitCode.BAD_INPUT
    assert sohoa(["book", "remove", BOOK, "--yes", *where]) is ExitCode.DONE
    assert sohoa(["book", "list", *where]) is ExitCode.DONE
    assert BOOK in capsys.readouterr().out


@both
def test_the_scans_of_two_books_that_changed_folders(office):
    reviewed(office, 1, 2)
    office.book("kia", {"1.png": "record 3"})
    office.run()
    row = field(office, "1.png", book=OTHER)
    said = Decision(row.id, Action.CORRECT, person_of(3), base=row.entry, lane=Lane.DOUBT)
    assert decide(office.workspace, AN, [said], NOW)[0].ok
    for old, new in (("so", "x"), ("kia", "so"), ("x", "kia")):
        (office.scans / old).rename(office.scans / new)
    assert office.run().read == 0
    assert waiting(office, BOOK) and waiting(office, OTHER)
    assert move(office, BOOK, OTHER).left and move(office, OTHER, BOOK).left
    assert shown(office, OTHER) == {"001.png": decided(1)[1], "002.png": decided(2)[2]}
    assert shown(office) == {"1.png": decided(3)[3]}
    assert office.run().read == 0 and failures(office) == failures(office, 1) == {}
    assert waiting(office, BOOK) == waiting(office, OTHER) == [] and trail_holds(office)
