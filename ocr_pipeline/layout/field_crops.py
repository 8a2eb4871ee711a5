"""Cuts a registered page into lines and tick boxes of its fields, straight, without print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Gray
from ocr_pipeline.layout.flat_scan import FlatScan
from ocr_pipeline.layout.loading import LoadedLayout, record_box
from ocr_pipeline.layout.pose import turned
from ocr_pipeline.layout.print_removal import PrintEraser
from ocr_pipeline.layout.registration import Registration
from ocr_pipeline.layout.schema import BoxMm, LayoutField
from ocr_pipeline.registers.fields import Box, FieldKind

DPI = 200
SCALE = DPI / 25.4  # pixels per mm of the crops

_ABOVE_SHARE = 0.35  # of a line's height: ascenders and stacked tone marks
_BELOW = 0.35  # descenders
_BESIDE_MM = 2.0  # writing starts before its blank and runs over its end
TICK_MARGIN_MM = 2.6
"""Around a tick box: print lies up to 2 mm beside the form, and the outline must be seen whole."""
_INK = 45
_ROWS_AT_ONCE = 128  # of a rectified page: their maps stay in the cache
_DOT_MM = 1.1  # a dot below a letter is smaller
_TONE_MM = 3.0  # a tone mark is smaller
_MARK_REACH_MM = 4.5  # a mark lies this near to its letter
_ALONE_MM = (
    3.0  # a mark with other ink of its line nearer than this, left or right, is of this line
)
_SPECK_SHARE = (
    0.6  # of a mark's size: what is smaller beside it is neither letter nor second stroke
)
_DOTS_SHARE = 0.25  # of a line's height: dots of the line above lie at most as far below its top
_TONES_SHARE = 0.9  # of a line's height: tone marks of the line below lie lower, under the leader


@dataclass(frozen=True, slots=True)
class FieldCrop:
    """One field, ready to be read.

    Attributes:
        code: code in the layout.
        kind: what it holds.
        field: its entry in the layout.
        lines: one picture a line, (H, W) uint8 grey at 200 dpi, ink dark on white; printed words,
            leaders and rules are gone, and so is the writing of the lines above and below.
        ticks: one picture a tick box, its outline and `TICK_MARGIN_MM` around it included.
        box: where the field stands on the upright page, in pixels.
        corners: where the upper left corner of each picture of `lines` lies on the form, in mm.

    """

    code: str
    kind: FieldKind
    field: LayoutField
    lines: list[Gray]
    ticks: list[Gray]
    box: Box
    corners: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class RecordCrops:
    """The fields of one record; fields of the whole sheet are with every record.

    Attributes:
        position: 1-based place on the sheet.
        fields: by code.

    """

    position: int
    fields: Mapping[str, FieldCrop]


def cut(flat: FlatScan, loaded: LoadedLayout, registration: Registration) -> list[RecordCrops]:
    """Cut every field of every record out of the page.

    Args:
        flat: the page that was registered.
        loaded: its layout.
        registration: an accepted registration.

    Raises:
        ValueError: the registration was refused; such a page is for a person to look at.

    """
    if not registration.accepted:
        raise ValueError("a refused page must not be cut")
    page = _Sheet(turned(flat.gray, registration.turn), loaded, registration)
    records = []
    for position, offset in enumerate(loaded.layout.records.offsets, start=1):
        fields = {
            field.code: page.field(field, offset if field.scope == "record" else (0.0, 0.0))
            for field in loaded.layout.fields
        }
        records.append(RecordCrops(position, fields))
    return records


def page_boxes(
    boxes: Sequence[BoxMm], registration: Registration, size: tuple[int, int] | None = None
) -> Box:
    """Smallest box in pixels of the upright page around all `boxes` (mm); within `size` (w, h)."""
    corners = [
        (x + a * width, y + b * height)
        for x, y, width, height in boxes
        for a in (0, 0.5, 1)
        for b in (0, 1)
    ]
    pixels = registration.to_page(np.array(corners))
    x1, y1 = np.floor(pixels.min(axis=0)).astype(int)
    x2, y2 = np.ceil(pixels.max(axis=0)).astype(int)
    if size is not None:
        x1, x2 = (int(np.clip(v, 0, size[0])) for v in (x1, x2))
        y1, y2 = (int(np.clip(v, 0, size[1])) for v in (y1, y2))
    return Box(int(x1), int(y1), int(x2 - x1), int(y2 - y1))


@lru_cache(maxsize=64)
def _print_of(loaded: LoadedLayout) -> PrintEraser:
    return PrintEraser(loaded, SCALE)


class _Sheet:
    """A page rectified at 200 dpi, with its print taken off and its pieces of ink told apart."""

    def __init__(self, upright: Gray, loaded: LoadedLayout, registration: Registration) -> None:
        self.registration = registration
        self.size = (upright.shape[1], upright.shape[0])
        self.print = _print_of(loaded)
        self.raw = _rectified(upright, registration, self.print)
        self.clean = self.raw.copy()
        self.print.erase(self.clean, registration.evidence.measured)
        self.bands = _bands(loaded)
        ink = (self.clean < 255 - _INK).astype(np.uint8)
        # Grana's algorithm gives the same labels as the usual one in two thirds of the time.
        _, self.labels, stats, centres = cv2.connectedComponentsWithStatsWithAlgorithm(
            ink, 8, cv2.CV_32S, cv2.CCL_GRANA
        )
        self.stats, self.centres = stats, centres

    def field(self, field: LayoutField, offset: tuple[float, float]) -> FieldCrop:
        lines = [record_box(box, offset) for box in field.lines]
        ticks = [record_box(option.box, offset) for option in field.options]
        return FieldCrop(
            field.code,
            field.kind,
            field,
            [self._line(box) for box in lines],
            [self._tick(box) for box in ticks],
            page_boxes(lines or ticks, self.registration, self.size),
            tuple(self._corner(box) for box in lines),
        )

    def _corner(self, box: BoxMm) -> tuple[float, float]:
        x1, _, y1, _ = self._around(box)
        return x1 / SCALE - self.print.half_pixel, y1 / SCALE - self.print.half_pixel

    def _around(self, box: BoxMm) -> tuple[int, int, int, int]:
        """Columns and rows of the picture of a line."""
        x, y, width, height = box
        return (
            *self._columns(x - _BESIDE_MM, x + width + _BESIDE_MM),
            *self._rows(y - _ABOVE_SHARE * height, y + (1 + _BELOW) * height),
        )

    def _line(self, box: BoxMm) -> Gray:
        x1, x2, y1, y2 = self._around(box)
        crop = self.clean[y1:y2, x1:x2].copy()
        strange = self._strangers(box, x1, y1, x2, y2)
        if strange.any():
            white = np.zeros(len(self.stats), np.uint8)
            white[strange] = 255
            grown = cv2.dilate(white[self.labels[y1:y2, x1:x2]], np.ones((3, 3), np.uint8))
            crop |= np.asarray(grown, np.uint8)
        return crop

    def _strangers(self, box: BoxMm, x1: int, y1: int, x2: int, y2: int) -> npt.NDArray[np.intp]:
        """Pieces of ink in the crop that belong to a line above or below, or beside."""
        left, top = self.stats[:, cv2.CC_STAT_LEFT], self.stats[:, cv2.CC_STAT_TOP]
        right = left + self.stats[:, cv2.CC_STAT_WIDTH]
        bottom = top + self.stats[:, cv2.CC_STAT_HEIGHT]
        reach = round(_MARK_REACH_MM * SCALE)  # letters whose marks alone lie in the crop
        inside = (left < x2) & (right > x1) & (top < y2 + reach) & (bottom > y1 - reach)
        inside[0] = False
        pieces = np.flatnonzero(inside)
        middle_x, middle_y = self.centres[pieces, 0], self.centres[pieces, 1]
        own = _distance(box, middle_x, middle_y)
        near = self.bands[
            (np.abs(self.bands[:, 1] - box[1]) < 3 * box[3])
            & (self.bands[:, 0] < box[0] + box[2] + 10)
            & (self.bands[:, 0] + self.bands[:, 2] > box[0] - 10)
        ]
        others = [
            _distance(tuple(band), middle_x, middle_y)
            for band in near.tolist()
            if band != list(box)
        ]
        if not others:
            return np.zeros(0, np.intp)
        best = np.min(others, axis=0)
        core_top, core_bottom = self._rows(box[1] + 0.15 * box[3], box[1] + box[3])
        shared = np.minimum(bottom[pieces], core_bottom) - np.maximum(top[pieces], core_top)
        crossing = shared > 0.5 * (core_bottom - core_top)
        foreign = (best < own) & ~crossing
        sides = np.stack([left, top, right, bottom], axis=1)[pieces]
        foreign |= _lone_marks(sides, foreign, self._rows(box[1], box[1] + box[3]))
        result: npt.NDArray[np.intp] = pieces[foreign]
        return result

    def _tick(self, box: BoxMm) -> Gray:
        x, y, width, height = box
        x1, x2 = self._columns(x - TICK_MARGIN_MM, x + width + TICK_MARGIN_MM)
        y1, y2 = self._rows(y - TICK_MARGIN_MM, y + height + TICK_MARGIN_MM)
        return self.raw[y1:y2, x1:x2].copy()

    def _columns(self, left: float, right: float) -> tuple[int, int]:
        width = self.clean.shape[1]
        return (
            int(np.clip(self.print.pixel(left), 0, width - 1)),
            int(np.clip(self.print.pixel(right), 1, width)),
        )

    def _rows(self, top: float, bottom: float) -> tuple[int, int]:
        height = self.clean.shape[0]
        return (
            int(np.clip(self.print.pixel(top), 0, height - 1)),
            int(np.clip(self.print.pixel(bottom), 1, height)),
        )


def _distance(
    box: tuple[float, ...], x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Distance in mm of points (pixels of the sheet) from a line's box; 0 inside."""
    left, top, width, height = box
    mx, my = x / SCALE, y / SCALE
    dx = np.maximum(np.maximum(left - mx, mx - left - width), 0)
    dy = np.maximum(np.maximum(top - my, my - top - height), 0)
    distance: npt.NDArray[np.float64] = np.hypot(dx, dy)
    return distance


def _lone_marks(
    sides: npt.NDArray[np.int32], foreign: npt.NDArray[np.bool_], rows: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    """Marks of letters of other lines that lie in this line: dots below, tone marks above.

    Such a mark stands alone in this line, right under or over a letter of the other. A ditto mark
    is of two strokes, or wider than high, and stands above its own leader.

    Args:
        sides: (n, 4) left, top, right, bottom of pieces of ink, pixels.
        foreign: those known to belong to other lines.
        rows: first and last row of this line.

    """
    left, top, right, bottom = sides.T
    wide, tall = right - left, bottom - top
    middle = (top + bottom) / 2
    largest = np.maximum(wide, tall)
    dot = (largest <= _DOT_MM * SCALE) & (largest <= 1.5 * np.minimum(wide, tall) + 1)
    dot &= middle < rows[0] + _DOTS_SHARE * (rows[1] - rows[0])
    tone = (largest <= _TONE_MM * SCALE) & (middle > rows[0] + _TONES_SHARE * (rows[1] - rows[0]))
    found = np.zeros(len(sides), bool)
    beside, above = round(_ALONE_MM * SCALE), round(_MARK_REACH_MM * SCALE)
    for one in np.flatnonzero((dot | tone) & ~foreign):
        apart = (left >= right[one] + beside) | (right <= left[one] - beside)
        small = largest < _SPECK_SHARE * largest[one]
        if not (apart | foreign | small)[np.arange(len(sides)) != one].all():
            continue
        letters = foreign & (left <= right[one] + 4) & (right >= left[one] - 4) & (tall > tall[one])
        if dot[one]:
            letters &= (bottom <= bottom[one]) & (top[one] - bottom < above)
        else:
            letters &= (top >= top[one]) & (top - bottom[one] < above)
        found[one] = letters.any()
    return found


def _bands(loaded: LoadedLayout) -> npt.NDArray[np.float64]:
    rows = []
    for field in loaded.layout.fields:
        offsets = loaded.layout.records.offsets if field.scope == "record" else ((0.0, 0.0),)
        rows += [record_box(box, offset) for box in field.lines for offset in offsets]
    return np.array(rows, float).reshape(-1, 4)


def _rectified(upright: Gray, registration: Registration, form: PrintEraser) -> Gray:
    height, width = form.shape
    xs = (np.arange(width, dtype=np.float64) + 0.5) / SCALE - form.half_pixel
    ys = (np.arange(height, dtype=np.float64) + 0.5) / SCALE - form.half_pixel
    out = np.empty((height, width), np.uint8)
    for first in range(0, height, _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        map_x, map_y = registration.mesh.grid(xs, ys[rows])
        cv2.remap(
            upright,
            map_x,
            map_y,
            cv2.INTER_LINEAR,
            out[rows],
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=255,
        )
    return out
