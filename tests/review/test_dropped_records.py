"""Positions of a form that hold no record, dropped and brought back, on pages of fake stages."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.errors import UsageError
from ocr_pipeline.export.cases import make_cases
from ocr_pipeline.export.stored_books import load_book_data
from ocr_pipeline.registers.fields import Box, State
from ocr_pipeline.registers.templates import load_template
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review import audit, book_views
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import BookClosedError, NotAllowedYetError, NotFoundError
from ocr_pipeline.review.field_decisions import Action, Decision, decide
from ocr_pipeline.review.page_order import put_aside
from ocr_pipeline.review.page_rereading import restore as restore_page
from ocr_pipeline.review.page_sending import send_page
from ocr_pipeline.review.record_dropping import bring_back, drop_record
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.approvals import ApprovalStep, add_step
from ocr_pipeline.store.models import FieldRow, PageRow, RecordRow
from ocr_pipeline.store.scans import decisions_by_scan
from tests.builders import fake_stages
from tests.builders.books import make_book
from tests.builders.records import make_field, make_record
from tests.builders.run_office import RunOffice, office_fixture

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
A = "xalocthuan_hbd_tbt.KS.2016.01"
B = "xalocthuan_hbd_tbt.KS.2016.02"
LAN = User("lan", Role.REVIEWER, "", True)
ALL = [("1.png", 1, "1"), ("1.png", 2, "7"), ("1.png", 3, "2"), ("2.png", 1, "3")]
LEFT = [row for row in ALL if row[2] != "7"]
BOTH = pytest.mark.databases("sqlite", "postgresql")


class DroppingOffice(RunOffice):
    """A sheet of three records, the second of which is ink of a line across, and a page of one."""

    def __init__(self, folder: Path, location: str) -> None:
        super().__init__(folder, location)
        self.book("a", {"1.png": "rows 1 7 2", "2.png": "record 3"})
        self.book("b", {"1.png": "record 11"})
        self.run()

    def records(self, book=A):
        """(page, position, number) of the records that count, in the order of the book."""
        with self.workspace.read_session() as session:
            query = (
                select(RecordRow.page, RecordRow.position, FieldRow.value)
                .join(FieldRow, FieldRow.record == RecordRow.id)
                .where(RecordRow.book == book, FieldRow.code == "so")
                .order_by(RecordRow.ordinal)
            )
            return [
                (page, position, value.split("/")[0])
                for page, position, value in session.execute(query)
            ]

    def id(self, position=2, page="1.png", book=A):
        with self.workspace.read_session() as session:
            return session.scalar(
                select(RecordRow.id).where(
                    RecordRow.book == book, RecordRow.page == page, RecordRow.position == position
                )
            )

    def field(self, position=2, code="nksHoTen"):
        with self.workspace.read_session() as session:
            return session.scalar(
                select(FieldRow).where(FieldRow.record == self.id(position), FieldRow.code == code)
            )

    def drop(self, record=None, user=LAN, **options):
        record = record or self.id()
        return record, drop_record(self.workspace, user, record, NOW, **options)

    def back(self, record, user=LAN):
        return bring_back(self.workspace, user, record, NOW)

    def cases(self):
        """What goes into the Excel file and the package."""
        data = load_book_data(self.workspace, A)
        assert [(one.page, one.position) for one in data.dropped] == [("1.png", 2)]
        template = load_template(RegisterType.KS, "1437")
        return make_cases(data.book, data.records, template, NamingRule(), {}, data.dropped)

    def step(self, step):
        with self.workspace.transaction() as session:
            add_step(session, A, step, "minh", NOW, "")

    def holds(self):
        return audit.verify(self.workspace) is None


office = office_fixture(DroppingOffice)


@BOTH
def test_a_dropped_record_leaves_the_book_and_stays_out_after_further_runs(office):
    assert office.records() == ALL
    assert book_views.book(office.workspace, A)["gaps"] == ["04–06/2016"]
    record, told = office.drop()
    assert (told.page, told.position, told.record) == (office.page(A, "1.png").id, 2, None)
    for again in (None, {}, {"force": True}, {"dependencies": office.with_fingerprint("f2")}):
        if again is not None:
            office.run(**again)
        assert office.records() == LEFT and office.holds()
        shown = book_views.book(office.workspace, A)
        assert (shown["records"], shown["dropped"], shown["gaps"]) == (3, 1, [])
        assert shown["waiting"]["doubt"] == 3, "the name of each record that is left"
        assert [page["positions"] for page in shown["pages_in_order"]] == [[1, 3], [1]]
    [one] = book_views.page(office.workspace, LAN, told.page)["dropped"]
    assert (one["record"], one["position"], one["user"]) == (record, 2, "lan")
    assert book_views.record(office.workspace, LAN, office.id(1), NOW)["on_page"] == 3
    [line] = [row for row in audit.recent(office.workspace) if row["action"] == "page_drop"]
    assert (line["user"], line["book"], line["details"]["position"]) == ("lan", A, 2)


@BOTH
def test_a_record_brought_back_counts_again(office):
    record, _ = office.drop()
    told = office.back(record)
    assert told.record == office.id() and told.position == 2
    for again in ({}, {"force": True}):
        office.run(**again)
        assert office.records() == ALL and office.holds()
    assert book_views.page(office.workspace, LAN, told.page)["dropped"] == []
    with pytest.raises(NotFoundError):
        office.back(record)
    office.drop(told.record)
    assert office.records() == LEFT
    assert [r["action"] for r in audit.recent(office.workspace) if r["action"].startswith("page_")][
        :3
    ] == ["page_drop", "page_bring_back", "page_drop"]


def test_it_goes_with_the_scan_and_not_with_its_name(office):
    office.drop()
    folder = office.scans / "a"
    (folder / "1.png").rename(folder / "9.png")
    office.run()
    assert office.records() == [LEFT[2], *(("9.png", *row[1:]) for row in LEFT[:2])]
    fake_stages.write_page(folder / "9.png", "rows 1 8 2")  # another scan: asked about anew
    office.run()
    assert [row[2] for row in office.records()] == ["3", "1", "8", "2"]


@BOTH
def test_what_people_decided_is_dropped_only_when_confirmed_and_comes_back(office):
    field = office.field()
    decide(
        office.workspace, LAN, [Decision(field.id, Action.CORRECT, "Lê Văn Tám", base=None)], NOW
    )
    with pytest.raises(NotAllowedYetError) as refused:
        office.drop()
    assert "1 trường" in refused.value.cause.vi and office.records() == ALL
    record, _ = office.drop(confirm=True)
    assert office.records() == LEFT
    office.run(force=True)
    office.back(record)
    again = office.field()
    assert (again.value, again.state) == ("Lê Văn Tám", "corrected") and office.holds()


def test_a_question_that_waits_for_an_answer_is_a_decision_too(office):
    asked = Decision(office.field().id, Action.ASK, "", base=None, note="gạch bỏ?")
    decide(office.workspace, LAN, [asked], NOW)
    with pytest.raises(NotAllowedYetError):
        office.drop()
    record, _ = office.drop(confirm=True)
    assert load_book_data(office.workspace, A).unsettled == []
    office.back(record)
    assert office.field().lane == "senior"


def test_neither_the_excel_nor_the_package_has_it(office):
    office.drop()
    assert [case.place for case in office.cases()] == ["1.png (1)", "1.png (3)", "2.png (1)"]


def test_an_empty_place_stays_empty_when_all_records_beside_it_are_dropped():
    sheet = make_field("trangSo", "31", State.ACCEPTED, box=Box(90, 1, 3, 4))
    number = make_field("so", "7/2016", State.ACCEPTED, box=Box(1, 20, 3, 4))
    dropped, empty = make_record("1.png", [sheet, number]), make_record("1.png", [sheet], 2)
    rest = load_template(RegisterType.KS, "1437"), NamingRule(), {}
    assert [one.place for one in make_cases(make_book(), [dropped, empty], *rest)] == ["1.png (1)"]
    assert make_cases(make_book(), [empty], *rest, [dropped]) == [], "a sheet's number is no record"


def test_a_page_read_with_another_form_has_all_its_records(office):
    office.drop()
    with office.workspace.transaction() as session:
        session.get(PageRow, office.page(A, "1.png").id).layout = "KS-2017"
    assert book_views.book(office.workspace, A)["dropped"] == 0


def test_an_approved_book_is_left_alone_and_checked_without_what_was_dropped(office):
    record, _ = office.drop()
    other = office.id(1)
    office.step(ApprovalStep.APPROVE)
    with pytest.raises(BookClosedError):
        office.drop(other)
    with pytest.raises(BookClosedError):
        office.back(record)
    assert office.records() == LEFT
    assert office.holds(), "the page has fewer records than its result, and a person said so"
    office.step(ApprovalStep.WITHDRAW)
    office.back(record)
    assert office.records() == ALL


def test_what_cannot_be(office):
    with pytest.raises(ForbiddenError):
        office.drop(user=User("mai", Role.OPERATOR, "", True))
    with pytest.raises(UsageError) as alone:
        office.drop(office.id(1, "2.png"))
    assert "để riêng" in alone.value.remedy.vi
    with pytest.raises(NotFoundError):
        office.drop(999)
    with pytest.raises(NotFoundError):
        office.back(office.id())
    record, _ = office.drop()
    with pytest.raises(NotFoundError):
        office.drop(record)
    with pytest.raises(ForbiddenError):
        office.back(record, User("mai", Role.OPERATOR, "", True))
    assert office.records() == LEFT


def test_a_page_put_aside_and_back_still_has_no_record_there(office):
    office.drop()
    page = office.page(A, "1.png").id
    put_aside(office.workspace, LAN, page, "blank", NOW)
    assert office.records() == [ALL[3]]
    with office.workspace.read_session() as session:
        [digest] = {office.page(A, "1.png").digest}
        assert decisions_by_scan(session, A)[digest] == 2
    restore_page(office.workspace, LAN, page, NOW)
    office.run()
    assert office.records() == LEFT


@BOTH
def test_it_goes_along_to_the_book_that_the_page_is_sent_to_and_home_again(office):
    record, _ = office.drop()
    arrived = send_page(office.workspace, LAN, office.page(A, "1.png").id, B, NOW)
    office.run()
    assert [row[2] for row in office.records(B)] == ["11", "1", "2"]
    told = office.back(record)
    assert told.page == arrived.page
    assert [row[2] for row in office.records(B)] == ["11", "1", "7", "2"]
    office.drop(told.record)
    send_page(office.workspace, LAN, arrived.page, A, NOW)
    office.run()
    assert office.records() == LEFT and office.holds()
    office.back(told.record)
    assert office.records() == ALL
