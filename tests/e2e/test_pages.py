"""Pages put right in the browser: sent to their book, cut anew, seen at a glance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book
from tests.builders.drawn_pages import drawn
from tests.builders.review_office import fill

READ_MS = 180_000
CUT_HANDLES = """() => {
  const frame = document.querySelector('#scan').getBoundingClientRect();
  return [...document.querySelectorAll('.corner')].filter((corner) => {
    const at = corner.getBoundingClientRect();
    return at.left < frame.left || at.top < frame.top
      || at.right > frame.right || at.bottom > frame.bottom;
  }).map((corner) => corner.textContent);
}"""
HERE, THERE = (make_book(number=number, year=2016) for number in (1, 2))


@pytest.fixture(scope="module")
def two_books(tmp_path_factory) -> Path:
    """A workspace with two books of drawn pages, as if they had been read."""
    folder = tmp_path_factory.mktemp("hai sổ")
    with Workspace.open(folder / "ws") as workspace:
        for book, pages in ((HERE, 6), (THERE, 2)):
            fill(workspace, folder / book.id, pages, replace(book, path=folder / book.id))
    return folder / "ws"


def read(seat, condition):
    """Wait for what comes after a page was read: the model is loaded for the first one."""
    seat.page.wait_for_function(condition, timeout=READ_MS)


def page_of(seat, book, kind="refused"):
    """Id of the first page of this kind."""
    pages = seat.api("GET", f"/api/books/{book}")["pages_in_order"]
    return next(one["page"] for one in pages if one["kind"] == kind)


@pytest.mark.timeout(600)
def test_a_page_is_sent_to_its_book_and_comes_back(seat, own_station, two_books):
    chi = seat("chi", Role.REVIEWER, own_station(two_books))
    chi.open("/")
    chi.open(f"/page/{page_of(chi, HERE.id)}")
    chi.page.click("#send-to")
    chi.until("() => document.querySelector('#send-books option')")
    chi.type(THERE.id)
    chi.press("Enter")
    read(chi, "() => !document.querySelector('#sent').hidden")
    assert THERE.id in chi.page.inner_text("#sent") and THERE.id in chi.page.inner_text("#cause")
    assert not chi.page.is_visible("#repair") and not chi.page.is_visible("#call-back-section")
    with chi.page.expect_navigation():
        chi.page.click("#sent a")
    chi.until("() => !document.querySelector('#sent').hidden")
    assert HERE.id in chi.page.inner_text("#sent")
    chi.page.fill("#send-to", HERE.id)
    with chi.page.expect_navigation(timeout=READ_MS):
        chi.page.click("#send-do")
    chi.until("() => document.querySelector('#decision-list li')")
    assert not chi.page.is_visible("#sent")
    left = chi.api("GET", f"/api/books/{THERE.id}")["pages_in_order"]
    assert not [one for one in left if HERE.id in one["name"]]


def test_all_pages_at_a_glance_are_filtered_and_moved_by_keys(seat, own_station, two_books):
    chi = seat("chi", Role.REVIEWER, own_station(two_books))
    chi.open(f"/book/{HERE.id}")
    chi.page.click("a[href$='/pages']")
    chi.until("() => document.querySelector('#sheet img')?.naturalWidth === 320")
    order = "() => [...document.querySelectorAll('#sheet li')].map((one) => one.dataset.page)"
    before = chi.page.evaluate(order)
    chi.press("ArrowRight", "ArrowRight", " ", "ArrowRight", " ")
    chi.until("() => document.querySelectorAll('#sheet li.chosen').length === 2")
    with chi.page.expect_navigation():
        chi.page.select_option("#after", "0")
    assert chi.page.evaluate(order)[:2] == before[1:3]
    chi.page.click(".filter[data-kind=refused]")
    assert chi.page.locator("#sheet li:visible").count() == 1
    chi.press("ArrowRight")
    chi.page.focus("#sheet li:not([hidden]) a")
    with chi.page.expect_navigation():
        chi.press("Enter")
    chi.until("() => document.querySelector('#kind').textContent")
    assert chi.page.is_visible("#reread")
    chi.until("() => document.querySelector('.corner').style.left")
    assert chi.page.evaluate(CUT_HANDLES) == []


def test_a_page_without_its_picture_is_not_to_be_cut(seat, own_station, two_books, tmp_path):
    station = own_station(two_books)
    chi = seat("chi", Role.REVIEWER, station)
    chi.open("/")
    page = page_of(chi, HERE.id)
    with Workspace.open(station.workspace) as workspace, workspace.read_session() as session:
        scan = Path(session.get_one(PageRow, page).path)
    aside = scan.rename(tmp_path / scan.name)
    try:
        chi.open(f"/page/{page}")
        chi.until("() => document.querySelector('.viewer-words')")
        assert chi.page.is_visible("#rescan") and not chi.page.is_visible("#repair")
        assert not chi.page.is_visible(".corner")
    finally:
        aside.rename(scan)


def test_the_search_can_be_read_beside_the_longest_menu(seat, book):
    an = seat("administratorvoitendangnhap", Role.ADMIN)
    for path in ("/", "/review", "/review/record", "/group", f"/book/{book}/pages"):
        an.open(path)
        find = an.page.locator("#find").bounding_box()
        assert find["width"] >= 140, path
        assert an.page.locator(".top").bounding_box()["height"] < 50, path
        assert an.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.timeout(600)
def test_a_replaced_page_is_read_by_one_key(seat, own_station, two_books):
    chi = seat("chi", Role.REVIEWER, own_station(two_books))
    chi.open("/")
    chi.open(f"/page/{page_of(chi, HERE.id)}")
    chi.until("() => document.querySelector('#kind').textContent")
    assert not chi.page.is_visible("#read")
    better = {"name": "mới.jpg", "mimeType": "image/jpeg", "buffer": drawn("quét lại")}
    with chi.page.expect_navigation(timeout=READ_MS):
        chi.page.set_input_files("#rescan-file", better)
    chi.until("() => document.activeElement.id === 'read'")
    with Workspace.open(chi.station.workspace) as workspace, run_lock(workspace):
        chi.press("Enter")
        chi.until("() => document.querySelector('#read-told').textContent.includes('lần chạy')")
        assert chi.page.is_visible("#read")
    chi.page.click("#read")
    read(chi, "() => document.querySelector('#waiting').hidden")
    assert chi.api("GET", page_api(chi))["kind"] == "refused"
    assert chi.page.is_visible("#cause") and chi.page.is_visible("#reread")


def page_api(seat):
    """The address of the page on the screen, for programs."""
    return seat.page.evaluate("() => `/api/pages/${document.querySelector('#page').dataset.page}`")
