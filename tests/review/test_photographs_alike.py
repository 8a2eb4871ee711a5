"""Photographs that the machine refuses: the cut of one is the first guess for the others."""

from datetime import UTC, datetime

import numpy as np
import pytest

from ocr_pipeline.batch.run import RunDependencies
from ocr_pipeline.processing.page import process_page
from ocr_pipeline.review import audit, given_corners, page_rereading, shared_cut
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.states import PageKind
from tests.builders import askew_page, real_stages
from tests.builders.books import PHUOC_NGAI, make_book
from tests.builders.run_office import REAL, RunOffice

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BOOK = "xaphuocngai_hbt_tbt.KS.2018.01"
LAN = User("lan", Role.REVIEWER, "", True)
CUT, MOVED, FOREIGN, ASIDE, LARGE = (f"{n} nghieng.jpg" for n in range(1, 6))
BIRTHS = askew_page.SAMPLES / "ks-2018"
DEATHS = askew_page.SAMPLES / "kt-2019"


def moved(degrees, by):
    """The corners of a sheet that was put down a little otherwise."""
    corners = np.array(askew_page.ASKEW)
    middle, angle = corners.mean(axis=0), np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (corners - middle) @ turn + middle + by


class SharingOffice(RunOffice):
    """A book of photographs taken alike, all refused by the machine."""

    def __init__(self, folder):
        super().__init__(folder, dependencies=REAL)
        book = self.scans / "so"
        askew_page.photograph(book / CUT)
        askew_page.photograph(book / MOVED, moved(2, (25, -20)), page=BIRTHS / "Trang 6.jpg")
        askew_page.photograph(book / FOREIGN, moved(1, (5, 5)), page=DEATHS / "scan0002.jpg")
        askew_page.photograph(book / ASIDE, moved(1, (5, 5)))
        larger = tuple(round(side * 1.25) for side in askew_page.SIZE)
        askew_page.photograph(
            book / LARGE, moved(0, (9, 9)) * 1.25, larger, page=BIRTHS / "Trang 7.jpg"
        )
        self.list_book("so", make_book(agency=PHUOC_NGAI, layout="KS-2016"))
        self.run()
        page_rereading.put_aside(self.workspace, LAN, self.id(ASIDE), "foreign", NOW)

    def id(self, name):
        return self.page(BOOK, name).id

    def kind(self, name):
        return self.page(BOOK, name).kind

    def offered(self, name=CUT, user=LAN):
        found = shared_cut.shared_cut_of(self.workspace, user, self.id(name))
        return [one.page for one in found.refused]

    def share(self, name, source=CUT):
        pages = self.id(name), self.id(source)
        return shared_cut.read_like(self.workspace, LAN, *pages, NOW)

    def records(self):
        with self.workspace.read_session() as session:
            return load_records(session, BOOK)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        for module in (page_rereading, given_corners):
            patch.setattr(module, "opened", lambda do, job, *_, **__: do(job))
        office = SharingOffice(tmp_path_factory.mktemp("sharing"))
        assert office.offered() == [], "nobody has cut a page yet"
        with pytest.raises(NotAllowedYetError):
            office.share(MOVED)
        cut = page_rereading.reread(
            office.workspace, LAN, office.id(CUT), "KS-2016", askew_page.ASKEW, NOW
        )
        assert cut.kind is PageKind.RECORD
        yield office
        office.workspace.close()


@pytest.mark.long
def test_one_correction_mends_the_pages_that_lie_alike_and_no_other(office):
    assert office.offered() == [office.id(name) for name in (MOVED, FOREIGN, LARGE)]
    with pytest.raises(ForbiddenError):
        office.offered(user=User("tam", Role.OPERATOR, "", True))
    for name in (MOVED, LARGE):
        outcome = office.share(name)
        assert (outcome.kind, outcome.records) == (PageKind.RECORD, 1)
        assert outcome.residual_mm < 0.5, "the guess was 6 mm off, and is refined"
    foreign = office.share(FOREIGN)
    assert foreign.kind is PageKind.REFUSED and foreign.cause is not None and not foreign.kept
    assert office.kind(FOREIGN) == PageKind.REFUSED
    assert page_rereading.decisions_of_page(office.workspace, office.id(FOREIGN)) == []
    assert office.kind(ASIDE) == PageKind.ASIDE, "what a person decided stays"
    with pytest.raises(NotAllowedYetError):
        office.share(ASIDE)
    with pytest.raises(NotAllowedYetError):
        office.share(MOVED)
    assert office.offered() == [office.id(FOREIGN)], "who was stopped goes on with what is left"
    pages = {record.page for record in office.records()}
    assert pages == {CUT, MOVED, LARGE}
    doubts = {d.rule for r in office.records() for f in r.fields.values() for d in f.doubts}
    assert "corners_by_hand" not in doubts, "the print confirms the place"
    told = {line["subject"]: line for line in audit.recent(office.workspace, book=BOOK)}
    line = told[f"page:{MOVED}"]
    assert (line["action"], line["user"]) == ("page_reread", "lan")
    assert line["details"]["like"] == CUT and line["details"]["trust"] is False
    assert audit.verify(office.workspace) is None


@pytest.mark.long
def test_later_runs_keep_to_it(office):
    before = office.records()
    assert {record.page for record in before} == {CUT, MOVED, LARGE}
    assert office.run().read == 0 and office.records() == before
    office.run(dependencies=RunDependencies(work=real_stages.only_given), force=True)
    assert {record.page for record in office.records()} == {CUT, MOVED, LARGE}


@pytest.mark.long
def test_the_machine_itself_finds_no_form_on_these_pages(office, monkeypatch):
    monkeypatch.setattr(page_rereading, "process_page", process_page)
    restored = page_rereading.restore(office.workspace, LAN, office.id(MOVED), NOW)
    assert restored.kind is PageKind.REFUSED
    assert office.id(MOVED) in office.offered()
    assert office.share(MOVED).kind is PageKind.RECORD
