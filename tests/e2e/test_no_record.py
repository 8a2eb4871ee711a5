"""A page taken for one without a record is found at a glance and called back, by keys alone."""

from __future__ import annotations

from ocr_pipeline.review.accounts import Role

BOOK = "xaphuocngai_hbt_tbt.KS.2018.01"


def test_a_page_is_called_back_from_its_small_picture(seat, own_station, read_job):
    chi = seat("chi", Role.REVIEWER, own_station(read_job))
    chi.open(f"/book/{BOOK}")
    chi.page.click("tr:has-text('Trang 5') a")
    chi.page.click("#reasons button:has-text('Trang trống')")
    chi.until("() => !document.querySelector('#call-back-section').hidden")
    chi.open(f"/book/{BOOK}")
    chi.page.click("a[href$='/no-record']")
    chi.until("() => document.querySelector('#sheet img')?.naturalWidth === 320")
    chi.press("ArrowRight")
    with chi.page.expect_navigation():
        chi.press("Enter")
    chi.until("() => !document.querySelector('#call-back-section').hidden")
    chi.page.focus("#call-back")
    chi.press("Enter")
    chi.until("() => document.querySelector('#call-back-section').hidden")
    assert "người xem cho biết có" in chi.page.inner_text("#cause")
    assert chi.page.is_visible("#reread")
