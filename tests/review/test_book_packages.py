"""Packages exported in the station: made once, offered whole, gone with their approval."""

import subprocess
import time
import zipfile

import pytest

from ocr_pipeline.export.book_exports import ExportChoices, export_books
from ocr_pipeline.export.draft import DRAFT_PREFIX
from ocr_pipeline.export.trail_note import NOTE_SUFFIX
from ocr_pipeline.review import approval
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.book_packages import PackageForm, PackageMaker
from ocr_pipeline.review.errors import NotAllowedYetError, NotFoundError
from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.hand_over import sheet_of
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store import audit
from ocr_pipeline.store.approvals import BookState
from tests.builders.scanned_births import give_scans

SECONDS = 60


@pytest.fixture
def ready(station, tmp_path):
    """Two births with scans, all decided; nobody has approved."""
    station.policy(sample=0.0)
    station.the_book = station.book([{}, {"so": "63/2017"}])
    give_scans(station.ws, tmp_path)
    return station


@pytest.fixture
def maker(ready):
    maker = PackageMaker(ready.ws, lambda: ready.now)
    yield maker
    maker.close()


def made(maker, user, book, form):
    maker.start(user, book, form)
    end = time.monotonic() + SECONDS
    while (state := maker.state(user, book, form)).making:
        assert time.monotonic() < end, "the package is never finished"
        time.sleep(0.02)
    return state


def lines_of(station, action):
    with station.ws.read_session() as session:
        return [line for line in audit.lines(session) if line.action == action]


def test_an_approved_book_is_exported_and_downloaded(ready, maker):
    book = ready.the_book.id
    approval.approve(ready.ws, ready.dung, book, ready.now)
    state = made(maker, ready.dung, book, PackageForm.OFFICIAL)
    assert state.error is None
    names = [one.name for one in state.kept.files]
    assert [name.rpartition(".")[2] for name in names] == ["xls", "zip", "txt"]
    assert names[2].endswith(NOTE_SUFFIX)
    archive = maker.file(ready.dung, book, PackageForm.OFFICIAL, names[1])
    assert len(zipfile.ZipFile(archive).namelist()) == state.kept.records == 2
    [exported], [taken] = lines_of(ready, "exported"), lines_of(ready, "downloaded")
    assert (exported.user, taken.user, taken.subject) == ("dung", "dung", names[1])
    assert state.kept.files[1].sha256 in exported.details


def test_the_official_package_asks_for_the_approval_and_goes_with_it(ready, maker):
    book = ready.the_book.id
    with pytest.raises(NotAllowedYetError):
        maker.start(ready.dung, book, PackageForm.OFFICIAL)
    approval.approve(ready.ws, ready.dung, book, ready.now)
    [first, *_] = made(maker, ready.dung, book, PackageForm.OFFICIAL).kept.files
    approval.withdraw(ready.ws, ready.dung, book, ready.now)
    assert maker.state(ready.dung, book, PackageForm.OFFICIAL).kept is None
    with pytest.raises(NotFoundError):
        maker.file(ready.dung, book, PackageForm.OFFICIAL, first.name)
    approval.approve(ready.ws, ready.dung, book, ready.now)
    assert maker.state(ready.dung, book, PackageForm.OFFICIAL).kept is None


def test_a_draft_is_to_be_had_at_any_time(ready, maker):
    ready.decide(ready.an, ready.field(1, "nksHoTen"), Action.ASK, note="?")
    state = made(maker, ready.chi, ready.the_book.id, PackageForm.DRAFT)
    [only] = state.kept.files
    assert only.name.startswith(DRAFT_PREFIX)
    with pytest.raises(NotAllowedYetError):  # a draft is nothing to hand over
        approval.hand_over(ready.ws, ready.dung, ready.the_book.id, ready.now)


def test_a_new_package_takes_the_place_of_the_old_one(ready, maker):
    book = ready.the_book.id
    first = made(maker, ready.chi, book, PackageForm.DRAFT).kept
    second = made(maker, ready.chi, book, PackageForm.DRAFT).kept
    assert first.folder != second.folder
    there = [p.name for p in (ready.ws.folder / "packages" / book / "draft").iterdir()]
    assert there == [second.folder]
    later = PackageMaker(ready.ws, lambda: ready.now)  # the station was started anew
    assert later.state(ready.chi, book, PackageForm.DRAFT).kept == second
    later.close()


def test_an_export_that_is_refused_says_why_and_leaves_nothing(ready, maker, tmp_path):
    book = ready.the_book.id
    approval.approve(ready.ws, ready.dung, book, ready.now)
    (tmp_path / "1.jpg").unlink()
    state = made(maker, ready.dung, book, PackageForm.OFFICIAL)
    assert state.kept is None
    assert [(one.rule, one.file) for one in state.error.obstacles] == [("scan_missing", "1.jpg")]
    assert not list((ready.ws.folder / "packages" / book / "official").iterdir())


@pytest.mark.parametrize("name", ["../official.json", "sohoa.db", "..", "x.xls"])
def test_only_files_of_the_package_are_given_out(ready, maker, name):
    made(maker, ready.chi, ready.the_book.id, PackageForm.DRAFT)
    with pytest.raises(NotFoundError):
        maker.file(ready.chi, ready.the_book.id, PackageForm.DRAFT, name)


def test_who_keys_values_exports_nothing(ready, maker):
    for call in (
        lambda: maker.start(ready.an, ready.the_book.id, PackageForm.DRAFT),
        lambda: maker.state(ready.an, ready.the_book.id, PackageForm.DRAFT),
        lambda: sheet_of(ready.ws, ready.an, ready.the_book.id, None),
    ):
        with pytest.raises(ForbiddenError):
            call()
    with pytest.raises(NotFoundError):
        maker.start(ready.chi, "../../etc", PackageForm.DRAFT)


def test_a_book_is_handed_over_only_after_its_export(ready, tmp_path):
    book = ready.the_book.id
    approval.approve(ready.ws, ready.dung, book, ready.now)
    with pytest.raises(NotAllowedYetError):
        approval.hand_over(ready.ws, ready.dung, book, ready.now)
    exported(ready, tmp_path)
    approval.withdraw(ready.ws, ready.dung, book, ready.now)
    approval.approve(ready.ws, ready.dung, book, ready.now)
    with pytest.raises(NotAllowedYetError):  # what was exported belonged to the approval before
        approval.hand_over(ready.ws, ready.dung, book, ready.now)
    exported(ready, tmp_path)
    approval.hand_over(ready.ws, ready.dung, book, ready.now)
    assert approval.state(ready.ws, book) is BookState.HANDED_OVER


def exported(station, folder):
    """As the command line does it."""
    [done] = export_books(station.ws, [station.the_book.id], ExportChoices(folder / "out"))
    assert done.error is None


def test_the_sheet_tells_what_is_in_the_package_and_what_is_not(station):
    station.policy(sample=1.0)
    book = station.book([{"?nksHoTen": 0.5}, {"so": "65/2017"}]).id
    station.decide(station.an, station.field(1, "nksHoTen"), Action.UNREADABLE)
    [first, second] = station.take(station.chi, Lane.SAMPLE, count=2)
    station.say(station.chi, first, value=station.row(first.field).value)
    station.say(station.chi, second, value="Sai Khác")
    ready = station
    text = words_of(sheet_of(ready.ws, ready.dung, book, None))
    assert "BIÊN BẢN BÀN GIAO" in text and book in text
    assert "Không đọc được / Unreadable" in text.replace(" (1)", "")
    assert "62/2017 · 1.jpg (1)" in text
    assert "Thiếu: 63–64/2017" in text
    assert "1 wrong of 2 fields" in text
    assert "Chưa duyệt" in text and "Chưa xuất gói" in text
    user = User("minh", Role.APPROVER)
    assert sheet_of(ready.ws, user, book, None) == sheet_of(ready.ws, user, book, None)


def words_of(pdf):
    """The words of a PDF, in order."""
    told = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True)
    return " ".join(told.stdout.decode().split())
