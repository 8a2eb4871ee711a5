"""A book of another printing house: its print is learned, looked at, kept and taken back."""

from __future__ import annotations

import pytest

from ocr_pipeline.review.accounts import Role
from tests.builders.books import make_book, write_inventory
from tests.builders.other_house import write_death_book
from tests.e2e.station import sohoa

WORK_MS = 400_000
SHOWN = "() => [...document.querySelectorAll('.sides img')].every((one) => one.naturalWidth > 300)"


@pytest.mark.timeout(900)
def test_a_print_is_learned_shown_kept_and_taken_back(seat, own_station, tmp_path):
    write_death_book(tmp_path / "scans" / "kt1")
    write_inventory(tmp_path / "scans", {"kt1": make_book("KT", 1, 2016)})
    told = sohoa("run", tmp_path / "scans", "--workspace", tmp_path / "read", "--workers", 1)
    assert told.returncode in (0, 1), told.stderr

    chi = seat("chi", Role.OPERATOR, own_station(tmp_path / "read"))
    [book] = chi.api("GET", "/api/books")["books"]

    def kinds():
        pages = chi.api("GET", f"/api/books/{book['id']}")["pages_in_order"]
        return [one["kind"] for one in pages]

    assert kinds() == ["refused"] * 6
    page = chi.open("/layouts")
    page.get_by_role("link", name=book["id"]).click()
    page.wait_for_url("**/print")
    page.get_by_text("6 trong 6 trang bị từ chối giống nhau").wait_for()

    page.click("#learn")
    page.locator("#learning").wait_for()
    chi.open("/layouts")  # the machine goes on without the screen
    page = chi.open(f"/book/{book['id']}/print")
    page.locator("#draft").wait_for(timeout=WORK_MS)
    assert "Nó khớp 0/6 trang" in page.inner_text("#fits")
    chi.until(SHOWN)
    rows = page.locator("#fields tr").all_inner_texts()
    assert len(rows) > 15 and sum(row.endswith("có") for row in rows) >= 0.9 * len(rows)
    assert not page.locator("#forget").is_visible()

    page.click("#keep")
    page.get_by_text("Đã đọc lại 6 trang.").wait_for(timeout=WORK_MS)
    assert kinds() == ["record"] * 6
    assert "(lần 1)" in page.inner_text("#in-force")
    page.click("#forget")
    page.get_by_text("Đã đọc lại 6 trang.").wait_for(timeout=WORK_MS)
    page.wait_for_function("() => document.querySelector('#forget').hidden", timeout=WORK_MS)
    assert "biểu mẫu có sẵn" in page.inner_text("#in-force")
    assert kinds() == ["refused"] * 6
    assert not chi.faults
