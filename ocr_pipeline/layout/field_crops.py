"""Cuts a registered page into lines and tick boxes of its fields, straight, without print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Gray, Mask
from ocr_pipeline.layout.cell_lines import cell_lines
from ocr_pipeline.layout.flat_scan import FlatScan
from ocr_pipeline.layout.free_cells import FreeCell, free_cells, slots_of_lines, whole_cells
from ocr_pipeline.layout.ink_pieces import InkPieces
from ocr_pipeline.layout.loading import LoadedLayout, kept_with_layout, record_box
from ocr_pipeline.layout.pose import turned
from ocr_pipeline.layout.print_removal import PrintEraser
from ocr_pipeline.layout.registration import Registration
from ocr_pipeline.layout.schema import BoxMm, LayoutField
from ocr_pipeline.layout.table_entries import RowEntries, row_entries
from ocr_pipeline.registers.fields import Box, FieldKind

DPI = 200
SCALE = DPI / 25.4  # pixels per mm of the crops

_ABOVE_SHARE = 0.35  # of a line's height: ascenders and stacked tone marks
_BELOW = 0.35  # descenders
_BESIDE_MM = 2.0  # writing starts before its blank and runs over its end
TICK_MARGIN_MM = 2.6
"""Around a tick box: print lies up to 2 mm beside the form, and the outline must be seen whole."""
_CELL_MM = 0.6  # writing may stand on the edge of its cell
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


_Line = tuple[Gray, tuple[float, float]]  # picture of a line, and its corner on the form in mm


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
        over_rows: its writing does not keep to its row of the table.
        as_above: a brace holds it for several rows; the value is that of the row above.

    """

    code: str
    kind: FieldKind
    field: LayoutField
    lines: list[Gray]
    ticks: list[Gray]
    box: Box
    corners: tuple[tuple[float, float], ...] = ()
    over_rows: bool = False
    as_above: bool = False


@dataclass(frozen=True, slots=True)
class RecordCrops:
    """The fields of one record; fields of the whole sheet are with every record.

    Attributes:
        position: 1-based place on the sheet.
        fields: by code.
        part_of: position of the record above that it goes on with; 0: a record of its own.

    """

    position: int
    fields: Mapping[str, FieldCrop]
    part_of: int = 0


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
    offsets = loaded.layout.records.offsets
    entries = page.take_entries() if len(offsets) > 1 else RowEntries()
    records = []
    for position, offset in enumerate(offsets, start=1):
        fields = {
            field.code: page.field(field, (0.0, 0.0))
            if field.scope == "page"
            else page.entry(field, position, offset, entries)
            for field in loaded.layout.fields
        }
        records.append(RecordCrops(position, fields, entries.part_of.get(position, 0)))
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


@kept_with_layout
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
        self.cells = {code: one for one in free_cells(loaded) for code in one.codes}
        self._slots: dict[tuple[FreeCell, tuple[float, float]], dict[str, list[_Line]]] = {}
        self.layout = loaded.layout

    def take_entries(self) -> RowEntries:
        """Entries that do not keep to their row; the braces are taken off the sheet."""
        entries = row_entries(self.layout, self.pieces, self.writing)
        self.writing[list(entries.strokes)] = False
        for stroke in entries.strokes:
            x, y, width, height, _ = self.stats[stroke].tolist()
            around = np.s_[max(y - 1, 0) : y + height + 1, max(x - 1, 0) : x + width + 1]
            ink = (self.labels[around] == stroke).view(np.uint8) * 255
            self.clean[around] |= np.asarray(cv2.dilate(ink, np.ones((3, 3), np.uint8)), np.uint8)
        return entries

    @cached_property
    def pieces(self) -> InkPieces:
        """The pieces of ink in mm; only tables and cells without printed lines ask for them."""
        stats, off = np.asarray(self.stats, np.float64), self.print.half_pixel
        centres = (np.asarray(self.centres, np.float64) + 0.5) / SCALE - off
        corner = stats[:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP]]
        size = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
        (left, top), (right, bottom) = (corner / SCALE - off).T, ((corner + size) / SCALE - off).T
        area = stats[:, cv2.CC_STAT_AREA] / SCALE**2
        area[0] = 0  # the paper
        return InkPieces(left, top, right, bottom, centres[:, 0], centres[:, 1], area)

    @cached_property
    def writing(self) -> Mask:
        """Which pieces of ink may be writing; braces are taken out by `take_entries`."""
        return self.pieces.may_be_writing(self.layout)

    def entry(
        self, field: LayoutField, position: int, offset: tuple[float, float], entries: RowEntries
    ) -> FieldCrop:
        """A field of one row of a table, wherever it is written."""
        crop = self.field(field, offset)
        if (position, field.code) in entries.repeated:
            return replace(crop, lines=[], corners=(), as_above=True)
        lines = entries.lines.get((position, field.code))
        if lines is None:
            return crop
        own = [record_box(box, offset) for box in field.lines]
        if lines[: len(own)] == tuple(own):  # written here, and further below
            found = [*zip(crop.lines, crop.corners, strict=True), *self._cells(lines[len(own) :])]
        else:
            found = self._cells(lines)
        return replace(
            crop,
            lines=[picture for picture, _ in found],
            corners=tuple(corner for _, corner in found),
            box=page_boxes(lines, self.registration, self.size),
            over_rows=True,
        )

    def field(self, field: LayoutField, offset: tuple[float, float]) -> FieldCrop:
        lines = [record_box(box, offset) for box in field.lines]
        ticks = [record_box(option.box, offset) for option in field.options]
        cell = self.cells.get(field.code)
        if cell is None:
            found = [(self._line(box), self._corner(box)) for box in lines]
        else:
            found = self._slots_of(cell, offset)[field.code]
        return FieldCrop(
            field.code,
            field.kind,
            field,
            [picture for picture, _ in found],
            [self._tick(box) for box in ticks],
            page_boxes(lines or ticks, self.registration, self.size),
            tuple(corner for _, corner in found),
        )

    def _slots_of(self, cell: FreeCell, offset: tuple[float, float]) -> dict[str, list[_Line]]:
        """The lines of writing in a cell of one record, by the field that each belongs to."""
        key = (cell, offset)
        if key not in self._slots:
            slots = [(code, record_box(box, offset)) for code, box in cell.slots]
            lines = self._pieces_of_lines(record_box(cell.box, offset))
            found: dict[str, list[_Line]] = {code: [] for code in cell.codes}
            if not lines:  # what is too pale to be a piece of ink stays to be seen
                for code, box in slots:
                    found[code].append((self._line(box), self._corner(box)))
            else:
                heights = [float(np.average(self.pieces.y[one])) for one in lines]
                middles = [(code, box[1] + box[3] / 2) for code, box in slots]
                for one, slot in zip(lines, slots_of_lines(heights, middles), strict=True):
                    found[slots[slot][0]].append(self._line_of(one))
            for code, box in slots:
                if not found[code]:
                    found[code].append((np.full_like(self._line(box), 255), self._corner(box)))
            self._slots[key] = found
        return self._slots[key]

    def _cells(self, boxes: Sequence[BoxMm]) -> list[_Line]:
        """The lines of writing in boxes of other rows, from top to bottom."""
        found: list[_Line] = []
        for cell in whole_cells(boxes):
            found += [self._line_of(one) for one in self._pieces_of_lines(cell)]
        return found

    def _pieces_of_lines(self, cell: BoxMm) -> list[npt.NDArray[np.intp]]:
        x, y, width, height = cell
        around = (x - _CELL_MM, y - _CELL_MM, width + 2 * _CELL_MM, height + 2 * _CELL_MM)
        inside = self.pieces.inside(around)
        return cell_lines(self.pieces, inside, self.writing)

    def _line_of(self, pieces: npt.NDArray[np.intp]) -> _Line:
        """The picture of some pieces of ink with paper around them, all else taken out."""
        ink, margin = self.pieces, _BESIDE_MM
        x1, x2 = self._columns(ink.left[pieces].min() - margin, ink.right[pieces].max() + margin)
        y1, y2 = self._rows(ink.top[pieces].min() - margin, ink.bottom[pieces].max() + margin)
        own = np.zeros(len(self.stats), bool)
        own[0] = own[pieces] = True
        strange = ~own[self.labels[y1:y2, x1:x2]]
        grown = cv2.dilate(strange.view(np.uint8) * 255, np.ones((3, 3), np.uint8))
        crop = self.clean[y1:y2, x1:x2] | np.asarray(grown, np.uint8)
        return crop, self._at(x1, y1)

    def _corner(self, box: BoxMm) -> tuple[float, float]:
        x1, _, y1, _ = self._around(box)
        return self._at(x1, y1)

    def _at(self, x: int, y: int) -> tuple[float, float]:
        """A pixel of the sheet on the form, mm."""
        return x / SCALE - self.print.half_pixel, y / SCALE - self.print.half_pixel

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
        offsets = loaded.layout.offsets_of(field.scope)
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
