"""Pages sent to the book that they belong to, on two books read by fake stages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ocr_pipeline.errors import UsageError
from ocr_pipeline.export.stored_books import load_book_data
from ocr_pipeline.reports.status import status
from ocr_pipeline.review import audit, book_views
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.book_changes import remove_book, rename_book
from ocr_pipeline.review.errors import BookClosedError, NotAllowedYetError, NotFoundError
from ocr_pipeline.review.field_decisions import Action, Decision, decide
from ocr_pipeline.review.page_order import move_page, put_aside
from ocr_pipeline.review.page_sending import send_page
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.approvals import ApprovalStep, add_step
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.states import PageKind
from tests.builders import fake_stages
from tests.builders.books import make_book, write_inventory
from tests.builders.run_office import RunOffice

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
A = "xalocthuan_hbd_tbt.KS.2016.01"
B = "xalocthuan_hbd_tbt.KS.2016.02"
MARRIAGES = "xalocthuan_hbd_tbt.KH.2016.03"
THERE = f"{A}/2.png"
LAN = User("lan", Role.REVIEWER, "", True)


class SendingOffice(RunOffice):
    """Two books of births and one of marriages; the second page of the first is the second's."""

    def __init__(self, folder: Path, location: str) -> None:
        super().__init__(folder, location)
        self.book("a", {"1.png": "record 1", "2.png": "record 12", "3.png": "record 2"})
        self.book("b", {"1.png": "record 11", "2.png": "record 13"})
        self.book("c", {"1.png": "record 5"}, "KH")

    def send(self, to, page="2.png", book=A, user=LAN):
        return send_page(self.workspace, user, self.page(book, page).id, to, NOW)

    def numbers(self, book):
        with self.workspace.read_session() as session:
            return [
                (record.page, record.fields["so"].value) for record in load_records(session, book)
            ]

    def pages(self, book):
        with self.workspace.read_session() as session:
            return {row.name: row.kind for row in book_pages(session, book)}

    def field(self, book, page, code="nksHoTen"):
        with self.workspace.read_session() as session:
            query = FieldRow.record == RecordRow.id, RecordRow.book == book, RecordRow.page == page
            return session.query(FieldRow).filter(*query, FieldRow.code == code).one_or_none()

    def name(self, book, page, value):
        """A person corrects the name on a page."""
        field = self.field(book, page)
        decide(
            self.workspace, LAN,
            [Decision(field.id, Action.CORRECT, value, base=field.entry)], NOW,
        )  # fmt: skip

    def holds(self):
        return audit.verify(self.workspace) is None


@pytest.fixture
def office(tmp_path, monkeypatch, location):
    office = SendingOffice(tmp_path, location)
    monkeypatch.setenv(fake_stages.CALLS, str(office.calls))
    office.run()
    yield office
    office.workspace.close()


@pytest.mark.databases("sqlite", "postgresql")
def test_a_page_counts_for_the_book_it_was_sent_to_also_after_further_runs(office):
    arrival = office.send(B)
    assert (arrival.book, arrival.page) == (B, office.page(B, THERE).id)
    assert office.pages(A)["2.png"] == PageKind.ASIDE and len(office.numbers(A)) == 2
    assert office.page(B, THERE).kind == PageKind.PENDING
    wanted = [("1.png", "11/2016"), ("2.png", "13/2016"), (THERE, "12/2016")]
    for again in ({}, {}, {"force": True}):
        office.run(**again)
        assert office.numbers(A) == [("1.png", "1/2016"), ("3.png", "2/2016")]
        assert office.numbers(B) == wanted and office.holds()
    assert load_book_data(office.workspace, A).waiting == []
    material = load_book_data(office.workspace, B)
    assert material.waiting == [] and material.pages[THERE].path == office.scans / "a" / "2.png"
    told = {row["action"]: row for row in audit.recent(office.workspace)}
    assert told["page_send"]["book"] == A and told["page_send"]["details"]["to"] == B
    assert told["page_received"]["book"] == B and told["page_received"]["details"]["from"] == A
    [notice] = next(b for b in status(office.workspace)["books"] if b["id"] == A)["notices"]
    assert notice["page"] == "2.png" and B in notice["cause"]["vi"]


def test_the_gap_is_gone_where_the_page_was_missing_and_is_not_where_it_was_too_many(office):
    assert book_views.book(office.workspace, A)["gaps"] == ["03–11/2016"]
    assert book_views.book(office.workspace, B)["gaps"] == ["12/2016"]
    office.send(B)
    office.run()
    assert book_views.book(office.workspace, A)["gaps"] == []
    assert book_views.book(office.workspace, B)["gaps"] == []


def test_a_sent_page_takes_its_place_in_the_other_book_and_keeps_it(office):
    page = office.send(B).page
    move_page(office.workspace, LAN, page, NOW, after=office.page(B, "1.png").id)
    for again in ({}, {"force": True}):
        office.run(**again)
        assert [name for name, _ in office.numbers(B)] == ["1.png", THERE, "2.png"]


def test_what_was_decided_counts_where_type_and_form_are_alike(office):
    office.name(A, "2.png", "Trần Thị Bướm")
    page = office.page(A, "2.png").id
    office.send(B)
    office.run()
    assert office.field(B, THERE).value == "Trần Thị Bướm"
    assert office.field(B, THERE).state == "corrected"
    office.name(B, THERE, "Trần Thị Bưởi")  # said there, it holds at home, too
    office.send(A, THERE, B)
    office.run()
    assert office.page(A, "2.png").id == page
    assert office.field(A, "2.png").value == "Trần Thị Bưởi"
    assert THERE not in office.pages(B)
    office.send(B)
    office.run()
    assert office.field(B, THERE).value == "Trần Thị Bưởi" and office.holds()
    assert [row["details"]["decisions"] for row in audit.recent(office.workspace)
            if row["action"] == "page_received"] == [0, 1]  # fmt: skip


def test_another_type_takes_nothing_along_and_the_way_back_has_everything(office):
    office.name(A, "2.png", "Trần Thị Bướm")
    office.send(MARRIAGES)
    office.run()
    assert office.pages(MARRIAGES)[THERE] == PageKind.RECORD
    assert office.field(MARRIAGES, THERE).value == "Trần Thị Bưởi"  # as the machine reads it
    office.send(A, THERE, MARRIAGES)
    office.run()
    assert office.field(A, "2.png").value == "Trần Thị Bướm" and office.holds()


def test_a_sent_page_goes_on_to_a_third_book(office):
    office.send(MARRIAGES)
    office.run()
    office.send(B, THERE, MARRIAGES)
    office.run()
    assert THERE not in office.pages(MARRIAGES) and office.pages(A)["2.png"] == PageKind.ASIDE
    assert [name for name, _ in office.numbers(B)] == ["1.png", "2.png", THERE]


def test_a_scan_with_two_forms_goes_as_a_whole(office):
    fake_stages.write_page(office.scans / "a" / "4.png", "forms 21 22")
    office.run()
    assert len(office.numbers(A)) == 5
    second = next(name for name in office.pages(A) if name.startswith("4.png") and name != "4.png")
    office.send(B, second)
    office.run()
    assert len(office.numbers(A)) == 3
    assert [number for _, number in office.numbers(B)][2:] == ["21/2016", "22/2016"]
    office.run(force=True)
    assert len(office.numbers(B)) == 4 and len(office.numbers(A)) == 3
    office.send(A, f"{A}/4.png", B)
    office.run()
    assert len(office.numbers(A)) == 5 and len(office.numbers(B)) == 2 and office.holds()


def test_a_page_that_the_other_book_has_already_is_not_there_twice(office):
    fake_stages.write_page(office.scans / "b" / "3.png", "record 12")
    office.run()
    arrival = office.send(B)
    office.run()
    assert arrival.page == office.page(B, "3.png").id
    assert sorted(office.pages(B)) == ["1.png", "2.png", "3.png"]


def test_a_file_moved_by_hand_afterwards_is_asked_about_and_not_lost(office):
    office.send(B)
    office.run()
    (office.scans / "a" / "2.png").unlink()
    office.run()
    office.run()
    assert office.page(A, "2.png").kind == PageKind.GONE


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("book", [A, B])
def test_a_book_with_sent_pages_keeps_its_id_and_all_that_was_decided(office, book):
    office.name(A, "2.png", "Trần Thị Bướm")
    office.send(B)
    office.run()
    meant = make_book(number=9, year=2016)
    with pytest.raises(NotAllowedYetError) as refused:
        rename_book(office.workspace, book, meant, now=NOW)
    assert "2.png" in refused.value.cause.vi and B in refused.value.cause.vi
    office.run()
    assert office.field(B, THERE).value == "Trần Thị Bướm" and office.holds()
    office.send(A, THERE, B)  # the remedy
    office.run()
    renamed = rename_book(office.workspace, book, meant, now=NOW).book
    assert renamed.endswith(".09") and office.holds()
    home = renamed if book == A else A
    assert office.field(home, "2.png").value == "Trần Thị Bướm"
    office.send(renamed if book == B else B, book=home)
    office.run()
    assert any("Trần Thị Bướm" in str(office.field(b, n).value)
               for b in {renamed, B, A} for n in office.pages(b) if office.field(b, n))  # fmt: skip


def test_a_book_that_is_no_more_gives_the_page_back(office):
    office.send(MARRIAGES)
    office.run()
    (office.scans / "c").rename(office.scans.parent / "c")
    write_inventory(office.scans, {"a": make_book("KS", 1, 2016), "b": make_book("KS", 2, 2016)})
    remove_book(office.workspace, MARRIAGES)
    office.run()
    assert len(office.numbers(A)) == 3


def test_what_is_not_allowed(office):
    for book, page, to, error in (
        (A, "2.png", A, UsageError),
        (A, "2.png", "none", NotFoundError),
    ):
        with pytest.raises(error):
            office.send(to, page, book)
    with pytest.raises(ForbiddenError):
        office.send(B, user=User("mai", Role.OPERATOR, "", True))
    for closed in (A, B):
        with office.workspace.transaction() as session:
            add_step(session, closed, ApprovalStep.APPROVE, "dung", NOW)
        with pytest.raises(BookClosedError):
            office.send(B)
        with office.workspace.transaction() as session:
            add_step(session, closed, ApprovalStep.WITHDRAW, "dung", NOW)
    office.send(B)
    with pytest.raises(UsageError, match="sent to"):
        put_aside(office.workspace, LAN, office.page(A, "2.png").id, "cover", NOW)
    with office.workspace.transaction() as session:
        add_step(session, B, ApprovalStep.APPROVE, "dung", NOW)
    with pytest.raises(BookClosedError):  # nobody takes a page out of an approved book
        office.send(A, "2.png", A)
