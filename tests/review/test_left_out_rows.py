"""Rows of a table without a record of their own: the machine leaves them out, people may not."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select

from ocr_pipeline.review import audit, book_views
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import BookClosedError, NotFoundError
from ocr_pipeline.review.field_decisions import Action, Decision, decide
from ocr_pipeline.review.record_dropping import drop_record, hold_record
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.approvals import ApprovalStep, add_step
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.unattended import count_unattended
from tests.builders import fake_stages
from tests.builders.run_office import RunOffice, office_fixture

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
A = "xalocthuan_hbd_tbt.KS.2016.01"
LAN = User("lan", Role.REVIEWER, "", True)
BOTH = pytest.mark.databases("sqlite", "postgresql")


class TableOffice(RunOffice):
    """A sheet of five rows: two records, an empty one between them, two empty ones below."""

    def __init__(self, folder, location):
        super().__init__(folder, location)
        self.book("a", {"1.png": "rows 1 - 2 - -"})
        self.run()

    def positions(self):
        with self.workspace.read_session() as session:
            query = select(RecordRow.position).order_by(RecordRow.ordinal)
            return list(session.scalars(query))

    def of_position(self, position, code="so"):
        with self.workspace.read_session() as session:
            return session.scalars(
                select(FieldRow)
                .join(RecordRow, RecordRow.id == FieldRow.record)
                .where(RecordRow.position == position, FieldRow.code == code)
            ).one()

    def hold(self, position, user=LAN):
        return hold_record(self.workspace, user, self.page(A, "1.png").id, position, NOW)

    def left_out(self):
        rows = book_views.page(self.workspace, LAN, self.page(A, "1.png").id)["left_out"]
        return {row["position"]: row["part_of"] for row in rows}


office = office_fixture(TableOffice)


@BOTH
def test_empty_rows_below_the_last_record_are_no_records(office):
    assert office.positions() == [1, 2, 3] and office.left_out() == {4: 0, 5: 0}
    shown = book_views.book(office.workspace, A)
    assert (shown["records"], shown["dropped"]) == (3, 0)
    with office.workspace.read_session() as session:
        assert count_unattended(session)[A].records == 3


@BOTH
def test_a_row_that_holds_a_record_after_all_stands_in_its_book(office):
    told = office.hold(4)
    assert told.record is not None and told.position == 4
    for again in ({}, {"force": True}):
        office.run(**again)
        assert office.positions() == [1, 2, 3, 4] and office.left_out() == {5: 0}
    assert office.of_position(4).state == "in_review"
    drop_record(office.workspace, LAN, told.record, NOW)
    assert office.positions() == [1, 2, 3] and office.left_out() == {5: 0}
    assert audit.verify(office.workspace) is None


def test_a_row_that_goes_on_a_record_is_none_until_a_person_says_so(office):
    fake_stages.write_page(office.scans / "a" / "1.png", "rows 1 +1 2 +3 +3")
    office.run()
    assert office.positions() == [1, 3] and office.left_out() == {2: 1, 4: 3, 5: 3}
    assert office.hold(4).record is not None
    assert office.positions() == [1, 3, 4] and office.left_out() == {2: 1, 5: 3}


def test_what_was_entered_in_an_empty_row_keeps_it(office):
    """Also when a later run knows better what is empty."""
    office.hold(4)
    field = office.of_position(4)
    decision = Decision(field.id, Action.CORRECT, "3/2016", base=None)
    decide(office.workspace, LAN, [decision], NOW)
    fake_stages.write_page(office.scans / "a" / "1.png", "rows 1 - 2 - -")
    office.run(force=True)
    assert office.of_position(4).value == "03/2016"


def test_what_cannot_be(office):
    for position in (1, 2, 9):
        with pytest.raises(NotFoundError):
            office.hold(position)
    with pytest.raises(ForbiddenError):
        office.hold(4, User("an", Role.OPERATOR, "", True))
    with office.workspace.transaction() as session:
        add_step(session, A, ApprovalStep.APPROVE, "minh", NOW, "")
    with pytest.raises(BookClosedError):
        office.hold(4)
    assert office.positions() == [1, 2, 3]


@pytest.mark.parametrize("lost", [2, 4])
def test_a_record_that_is_lost_is_told_and_an_empty_row_is_not(office, lost):
    office.hold(4)
    with office.workspace.transaction() as session:
        add_step(session, A, ApprovalStep.APPROVE, "minh", NOW, "")
    assert audit.verify(office.workspace) is None
    with office.workspace.transaction() as session:
        session.execute(delete(RecordRow).where(RecordRow.position == lost))
    fault = audit.verify(office.workspace)
    assert fault is not None and "1.png" in fault.where
