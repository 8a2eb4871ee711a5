"""What people decided goes with the scan they looked at: by its content, whatever its name."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.errors import ScanError, Text
from ocr_pipeline.export.results import results
from ocr_pipeline.export.stored_books import load_book_data
from ocr_pipeline.processing.page import PageResult
from ocr_pipeline.processing.scan_source import ScanSource
from ocr_pipeline.reports.status import status
from ocr_pipeline.review import audit
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import NotFoundError
from ocr_pipeline.review.field_decisions import Action, Decision, decide, undo
from ocr_pipeline.review.page_order import move_page, put_aside
from ocr_pipeline.scans.pages import picture_digest
from ocr_pipeline.store.approvals import ApprovalStep, BookState, add_step, state_of
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.policies import ReviewMode, ReviewPolicy, save_policy
from ocr_pipeline.store.review_models import AuditRow
from ocr_pipeline.store.states import Lane, PageKind
from tests.builders import fake_stages, judges
from tests.builders.books import make_book, write_inventory
from tests.builders.page_files import pdf
from tests.builders.same_process import SameProcess

both = pytest.mark.databases("sqlite", "postgresql")

BOOK = "xalocthuan_hbd_tbt.KS.2016.01"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
AN, BINH = User("an", Role.REVIEWER), User("binh", Role.REVIEWER)
FORMER = "former_scan"


@pytest.fixture(autouse=True)
def at_once(office):
    """Runs do without worker processes: nothing here is about them."""
    office.dependencies = replace(office.dependencies, executor=lambda *_: SameProcess())


def reviewed(office, *numbers, **options):
    """A book of scans 001.png, 002.png … with these numbers; `an` has corrected every name."""
    names = [f"{place:03}.png" for place in range(1, len(numbers) + 1)]
    office.book("so", {n: f"record {number}" for n, number in zip(names, numbers, strict=True)})
    office.run(**options)
    for name, number in zip(names, numbers, strict=True):
        assert correct(office, name, person_of(number)).ok


def person_of(number):
    return f"Lê Văn {('Một', 'Hai', 'Ba', 'Bốn', 'Năm')[int(number) - 1]}"


def field(office, page, code="nksHoTen", book=BOOK):
    with office.workspace.read_session() as session:
        query = (
            select(FieldRow)
            .join(RecordRow, RecordRow.id == FieldRow.record)
            .where(RecordRow.book == book, RecordRow.page == page, FieldRow.code == code)
        )
        return session.scalars(query).one()


def correct(office, page, value, user=AN, lane=Lane.DOUBT, code="nksHoTen"):
    row = field(office, page, code)
    said = Decision(row.id, Action.CORRECT, value, base=row.entry, lane=lane)
    [outcome] = decide(office.workspace, user, [said], NOW)
    return outcome


def shown(office, book=BOOK):
    """By page: the number that was read, the name that counts, and its state."""
    return {
        line["page"]: (
            line["fields"]["so"]["value"].partition("/")[0],
            line["fields"]["nksHoTen"]["value"],
            line["fields"]["nksHoTen"]["state"],
        )
        for line in results(office.workspace, book)
    }


def decided(*numbers):
    return {number: (str(number), person_of(number), "corrected") for number in numbers}


def scan(office, name, number):
    fake_stages.write_page(office.scans / "so" / name, f"record {number}")


def rename(office, **names):
    """Give files other names, all at once; the names are those without the ending."""
    folder = office.scans / "so"
    for old in names:
        (folder / f"{old[1:]}.png").rename(folder / f"{old}.tmp")
    for old, new in names.items():
        (folder / f"{old}.tmp").rename(folder / f"{new}.png")


def failures(office, book=0):
    return {row["page"]: row for row in status(office.workspace)["books"][book]["failures"]}


def told(office, action):
    with office.workspace.read_session() as session:
        lines = session.scalars(select(AuditRow).where(AuditRow.action == action))
        return [(line.subject, json.loads(line.details)) for line in lines.all()]


def waiting_values(office, page):
    """Why the name of a page waits, and what is offered."""
    [line] = [one for one in results(office.workspace, BOOK) if one["page"] == page]
    name = line["fields"]["nksHoTen"]
    rules = [doubt["rule"] for doubt in name.get("doubts", ())]
    return name["state"], rules, [one["value"] for one in name["n_best"]]


@both
def test_a_page_put_in_between_takes_nothing_from_its_neighbours(office):
    reviewed(office, 1, 3, 4)
    ids = {page: field(office, page).id for page in ("001.png", "002.png", "003.png")}
    rename(office, _002="003", _003="004")
    scan(office, "002.png", 2)
    assert office.run().read == 1
    assert shown(office) == {
        "001.png": ("1", person_of(1), "corrected"),
        "002.png": ("2", "Trần Thị Bưởi", "in_review"),
        "003.png": ("3", person_of(3), "corrected"),
        "004.png": ("4", person_of(4), "corrected"),
    }
    assert waiting_values(office, "002.png")[1:] == ([], ["Trần Thị Bưởi"]), "nothing is offered"
    assert field(office, "003.png").id == ids["002.png"], "screens that show the scan hold good"
    assert field(office, "004.png").id == ids["003.png"]
    moved = [(page, details["before"]) for page, details in told(office, "scan_moved")]
    assert moved == [("page:003.png", "002.png"), ("page:004.png", "003.png")]
    assert failures(office) == {} and audit.verify(office.workspace) is None


@both
@pytest.mark.parametrize(
    "names",
    [
        {"_001": "trang 1", "_002": "trang 2", "_003": "trang 3"},
        {"_001": "002", "_002": "001"},
        {"_001": "002", "_002": "003", "_003": "001"},
        {"_001": "a/001", "_002": "a/002", "_003": "a/003"},
    ],
    ids=["others", "swapped", "in a ring", "subfolder"],
)
def test_renamed_scans_keep_what_was_decided_and_are_not_read_again(office, names):
    reviewed(office, 1, 2, 3)
    (office.scans / "so" / "a").mkdir()
    rename(office, **names)
    assert office.run().read == 0
    assert sorted(shown(office).values()) == sorted(decided(1, 2, 3).values())
    for old, new in names.items():
        number = int(old[1:])
        assert shown(office)[f"{new}.png"] == decided(number)[number]


def test_files_of_one_size_and_time_that_changed_places_are_told_apart(office):
    reviewed(office, 1, 2)
    folder = office.scans / "so"
    for name in ("001.png", "002.png"):
        os.utime(folder / name, ns=(10**18, 10**18))
    office.run()
    rename(office, _001="002", _002="001")
    office.run()
    assert shown(office) == {"001.png": decided(2)[2], "002.png": decided(1)[1]}


@both
def test_another_scan_under_the_name_has_the_former_value_offered(office):
    reviewed(office, 1, 2)
    late = Decision(field(office, "001.png").id, Action.CONFIRM, "Trần Thị Bưởi", lane=None)
    scan(office, "001.png", 5)
    office.run()
    assert shown(office)["001.png"] == ("5", "Trần Thị Bưởi", "in_review")
    assert shown(office)["002.png"] == decided(2)[2]
    state, rules, offered = waiting_values(office, "001.png")
    assert rules == [FORMER] and offered == ["Trần Thị Bưởi", person_of(1)]
    assert [page for page, _ in told(office, "scan_replaced")] == ["page:001.png"]
    [outcome] = decide(office.workspace, BINH, [late], NOW)
    assert not outcome.ok and outcome.message.vi, "it was about the former scan"
    assert correct(office, "001.png", person_of(1)).ok, "a person may say that it still holds"
    office.run()
    assert shown(office)["001.png"] == ("5", person_of(1), "corrected")


def test_a_field_the_machine_is_sure_of_waits_for_the_former_value_too(office):
    sure = replace(office.dependencies, judge=judges.accept_all)
    reviewed(office, 1, dependencies=sure)
    assert correct(office, "001.png", "9/2016", code="so", lane=None).ok
    scan(office, "001.png", 5)
    office.run(dependencies=sure)
    row = field(office, "001.png", "so")
    assert (row.state, row.lane, row.value) == ("in_review", Lane.DOUBT, "5/2016")
    assert row.rules == f" {FORMER} "
    # an undo brings the offer back
    assert correct(office, "001.png", "5/2016", code="so").ok
    assert [doubt.rule for doubt in undo(office.workspace, AN, NOW)[0].doubts] == [FORMER]
    assert field(office, "001.png", "so").lane == Lane.DOUBT


def test_the_former_scan_put_back_counts_again(office):
    reviewed(office, 1, 2)
    scan(office, "001.png", 5)
    office.run()
    assert correct(office, "001.png", person_of(5)).ok
    scan(office, "001.png", 1)
    assert office.run().read == 0
    assert shown(office)["001.png"] == decided(1)[1]
    assert failures(office) == {}


def test_a_blank_of_the_former_scan_is_told_and_nothing_is_offered(office):
    reviewed(office, 1)
    row = field(office, "001.png")
    [outcome] = decide(office.workspace, AN, [Decision(row.id, Action.BLANK, base=row.entry)], NOW)
    assert outcome.ok
    scan(office, "001.png", 5)
    office.run()
    state, rules, offered = waiting_values(office, "001.png")
    assert (state, rules, offered) == ("in_review", [FORMER], ["Trần Thị Bưởi"])


@both
def test_a_scan_that_is_gone_is_named_with_what_was_decided_until_it_is_back(office):
    reviewed(office, 1, 2, 3)
    before, away = shown(office), office.scans / "away"
    (office.scans / "so" / "002.png").rename(away)
    office.run()
    row = failures(office)["002.png"]
    assert row["kind"] == "gone"
    assert "1 quyết định" in row["cause"]["vi"] and "1 decisions" in row["cause"]["en"]
    assert set(shown(office)) == {"001.png", "003.png"}
    assert [page for page, _ in load_book_data(office.workspace, BOOK).waiting] == ["002.png"]
    office.run()
    assert len(told(office, "scan_gone")) == 1, "once, not every night"
    away.rename(office.scans / "so" / "009.png")  # under another name
    assert office.run().read == 0
    assert shown(office)["009.png"] == before["002.png"] and failures(office) == {}
    assert len(told(office, "scan_back")) == 1


def test_an_empty_mount_point_costs_nothing(office):
    reviewed(office, 1, 2, 3)
    before, folder = shown(office), office.scans / "so"
    kept = folder.rename(office.scans.parent / "kept")
    folder.mkdir()
    office.run()
    assert {"001.png", "002.png", "003.png"} <= set(failures(office))
    folder.rmdir()
    kept.rename(folder)
    assert office.run().read == 0
    assert shown(office) == before and failures(office) == {}


def test_a_scan_taken_out_on_purpose_is_settled_by_a_person(office):
    reviewed(office, 1, 2)
    (office.scans / "so" / "002.png").unlink()
    office.run()
    put_aside(office.workspace, AN, office.page(BOOK, "002.png").id, "removed", NOW)
    assert failures(office) == {}
    office.run()
    assert failures(office) == {} and set(shown(office)) == {"001.png"}
    assert load_book_data(office.workspace, BOOK).waiting == []


def test_pages_that_moved_up_take_nothing_from_the_one_that_is_gone(office):
    reviewed(office, 1, 2, 3)
    (office.scans / "so" / "001.png").unlink()
    rename(office, _002="001", _003="002")
    office.run()
    assert shown(office) == {"001.png": decided(2)[2], "002.png": decided(3)[3]}
    [(name, row)] = failures(office).items()
    assert row["kind"] == "gone" and name.startswith("001.png")


@both
def test_a_copy_before_the_scan_takes_the_decisions_and_they_count_once(office):
    reviewed(office, 1, 2)
    folder = office.scans / "so"
    shutil.copy(folder / "002.png", folder / "000.png")
    assert office.run().read == 0
    assert shown(office) == {"000.png": decided(2)[2], "001.png": decided(1)[1]}
    (folder / "000.png").unlink()
    assert office.run().read == 0
    assert shown(office) == {"001.png": decided(1)[1], "002.png": decided(2)[2]}
    assert failures(office) == {}


def test_a_page_that_went_to_another_book_is_named_there_and_here(office):
    reviewed(office, 1, 2)
    office.book("kia", {"1.png": "record 9"})
    office.run()
    (office.scans / "so" / "002.png").rename(office.scans / "kia" / "7.png")
    office.run()
    cause = failures(office)["002.png"]["cause"]["vi"]
    assert "xalocthuan_hbd_tbt.KS.2016.02, trang 7.png" in cause
    office.run()
    assert failures(office)["002.png"]["cause"]["vi"] == cause


@both
def test_an_approval_does_not_survive_another_scan_but_other_names(office):
    reviewed(office, 1, 2)
    with office.workspace.transaction() as session:
        add_step(session, BOOK, ApprovalStep.APPROVE, "dung", NOW)
    rename(office, _001="002", _002="001")
    office.run()
    assert shown(office) == {"001.png": decided(2)[2], "002.png": decided(1)[1]}
    (office.scans / "so" / "002.png").rename(office.scans / "away")
    office.run()
    with office.workspace.read_session() as session:
        assert state_of(session, BOOK) is BookState.APPROVED, "it may be back tomorrow"
    assert failures(office)["002.png"]["kind"] == "gone"
    (office.scans / "away").rename(office.scans / "so" / "002.png")
    office.run()
    with office.workspace.read_session() as session:
        assert state_of(session, BOOK) is BookState.APPROVED
    assert failures(office) == {}
    scan(office, "002.png", 5)
    office.run()
    with office.workspace.read_session() as session:
        assert state_of(session, BOOK) is BookState.OPEN
    assert told(office, "withdraw")[0][1]["pages"] == ["002.png"]
    assert waiting_values(office, "002.png")[1] == [FORMER]


def test_a_new_scan_opens_an_approved_book(office):
    reviewed(office, 1, 2)
    with office.workspace.transaction() as session:
        add_step(session, BOOK, ApprovalStep.APPROVE, "dung", NOW)
    scan(office, "003.png", 3)
    office.run()
    with office.workspace.read_session() as session:
        assert state_of(session, BOOK) is BookState.OPEN
    assert len(shown(office)) == 3


@both
def test_blind_keyings_go_along_and_never_meet_another_scan(office):
    with office.workspace.transaction() as session:
        save_policy(session, ReviewPolicy(mode=ReviewMode.DOUBLE), "quan")
    office.book("so", {"001.png": "record 1", "002.png": "record 2"})
    office.run()
    for page in ("001.png", "002.png"):
        assert correct(office, page, "Lê Văn Kim").ok
    rename(office, _001="005")
    scan(office, "002.png", 4)
    office.run()
    assert field(office, "005.png").lane == Lane.SECOND
    row = field(office, "002.png")
    assert (row.lane, row.rules) == (Lane.DOUBT, " former_question ")
    assert correct(office, "005.png", "Lê Văn Kim", BINH, Lane.SECOND).entry


@both
def test_what_was_said_of_pages_goes_along(office):
    office.book("so", {f"00{n}.png": f"record {n}" for n in (1, 2, 3, 4, 5)})
    office.run()
    ids = {n: office.page(BOOK, f"00{n}.png").id for n in (1, 2, 3, 4, 5)}
    ws = office.workspace
    put_aside(ws, AN, ids[1], "foreign", NOW)
    move_page(ws, AN, ids[5], NOW, after=ids[2])
    move_page(ws, AN, ids[4], NOW, continuation_of=ids[3])
    rename(office, _001="002", _002="003", _003="004", _004="005", _005="006")
    scan(office, "001.png", 1_1)
    office.run()
    with ws.read_session() as session:
        pages = {row.name: row.kind for row in book_pages(session, BOOK)}
    assert list(pages) == ["001.png", "002.png", "003.png", "006.png", "004.png", "005.png"]
    assert pages["001.png"] == "record" and pages["002.png"] == "aside"
    assert pages["005.png"] == "continuation"
    assert load_book_data(ws, BOOK).continuations == {("004.png", 1): ["005.png"]}
    # the record that the page goes on from is gone: nobody else's record takes its place
    scan(office, "004.png", 7)
    office.run()
    material = load_book_data(ws, BOOK)
    assert material.continuations == {}
    assert [page for page, _ in material.waiting] == ["005.png"]


def test_a_decision_about_a_page_that_is_another_scan_now_finds_no_page(office):
    reviewed(office, 1, 2)
    on_the_screen = office.page(BOOK, "001.png").id
    scan(office, "001.png", 5)
    office.run()
    with pytest.raises(NotFoundError):
        put_aside(office.workspace, AN, on_the_screen, "cover", NOW)


def test_what_was_entered_under_another_form_is_offered(office):
    reviewed(office, 1)
    with office.workspace.transaction() as session:
        [row] = book_pages(session, BOOK)
        row.layout = "KS-1999"  # as a person does who has the page read with another form
        session.flush()
    office.run()
    with office.workspace.transaction() as session:
        [row] = book_pages(session, BOOK)
        assert row.layout == "KS-1999"
    assert waiting_values(office, "001.png")[:2] == ("in_review", ["former_form"])


def test_a_file_that_cannot_be_opened_for_a_night_loses_nothing(office):
    reviewed(office, 1, 2)

    def locked(ref):
        raise ScanError(Text("Không đọc được tệp", "The file cannot be read"), where=ref.name)

    os.utime(office.scans / "so" / "001.png", ns=(10**18, 10**18))
    office.run(dependencies=replace(office.dependencies, scans=ScanSource(digest=locked)))
    assert {name: row["kind"] for name, row in failures(office).items()} == {"001.png": "fault"}
    assert office.run().read == 0
    assert shown(office) == {"001.png": decided(1)[1], "002.png": decided(2)[2]}
    assert failures(office) == {}


def test_an_entry_taken_back_is_no_decision(office):
    reviewed(office, 1, 2)
    undo(office.workspace, AN, NOW)
    (office.scans / "so" / "002.png").unlink()
    office.run()
    assert failures(office) == {} and set(shown(office)) == {"001.png"}


def number_of(job):
    """What a fake page of a PDF reads: a number that only its picture decides."""
    return str(int(picture_digest(job.ref)[:6], 16))


def read_by_picture(job):
    record = fake_stages.two_field_record(job.ref.name, number_of(job))
    return PageResult(PageKind.RECORD, layout="KS-2016", records=(record,))


@both
def test_pages_of_a_pdf_made_anew_with_one_page_more_keep_their_decisions(office):
    office.dependencies = replace(office.dependencies, work=read_by_picture)
    (office.scans / "so").mkdir()
    file = office.scans / "so" / "so.pdf"
    pdf(file, ["một", "hai", "hai", "ba"])  # two sheets may look the same
    office.list_book("so", make_book("KS", 1, 2016))
    office.run()
    for page, number in (("so.pdf#2", 2), ("so.pdf#3", 3), ("so.pdf#4", 4)):
        assert correct(office, page, person_of(number)).ok
    before, id_ = shown(office), field(office, "so.pdf#4").id
    first = file.read_bytes()
    pdf(file, ["một", "mới", "hai", "hai", "ba"], first=3)
    office.run()
    now = shown(office)
    for old in (2, 3, 4):
        assert now[f"so.pdf#{old + 1}"] == before[f"so.pdf#{old}"]
    assert now["so.pdf#1"] == before["so.pdf#1"]
    assert now["so.pdf#2"][2] == "in_review" and waiting_values(office, "so.pdf#2")[1] == []
    assert field(office, "so.pdf#5").id == id_ and failures(office) == {}
    # another page of it drawn anew: only that one waits with what was said before
    pdf(file, ["một", "mới", "hai", "khác", "ba"], first=1)
    office.run()
    now = shown(office)
    assert [now[f"so.pdf#{place}"][2] for place in (3, 5)] == ["corrected", "corrected"]
    assert waiting_values(office, "so.pdf#4")[:2] == ("in_review", [FORMER])
    file.write_bytes(first)
    office.run()
    assert shown(office) == before and failures(office) == {}


def renumber(office, folder, number):
    """Correct the number of the book in a folder in the inventory."""
    office.list_book(folder, make_book("KS", number, 2016))


def books(office):
    return {book["id"]: book for book in status(office.workspace)["books"]}


def test_a_number_corrected_in_the_inventory_keeps_the_book_and_ends_its_approval(office):
    reviewed(office, 1, 2)
    before = shown(office)
    with office.workspace.transaction() as session:
        add_step(session, BOOK, ApprovalStep.APPROVE, "dung", NOW)
    renumber(office, "so", 7)
    assert office.run().read == 0
    assert shown(office) == before and set(books(office)) == {BOOK}
    book = load_book_data(office.workspace, BOOK).book
    assert (book.number, NamingRule().stem(book)) == (7, BOOK.replace(".01", ".07"))
    assert any("quyển 7" in str(notice) for notice in books(office)[BOOK]["notices"])
    with office.workspace.read_session() as session:
        assert state_of(session, BOOK) is BookState.OPEN
    office.run()
    assert len(told(office, "withdraw")) == 1


def test_numbers_of_two_books_that_were_mixed_up(office):
    reviewed(office, 1, 2)
    office.book("kia", {"1.png": "record 9"})
    office.run()
    other = BOOK.replace(".01", ".02")
    before = shown(office), shown(office, other)
    renumber(office, "so", 2)
    renumber(office, "kia", 1)
    assert office.run().read == 0
    assert (shown(office), shown(office, other)) == before
    assert status(office.workspace)["problems"] == []
    numbers = [load_book_data(office.workspace, one).book.number for one in (BOOK, other)]
    assert numbers == [2, 1]


def test_a_folder_that_gets_the_scans_of_another_book_is_another_book(office):
    reviewed(office, 1)
    scan(office, "001.png", 5)
    renumber(office, "so", 2)
    office.run()
    other = BOOK.replace(".01", ".02")
    assert set(books(office)) == {BOOK, other}
    assert shown(office, other)["001.png"] == ("5", "Trần Thị Bưởi", "in_review")


def test_a_new_book_with_the_number_that_another_one_had(office):
    reviewed(office, 1, 2)
    renumber(office, "so", 2)
    office.book("kia", {"1.png": "record 9"})
    renumber(office, "kia", 1)
    for _ in range(2):
        office.run()
        assert set(books(office)) == {BOOK, f"{BOOK}~2"}
        assert status(office.workspace)["problems"] == []


def test_a_book_that_left_the_inventory_is_named_with_what_was_decided(office):
    reviewed(office, 1, 2)
    office.book("kia", {"1.png": "record 9"})
    office.run()
    shutil.rmtree(office.scans / "so")
    write_inventory(office.scans, {"kia": make_book("KS", 2, 2016)})
    office.run()
    [problem] = status(office.workspace)["problems"]
    assert problem["place"] == BOOK and "2 quyết định" in problem["cause"]["vi"]
