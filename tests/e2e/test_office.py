"""A clerk's morning without a terminal: scans in, a book described, a run watched, its report."""

import shutil

import pytest

from ocr_pipeline.resources import shipped
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.books import priorities
from ocr_pipeline.store.workspace import Workspace
from tests.builders.drawn_pages import drawn
from tests.e2e.station import Station

PAGE = "Trang 10.jpg"
BOOK = "xalocthuan_hbd_tbt.KS.2018.01"
RUN_MS = 100_000


@pytest.fixture
def empty(tmp_path):
    """A station on a workspace with nothing in it, and a folder of scans on the clerk's machine."""
    Workspace.open(tmp_path / "ws").close()
    own = tmp_path / "máy tôi" / "Quét" / "KS 2018"
    own.mkdir(parents=True)
    shutil.copy(shipped("sample_scans") / "ks-2018" / PAGE, own / PAGE)
    (own / "Trang hỏng.jpg").write_bytes(drawn("x")[:3000])
    (own / "Thumbs.db").write_bytes(b"x")
    station = Station(tmp_path / "ws")
    station.start()
    yield station, own.parent
    station.kill()


@pytest.mark.long
def test_from_a_folder_of_scans_to_the_morning_report(empty, seat):
    station, folder = empty
    chi = seat("chi", Role.REVIEWER, station)
    page = chi.open("/import")
    page.set_input_files("#choose-folder", str(folder))
    page.click("#send")
    chi.until("() => document.querySelector('#told').textContent.startsWith('Đã nhận')")
    assert page.inner_text("#told").startswith("Đã nhận 1 tệp, có từ trước 0, không nhận 1")
    assert "Quét hoặc sao chép lại" in page.inner_text("[data-place='KS 2018/Trang hỏng.jpg']")
    page.click("[data-folder='KS 2018'] button")
    assert page.input_value("[name=year_opened]") == "2018"
    units = {"number": "1", "commune": "Lộc Thuận", "district": "Bình Đại", "province": "Bến Tre"}
    for name, value in units.items():
        page.fill(f"#description [name={name}]", value)
    chi.press("Enter")
    chi.until("(b) => document.querySelector('#folders').textContent.includes(b)", BOOK)
    page.click("a.primary[href='/runs']")
    page.click("#start-run button:enabled")
    chi.until("() => document.querySelector('#now').dataset.running === 'yes'")
    page.wait_for_selector("#now[data-running=no] a.primary", timeout=RUN_MS)
    page.click("#now a.primary")
    assert BOOK in page.inner_text("main") and "1 trên 1 sổ" in page.inner_text("main")
    page = chi.open("/order")
    page.fill("#filter [name=text]", "loc thuan 2018")
    row = page.locator(f"[data-book='{BOOK}']")
    row.locator(".priority").select_option("2")
    chi.until("() => document.querySelector('.toast.ok') !== null")
    page.fill("#filter [name=text]", "không có")
    row.wait_for(state="hidden")
    with Workspace.open(station.workspace) as ws, ws.read_session() as session:
        assert priorities(session) == {BOOK: 2}
