"""Pages put right in the browser: sent to their book, cut anew, seen at a glance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book
from tests.builders.drawn_pages import drawn
from tests.builders.review_office import fill

READ_MS = 180_000
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


def test_a_page_that_was_read_is_cut_anew_once_its_person_has_seen_what_that_costs(
    seat, own_station, two_books
):
    """The station's answers are given: reading takes minutes, `test_recut_pages` has it."""
    chi = seat("chi", Role.REVIEWER, own_station(two_books))
    read_as = {"kind": "record", "cause": None, "remedy": None, "records": 3}
    outcome = {**read_as, "residual_mm": 0.1, "layout": "KS-2016"}
    sent = []

    def told(route):
        sent.append((route.request.url.rsplit("/", 1)[1], route.request.post_data_json))
        route.fulfill(json={**outcome, "follow": 7, "asked_again": 2, "left_over": 1})

    for name in ("cut-preview", "reread"):
        chi.page.route(f"**/{name}", told)
    chi.open("/")
    chi.open(f"/page/{page_of(chi, THERE.id, 'record')}")
    chi.until("() => !document.querySelector('#recut').hidden")
    assert not chi.page.is_visible("#repair")
    chi.page.click("#recut-begin")
    chi.page.wait_for_selector("#reread:not([disabled])")
    chi.page.click("#reread")
    chi.page.wait_for_selector("#recut-agree:visible")
    words = chi.page.inner_text("#answer")
    assert "7 trường giữ nguyên" in words and "2 trường phải hỏi lại" in words and "1 giá" in words
    chi.page.focus(".corner >> nth=0")
    chi.press("ArrowRight")  # another cut: what was told is not about it
    assert not chi.page.is_visible("#recut-agree")
    chi.page.click("#reread")
    chi.page.wait_for_selector("#recut-agree:visible")
    chi.press("Enter")
    chi.page.wait_for_selector("#repair", state="hidden")
    assert [name for name, _ in sent] == ["cut-preview", "cut-preview", "reread"]
    assert sent[2][1] == {**sent[1][1], "accepted": 3} and sent[0][1] != sent[1][1]


def test_all_pages_at_a_glance_are_filtered_and_moved_by_keys(seat, own_station, two_books):
    chi = seat("chi", Role.REVIEWER, own_station(two_books))
    chi.open(f"/book/{HERE.id}")
    chi.page.click("a[href$='/pages']")
    chi.until("() => document.querySelector('#sheet img').naturalWidth === 320")
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
