"""The cut of one page, tried on the refused pages of its book."""

from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from ocr_pipeline.errors import Text
from ocr_pipeline.processing.page import PageResult
from ocr_pipeline.review import audit, given_corners, page_rereading, shared_cut
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.store.page_decisions import decisions
from ocr_pipeline.store.states import PageKind
from tests.builders.books import make_book
from tests.builders.records import make_field, make_record
from tests.builders.run_office import FAKE, RunOffice

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BOOK = "xalocthuan_hbd_tbt.KS.2016.01"
LAN = User("lan", Role.REVIEWER, "", True)
CORNERS = [(20, 100), (680, 100), (680, 860), (20, 860)]
SIZES = {"1.png": (900, 700), "2.png": (900, 700), "3.png": (920, 700), "4.png": (1800, 1400),
         "foreign.png": (900, 700)}  # fmt: skip


def work(job):
    """A sheet that nobody finds, until it is cut where it lies; `foreign` is another form."""
    name, scale = job.ref.name, 2 if job.ref.name == "4.png" else 1
    lies = tuple((float(x * scale), float(y * scale)) for x, y in CORNERS)
    corners = job.corners and job.corners.corners
    if name == "foreign.png" or corners != lies:
        trusted = job.corners is not None and job.corners.trust
        if not trusted:
            return PageResult(PageKind.REFUSED, layout="KS-2016", cause=Text("Lệch", "Off"))
    return PageResult(
        PageKind.RECORD, layout="KS-2016",
        records=(make_record(name, [make_field("so", "07/2016", confidence=0.9)]),),
        to_original=(1.0, 0, 0, 0, 1, 0, 0, 0, 1),
    )  # fmt: skip


class LyingOffice(RunOffice):
    """A book whose pages all lie where the machine does not find them."""

    def __init__(self, folder, location):
        super().__init__(folder, location, replace(FAKE, work=work))
        (self.scans / "a").mkdir()
        for number, (name, shape) in enumerate(SIZES.items(), 1):
            pixels = np.full((*shape, 3), 200 + number, np.uint8)
            data = cv2.imencode(".png", pixels)[1].tobytes()
            (self.scans / "a" / name).write_bytes(data)
        self.list_book("a", make_book("KS", 1, 2016))
        self.run()

    def id(self, name):
        return self.page(BOOK, name).id

    def cut(self, name, corners=CORNERS, **options):
        return page_rereading.reread(
            self.workspace, LAN, self.id(name), "KS-2016", corners, NOW, **options
        )

    def to_try(self, name="1.png"):
        return [one.name for one in shared_cut.pages_to_try(self.workspace, LAN, self.id(name))]

    def read_like(self, name, like="1.png"):
        return shared_cut.read_like(self.workspace, LAN, self.id(name), self.id(like), NOW)

    def kinds(self):
        return {name: self.page(BOOK, name).kind for name in SIZES}


@pytest.fixture
def office(tmp_path, monkeypatch, location):
    for module in (page_rereading, given_corners):
        monkeypatch.setattr(module, "opened", lambda do, job, *_, **__: do(job))
    monkeypatch.setattr(page_rereading, "process_page", work)
    office = LyingOffice(tmp_path, location)
    yield office
    office.workspace.close()


@pytest.mark.databases("sqlite", "postgresql")
def test_one_correction_mends_the_rest_of_the_book_and_no_foreign_page(office):
    assert set(office.kinds().values()) == {"refused"} and office.to_try() == []
    office.cut("1.png")
    assert office.to_try() == ["2.png", "3.png", "4.png", "foreign.png"]
    for name in office.to_try():
        office.read_like(name)
    assert office.kinds() == dict.fromkeys(SIZES, "record") | {"foreign.png": "refused"}
    assert office.to_try() == ["foreign.png"], "what was refused keeps no cut"
    with office.workspace.read_session() as session:
        [made] = decisions(session, BOOK, "4.png")
        assert decisions(session, BOOK, "foreign.png") == []
    assert made.details["like"] == "1.png" and made.details["corners"][2] == [1360.0, 1720.0]
    office.run(force=True)  # the next run knows it
    assert office.kinds()["3.png"] == "record" and audit.verify(office.workspace) is None


def test_each_page_goes_back_to_what_the_machine_found(office):
    office.cut("1.png")
    office.read_like("2.png")
    page_rereading.restore(office.workspace, LAN, office.id("2.png"), NOW)
    assert office.kinds()["2.png"] == "refused" and "2.png" in office.to_try()


def test_a_cut_without_confirmation_is_tried_with_it(office):
    office.cut("foreign.png", trust=True)
    assert office.kinds()["foreign.png"] == "record"
    office.read_like("2.png", like="foreign.png")
    with office.workspace.read_session() as session:
        [made] = decisions(session, BOOK, "2.png")
    assert made.details["trust"] is False


def test_what_has_changed_meanwhile_is_not_read(office):
    with pytest.raises(NotAllowedYetError, match="đã thay đổi"):
        office.read_like("2.png")  # the other page was never cut
    office.cut("1.png")
    office.cut("2.png")
    with pytest.raises(NotAllowedYetError, match="đã thay đổi"):
        office.read_like("2.png")  # somebody has cut it
