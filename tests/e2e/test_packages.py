"""A draft is exported and downloaded without a terminal; the official package says what is open."""

from __future__ import annotations

from python_calamine import CalamineWorkbook

from ocr_pipeline.export.draft import DRAFT_PREFIX
from ocr_pipeline.review.accounts import Role


def test_a_clerk_takes_a_draft_from_the_page_of_the_book(seat, book, tmp_path):
    chi = seat("chi", Role.REVIEWER)
    chi.open(f"/book/{book}")
    with chi.page.expect_navigation():
        chi.page.click("a[href^='/packages/']")
    official = chi.page.locator(".card").first
    assert official.locator(".notice.warn").count() == 1 and official.locator("form").count() == 0
    with chi.page.expect_navigation():
        chi.page.click("button:has-text('Xuất bản nháp')")
    link = chi.page.wait_for_selector(f"a:has-text('{DRAFT_PREFIX}')")  # the page asks by itself
    with chi.page.expect_download() as taken:
        link.click()
    taken.value.save_as(tmp_path / taken.value.suggested_filename)
    sheets = CalamineWorkbook.from_path(str(tmp_path / taken.value.suggested_filename)).sheet_names
    assert len(sheets) == 2 and sheets[0].startswith("NHAP")


def test_a_package_from_elsewhere_is_checked_on_a_page(seat, tmp_path):
    chi = seat("chi", Role.REVIEWER)
    chi.open("/check")
    excel = tmp_path / "xalocthuan_hbd_tbt.KS.2016.01.xls"
    excel.write_bytes(b"no table")
    chi.page.set_input_files("#files", [str(excel)])
    chi.page.wait_for_selector("#reports .tag.bad")
    assert ".zip" in chi.page.inner_text("#reports") and excel.name in chi.page.inner_text("h2")
