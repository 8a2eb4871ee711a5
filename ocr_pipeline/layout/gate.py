"""The gate of registration: is the print where the layout says, and nothing out of shape?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats
from ocr_pipeline.errors import Text
from ocr_pipeline.layout.anchors import AnchorMeasurement, Anchors, anchors_of
from ocr_pipeline.layout.free_cells import free_cells
from ocr_pipeline.layout.loading import LoadedLayout, record_box
from ocr_pipeline.layout.mesh import Mesh
from ocr_pipeline.layout.schema import BoxMm, Layout
from ocr_pipeline.written_numbers import number

MAX_RESIDUAL_MM = 0.9
MIN_WORD_SHARE = 0.55  # pages that fit 0.87, other houses' 0.70; deaths taken for marriages 0.50
MIN_COVERAGE_SHARE = 0.85
MIN_INSIDE_SHARE = 0.98
_LEAST_IN_RECORD = 6  # pieces of lines that say something; a low row has 3 of taught pages' own
MAX_STRANGE_SHARE = 0.045
MIN_RECORD_SHARE = 0.45
_NEAR_MM = 1.3  # a line further off its place than this is not found
_NEAR_WORD_MM = 1.8  # words are printed less exactly
_CHANCE = 0.25  # correlation of other words
_BESIDE_MM = 45.0  # print further along the line than this says little about a field
_ABOVE_MM = 13.0
_LINE_HALF_MM = 6.0  # half the height of a line's box; a cell without lines is higher
_AROUND_MM = 25.0
_LEAST_AROUND = 0.3
_SEVERAL = 4
_NEARLY_ALL = 0.9  # of the words around a box; where a corner slips most of them are missing
MAX_ADRIFT_SHARE = 0.15  # of drawn pages 0 on all 47 that fitted, 0.54 on one 10 mm off sideways
_SIDEWAYS_MM = 30.0
_LEAST_SIDEWAYS = 3  # words and upright lines around a field that say something about it
_HELD = 2  # of them found hold it
# at most 0.06 on 80 pages that fitted, 0.11 where another house printed it; 0.18 and 0.21 on two
# pages 15–19 mm off
MAX_LOOSE_SHARE = 0.12
# at most 0.008 on 53 pages of tables that fitted, photographs too; 0.057 where a corner slipped
MAX_SLIPPED_SHARE = 0.05
# 0 on 39 tables that fitted, photographs too; 0.6 and more under other heads
MAX_HEADLESS_SHARE = 0.25
MAX_ASTRAY_SHARE = 0.06
_SIDE_MM = 3.0  # between a box and the rule beside it
_SIDE_ABOVE_MM = 10.0  # pieces of rules lie every 16 mm
_LEAST_BESIDE = 2
_HEAD_MM = 24.0  # above the first record: higher up stands the title
# mean correlation of the words over a column: 0.99 of its own, 0.25–0.5 of others
_LEAST_HEAD = 0.42
_ROUND_MM = 25.0
_LEAST_ROUND = 8  # pieces of lines around a box that say something about it
_LEAST_ROUND_FOUND = 0.45
_OWN_MM = (2.0, 1.5)  # beside and below a box, where pieces of its own lines may lie
_LEAST_PIECES = 3  # of a box's lines that say something about it
_LEAST_FOUND = 0.2  # share of them; writing hides some, on pages that fit at least 0.34 of most


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found where.

    Attributes:
        measured: the anchors on the finally rectified page.
        found: (N,) whether an anchor lies where it should, near enough.
        words: share of captions found.
        coverage: share of field lines with found print near them.
        residual_mm: root mean square of what is left, over the anchors found.
        strange: share of field lines with several captions around of which hardly one was found.
        record: share of rules and leaders found in the record of the sheet with the fewest found.
        adrift: share of field lines that hardly any of the words and upright lines around them
            holds sideways.
        loose: share of field lines on whose own printed lines hardly a piece was found.
        slipped: of a sheet with several records, share of field lines around which few pieces of
            lines were found.
        astray: of a sheet with several records, share of field lines between upright rules of which
            none was found.
        headless: of a sheet with several records, share of the first record's lines in columns
            whose head has other words.

    """

    measured: AnchorMeasurement
    found: npt.NDArray[np.bool_]
    words: float
    coverage: float
    residual_mm: float
    strange: float
    record: float = 1.0
    adrift: float = 0.0
    loose: float = 0.0
    slipped: float = 0.0
    headless: float = 0.0
    astray: float = 0.0


def weigh(loaded: LoadedLayout, measured: AnchorMeasurement) -> Evidence:
    """Sum up the last measurement of a page."""
    off = np.abs(measured.shifts).max(axis=1)
    near = off < np.where(measured.word, _NEAR_WORD_MM, _NEAR_MM)
    found = (measured.weights.max(axis=1) > 0) & near
    words = float(found[measured.word].mean()) if measured.word.any() else 1.0
    kept = measured.shifts[found][measured.weights[found] > 0]
    residual = float(np.sqrt(np.mean(kept**2))) if kept.size else 99.0
    boxes = line_boxes(loaded.layout)
    coverage = _coverage(line_boxes(loaded.layout, _cells(loaded)), measured, found)
    strange = _strange(boxes, measured, found)
    record = _poorest_record(loaded.layout, measured, found)
    adrift = _adrift(boxes, anchors_of(loaded), measured, found)
    loose = _loose(boxes, measured, found)
    several = len(loaded.layout.records.offsets) > 1
    slipped = _slipped(boxes, measured, found) if several else 0.0
    headless = _headless(loaded.layout, measured, found) if several else 0.0
    astray = _astray(boxes, anchors_of(loaded), measured, found) if several else 0.0
    return Evidence(
        measured, found, words, coverage, residual,
        strange, record, adrift, loose, slipped, headless, astray,
    )  # fmt: skip


def judge(evidence: Evidence, mesh: Mesh, layout: Layout, size: tuple[int, int]) -> Text | None:
    """Why the page must not be cut, or None; `size` is the page's width and height in pixels."""
    return _unlike(evidence) or _out_of_place(evidence) or _out_of_shape(layout, mesh, size)


def _unlike(evidence: Evidence) -> Text | None:
    """Why the print is not that of the layout."""
    if evidence.words < MIN_WORD_SHARE:
        return Text(
            f"chỉ nhận ra {evidence.words:.0%} chữ in sẵn của biểu mẫu",
            f"only {evidence.words:.0%} of the printed words were found",
        )
    if evidence.coverage < MIN_COVERAGE_SHARE:
        return Text(
            f"chỉ {evidence.coverage:.0%} số ô có chữ in hoặc đường kẻ khớp ở gần",
            f"only {evidence.coverage:.0%} of the fields have matching print near them",
        )
    if evidence.strange > MAX_STRANGE_SHARE:
        return Text(
            f"quanh {evidence.strange:.0%} số ô, chữ in sẵn không khớp biểu mẫu",
            f"around {evidence.strange:.0%} of the fields the printed words do not fit",
        )
    if evidence.headless > MAX_HEADLESS_SHARE:
        return Text(
            f"chữ ở đầu cột của {evidence.headless:.0%} số ô không khớp biểu mẫu",
            f"the heads of the columns of {evidence.headless:.0%} of the fields do not fit",
        )
    return None


def _out_of_place(evidence: Evidence) -> Text | None:
    """Why the print is not where the layout has it, over the whole page or in a part of it."""
    if evidence.adrift > MAX_ADRIFT_SHARE:
        return Text(
            f"không gì giữ {evidence.adrift:.0%} số ô theo chiều ngang",
            f"nothing holds {evidence.adrift:.0%} of the fields sideways",
        )
    if evidence.record < MIN_RECORD_SHARE:
        return Text(
            f"ở một dòng đăng ký của tờ, chỉ {evidence.record:.0%} đường kẻ khớp biểu mẫu",
            f"in one record of the sheet only {evidence.record:.0%} of the lines fit the layout",
        )
    if evidence.loose > MAX_LOOSE_SHARE:
        return Text(
            f"không thấy đường kẻ của {evidence.loose:.0%} số ô",
            f"the printed lines of {evidence.loose:.0%} of the fields were not found",
        )
    if evidence.slipped > MAX_SLIPPED_SHARE:
        return Text(
            f"quanh {evidence.slipped:.0%} số ô, đường kẻ không khớp biểu mẫu",
            f"around {evidence.slipped:.0%} of the fields the lines do not fit",
        )
    if evidence.astray > MAX_ASTRAY_SHARE:
        return Text(
            f"không thấy đường kẻ dọc bên cạnh {evidence.astray:.0%} số ô",
            f"the upright rules beside {evidence.astray:.0%} of the fields were not found",
        )
    if evidence.residual_mm > MAX_RESIDUAL_MM:
        return Text(
            f"trang lệch so với biểu mẫu {number(evidence.residual_mm, 1)} mm",
            f"the page differs from the layout by {evidence.residual_mm:.1f} mm",
        )
    return None


def _out_of_shape(layout: Layout, mesh: Mesh, size: tuple[int, int]) -> Text | None:
    """Why the page is too much bent, or not whole."""
    least, most = mesh.stretch()
    inside = _inside(layout, mesh, size)
    if least < 0.75 or most > 1.3:
        return Text("trang cong hoặc méo quá mức", "the page is bent out of shape")
    if inside < MIN_INSIDE_SHARE:
        return Text(
            f"{1 - inside:.0%} số ô nằm ngoài ảnh chụp",
            f"{1 - inside:.0%} of the fields lie outside the picture",
        )
    return None


def line_boxes(layout: Layout, cells: Mapping[str, BoxMm] = MappingProxyType({})) -> Floats:
    """Boxes (N, 4) in mm of every line and tick box of every record on the sheet.

    Args:
        layout: of the sheet.
        cells: boxes that stand for each line of a field, by its code.

    """
    rows = []
    for field in layout.fields:
        offsets = layout.offsets_of(field.scope)
        for box in (*field.lines, *(option.box for option in field.options)):
            rows += [record_box(cells.get(field.code, box), offset) for offset in offsets]
    return np.array(rows, float)


def _cells(loaded: LoadedLayout) -> dict[str, BoxMm]:
    """The cells without printed lines, by the fields that stand in them."""
    return {code: cell.box for cell in free_cells(loaded) for code in cell.codes}


def _coverage(boxes: Floats, measured: AnchorMeasurement, found: npt.NDArray[np.bool_]) -> float:
    level = found & (measured.weights[:, 1] > 0)
    if not level.any():
        return 0.0
    points = measured.points[level]
    left, right = boxes[:, 0], boxes[:, 0] + boxes[:, 2]
    middle, half = boxes[:, 1] + boxes[:, 3] / 2, boxes[:, 3] / 2
    beside = np.maximum(left[:, None] - points[:, 0], points[:, 0] - right[:, None])
    above = np.abs(points[:, 1] - middle[:, None]) - np.maximum(half - _LINE_HALF_MM, 0)[:, None]
    near = (beside < _BESIDE_MM) & (above < _ABOVE_MM)
    return float((near.sum(axis=1) >= 2).mean())


def _strange(boxes: Floats, measured: AnchorMeasurement, found: npt.NDArray[np.bool_]) -> float:
    """A region that slipped by a line has lines in their places, but not its words."""
    words, score = _words(measured, found)
    if not len(words):
        return 0.0
    near = _around(boxes, words)
    expected = near.sum(axis=1)
    mean = (near * score).sum(axis=1) / np.maximum(expected, 1)
    return float(((expected >= _SEVERAL) & (mean < _LEAST_AROUND)).mean())


def _around(boxes: Floats, points: Floats) -> npt.NDArray[np.bool_]:
    """Which of the points (M) lie near each box (N): (N, M)."""
    right, bottom = boxes[:, :1] + boxes[:, 2:3], boxes[:, 1:2] + boxes[:, 3:4]
    beside = np.maximum(np.maximum(boxes[:, :1] - points[:, 0], points[:, 0] - right), 0)
    above = np.maximum(np.maximum(boxes[:, 1:2] - points[:, 1], points[:, 1] - bottom), 0)
    return np.asarray(np.hypot(beside, above) < _AROUND_MM, np.bool_)


def _adrift(
    boxes: Floats, anchors: Anchors, measured: AnchorMeasurement, found: npt.NDArray[np.bool_]
) -> float:
    """Level lines fit a page that slipped along them; words and upright lines do not."""
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    holding = measured.points[found & (measured.weights[:, 0] > 0)]
    expected = _near(middles, anchors.sideways) >= _LEAST_SIDEWAYS
    return float((expected & (_near(middles, holding) < _HELD)).mean())


def _near(middles: Floats, points: Floats, within: float = _SIDEWAYS_MM) -> npt.NDArray[np.intp]:
    """How many of the points lie around each of the middles."""
    away = np.hypot(*(middles[:, None, axis] - points[None, :, axis] for axis in (0, 1)))
    return np.asarray((away < within).sum(axis=1), np.intp)


def _astray(
    boxes: Floats, anchors: Anchors, measured: AnchorMeasurement, found: npt.NDArray[np.bool_]
) -> float:
    """A column of a table that slipped sideways keeps words in its head, and its level lines."""
    holding = measured.points[found & ~measured.word & (measured.weights[:, 0] > 0)]
    expected, seen = _beside(boxes, anchors.upright), _beside(boxes, holding)
    return float(((expected >= _LEAST_BESIDE) & (seen == 0)).mean())


def _beside(boxes: Floats, points: Floats) -> npt.NDArray[np.intp]:
    """How many of the points lie along the left or the right side of each box."""
    left, right = boxes[:, :1], boxes[:, :1] + boxes[:, 2:3]
    x = points[:, 0]
    at_side = np.minimum(np.abs(x - left), np.abs(x - right)) < _SIDE_MM
    middle = boxes[:, 1:2] + boxes[:, 3:4] / 2
    level = np.abs(points[:, 1] - middle) < boxes[:, 3:4] / 2 + _SIDE_ABOVE_MM
    return np.asarray((at_side & level).sum(axis=1), np.intp)


def _loose(boxes: Floats, measured: AnchorMeasurement, found: npt.NDArray[np.bool_]) -> float:
    """A corner that slipped keeps found print around its boxes, but none on their own lines.

    Writing may hide a line from end to end: where the words around it are found, they tell its
    place.
    """
    points, seen = measured.points[~measured.word], found[~measured.word]
    beside, below = _OWN_MM
    right, bottom = boxes[:, :1] + boxes[:, 2:3], boxes[:, 1:2] + boxes[:, 3:4]
    across = (points[:, 0] > boxes[:, :1] - beside) & (points[:, 0] < right + beside)
    own = across & (points[:, 1] > boxes[:, 1:2]) & (points[:, 1] < bottom + below)
    pieces = own.sum(axis=1)
    share = (own & seen).sum(axis=1) / np.maximum(pieces, 1)
    hidden = (pieces >= _LEAST_PIECES) & (share < _LEAST_FOUND)
    return float((hidden & ~_held_by_words(boxes, measured, found)).mean())


def _held_by_words(
    boxes: Floats, measured: AnchorMeasurement, found: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Which boxes (N,) have several printed words around them, nearly all found."""
    near = _around(boxes, measured.points[measured.word])
    expected = near.sum(axis=1)
    seen = (near & found[measured.word]).sum(axis=1)
    return np.asarray((expected >= _SEVERAL) & (seen >= _NEARLY_ALL * expected), np.bool_)


def _slipped(boxes: Floats, measured: AnchorMeasurement, found: npt.NDArray[np.bool_]) -> float:
    """A corner of a table that slipped by a row finds lines for some of its boxes."""
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    lines = ~measured.word
    pieces = _near(middles, measured.points[lines], _ROUND_MM)
    seen = _near(middles, measured.points[lines & found], _ROUND_MM)
    share = seen / np.maximum(pieces, 1)
    return float(((pieces >= _LEAST_ROUND) & (share < _LEAST_ROUND_FOUND)).mean())


def _headless(layout: Layout, measured: AnchorMeasurement, found: npt.NDArray[np.bool_]) -> float:
    """Two tables with the same rules: what a column holds, its head alone tells."""
    boxes = _first_record(layout)
    if not len(boxes):
        return 0.0
    words, score = _words(measured, found)
    first = boxes[:, 1].min()
    over = (words[:, 1] < first) & (words[:, 1] > first - _HEAD_MM)
    beside = np.maximum(boxes[:, :1] - words[:, 0], words[:, 0] - boxes[:, :1] - boxes[:, 2:3])
    own = over & (beside < 0)
    expected = own.sum(axis=1)
    mean = (own * score).sum(axis=1) / np.maximum(expected, 1)
    return float(((expected > 0) & (mean < _LEAST_HEAD)).mean())


def _words(
    measured: AnchorMeasurement, found: npt.NDArray[np.bool_]
) -> tuple[Floats, npt.NDArray[np.float64]]:
    """Places (N, 2) of the printed words, and how like them the page is there (N,), from 0 on."""
    score = np.where(found, measured.score, np.minimum(measured.score, _CHANCE))
    return measured.points[measured.word], np.maximum(score[measured.word], 0)


def _first_record(layout: Layout) -> Floats:
    """Boxes (N, 4) in mm of the lines of the first record on a sheet."""
    rows = [box for f in layout.fields if f.scope == "record" for box in f.lines]
    return np.array(rows, float).reshape(-1, 4)


def _poorest_record(
    layout: Layout, measured: AnchorMeasurement, found: npt.NDArray[np.bool_]
) -> float:
    """A table's rows have no words of their own: where they slipped, only their lines tell."""
    offsets = np.array(layout.records.offsets, float)
    boxes = _first_record(layout)
    if len(offsets) < 2 or not len(boxes):
        return 1.0
    top, bottom = boxes[:, 1].min(), (boxes[:, 1] + boxes[:, 3]).max()
    lines = ~measured.word
    height = measured.points[lines, 1] - offsets[:, 1:]
    own = (height > top) & (height < bottom)
    pieces = own.sum(axis=1)
    shares = (own & found[lines]).sum(axis=1) / np.maximum(pieces, 1)
    return float(shares[pieces >= _LEAST_IN_RECORD].min(initial=1.0))


def _inside(layout: Layout, mesh: Mesh, size: tuple[int, int]) -> float:
    boxes = line_boxes(layout)
    corners = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])
    pixels = mesh.to_page(corners)
    margin = 3.0 * float(np.abs(mesh.affine[0, 0]))
    inside = (pixels > -margin).all(axis=1) & (pixels < np.array(size) + margin).all(axis=1)
    return float(inside.mean())
