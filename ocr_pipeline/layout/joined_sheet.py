"""A sheet scanned in two halves, laid together as its form has it.

Each half is straightened by its own registration, so that rows and columns meet whatever way the
sheet lay on the glass. Where both scans show the same strip of paper its writing must agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats, Gray, Mask, Pixels
from ocr_pipeline.errors import ScanError, Text
from ocr_pipeline.imaging.flat_page import FlatPage
from ocr_pipeline.imaging.ink import ink_gray
from ocr_pipeline.layout.anchors import resampled
from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.gate import line_boxes
from ocr_pipeline.layout.half_forms import BAND_MM, HalfForm, SheetHalf, halves_of
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.mesh import Mesh
from ocr_pipeline.layout.pose import turned
from ocr_pipeline.layout.registration import Registration
from ocr_pipeline.layout.schema import Layout

_SAME_PAPER = 0.6  # agreement; of 24 sheets 0.73 and more, halves of others 0.52 at most
_STEP_MM = 0.25
_ROWS = 40  # heights at which the ends of a scan are looked for
_EDGE_MM = 1.0  # of a scan: shadow of the glass, paper that curls
_STRIP_PER_MM = 4.0
_LEAST_STRIP_MM = 2.5  # of paper on both scans: less shows nothing
_PRINT_REACH_MM = 1.0  # around print, where no writing is looked for
_SOFT_MM = 0.5  # of ink: halves lie some tenths of a millimetre beside each other
_INK_LEVELS = 60  # grey levels under the paper
_SHIFT_MM = 0.75  # by which the halves may still lie beside each other
_LEAST_WRITING_MM2 = 4.0  # on either scan: less tells nothing
_MOST_DPI = 400.0
_MOST_OTHER_SHARE = 0.5  # of the other half on a scan of one
_MM = 25.4
_SIDES = {
    SheetHalf.LEFT: Text("nửa trái", "left half"),
    SheetHalf.RIGHT: Text("nửa phải", "right half"),
}


@dataclass(frozen=True, slots=True, eq=False)
class SeenHalf:
    """A scan that shows one half of a form.

    Attributes:
        form: which half of which form.
        pixels: (H, W, 3) uint8 RGB, upright.
        mesh: from mm of the half to `pixels`.
        heights: (n,) rows of the whole form in mm, from its topmost to its lowest rule.
        begins: (n,) first column of the whole form in mm that the scan shows at these heights.
        ends: (n,) last one.

    """

    form: HalfForm
    pixels: Pixels
    mesh: Mesh
    heights: Floats
    begins: Floats
    ends: Floats


@dataclass(frozen=True, slots=True, eq=False)
class JoinedSheet:
    """Two halves as one sheet.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, the whole form, straight.
        dpi: pixels per inch.
        agreement: correlation (−1…1) of the writing in the strip that both scans show; None where
            it is narrow or shows too little.

    """

    pixels: Pixels
    dpi: float
    agreement: float | None

    @property
    def is_one_paper(self) -> bool | None:
        """Whether both halves are of one sheet; None where too little was there to compare."""
        return None if self.agreement is None else self.agreement >= _SAME_PAPER


def see_half(
    flat: FlatPage, size: tuple[int, int], forms: Sequence[LoadedLayout]
) -> SeenHalf | None:
    """The half of one of the forms that a page shows; None when it shows none.

    Args:
        flat: a page on which no whole form lies.
        size: width and height in pixels of the scan, where `flat.to_original` leads.
        forms: whole forms; those that are not wider than high are passed over.

    """
    found = find_half(flat.gray, forms)
    if found is None:
        return None
    form, laid = found
    reach = _reach(form, laid.mesh, turned(_scanned(flat, size), laid.turn))
    return SeenHalf(form, turned(flat.pixels, laid.turn), laid.mesh, *reach)


def find_half(gray: Gray, forms: Sequence[LoadedLayout]) -> tuple[HalfForm, Registration] | None:
    """Which half of which form a straight page shows, and where it lies; None when it shows none.

    Args:
        gray: (H, W) uint8, a page on which no whole form lies.
        forms: whole forms; those that are not wider than high are passed over.

    """
    halves = {half.loaded.layout.id: half for form in forms for half in halves_of(form)}
    found = detect(gray, [half.loaded for half in halves.values()])
    if found.registration is None or found.layout_id is None:
        return None
    form, laid = halves[found.layout_id], found.registration
    return None if _shows_both(form, laid.mesh, turned(gray, laid.turn)) else (form, laid)


def half_name(half: HalfForm) -> Text:
    """What to call a half: `the left half of a sheet KS-before-1999`."""
    side, form = side_name(half.side), half.whole.layout.id
    return Text(f"{side.vi} của tờ {form}", f"the {side.en} of a sheet {form}")


def side_name(side: SheetHalf) -> Text:
    """`the left half`, without the article."""
    return _SIDES[side]


def join(left: SeenHalf, right: SeenHalf) -> JoinedSheet:
    """The sheet of which two scans show the halves.

    Raises:
        ScanError: a strip of the sheet that may be written on is on neither scan.

    """
    layout = left.form.whole.layout
    common = left.ends - right.begins
    at = int(np.argmin(common))
    missing = -float(common[at]) - 2 * _EDGE_MM
    if missing > 0 and _is_written_on(layout, left.ends[at], right.begins[at]):
        raise _apart(missing)
    strip = _Strip(left, right) if common[at] >= _LEAST_STRIP_MM else None
    seam = left.ends - common * (strip.barest() if strip else 0.5)
    dpi = min(max(_dpi(left.mesh), _dpi(right.mesh)), _MOST_DPI)
    pixels = _laid_together(left, right, seam, dpi / _MM)
    return JoinedSheet(pixels, dpi, strip.agreement() if strip else None)


def _shows_both(form: HalfForm, mesh: Mesh, gray: Gray) -> bool:
    """Whether much of the other half is on the picture, too: it is a whole sheet."""
    scale, width = _dpi(mesh) / _MM, gray.shape[1]
    half = form.whole.layout.page.width / 2
    origin = float(mesh.affine[0, 2])
    beyond = (
        (width - origin) / scale - half if form.side is SheetHalf.LEFT else origin / scale - BAND_MM
    )
    return bool(beyond > _MOST_OTHER_SHARE * half)


def _scanned(flat: FlatPage, size: tuple[int, int]) -> Gray:
    """1 where the straight page shows the scan; straightening fills its corners beyond."""
    height, width = flat.gray.shape
    whole = np.ones(size[::-1], np.uint8)
    seen = cv2.warpPerspective(whole, np.linalg.inv(flat.to_original), (width, height))
    return np.asarray(seen, np.uint8)


def _reach(form: HalfForm, mesh: Mesh, scanned: Gray) -> tuple[Floats, Floats, Floats]:
    """Heights, and the first and the last column that a scan shows at each of them, all in mm."""
    layout = form.whole.layout
    rules = [y for rule in layout.rules for y in rule.points[1::2]] or [0, layout.page.height]
    ys = _even(min(rules), max(rules), _ROWS)
    width = form.loaded.layout.page.width
    xs = _even(0.0, width, round(width / _STEP_MM) + 1)
    places = np.rint(mesh.to_page(np.stack(np.meshgrid(xs, ys), axis=-1))).astype(int)
    inside = np.asarray(((places >= 0) & (places < scanned.shape[::-1])).all(axis=1))
    inside[inside] = scanned[places[inside, 1], places[inside, 0]] > 0
    shown = inside.reshape(len(ys), len(xs))
    first, last = shown.argmax(axis=1), len(xs) - 1 - shown[:, ::-1].argmax(axis=1)
    begins = np.where(shown.any(axis=1), xs[first], xs[-1]) + _EDGE_MM
    ends = np.where(shown.any(axis=1), xs[last], 0.0) - _EDGE_MM
    return ys, form.left_mm + begins, form.left_mm + ends


def _even(first: float, last: float, count: int) -> Floats:
    return np.array(np.linspace(first, last, count), float)


def _dpi(mesh: Mesh) -> float:
    return float(np.sqrt(abs(np.linalg.det(mesh.affine[:, :2])))) * _MM


def _is_written_on(layout: Layout, begin: float, end: float) -> bool:
    """Whether a field reaches into these columns of the form."""
    x, _, width, _ = line_boxes(layout).T
    return bool(((x < end) & (begin < x + width)).any())


def _straight(half: SeenHalf, columns: Floats, rows: Floats) -> Pixels:
    """Columns and rows of the whole form as a half shows them; white where it shows nothing."""
    map_x, map_y = half.mesh.grid(columns - half.form.left_mm, rows)
    white = (255.0, 255.0, 255.0)
    found = cv2.remap(half.pixels, map_x, map_y, cv2.INTER_LINEAR, borderValue=white)
    return np.asarray(found, np.uint8)


def _laid_together(left: SeenHalf, right: SeenHalf, seam: Floats, scale: float) -> Pixels:
    """The whole sheet at `scale` pixels per mm, its halves meeting at `seam` mm."""
    page = left.form.whole.layout.page
    columns, rows = (
        np.asarray((np.arange(round(side * scale)) + 0.5) / scale, np.float64)
        for side in (page.width, page.height)
    )
    from_, to = (int(np.searchsorted(columns, x)) for x in (seam.min(), seam.max()))
    one, other = _straight(left, columns[:to], rows), _straight(right, columns[from_:], rows)
    is_left = columns[None, from_:to] < np.interp(rows, left.heights, seam)[:, None]
    middle = np.where(is_left[:, :, None], one[:, from_:], other[:, : to - from_])
    return np.ascontiguousarray(np.hstack([one[:, :from_], middle, other[:, to - from_ :]]))


class _Strip:
    """The paper that both scans show, as each shows it, at `_STRIP_PER_MM`."""

    def __init__(self, left: SeenHalf, right: SeenHalf) -> None:
        self._form = left.form.whole
        self._columns, self._rows = (
            _even(first, last, int((last - first) * _STRIP_PER_MM))
            for first, last in (
                (float(right.begins.min()), float(left.ends.max())),
                (float(left.heights[0]), float(left.heights[-1])),
            )
        )
        self._begins = np.interp(self._rows, left.heights, right.begins)
        self._ends = np.interp(self._rows, left.heights, left.ends)
        self._ink = [
            255 - ink_gray(_straight(half, self._columns, self._rows)) for half in (left, right)
        ]

    def barest(self) -> float:
        """The share of the way from its right to its left side on which least is written."""
        ink = self._ink[0].astype(float) + self._ink[1]
        level = np.arange(len(self._rows))
        shares = np.linspace(0.1, 0.9, 17)
        dark = []
        for share in shares:
            column = self._ends - share * (self._ends - self._begins)
            dark.append(ink[level, self._index(column)].sum())
        return float(shares[int(np.argmin(dark))])

    def agreement(self) -> float | None:
        """Correlation of the writing that both show; None where there is too little of it."""
        both = (self._columns >= self._begins[:, None]) & (self._columns <= self._ends[:, None])
        bare = both & ~self._printed()
        size = 2 * round(_SOFT_MM * _STRIP_PER_MM) + 1
        soft = []
        for strip in self._ink:
            ink = (np.clip(strip.astype(int) - _INK_LEVELS, 0, None) * bare).astype(np.float32)
            if np.count_nonzero(ink) / _STRIP_PER_MM**2 < _LEAST_WRITING_MM2:
                return None
            soft.append(cv2.GaussianBlur(ink, (size, size), 0))
        reach = round(_SHIFT_MM * _STRIP_PER_MM)
        inner = soft[1][reach:-reach, reach:-reach]
        return float(cv2.matchTemplate(soft[0], inner, cv2.TM_CCOEFF_NORMED).max())

    def _index(self, columns: Floats) -> npt.NDArray[np.intp]:
        at = np.rint((columns - self._columns[0]) * _STRIP_PER_MM).astype(np.intp)
        return np.asarray(np.clip(at, 0, len(self._columns) - 1))

    def _printed(self) -> Mask:
        """Where the empty form has print, and a little around it."""
        print_ = resampled(self._form, _STRIP_PER_MM) < 255 - _INK_LEVELS
        size = 2 * round(_PRINT_REACH_MM * _STRIP_PER_MM) + 1
        wide = cv2.dilate(print_.astype(np.uint8), np.ones((size, size), np.uint8)) > 0
        ys, xs = (
            np.clip(np.rint(mm * _STRIP_PER_MM).astype(int), 0, length - 1)
            for mm, length in zip((self._rows, self._columns), wide.shape, strict=True)
        )
        return np.asarray(wide[np.ix_(ys, xs)])


def _apart(gap_mm: float) -> ScanError:
    vi, en = f"{gap_mm:.1f}".replace(".", ","), f"{gap_mm:.1f}"
    return ScanError(
        Text(
            f"hai ảnh không gặp nhau: {vi} mm ở giữa tờ không nằm trên ảnh nào",
            f"the two scans do not meet: {en} mm in the middle of the sheet are on neither",
        ),
        remedy=Text(
            "Quét lại hai nửa, mỗi ảnh lấn qua giữa tờ khoảng 10 mm",
            "Scan both halves again, each some 10 mm beyond the middle",
        ),
    )
