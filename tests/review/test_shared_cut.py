"""The cut of one page, tried on the refused and ill-fitting pages of its book."""

from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from ocr_pipeline.errors import Text
from ocr_pipeline.processing.page import PageResult
from ocr_pipeline.review import audit, given_corners, page_cutting, page_rereading, shared_cut
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.review.page_cutting import CutEffect
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
READ = {"fits.png": (900, 700), "loose.png": (900, 700), "stiff.png": (900, 700)}
LEFT_MM = {"fits.png": (0.2, 0.1), "loose.png": (0.5, 0.2), "stiff.png": (0.5, 0.45)}
"""How far the form is off on pages that the machine reads: as it finds them, between `CORNERS`."""


def work(job):
    """A sheet that nobody finds, until it is cut where it lies; `foreign` is another form."""
    name, scale = job.ref.name, 2 if job.ref.name == "4.png" else 1
    lies = tuple((float(x * scale), float(y * scale)) for x, y in CORNERS)
    corners = job.corners and job.corners.corners
    if name not in READ and (name == "foreign.png" or corners != lies):
        trusted = job.corners is not None and job.corners.trust
        if not trusted:
            return PageResult(PageKind.REFUSED, layout="KS-2016", cause=Text("Lệch", "Off"))
    return PageResult(
        PageKind.RECORD, layout="KS-2016",
        records=(make_record(name, [make_field("so", "07/2016", confidence=0.9)]),),
        to_original=(1.0, 0, 0, 0, 1, 0, 0, 0, 1),
        residual_mm=LEFT_MM.get(name, (0.1, 0.1))[corners == lies],
    )  # fmt: skip


class LyingOffice(RunOffice):
    """A book whose pages all lie where the machine does not find them."""

    def __init__(self, folder, location, pages=SIZES):
        super().__init__(folder, location, replace(FAKE, work=work))
        (self.scans / "a").mkdir()
        for number, (name, shape) in enumerate(pages.items(), 1):
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

    def shared(self, name="1.png"):
        found = shared_cut.shared_cut_of(self.workspace, LAN, self.id(name))
        return {
            key: [one.name for one in getattr(found, key)]
            for key in ("refused", "ill_fitting", "read")
        }

    def to_try(self, name="1.png"):
        return self.shared(name)["refused"]

    def read_like(self, name, like="1.png"):
        return shared_cut.read_like(self.workspace, LAN, self.id(name), self.id(like), NOW)

    def kinds(self):
        return {name: self.page(BOOK, name).kind for name in SIZES}


@pytest.fixture
def opened_at_once(monkeypatch):
    for module in (page_rereading, page_cutting, given_corners):
        monkeypatch.setattr(module, "opened", lambda do, job, *_, **__: do(job))
    monkeypatch.setattr(page_rereading, "process_page", work)


@pytest.fixture
def office(tmp_path, opened_at_once, location):
    office = LyingOffice(tmp_path, location)
    yield office
    office.workspace.close()


@pytest.fixture
def read_office(tmp_path, opened_at_once, location):
    office = LyingOffice(tmp_path, location, {"1.png": (900, 700)} | READ)
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
    assert office.shared()["read"] == ["2.png", "3.png", "4.png"]
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
    assert office.shared()["read"] == []


def test_a_page_that_its_form_fits_badly_is_cut_where_it_then_fits_better(read_office):
    office = read_office
    office.cut("1.png")
    assert office.shared() == {
        "refused": [], "ill_fitting": ["loose.png", "stiff.png"], "read": []
    }  # fmt: skip
    assert office.read_like("loose.png").kept
    stiff = office.read_like("stiff.png")
    assert (stiff.kept, stiff.residual_mm) == (False, 0.45)
    with pytest.raises(NotAllowedYetError, match="đã thay đổi"):
        office.read_like("fits.png")
    assert office.shared() == {"refused": [], "ill_fitting": ["stiff.png"], "read": ["loose.png"]}
    page_rereading.restore(office.workspace, LAN, office.id("loose.png"), NOW)
    assert office.shared()["ill_fitting"] == ["loose.png", "stiff.png"]


def test_a_page_with_decided_fields_that_would_move_stays_as_it_was(read_office, monkeypatch):
    office = read_office
    office.cut("1.png")
    lost = CutEffect(follow=0, asked_again=1, left_over=0)
    monkeypatch.setattr(page_rereading, "cut_effect", lambda *_: lost)
    with pytest.raises(NotAllowedYetError, match="phải hỏi lại"):
        office.read_like("loose.png")
    assert office.shared()["ill_fitting"] == ["loose.png", "stiff.png"]


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
