"""Pages that wait to be read, read at once: alone, beside a run, and by two people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ocr_pipeline.processing.page import PageResult
from ocr_pipeline.review import audit, page_rereading
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import NotAllowedYetError, StaleError
from ocr_pipeline.review.page_order import put_aside
from ocr_pipeline.review.page_rereading import read_page, restore, send_and_read
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.states import PageKind
from tests.builders import fake_stages
from tests.builders.fake_stages import two_field_record
from tests.builders.run_office import RunOffice

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
A = "xalocthuan_hbd_tbt.KS.2016.01"
B = "xalocthuan_hbd_tbt.KS.2016.02"
LAN = User("lan", Role.REVIEWER, "", True)


class WaitingOffice(RunOffice):
    """Two books; `meanwhile` is done while a page is being read by hand."""

    def __init__(self, folder, monkeypatch):
        super().__init__(folder)
        monkeypatch.setenv(fake_stages.CALLS, str(self.calls))
        self.book("a", {"1.png": "record 1", "2.png": "record 2"})
        self.book("b", {"1.png": "record 11"})
        self.run()
        self.meanwhile = lambda: None
        self.read = []
        monkeypatch.setattr(page_rereading, "_read", self._result)

    def _result(self, job):
        self.read.append(job.ref.name)
        self.meanwhile()
        return PageResult(PageKind.RECORD, records=(two_field_record(job.ref.name, "7"),))

    def wait(self, name="2.png"):
        """Have a page wait as a replaced scan does; its id."""
        with self.workspace.transaction() as session:
            [row] = [row for row in book_pages(session, A) if row.name == name]
            row.kind, row.fingerprint, row.layout = PageKind.PENDING.value, "", ""
        return row.id

    def numbers(self, book=A):
        with self.workspace.read_session() as session:
            return {one.page: one.fields["so"].value for one in load_records(session, book)}

    def lines(self):
        return [one for one in audit.recent(self.workspace) if one["action"] == "page_read"]


@pytest.fixture
def office(tmp_path, monkeypatch):
    office = WaitingOffice(tmp_path, monkeypatch)
    yield office
    office.workspace.close()


def test_a_page_that_waits_is_read_at_once_and_the_trail_tells_of_it(office):
    page = office.wait()
    outcome = read_page(office.workspace, LAN, page, NOW)
    assert (outcome.kind, outcome.records, office.read) == (PageKind.RECORD, 1, ["2.png"])
    assert office.page(A, "2.png").kind == PageKind.RECORD
    assert office.numbers() == {"1.png": "1/2016", "2.png": "7/2016"}
    [line] = office.lines()
    assert (line["user"], line["book"], line["subject"]) == ("lan", A, "page:2.png")
    assert line["details"] == {"kind": "record", "records": 1}
    assert audit.verify(office.workspace) is None
    with pytest.raises(NotAllowedYetError, match="không chờ máy đọc"):
        read_page(office.workspace, LAN, page, NOW)


def test_what_does_not_wait_or_is_not_ones_to_decide_is_refused(office):
    page = office.wait()
    with pytest.raises(ForbiddenError):
        read_page(office.workspace, User("an", Role.OPERATOR, "", True), page, NOW)
    put_aside(office.workspace, LAN, page, "blank", NOW)
    with pytest.raises(NotAllowedYetError, match="không chờ máy đọc"):
        read_page(office.workspace, LAN, page, NOW)
    assert office.read == [] and office.lines() == []


def test_while_a_run_goes_on_the_page_is_left_to_it(office):
    page = office.wait()
    with run_lock(office.workspace), pytest.raises(NotAllowedYetError) as told:
        read_page(office.workspace, LAN, page, NOW)
    assert "lần chạy" in str(told.value.remedy.vi).lower() and told.value.where == "2.png"
    assert office.read == [] and office.page(A, "2.png").kind == PageKind.PENDING


def test_a_page_is_sent_and_comes_back_while_a_run_goes_on_and_waits_for_it(office):
    with run_lock(office.workspace):
        arrival, outcome = send_and_read(office.workspace, LAN, office.page(A, "2.png").id, B, NOW)
        assert outcome.kind is PageKind.PENDING and "lần chạy" in outcome.cause.vi
        assert list(office.numbers()) == ["1.png"]
        back = restore(office.workspace, LAN, office.page(A, "2.png").id, NOW)
        assert back.kind is PageKind.PENDING and back.cause == outcome.cause
    assert arrival.book == B and office.read == []
    assert read_page(office.workspace, LAN, office.page(A, "2.png").id, NOW).records == 1
    assert office.numbers() == {"1.png": "1/2016", "2.png": "7/2016"}


def test_a_page_put_aside_while_it_is_read_stays_aside(office):
    page = office.wait()
    office.meanwhile = lambda: put_aside(office.workspace, LAN, page, "blank", NOW)
    with pytest.raises(StaleError):
        read_page(office.workspace, LAN, page, NOW)
    assert office.page(A, "2.png").kind == PageKind.ASIDE
    assert list(office.numbers()) == ["1.png"] and office.lines() == []


def test_of_two_people_who_have_it_read_one_is_told_that_it_has_been(office):
    page = office.wait()

    def another():
        office.meanwhile = lambda: None
        read_page(office.workspace, User("mai", Role.REVIEWER, "", True), page, NOW)

    office.meanwhile = another
    with pytest.raises(StaleError):
        read_page(office.workspace, LAN, page, NOW)
    assert [line["user"] for line in office.lines()] == ["mai"]
    assert office.numbers() == {"1.png": "1/2016", "2.png": "7/2016"}
