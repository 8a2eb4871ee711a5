"""A bad scan replaced by a better one of the page, on a book read by a stand-in for the stages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ocr_pipeline.errors import ScanError
from ocr_pipeline.processing.page import PageResult
from ocr_pipeline.review import audit
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import BookClosedError, NotAllowedYetError
from ocr_pipeline.review.field_decisions import Action, Decision, decide
from ocr_pipeline.review.page_order import move_page
from ocr_pipeline.review.page_sending import send_page
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.review.scan_replacement import replace_scan
from ocr_pipeline.review.uploads import UploadDesk
from ocr_pipeline.store.approvals import ApprovalStep, add_step
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.states import PageKind
from tests.builders.books import make_book
from tests.builders.drawn_pages import drawn
from tests.builders.fake_stages import two_field_record
from tests.builders.run_office import FAKE, RunOffice

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BOOK = "xalocthuan_hbd_tbt.KS.2016.01"
LAN = User("lan", Role.REVIEWER, "", True)
BETTER = drawn("quét lại")


def read(job):
    """A page whose number is that of its name."""
    number = job.ref.name.partition(".")[0]
    records = (two_field_record(job.ref.name, number),)
    return PageResult(PageKind.RECORD, layout="KS-2016", records=records)


class RescanningOffice(RunOffice):
    """A book of four scans, the second of which is bad."""

    def __init__(self, folder):
        super().__init__(folder, dependencies=replace(FAKE, work=read))
        (self.scans / "so").mkdir()
        for number in range(1, 5):
            self.path(number).write_bytes(drawn(f"trang {number}"))
        self.list_book("so", make_book(number=1, year=2016))
        self.run()
        self.desk = UploadDesk(self.workspace, self.scans, free=lambda _: 10**12)

    def path(self, number):
        return self.scans / "so" / f"{number}.jpg"

    def replace(self, name="2.jpg", data=BETTER, user=LAN, book=BOOK):
        with self.desk.receive("moi.jpg", len(data)) as upload:
            upload.write(data)
            return replace_scan(self.workspace, upload, user, self.page(book, name).id, NOW)

    def order(self):
        with self.workspace.read_session() as session:
            return [row.name.removesuffix(".jpg") for row in book_pages(session, BOOK)]

    def name_field(self, page):
        with self.workspace.read_session() as session:
            here = FieldRow.record == RecordRow.id, RecordRow.page == page
            return session.query(FieldRow).filter(*here, FieldRow.code == "nksHoTen").one()

    def read_name(self, page):
        with self.workspace.read_session() as session:
            [record] = [one for one in load_records(session, BOOK) if one.page == page]
            return record.fields["nksHoTen"]


@pytest.fixture
def office(tmp_path):
    office = RescanningOffice(tmp_path)
    yield office
    office.workspace.close()


@pytest.mark.long
def test_a_better_scan_takes_the_place_and_what_was_decided_is_offered(office):
    workspace = office.workspace
    move_page(
        workspace, LAN, office.page(BOOK, "2.jpg").id, NOW, after=office.page(BOOK, "3.jpg").id
    )
    field = office.name_field("2.jpg")
    decide(workspace, LAN, [Decision(field.id, Action.CORRECT, "Trần Thị Bướm")], NOW)
    bad, former = office.path(2).read_bytes(), office.page(BOOK, "2.jpg")
    arrival = office.replace()
    now = office.page(BOOK, "2.jpg")
    assert arrival.page == now.id != former.id and now.kind == PageKind.PENDING
    assert office.path(2).read_bytes() == BETTER
    [kept] = (workspace.folder / "replaced_scans" / BOOK).iterdir()
    assert kept.read_bytes() == bad
    for again in ({}, {}, {"force": True}):
        assert office.order() == ["1", "3", "2", "4"]
        office.run(**again)
        assert office.page(BOOK, "2.jpg").id == now.id
        found = office.read_name("2.jpg")
        assert found.value == "Trần Thị Bưởi" and found.state == "in_review"
        assert "Trần Thị Bướm" in [one.value for one in found.n_best]
        assert "former_scan" in [doubt.rule for doubt in found.doubts]
    told = {row["action"]: row for row in audit.recent(workspace)}
    assert told["scan_imported"]["user"] == "lan"
    assert told["scan_replaced"]["details"]["decisions"] >= 1
    assert audit.verify(workspace) is None


def test_a_copy_of_the_bad_scan_stands_for_it_then(office):
    office.path(5).write_bytes(office.path(2).read_bytes())
    office.run()
    assert office.page(BOOK, "5.jpg").kind == PageKind.DUPLICATE
    office.replace()
    office.run()
    assert [office.page(BOOK, name).kind for name in ("2.jpg", "5.jpg")] == ["record", "record"]


def test_what_is_refused_changes_nothing(office):
    bad = office.path(2).read_bytes()
    with pytest.raises(ForbiddenError):
        office.replace(user=User("mai", Role.OPERATOR, "", True))
    with pytest.raises(NotAllowedYetError, match="already"):
        office.replace(data=office.path(3).read_bytes())
    with pytest.raises(ScanError):
        office.replace(data=bytes(3000))
    with office.workspace.transaction() as session:
        add_step(session, BOOK, ApprovalStep.APPROVE, "dung", NOW)
    with pytest.raises(BookClosedError):
        office.replace()
    assert office.path(2).read_bytes() == bad
    assert office.page(BOOK, "2.jpg").kind == PageKind.RECORD


@pytest.mark.long
def test_a_page_that_was_sent_here_keeps_its_scan(office):
    (office.scans / "kia").mkdir()
    (office.scans / "kia" / "9.jpg").write_bytes(drawn("trang 9"))
    office.list_book("kia", make_book(number=2, year=2016))
    office.run()
    other = BOOK.replace(".01", ".02")
    send_page(office.workspace, LAN, office.page(BOOK, "2.jpg").id, other, NOW)
    bad = office.path(2).read_bytes()
    with pytest.raises(NotAllowedYetError, match="another book"):
        office.replace(f"{BOOK}/2.jpg", book=other)
    assert office.path(2).read_bytes() == bad
