"""A book photographed aslant: one page is cut by a person, the others follow."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr_pipeline.resources import shipped
from ocr_pipeline.review.accounts import Role
from tests.e2e.station import sohoa

READ_MS = 240_000
TAKEN_BACK = "() => document.querySelector('#shared-cut-told').textContent.includes('trở lại')"
FOLDER = "ks-2018"
QUAD = [(900, 150), (2150, 900), (1250, 2330), (150, 1350)]
"""Where the sheet lies, a third of a turn on a table without an edge: nothing finds it there."""


def aslant(sheet: Path, photo: Path) -> None:
    page = cv2.imdecode(np.frombuffer(sheet.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    height, width = page.shape[:2]
    chance = np.random.default_rng(1)
    table = chance.integers(150, 255, (60, 60, 3), dtype=np.uint8)
    table = cv2.resize(table, (2400, 2400), interpolation=cv2.INTER_CUBIC)
    ends = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    matrix = cv2.getPerspectiveTransform(ends, np.float32(QUAD))
    lying = cv2.warpPerspective(page, matrix, (2400, 2400))
    covers = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, (2400, 2400))
    table[covers > 0] = lying[covers > 0]
    photo.write_bytes(cv2.imencode(".jpg", table)[1].tobytes())


@pytest.mark.timeout(900)
def test_one_page_is_cut_and_the_book_follows(seat, own_station, tmp_path):
    book = tmp_path / "scans" / FOLDER
    book.mkdir(parents=True)
    sample = shipped("sample_scans")
    lines = (sample / "books.csv").read_text("utf-8-sig").splitlines()
    own = [lines[0], *(line for line in lines if line.startswith(f"{FOLDER},"))]
    (book.parent / "books.csv").write_text("\n".join(own) + "\n", encoding="utf-8")
    for name in ("Trang 9", "Trang 10"):
        aslant(sample / FOLDER / f"{name}.jpg", book / f"{name}.jpg")
    aslant(sample / FOLDER / "Trang 1.jpg", book / "Trang 99.jpg")  # the cover: no form
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
    assert page.inner_text("#shared-cut-told") == "Đọc thêm được 1 trang; 1 trang vẫn không khớp."
    pages = lan.api("GET", f"/api/books/{one['id']}")["pages_in_order"]
    assert [page["kind"] for page in pages] == ["record", "record", "refused"]
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
