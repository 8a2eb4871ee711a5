"""A book photographed aslant: one page is cut by a person, the others follow."""

from __future__ import annotations

import pytest

from ocr_pipeline.review.accounts import Role
from tests.builders.askew_page import SAMPLES, photograph
from tests.builders.books import list_sample
from tests.e2e.station import sohoa

READ_MS = 240_000
TAKEN_BACK = "() => document.querySelector('#shared-cut-told').textContent.includes('trở lại')"
FOLDER = "ks-2018"
QUAD = [(900, 150), (2150, 900), (1250, 2330), (150, 1350)]
"""Where the sheets lie, clockwise from the top left of the form: nothing finds them there."""
SIZE = (2400, 2400)


@pytest.mark.timeout(900)
def test_one_page_is_cut_and_the_book_follows(seat, own_station, tmp_path):
    book = tmp_path / "scans" / FOLDER
    book.mkdir(parents=True)
    list_sample(book.parent, FOLDER)
    for name in ("9", "10"):
        sheet = SAMPLES / FOLDER / f"Trang {name}.jpg"
        photograph(book / sheet.name, QUAD, SIZE, sheet)
    photograph(book / "Trang 99.jpg", QUAD, SIZE, SAMPLES / "kt-2019" / "scan0002.jpg")  # a death
    told = sohoa("run", book.parent, "--workspace", tmp_path / "read", "--workers", 1)
    assert told.returncode in (0, 1), told.stderr

    lan = seat("lan", Role.REVIEWER, own_station(tmp_path / "read"))
    [one] = lan.api("GET", "/api/books")["books"]
    pages = lan.api("GET", f"/api/books/{one['id']}")["pages_in_order"]
    assert [page["kind"] for page in pages] == ["refused"] * 3
    page = lan.open(f"/page/{pages[0]['page']}")
    lan.until("() => document.querySelectorAll('.corner').length === 4")
    page.locator("input[value='KS-2016']").check()
    for number, corner in enumerate(QUAD):
        put_corner(lan, number, corner)
    page.click("#reread")
    page.locator("#shared-cut-try:enabled").click(timeout=READ_MS)
    page.locator("#shared-cut-back").wait_for(timeout=READ_MS)
    assert page.inner_text("#shared-cut-told") == "Cắt lại được 1 trang; 1 trang vẫn để như cũ."
    pages = lan.api("GET", f"/api/books/{one['id']}")["pages_in_order"]
    assert [page["kind"] for page in pages] == ["record", "record", "refused"]
    lan.open(f"/page/{pages[0]['page']}")  # left and opened again: it still knows
    page.locator("#shared-cut-back").wait_for()
    assert "1 trang đã được cắt như trang này" in page.inner_text("#shared-cut-lead")
    page.click("#shared-cut-back")
    page.wait_for_function(TAKEN_BACK, timeout=READ_MS)  # the machine looks for the form again
    pages = lan.api("GET", f"/api/books/{one['id']}")["pages_in_order"]
    assert [page["kind"] for page in pages] == ["record", "refused", "refused"]


def put_corner(seat, number, to):
    """Drag a corner to a pixel of the scan."""
    x, y = seat.page.evaluate(
        """([number, to]) => {
          const image = document.querySelector('#scan img'), box = image.getBoundingClientRect();
          return [box.left + to[0] * box.width / 2400, box.top + to[1] * box.height / 2400];
        }""",
        [number, to],
    )
    handle = seat.page.locator(".corner").nth(number).bounding_box()
    mouse = seat.page.mouse
    mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    mouse.down()
    mouse.move(x, y, steps=4)
    mouse.up()
