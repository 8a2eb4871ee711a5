"""A form taught with the keyboard alone: every deed of the mouse, and nothing is pointed at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ocr_pipeline.layout.form_sketch import FormSketch
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.review.sketch_files import SketchFile, SketchFolder, SketchScan
from ocr_pipeline.store.files import make_folders
from tests.builders.foreign_form import HEADINGS, LINES, RULES, save_foreign_page

SKETCH = "ba" * 6
TRIED_MS = 400_000


def proposed(key, code, kind, *lines):
    return {"key": key, "code": code, "kind": kind, "lines": lines, "accepted": False}


#: What a machine may have found: four fields, one of them far from its line.
FOUND = {
    "type": "KS",
    "era": "1994",
    "page": {"width": 210, "height": 297},
    "fields": [
        proposed("f1", "nksHoTen", "person_name", [46, 49, 70, 8.2]),
        proposed("f2", "nksNoiSinh", "place", [43, 77.3, 147, 8.2]),
        proposed("f3", "", "place", [43, 88.3, 60, 8.2]),
        proposed("f4", "meHoTen", "person_name", [53, 159.8, 137, 8.2]),
    ],
    "captions": [
        *({"key": f"c{n}", "text": words, "box": [x, y - 4, 2 * len(words), 5]}
          for n, (words, x, y, *_) in enumerate(LINES)),
        *({"key": f"c{50 + n}", "text": words, "box": [x, y - 4, 2.6 * len(words), 5], "bold": True}
          for n, (words, x, y, _) in enumerate(HEADINGS)),
    ],
    "rules": [{"key": f"r{n}", "points": points} for n, points in enumerate(RULES)],
    "leaders": [{"key": f"l{n}", "x1": first, "x2": last, "y": y + 0.5}
                for n, (_, _, y, first, last, _) in enumerate(LINES)],
}  # fmt: skip


class Hands:
    """Somebody who has no mouse."""

    def __init__(self, seat):
        self.seat, self.page = seat, seat.page

    def press(self, key, times=1):
        for _ in range(times):
            self.page.keyboard.press(key)

    def tab_to(self, selector, key="Tab"):
        """Press Tab until the element has the focus; it must then be seen to have it."""
        for _ in range(40):
            if self.page.evaluate("(s) => document.activeElement.matches(s)", selector):
                assert self.page.evaluate(
                    "() => getComputedStyle(document.activeElement).outlineStyle === 'solid'"
                    " || getComputedStyle(document.activeElement).boxShadow !== 'none'"
                ), f"the focus on {selector} is not seen"
                return
            self.press(key)
        raise AssertionError(f"the keyboard does not reach {selector}")

    def step_to(self, key):
        """Choose the thing of this key: from none to the next, and so on."""
        rows = self.page.query_selector_all("#things button")
        self.press("Escape", 2)
        self.press("n", [row.get_attribute("data-key") for row in rows].index(key) + 1)

    def field(self, code):
        return next(one for one in self.content["fields"] if one["code"] == code)

    @property
    def content(self):
        return self.page.evaluate("() => globalThis.sketchScreen.content()")

    @property
    def focus(self):
        return self.page.evaluate("() => document.activeElement.id")


@pytest.fixture
def hands(seat, station):
    """Somebody on the page of all forms, where a sketch waits whose other scan has writing."""
    an = seat("an", Role.OPERATOR)
    folder = SketchFolder(station.workspace, SKETCH)
    make_folders(folder.path, within=station.workspace)
    save_foreign_page(folder.picture, 3, filled=False)
    written = save_foreign_page(station.workspace.parent / "form" / "tờ 1.jpg", 0)
    scan = SketchScan(name="tờ 1.jpg", file=folder.add_scan(written, ".jpg"))
    now = datetime.now(UTC)
    folder.store(
        SketchFile(
            id=SKETCH, begun_by=an.name, holder=an.name, changed=now.isoformat(),
            held_until=(now + timedelta(hours=1)).isoformat(), state="ready", scans=(scan,),
            content=FormSketch.model_validate(FOUND),
        )
    )  # fmt: skip
    an.page.add_init_script(
        "addEventListener('pointerdown', () => { globalThis.hasPointed = true; }, true)"
    )
    an.open("/layouts")
    an.until("() => document.querySelector('#sketches a')")
    yield Hands(an)
    assert not an.page.evaluate("() => globalThis.hasPointed")
    folder.remove()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_form_is_taught_by_keys_alone(hands):
    hands.tab_to("#sketches a")
    hands.press("Enter")
    hands.seat.until("() => document.querySelector('#sketch')?.dataset.state === 'ready'")
    assert hands.focus == "form", "the keys work at once"
    assert hands.page.evaluate(
        "() => getComputedStyle(document.activeElement, '::after').borderTopStyle === 'solid'"
    ), "the focus is seen on the picture, which covers an outline"
    _move_and_size(hands)
    _draw_and_name(hands)
    _group_lines(hands)
    _mark_a_tick_box(hands)
    _walk_the_side(hands)
    _try_it(hands)
    _save_it(hands)


def _move_and_size(hands):
    hands.press("n")
    assert hands.page.inner_text("#things [aria-selected=true]").startswith("Họ tên người được")
    hands.press("Control+ArrowDown")
    hands.press("ArrowDown", 3)
    hands.press("Shift+Control+ArrowRight", 2)
    hands.press("Shift+ArrowRight")
    assert hands.field("nksHoTen")["lines"] == [[46, 55.5, 80.5, 8.2]]
    hands.press("Control+z")
    hands.seat.until("() => globalThis.sketchScreen.content().fields[0].lines[0][2] === 80")
    hands.press("Control+y")
    hands.press("s")
    assert hands.field("nksHoTen")["lines"] == [[46, 55.8, 86, 8.2]], "on its whole dotted line"
    hands.press("Enter")
    assert hands.field("nksHoTen")["accepted"]


def _draw_and_name(hands):
    hands.press("Escape")
    hands.press("Shift+f")
    assert hands.focus == "form"
    made = hands.content["fields"][-1]
    _, top, *_ = made["lines"][0]
    hands.press("Control+ArrowUp" if top > 121 else "Control+ArrowDown", round(abs(121 - top) / 5))
    hands.press("s")
    assert hands.content["fields"][-1]["lines"] == [[54, 115.8, 136, 8.2]], "the father's line"
    hands.press("Enter")
    assert hands.focus == "column"
    hands.page.keyboard.type("ho ten cha")
    hands.press("Enter")
    assert hands.focus == "form"
    assert hands.content["fields"][-1]["code"] == "chaHoTen"
    hands.press("Enter")
    hands.press("Escape")
    assert hands.content["fields"][-1]["code"] == "chaHoTen", "leaving the box changes nothing"
    assert hands.focus == "form"


def _group_lines(hands):
    hands.step_to("f2")
    hands.press("Shift+n")
    hands.press("g")
    joined = hands.field("nksNoiSinh")
    assert joined["lines"] == [[43, 77.3, 147, 8.2], [43, 88.3, 60, 8.2]]
    hands.press("2")
    hands.press("ArrowDown", 2)
    hands.press("Shift+l")
    hands.press("ArrowLeft", 2)
    lines = [[43, 77.3, 147, 8.2], [43, 89.3, 60, 8.2], [42, 97.5, 60, 8.2]]
    assert hands.field("nksNoiSinh")["lines"] == lines, "one line is moved, one is added"
    hands.press("Delete")
    assert hands.field("nksNoiSinh")["lines"] == lines[:2], "the new line alone is removed"


def _mark_a_tick_box(hands):
    hands.press("Escape", 2)
    hands.press("Shift+t")
    hands.press("Shift+t")
    hands.press("ArrowRight", 2)
    one, other = (option["box"] for option in hands.content["fields"][-1]["options"])
    assert (one[2:], other[0] - one[0], other[1]) == ([5, 5], 9, one[1])
    hands.press("Escape", 2)
    hands.press("p")
    assert "Đường kẻ" in hands.page.inner_text("#chosen-thing"), "dotted lines are reached, too"
    count = len(hands.content["leaders"])
    hands.press("Delete")
    assert len(hands.content["leaders"]) == count - 1


def _walk_the_side(hands):
    hands.press("?")
    assert hands.focus == "keys-told" and hands.page.is_visible("#keys-told")
    hands.press("Escape")
    assert hands.focus == "form"
    hands.tab_to("#tab-more")
    hands.press("ArrowRight")
    assert hands.focus == "tab-fields"
    hands.tab_to("#things button")
    hands.press("ArrowDown")
    assert hands.page.evaluate("() => document.activeElement.matches('[aria-selected=true]')")
    hands.tab_to("#checklist button")
    hands.press("Escape")
    hands.press("Escape", 2)
    hands.tab_to("#accept-all")
    hands.press("Enter")
    assert all(one["accepted"] for one in hands.content["fields"])
    assert hands.focus == "form", "a button that has done its work hands the keys back"


def _try_it(hands):
    _remove_the_tick_boxes(hands)
    hands.tab_to("#tab-fields")
    hands.press("ArrowRight")
    hands.tab_to("#try")
    hands.press("Enter")
    hands.page.wait_for_function(
        "() => document.querySelector('#trial').dataset.finished === 'yes'"
        " && !document.querySelector('#try').disabled",
        timeout=TRIED_MS,
    )
    hands.tab_to("#trial button")
    hands.press("Enter")
    hands.seat.until("() => document.querySelector('#trial-page[open] img').naturalWidth > 100")
    hands.press("Escape")
    assert not hands.page.is_visible("#trial-page")
    hands.press("Escape")
    assert hands.focus == "form"


def _remove_the_tick_boxes(hands):
    """The form that was drawn has none: it would not be saved with a field of no column."""
    tick = next(one["key"] for one in hands.content["fields"] if one["kind"] == "tick")
    hands.step_to(tick)
    hands.press("Delete")
    assert not [one for one in hands.content["fields"] if one["kind"] == "tick"]


def _save_it(hands):
    hands.press("Control+s")
    hands.seat.until(
        "() => document.querySelector('#layout-name').textContent.startsWith('KS-1994')"
    )
