"""Records that wait for their keyed row: what people say, what the trail tells, what is refused."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from ocr_pipeline.errors import UsageError
from ocr_pipeline.processing.book_links import (
    BookLinks,
    LinkState,
    RecordLink,
    load_links,
    save_links,
    settle,
)
from ocr_pipeline.review import audit
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import BookClosedError, NotAllowedYetError, NotFoundError
from ocr_pipeline.review.link_queue import (
    choose_row,
    find_rows,
    say_no_row,
    take_back,
    waiting_links,
)
from ocr_pipeline.store.approvals import ApprovalStep, add_step
from ocr_pipeline.store.dropped_records import dropped_records
from ocr_pipeline.store.link_decisions import link_decisions
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.review_models import AuditRow
from tests.builders.link_ink import row_of
from tests.builders.run_office import RunOffice, office_fixture

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LAN = User("lan", Role.REVIEWER, "", True)
A = "xalocthuan_hbd_tbt.KS.2016.01"
ROWS = tuple(
    row_of(n, {"so": f"{n + 1:02d}/2016", "nksHoTen": name})
    for n, name in enumerate(["Lê Văn An", "Trần Thị Bình", "Phạm Gia Khánh"])
)
BOTH = pytest.mark.databases("sqlite", "postgresql")


class LinkedOffice(RunOffice):
    """A book of three pages: the first is linked, the two others wait."""

    def __init__(self, folder, location):
        super().__init__(folder, location)
        self.book("a", {f"{n}.png": f"record {n}" for n in (1, 2, 3)})
        self.run()
        self.link()

    def link(self, rows=ROWS):
        def one(page, row, accepted):
            share = 0.999 if accepted else 0.6
            others = tuple((each.id, 0.3) for each in rows if each.id != row)
            layout = self.pages[page].layout
            return RecordLink(page, 1, layout, row, share, accepted, ((row, share), *others))

        links = (
            one("1.png", "row0", True),
            one("2.png", "row1", False),
            one("3.png", "row2", False),
        )
        with self.workspace.transaction() as session:
            save_links(session, BookLinks(A, tuple(rows), links))

    @property
    def pages(self):
        with self.workspace.read_session() as session:
            return {row.name: row for row in session.scalars(select(PageRow))}

    def id(self, name):
        return self.pages[name].id

    def states(self):
        with self.workspace.read_session() as session:
            settled = settle(load_links(session, A), link_decisions(session, A))
        return [(one.state, one.row) for one in settled.links]

    def waiting(self):
        return [one.link.page for one in waiting_links(self.workspace, LAN, A)]


office = office_fixture(LinkedOffice)


@BOTH
def test_a_person_accepts_chooses_another_or_says_none(office):
    first, second = waiting_links(office.workspace, LAN, A)
    assert [row.id for row, _ in first.rows] == ["row1", "row0", "row2"]
    choose_row(office.workspace, LAN, first.page, 1, "row2", NOW)
    [left] = waiting_links(office.workspace, LAN, A)
    assert "row2" not in [row.id for row, _ in left.rows]
    say_no_row(office.workspace, LAN, second.page, 1, NOW)
    assert office.states() == [
        (LinkState.ACCEPTED, "row0"), (LinkState.CHOSEN, "row2"), (LinkState.NO_ROW, ""),
    ]  # fmt: skip
    assert office.waiting() == []


@BOTH
def test_what_was_said_is_in_the_trail_without_personal_data_and_can_be_taken_back(office):
    page = office.id("2.png")
    choose_row(office.workspace, LAN, page, 1, "row1", NOW)
    take_back(office.workspace, LAN, page, 1, NOW)
    assert office.waiting() == ["2.png", "3.png"]
    with office.workspace.read_session() as session:
        lines = [r for r in session.scalars(select(AuditRow)) if "link" in r.action]
        assert [(r.user, r.action, r.subject) for r in lines] == [
            ("lan", "page_link", "page:2.png"), ("lan", "page_unlink", "page:2.png"),
        ]  # fmt: skip
        assert "Trần" not in "".join(r.details for r in lines)
        assert dropped_records(session, A) == {}
    assert audit.verify(office.workspace) is None
    with pytest.raises(NotFoundError):
        take_back(office.workspace, LAN, page, 1, NOW)


def test_a_row_given_to_one_page_leaves_the_machines_link_of_another(office):
    choose_row(office.workspace, LAN, office.id("2.png"), 1, "row0", NOW)
    assert office.waiting() == ["1.png", "3.png"]
    with pytest.raises(NotAllowedYetError, match="2.png"):
        choose_row(office.workspace, LAN, office.id("3.png"), 1, "row0", NOW)


def test_linking_again_keeps_what_people_said_while_the_row_says_the_same(office):
    choose_row(office.workspace, LAN, office.id("2.png"), 1, "row2", NOW)
    office.link()
    assert office.states()[1] == (LinkState.CHOSEN, "row2")
    office.link(ROWS[:2])  # the row was changed in its file: it is another one
    assert office.states()[1] == (LinkState.WAITING, "")


def test_another_scan_under_the_name_is_asked_about_anew(office):
    choose_row(office.workspace, LAN, office.id("2.png"), 1, "row1", NOW)
    with office.workspace.transaction() as session:
        [page] = session.scalars(select(PageRow).where(PageRow.name == "2.png"))
        page.digest = "another"
    assert office.waiting() == ["2.png", "3.png"]


def test_what_cannot_be_is_refused(office):
    page = office.id("2.png")
    for position, row in ((1, "row9"), (2, "row1")):
        with pytest.raises(NotFoundError):
            choose_row(office.workspace, LAN, page, position, row, NOW)
    with pytest.raises(NotFoundError):
        waiting_links(office.workspace, LAN, "no-such-book")
    with office.workspace.transaction() as session:
        add_step(session, A, ApprovalStep.APPROVE, "mai", NOW, "")
    with pytest.raises(BookClosedError):
        choose_row(office.workspace, LAN, page, 1, "row1", NOW)


def test_rows_are_found_by_words_without_marks(office):
    [first, *_] = find_rows(office.workspace, LAN, A, "tran thi binh")
    assert first.id == "row1"
    assert find_rows(office.workspace, LAN, A, "zzzzzz qqqq") == []
    with pytest.raises(UsageError):
        find_rows(office.workspace, LAN, A, " , ")
