"""Filled pages: a drawn form, written on by a clerk, as clean colour pictures with their truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from ocr_pipeline.arrays import Ink, Rgb, Rng
from ocr_pipeline.layout.form_drawing import MM_PER_INCH, FormStyle, draw_form
from ocr_pipeline.layout.schema import BoxMm, Layout, LayoutField
from ocr_pipeline.registers.fields import WORD_KINDS, FieldKind
from ocr_pipeline.registers.values import normalise_value
from ocr_pipeline.training import ink_marks
from ocr_pipeline.training.clerk_conventions import ClerkConventions
from ocr_pipeline.training.clerk_habits import BLANK, WrittenValue
from ocr_pipeline.training.font_hands import Hand, WrittenLine
from ocr_pipeline.training.form_blanks import (
    Blank,
    SigningPlace,
    blanks_of,
    signing_places,
)
from ocr_pipeline.training.invented_cases import InventedCase
from ocr_pipeline.training.invented_people import pick

Colour = tuple[int, int, int]

# Who signs under that caption; else the informant.
_SIGNERS = {
    "Vợ": "voHoTen",
    "Chồng": "chongHoTen",
    "giao con nuôi": "ongGiaoHoTen",
    "nhận con nuôi": "meNuoiHoTen",
}
_COMFORTABLE = 0.85  # a clerk who must write smaller than that rather shortens
_SMALLEST = 0.62  # how far a clerk shrinks his writing to make it fit


@dataclass(frozen=True)
class FillingHabits:
    """How one clerk fills pages.

    Attributes:
        hand: writes the fields.
        ink: RGB of full ink.
        darkness: 0–1, how much of the ink colour full ink shows.
        x_height: of small letters, mm.
        slope: of lines, radians.
        ticks: `cross`, `check` or `fill`.
        typed: writes the fields that a machine fills (all but number, date and signature); or None.
        correction: share of fields struck out and written again.
        ditto: writes `"` for what repeats the record above.
        unsteady: deviation of baselines, mm.
        conventions: what the clerk writes instead of values in full; None for a clerk without any.

    """

    hand: Hand
    ink: Colour = (38, 52, 140)
    darkness: float = 0.85
    x_height: float = 2.3
    slope: float = 0.0
    ticks: str = "cross"
    typed: Hand | None = None
    correction: float = 0.004
    ditto: bool = False
    unsteady: float = 0.35
    conventions: ClerkConventions | None = None


@dataclass(frozen=True)
class FilledPage:
    """A page as it lies on the table: (H, W, 3) uint8 RGB, 255 where the paper is bare.

    Attributes:
        pixels: the page.
        dpi: pixels an inch.
        truth: records in the form of `truth.json`.

    """

    pixels: Rgb
    dpi: float
    truth: list[dict[str, object]] = field(default_factory=list)

    @property
    def scale(self) -> float:
        """Pixels a millimetre."""
        return self.dpi / MM_PER_INCH


def empty_page(layout: Layout, dpi: float, style: FormStyle) -> FilledPage:
    """The printed form alone."""
    grey = draw_form(layout, dpi, style)
    return FilledPage(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB).astype(np.uint8), dpi)


def fill_page(
    page: FilledPage, layout: Layout, cases: Sequence[InventedCase], manner: FillingHabits, rng: Rng
) -> FilledPage:
    """Write cases on an empty page.

    Args:
        page: from `empty_page`; its pixels are left alone.
        layout: of the page.
        cases: one for each record place of the sheet, from the first on; may be fewer.
        manner: who writes, and how.
        rng: all chance comes from here.

    """
    filling = _Filling(replace(page, pixels=page.pixels.copy()), layout, manner, rng)
    truth: list[dict[str, object]] = []
    above: Mapping[str, WrittenValue] = {}
    for position, case in enumerate(cases, 1):
        written = filling.record(case.fields, above, position)
        above = case.fields
        truth.append({"position": position, "fields": written})
    return replace(filling.page, truth=truth)


class _Filling:
    """One page while it is written."""

    def __init__(self, page: FilledPage, layout: Layout, manner: FillingHabits, rng: Rng) -> None:
        self.page, self.layout, self.manner, self.rng = page, layout, manner, rng
        self._shared: dict[str, dict[str, str]] = {}

    def record(
        self, writings: Mapping[str, WrittenValue], above: Mapping[str, WrittenValue], position: int
    ) -> dict[str, dict[str, str]]:
        dx, dy = self.layout.records.offsets[position - 1]
        truth = {}
        for layout_field in self.layout.fields:
            shared = layout_field.scope == "page"
            offset = (0.0, 0.0) if shared else (dx, dy)
            writing = writings.get(layout_field.code, BLANK)
            if layout_field.kind is FieldKind.TICK:
                truth[layout_field.code] = self._tick(layout_field, writing, offset)
                continue
            higher = above.get(layout_field.code)
            if self.manner.conventions is not None:
                writing = self.manner.conventions.applied(
                    layout_field, writing, writings, higher, self.rng
                )
            writing = self._abbreviated(layout_field, writing, higher)
            if shared and position > 1:  # written once: all records have what stands there
                truth[layout_field.code] = self._shared[layout_field.code]
                continue
            writing = self._write_field(layout_field, writing, offset)
            truth[layout_field.code] = _truth(
                _as_cell(layout_field, writing), self._script(layout_field, writing)
            )
            self._shared[layout_field.code] = truth[layout_field.code]
        for place in signing_places(self.layout, (dx, dy)):
            code = _SIGNERS.get(place.title, "nycHoTen")
            self._sign(place, writings.get(code, BLANK).as_written)
        return truth

    def _abbreviated(
        self, f: LayoutField, now: WrittenValue, above: WrittenValue | None
    ) -> WrittenValue:
        repeated = above is not None and now.value and now.value == above.value
        repeated = repeated and not now.special
        ditto_kinds = (FieldKind.ETHNIC_GROUP, FieldKind.NATIONALITY, FieldKind.POSITION)
        if self.manner.ditto and repeated and f.kind in ditto_kinds and self.rng.random() < 0.7:
            return WrittenValue(pick(self.rng, ['"', "nt", '"']), now.value, special="ditto")
        return now

    def _script(self, f: LayoutField, writing: WrittenValue) -> str:
        return self._hand(f).script if writing.as_written else "blank"

    def _hand(self, f: LayoutField) -> Hand:
        by_hand = f.code in {"so", "quyenSo", "trangSo", "nguoiThucHien", "ghiChu"}
        return self.manner.hand if self.manner.typed is None or by_hand else self.manner.typed

    def _tick(
        self, f: LayoutField, writing: WrittenValue, offset: tuple[float, float]
    ) -> dict[str, str]:
        for option in f.options:
            if writing.value and writing.value in (option.value, *option.value.split("/")):
                self._mark(option.box, offset)
                return _truth(WrittenValue("x", option.value), "handwritten")
        return _truth(BLANK, "blank")

    def _mark(self, box: BoxMm, offset: tuple[float, float]) -> None:
        scale = self.page.scale
        side = box[2] * scale
        ink = ink_marks.tick(self.manner.ticks, side, scale * 0.4, self.rng)
        x = (box[0] + offset[0]) * scale - (ink.shape[1] - side) / 2
        y = (box[1] + offset[1]) * scale - (ink.shape[0] - box[3] * scale) / 2
        self._lay(ink, x, y)

    def _write_field(
        self, f: LayoutField, writing: WrittenValue, offset: tuple[float, float]
    ) -> WrittenValue:
        """Write into the field's blanks; what comes back is what now stands on the paper."""
        if not writing.as_written:
            return writing
        blanks = blanks_of(self.layout, f, offset)
        hand = self._hand(f)
        texts = _split(f, writing, blanks)
        if texts is not None:
            for blank, text in zip(blanks, texts, strict=False):
                self._fit([blank], text, hand)
            joined = f.join.join(t for t in texts if t)
            return replace(writing, as_written=joined)
        slips = hand.script == "handwritten" and not writing.special and len(writing.as_written) > 3
        if slips and self.rng.random() < self.manner.correction:
            return self._corrected(blanks, writing, hand)
        if writing.shorter and not self._has_room(blanks, writing.as_written, hand):
            writing = replace(writing, as_written=writing.shorter)
        self._fit(blanks, writing.as_written, hand)
        return writing

    def _has_room(self, blanks: Sequence[Blank], text: str, hand: Hand) -> bool:
        """Whether the text fits without being pressed together much."""
        return self._wrap(blanks, text, hand, _COMFORTABLE) is not None

    def _corrected(
        self, blanks: Sequence[Blank], writing: WrittenValue, hand: Hand
    ) -> WrittenValue:
        """A false start struck out with the text after it, or a wrong text with the right above."""
        right = writing.as_written
        first = blanks[0]
        start = right[: max(len(right) // 3, 2)].rstrip()
        line = self._line(hand, start, first, 1.0)
        if line is None or line.advance > first.width * self.page.scale * 0.6:
            self._fit(blanks, right, hand)
            return writing
        self._place(line, first.x + 1, first.baseline, first)
        x_height = self.manner.x_height * self.page.scale
        stroke = ink_marks.strike(line.advance, x_height, self.rng)
        top = first.baseline * self.page.scale - 1.25 * x_height
        self._lay(stroke, (first.x + 1) * self.page.scale - 3, top)
        if len(blanks) == 1 and self.rng.random() < 0.4:
            higher = replace(first, baseline=first.baseline - 1.7 * self.manner.x_height)
            self._fit([replace(higher, height=first.height * 0.75)], right, hand)
        else:
            taken = line.advance / self.page.scale + 3.0
            rest = replace(first, x=first.x + taken, width=first.width - taken)
            self._fit([rest, *blanks[1:]], right, hand)
        return replace(writing, special="struck_out")

    def _fit(self, blanks: Sequence[Blank], text: str, hand: Hand) -> None:
        """Write over the blanks in order, smaller and tighter until it fits."""
        if not text:
            return
        size = 1.0
        while True:
            wrapped = self._wrap(blanks, text, hand, size)
            if wrapped is not None or size <= _SMALLEST:
                break
            size *= 0.9
        lines = wrapped if wrapped is not None else self._forced(blanks, text, hand, size)
        for blank, line in lines:
            room = blank.width - line.advance / self.page.scale
            indent = float(self.rng.uniform(0.3, min(max(room, 0.4), 3.0)))
            if room > 12 and len(lines) == 1 and self.rng.random() < 0.3:
                indent = float(self.rng.uniform(0.3, 0.6)) * room
            self._place(line, blank.x + indent, blank.baseline, blank)

    def _wrap(
        self, blanks: Sequence[Blank], text: str, hand: Hand, size: float
    ) -> list[tuple[Blank, WrittenLine]] | None:
        words = text.split(" ")
        out: list[tuple[Blank, WrittenLine]] = []
        for blank in blanks:
            if not words:
                break
            best, used = None, 0
            for count in range(len(words), 0, -1):
                line = self._line(hand, " ".join(words[:count]), blank, size)
                if line is None:
                    raise ValueError(f"{hand.name} cannot write {text!r}")
                if line.advance <= (blank.width - 0.5) * self.page.scale:
                    best, used = line, count
                    break
                if count > 3 and line.advance > 1.6 * blank.width * self.page.scale:
                    continue
            if best is None and blank is blanks[-1]:
                return None
            if best is not None:
                out.append((blank, best))
                words = words[used:]
        return None if words else out

    def _forced(
        self, blanks: Sequence[Blank], text: str, hand: Hand, size: float
    ) -> list[tuple[Blank, WrittenLine]]:
        """Whatever happens: words shared out over the lines, each pressed into its own."""
        words = text.split(" ")
        total = sum(b.width for b in blanks)
        out = []
        start = 0
        for k, blank in enumerate(blanks):
            share = (
                len(words)
                if k == len(blanks) - 1
                else start + round(len(words) * blank.width / total)
            )
            line = self._line(hand, " ".join(words[start:share]), blank, size)
            start = share
            if line is None or line.advance <= 0:
                continue
            squeeze = min((blank.width + 3) * self.page.scale / line.advance, 1.0)
            out.append((blank, _squeezed(line, squeeze)))
        return out

    def _line(self, hand: Hand, text: str, blank: Blank, size: float) -> WrittenLine | None:
        height = min(self.manner.x_height * size, blank.height * 0.42)
        if hand.script == "typed":
            height = min(1.75 * size, blank.height * 0.42)
        return hand.write(text, height * self.page.scale, self.rng)

    def _place(self, line: WrittenLine, x: float, baseline: float, blank: Blank) -> None:
        """Put a line's ink on the page, x and baseline in mm."""
        typed = line.script == "typed"
        drift = float(self.rng.normal(-0.25, 0 if typed else self.manner.unsteady))
        slope = 0.0 if typed else self.manner.slope + float(self.rng.normal(0, 0.006))
        scale = self.page.scale
        y = (baseline + float(np.clip(drift, -1.3, 0.7))) * scale - line.baseline
        self._lay(ink_marks.sloped(line.ink, slope), x * scale - line.left, y, typed)

    def _sign(self, place: SigningPlace, name: str) -> None:
        """Sign, and write the name under it where the form has no field for it."""
        x, y, width, height = place.box
        wide, high = min(width * 0.8, float(self.rng.uniform(25, 42))), min(height, 13.0)
        scale = self.page.scale
        ink = ink_marks.signature(wide * scale, high * scale, 0.32 * scale, self.rng)
        left = x + float(self.rng.uniform(0.1, 0.9)) * (width - wide)
        self._lay(ink, left * scale, (y + float(self.rng.uniform(0, height - high))) * scale)
        if not place.is_field and name:
            self._fit([place.name], name, self.manner.hand)

    def _lay(self, ink: Ink, x: float, y: float, typed: bool = False) -> None:
        colour, darkness = ((30, 30, 34), 0.9) if typed else (self.manner.ink, self.manner.darkness)
        lay(self.page.pixels, ink, round(x), round(y), colour, darkness)


def lay(page: Rgb, ink: Ink, x: int, y: int, colour: Colour, darkness: float) -> None:
    """Darken the page under ink, as transparent colour does, in place; outside is lost."""
    top, left = max(y, 0), max(x, 0)
    bottom, right = min(y + ink.shape[0], page.shape[0]), min(x + ink.shape[1], page.shape[1])
    if bottom <= top or right <= left:
        return
    part = ink[top - y : bottom - y, left - x : right - x, None] * np.float32(darkness)
    kept = 1 - part * (1 - np.array(colour, np.float32) / 255)
    window = page[top:bottom, left:right]
    window[:] = (window * kept).astype(np.uint8)


def _split(
    f: LayoutField, writing: WrittenValue, blanks: Sequence[Blank]
) -> tuple[str, ...] | None:
    """The texts of separate blanks, or None when the text runs over the lines."""
    if len(blanks) < 2 or not writing.parts:
        return None
    beside = abs(blanks[0].baseline - blanks[1].baseline) < 1.0
    return writing.parts if beside and len(writing.parts) == len(blanks) else None


def _as_cell(f: LayoutField, writing: WrittenValue) -> WrittenValue:
    """Words become the cell that their kind makes of them; facts keep the value they stand for."""
    if f.kind not in WORD_KINDS or writing.special == "ditto" or not writing.as_written:
        return writing
    return replace(writing, value=normalise_value(f.kind, writing.as_written) or writing.value)


def _squeezed(line: WrittenLine, factor: float) -> WrittenLine:
    if factor >= 1:
        return line
    width = max(int(line.ink.shape[1] * factor), 1)
    ink = cv2.resize(line.ink, (width, line.ink.shape[0]), interpolation=cv2.INTER_AREA)
    return replace(
        line, ink=ink.astype(np.float32), left=line.left * factor, advance=line.advance * factor
    )


def _truth(writing: WrittenValue, script: str) -> dict[str, str]:
    entry = {"as_written": writing.as_written, "value": writing.value, "script": script}
    if writing.special:
        entry["special"] = writing.special
    return entry
