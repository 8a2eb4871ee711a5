"""A form that no layout knows, taught in a real browser from one page; its other pages are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book, write_inventory
from tests.builders.foreign_form import LINES, save_foreign_page
from tests.e2e.station import sohoa

LOOKED_MS = 400_000
MOST_OPERATIONS = 60
BOOK = make_book("KS", 2, 1994)


class Teacher:
    """Somebody at the screen; counts what he does."""

    def __init__(self, seat):
        self.seat, self.page, self.operations = seat, seat.page, 0

    def click(self, selector):
        self.page.click(selector)
        self.operations += 1

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.operations += 1

    def type(self, text):
        self.page.keyboard.type(text)
        self.operations += 1

    def point(self, x_mm, y_mm):
        """Where a place of the page is on the screen."""
        return self.page.evaluate(
            "([x, y]) => globalThis.sketchScreen.onScreen(x, y)", [x_mm, y_mm]
        )

    def click_at(self, x_mm, y_mm):
        self.page.mouse.click(*self.point(x_mm, y_mm))
        self.operations += 1

    def drag(self, *places):
        first, last = (self.point(*place) for place in places)
        self.page.mouse.move(*first)
        self.page.mouse.down()
        self.page.mouse.move(*last, steps=4)
        self.page.mouse.up()
        self.operations += 1

    @property
    def content(self):
        return self.page.evaluate("() => globalThis.sketchScreen.content()")

    def kept(self):
        self.seat.until("() => document.querySelector('#save-state')?.dataset.state === 'saved'")

    def ready(self):
        self.page.wait_for_function(
            "() => document.querySelector('#sketch')?.dataset.state === 'ready'"
            " && document.querySelector('#form img')",
            timeout=LOOKED_MS,
        )


@pytest.fixture
def foreign(tmp_path) -> Path:
    """A workspace without a page, and scans of a book whose form nobody knows."""
    for number in range(3):
        save_foreign_page(tmp_path / "scans" / "book" / f"Trang {number + 1}.jpg", number)
    save_foreign_page(tmp_path / "sent" / "trang trống.jpg", 3, filled=False)
    write_inventory(tmp_path / "scans", {"book": BOOK})
    Workspace.open(tmp_path / "empty").close()
    return tmp_path


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_form_is_taught_from_one_page_and_its_other_pages_are_read(seat, own_station, foreign):
    station = own_station(foreign / "empty")
    an = seat("an", Role.OPERATOR, station)
    an.page.set_viewport_size({"width": 1280, "height": 800})
    an.open("/layouts")
    an.page.set_input_files("[name=scans]", str(foreign / "sent" / "trang trống.jpg"))
    teacher = Teacher(an)
    an.page.select_option("[name=type]", RegisterType.KS.value)
    an.page.fill("[name=era]", "1994")
    teacher.operations += 3
    with an.page.expect_navigation():
        teacher.click("#new-sketch button.primary")
    teacher.ready()
    proposed = [one["code"] for one in teacher.content["fields"]]
    assert {"nksHoTen", "chaHoTen", "meHoTen"} <= set(proposed), proposed
    _put_right(teacher)
    teacher.click("#accept-all")
    teacher.kept()
    _survives_a_dead_browser(teacher)
    told = an.api("GET", f"/api/sketches/{_id(an)}/checklist")["remarks"]
    assert not [one for one in told if one["serious"]], told
    teacher.click("#save")
    an.until("() => document.querySelector('#layout-name').textContent.startsWith('KS-1994')")
    assert teacher.operations <= MOST_OPERATIONS
    ran = sohoa("run", foreign / "scans", "--workspace", station.workspace, "--workers", 1)
    assert ran.returncode in (0, 1), ran.stderr
    with Workspace.open(station.workspace) as ws, ws.read_session() as session:
        pages = [(row.kind, row.layout) for row in book_pages(session, BOOK.id)]
    assert pages == [("record", "KS-1994")] * 3
    assert not an.faults


def _put_right(teacher):
    """What a person does about the proposals: lines that were not found, columns that lack."""
    for x, y, words in _lines_without_field(teacher.content):
        teacher.press("f")
        teacher.click_at(x, y)
        teacher.type(words)
        teacher.press("Enter", "v")
    for field in teacher.content["fields"]:
        if not field["code"]:
            teacher.click(f"#things [data-key={field['key']}]")
            teacher.click("#delete")


#: What a person types for the column of a line, by the place of the line.
COLUMNS = {(62, 46): "ho ten nguoi duoc khai sinh", (243, 70): "nguoi ky"}


def _lines_without_field(content):
    """Lines of the form that no proposal lies on and whose column is known."""
    found = []
    for _, _, y, first, last, value in LINES:
        boxes = [box for one in content["fields"] for box in one["lines"]]
        inside = any(b[0] < (first + last) / 2 < b[0] + b[2] and b[1] < y < b[1] + b[3] + 2
                     for b in boxes)  # fmt: skip
        if not inside and (y, first) in COLUMNS and value:
            found.append(((first + last) / 2, y, COLUMNS[y, first]))
    return found


def _survives_a_dead_browser(teacher):
    """The page is loaded anew: all is there, and undoing still works."""
    before = teacher.content
    teacher.page.reload()
    teacher.ready()
    assert teacher.content == before
    teacher.page.focus("#form")
    teacher.page.keyboard.press("Control+z")
    teacher.page.wait_for_function(
        "() => globalThis.sketchScreen.content().fields.some((one) => !one.accepted)"
    )
    teacher.page.keyboard.press("Control+y")
    teacher.kept()
    assert teacher.content == before


def _id(seat):
    return seat.page.url.rpartition("/")[2]
