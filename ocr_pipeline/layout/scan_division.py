"""Several forms on one scan: where each lies. A scan with one form costs only a look at its size.

A form has been laid on the scan. Beside, above or under it there may be room for another one, as
on the spread of a book. A strip with that much room and that much print is looked at as if it were
a scan of its own, and so on. The scan is then cut between the forms, edge to edge: nothing of it
is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import cv2
import numpy as np

from ocr_pipeline.arrays import Floats, Gray
from ocr_pipeline.imaging.flat_page import FlatPage, deepen, flatten
from ocr_pipeline.imaging.geometry import shrunk, transformed
from ocr_pipeline.imaging.illumination import flatten_light, page_alone, paper_brightness
from ocr_pipeline.imaging.ink import deepened
from ocr_pipeline.imaging.page_content import page_content
from ocr_pipeline.layout.detection import Detection, detect
from ocr_pipeline.layout.loading import LoadedLayout, record_box
from ocr_pipeline.layout.print_amount import (
    form_lines_mm,
    has_form_lines,
    least_print,
    print_amount,
)
from ocr_pipeline.layout.registration import Registration
from ocr_pipeline.scans.page_image import PageImage
from ocr_pipeline.scans.scan_part import ScanPart

_LEAST_ROOM_SHARE = 0.6  # of the narrower side of the smallest form: less room holds no form
_WORTH_A_LOOK_SHARE = 0.35  # of the print of the emptiest form: covers and blank sides have less
_FORM_LINES_SHARE = 0.4  # of the lines of the emptiest form, when no installed form is found there
_NEAR_SCORE = 0.2  # share of printed words found: nearly an installed form
_PAPER_SHARE = 0.6  # of the brightness of the form's paper: darker is a table
_LEAST_PAPER_SHARE = 0.5  # of the area of the smallest form
_PALE = ("pale", "faint")  # looks of a page whose ink is made darker before it is read
_MOST_PARTS = 12
_MOST_GUESSES = 6
_GUESS_PIXELS = 600  # longer side at which blank bands are looked for
_LEAST_BAND_SHARE = 0.025  # of the longer side: two margins that meet, of four pages at least
_LEAST_SIDE_SHARE = 0.2  # of all ink lies on each side of a band between forms
_LONG = 1.9  # sides of a scan that is longer than any form is
_DIRT_SHARE = 0.002  # of the usual ink of a row or column: no more is a blank one
_MARGIN_SHARE = 0.04  # of the longer side left around the ink of a guess
_INK_LEVELS = 45  # grey levels under the paper


@dataclass(frozen=True, slots=True)
class _Area:
    """A rectangle of the scan, in pixels; right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def part(self, number: int) -> ScanPart:
        return ScanPart(number, self.left, self.top, self.width, self.height)


@dataclass(frozen=True, slots=True)
class _Sight:
    """A form seen on the scan: the rectangle around its print, its turn, and pixels per mm."""

    print_: _Area
    turn: int
    scale: float


@dataclass(frozen=True, slots=True)
class _Piece:
    """A rectangle of the scan with one form; the form is None where the print fits none."""

    area: _Area
    sight: _Sight | None


def divide(
    image: PageImage,
    flat: FlatPage,
    found: Detection,
    layouts: Sequence[LoadedLayout],
    prior: str = "",
) -> list[ScanPart]:
    """The parts of a scan that shows several forms; none when it shows one, or none at all.

    Args:
        image: the scan as loaded at full resolution.
        flat: the same made straight.
        found: what was found on `flat`.
        layouts: the installed ones.
        prior: id of the layout the book is known to have; looked at first.

    Returns:
        At least two parts in reading order, or none.

    """
    height, width = image.pixels.shape[:2]
    division = _Division(image, layouts, prior)
    whole = _Area(0, 0, width, height)
    sight = division.sight(whole, image, flat, found) or division.first_sight(whole)
    if sight is None:
        return []
    pieces = division.around(whole, sight)
    if len(pieces) < 2:
        return []
    return [piece.area.part(n) for n, piece in enumerate(_in_order(pieces, sight), start=1)]


class _Division:
    def __init__(self, image: PageImage, layouts: Sequence[LoadedLayout], prior: str) -> None:
        self._image, self._prior = image, prior
        self._layouts = {loaded.layout.id: loaded for loaded in layouts}
        self._looks = 0

    def first_sight(self, whole: _Area) -> _Sight | None:
        """One of the forms of a scan that is no form as a whole; None when there is none."""
        for area in islice(_guesses(self._image, whole), _MOST_GUESSES):
            picture = replace(self._image, pixels=_pixels(self._image, area))
            sight, _ = self._look(area, picture)
            if sight is not None:
                return sight
        return None

    def around(self, area: _Area, sight: _Sight) -> list[_Piece]:
        """The pieces of an area in which a form lies, itself among them."""
        for strip in sorted(_strips(area, sight.print_), key=lambda s: -s.width * s.height):
            if not self._has_room(strip, sight.scale):
                continue
            others = self._pieces(strip, sight)
            if others:
                rest, others = _cut(area, sight.print_, strip, others)
                return self.around(rest, sight) + others
        return [_Piece(area, sight)]

    def _has_room(self, strip: _Area, scale: float) -> bool:
        sides = [(one.layout.page.width, one.layout.page.height) for one in self._layouts.values()]
        least = _LEAST_ROOM_SHARE * min(min(pair) for pair in sides) * scale
        return min(strip.width, strip.height) >= least

    def _pieces(self, strip: _Area, beside: _Sight) -> list[_Piece]:
        """The pieces of a strip; none when it holds nothing like a form."""
        picture = replace(self._image, pixels=_pixels(self._image, strip))
        forms = list(self._layouts.values())
        gray = _level_gray(picture, beside)
        if self._looks >= _MOST_PARTS or not self._has_paper(gray, beside):
            return []
        content = page_content(gray)
        if content == "blank":
            return []
        if content in _PALE:
            gray = deepened(flatten_light(gray))
        if not print_amount(gray, beside.scale).reaches(least_print(forms), _WORTH_A_LOOK_SHARE):
            return []
        self._looks += 1
        sight, score = self._look(strip, picture)
        if sight is not None:
            return self.around(strip, sight)
        lines_mm = _FORM_LINES_SHARE * min(form_lines_mm(one) for one in forms)
        if score >= _NEAR_SCORE or has_form_lines(gray, beside.scale, lines_mm):
            return [_Piece(strip, None)]
        return []

    def _has_paper(self, gray: Gray, beside: _Sight) -> bool:
        """Whether a picture holds enough paper as bright as that of the form beside it."""
        form = beside.print_
        part = self._image.pixels[form.top : form.bottom : 8, form.left : form.right : 8]
        least = _PAPER_SHARE * float(np.percentile(part.mean(axis=2), 75))
        pages = [one.layout.page for one in self._layouts.values()]
        area = min(page.width * page.height for page in pages) * beside.scale**2
        bright = float((paper_brightness(gray) >= least).mean()) * gray.size
        return bright >= _LEAST_PAPER_SHARE * area

    def _look(self, area: _Area, picture: PageImage) -> tuple[_Sight | None, float]:
        """The form in the picture of an area, and how much of its print was found."""
        flat = flatten(picture)
        if page_content(flat.gray) in _PALE:
            flat = deepen(flat)
        found = detect(flat.gray, list(self._layouts.values()), self._prior)
        return self.sight(area, picture, flat, found), found.score

    def sight(
        self, area: _Area, picture: PageImage, flat: FlatPage, found: Detection
    ) -> _Sight | None:
        """Where the form found in the picture of an area lies; None when none was found."""
        if found.layout_id is None or found.registration is None:
            return None
        form = self._layouts[found.layout_id]
        return _sight(area, picture, flat, found.registration, form)


def _guesses(image: PageImage, whole: _Area) -> Iterator[_Area]:
    """Where single forms may lie, the likeliest first: between blank bands, or in equal shares."""
    small, factor = shrunk(image.pixels, _GUESS_PIXELS)
    gray = page_alone(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8))
    ink = (gray < 255 - _INK_LEVELS).astype(np.float64)
    for area in _between_bands(ink, depth=2):
        left, top, right, bottom = (side * factor for side in _trimmed(ink, area))
        yield _Area(left, top, min(right, whole.right), min(bottom, whole.bottom))
    long = max(whole.width, whole.height) / min(whole.width, whole.height)
    if long < _LONG:
        return
    for shape in (2**0.5, 0.5**0.5):  # lying and standing pages
        count = round(long / shape)
        for k in (0, count - 1):
            if whole.width > whole.height:
                x = whole.width * k // count
                yield replace(whole, left=x, right=x + whole.width // count)
            else:
                y = whole.height * k // count
                yield replace(whole, top=y, bottom=y + whole.height // count)


def _between_bands(ink: Floats, depth: int) -> Iterator[tuple[int, int, int, int]]:
    """Rectangles (left, top, right, bottom) that blank bands through the whole picture leave."""
    height, width = ink.shape
    least = _LEAST_BAND_SHARE * max(height, width)
    bands = [(*_widest_band(ink.sum(axis=axis)), axis) for axis in (0, 1)]
    for start, end, axis in sorted(bands, key=lambda band: band[0] - band[1]):
        if end - start < least or not depth:
            continue
        at = (start + end) // 2
        halves = (ink[:, :at], ink[:, at:]) if axis == 0 else (ink[:at], ink[at:])
        for k, half in enumerate(halves):
            x, y = (at if k and axis == 0 else 0), (at if k and axis == 1 else 0)
            yield x, y, x + half.shape[1], y + half.shape[0]
        yield from _between_bands(halves[0], depth - 1)


def _trimmed(ink: Floats, area: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """The rectangle without the blank paper around its ink, but for a margin."""
    left, top, right, bottom = area
    room = round(_MARGIN_SHARE * max(right - left, bottom - top))
    part = ink[top:bottom, left:right]
    ends = []
    for axis in (0, 1):
        profile = part.sum(axis=axis)
        inked = np.flatnonzero(profile > _DIRT_SHARE * part.sum() / len(profile))
        ends.append((int(inked[0]), int(inked[-1]) + 1) if inked.size else (0, len(profile)))
    (x1, x2), (y1, y2) = ends
    return (
        max(left, left + x1 - room),
        max(top, top + y1 - room),
        min(right, left + x2 + room),
        min(bottom, top + y2 + room),
    )


def _widest_band(profile: Floats) -> tuple[int, int]:
    """Begin and end of the widest run without ink that has a good share of it on either side."""
    total = profile.sum()
    before = np.concatenate([[0.0], np.cumsum(profile)])
    least = _LEAST_SIDE_SHARE * total
    best, start = (0, 0), None
    for at, blank in enumerate([*(profile <= _DIRT_SHARE * total / len(profile)), False]):
        if blank and start is None:
            start = at
        elif not blank and start is not None:
            enough = before[start] >= least and total - before[at] >= least
            if enough and at - start > best[1] - best[0]:
                best = (start, at)
            start = None
    return best


def _pixels(image: PageImage, area: _Area) -> Gray:
    part = image.pixels[area.top : area.bottom, area.left : area.right]
    return np.ascontiguousarray(part)


def _level_gray(picture: PageImage, beside: _Sight) -> Gray:
    """The grey picture with the lines level that are level in the form beside it."""
    gray = np.asarray(cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    return np.ascontiguousarray(gray.T) if beside.turn % 180 else gray


def _sight(
    area: _Area, image: PageImage, flat: FlatPage, registration: Registration, form: LoadedLayout
) -> _Sight:
    """Where a form found in the picture of an area lies on the scan."""
    height, width = flat.gray.shape
    upright = registration.to_page(_print_corners(form))
    x, y = upright.T
    if registration.turn == 90:
        x, y = y, height - 1 - x
    elif registration.turn == 180:
        x, y = width - 1 - x, height - 1 - y
    elif registration.turn == 270:
        x, y = width - 1 - y, x
    back = np.linalg.inv(image.to_original) @ flat.to_original
    ends = transformed(back, np.column_stack([x, y]))
    low, high = ends.min(axis=0), ends.max(axis=0)
    left, top = (int(max(value, 0)) for value in low)
    print_ = _Area(
        area.left + left,
        area.top + top,
        min(area.left + int(high[0]) + 1, area.right),
        min(area.top + int(high[1]) + 1, area.bottom),
    )
    long_mm = max(np.ptp(_print_corners(form), axis=0))
    return _Sight(print_, registration.turn, float(max(high - low) / long_mm))


def _print_corners(form: LoadedLayout) -> Floats:
    """The four corners, in mm, of the rectangle around all print and all fields of a form."""
    layout = form.layout
    rows: list[tuple[float, float]] = []
    for caption in layout.captions:
        rows += _ends(caption.box, caption.scope, layout.records.offsets)
    for field in layout.fields:
        for box in (*field.lines, *(option.box for option in field.options)):
            rows += _ends(box, field.scope, layout.records.offsets)
    points = np.array(rows, float)
    (x1, y1), (x2, y2) = points.min(axis=0), points.max(axis=0)
    return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]])


def _ends(
    box: tuple[float, float, float, float], scope: str, offsets: Sequence[tuple[float, float]]
) -> Iterator[tuple[float, float]]:
    for offset in offsets if scope == "record" else ((0.0, 0.0),):
        x, y, width, height = record_box(box, offset)
        yield x, y
        yield x + width, y + height


def _strips(area: _Area, print_: _Area) -> Iterator[_Area]:
    """The area left of, right of, above and under the print of a form."""
    yield replace(area, right=max(print_.left, area.left))
    yield replace(area, left=min(print_.right, area.right))
    yield replace(area, bottom=max(print_.top, area.top))
    yield replace(area, top=min(print_.bottom, area.bottom))


def _cut(
    area: _Area, print_: _Area, strip: _Area, others: list[_Piece]
) -> tuple[_Area, list[_Piece]]:
    """Cut an area midway between the print of a form and that of the pieces in a strip beside it.

    Returns:
        What is left of the area, and the pieces reaching as far as the cut.

    """
    prints = [piece.sight.print_ if piece.sight else piece.area for piece in others]
    if strip.left > area.left:
        at = (print_.right + min(one.left for one in prints)) // 2
        own, beyond = replace(area, right=at), replace(area, left=at)
    elif strip.right < area.right:
        at = (print_.left + max(one.right for one in prints)) // 2
        own, beyond = replace(area, left=at), replace(area, right=at)
    elif strip.top > area.top:
        at = (print_.bottom + min(one.top for one in prints)) // 2
        own, beyond = replace(area, bottom=at), replace(area, top=at)
    else:
        at = (print_.top + max(one.bottom for one in prints)) // 2
        own, beyond = replace(area, top=at), replace(area, bottom=at)
    return own, [replace(piece, area=_overlap(piece.area, beyond)) for piece in others]


def _overlap(one: _Area, other: _Area) -> _Area:
    return _Area(
        max(one.left, other.left),
        max(one.top, other.top),
        min(one.right, other.right),
        min(one.bottom, other.bottom),
    )


def _in_order(pieces: list[_Piece], first: _Sight) -> list[_Piece]:
    """The pieces as people read them, the form laid first upright: rows, then columns."""
    centres = [_upright_centre(piece.area, first.turn) for piece in pieces]
    heights = [piece.area.width if first.turn % 180 else piece.area.height for piece in pieces]
    rest = sorted(range(len(pieces)), key=lambda k: centres[k][1])
    order: list[int] = []
    while rest:
        top = rest[0]
        row = [k for k in rest if centres[k][1] - centres[top][1] < heights[top] / 2]
        order += sorted(row, key=lambda k: centres[k][0])
        rest = [k for k in rest if k not in row]
    return [pieces[k] for k in order]


def _upright_centre(area: _Area, turn: int) -> tuple[float, float]:
    """Centre of an area after turning the scan clockwise by `turn`; only its order matters."""
    x, y = (area.left + area.right) / 2, (area.top + area.bottom) / 2
    return {0: (x, y), 90: (-y, x), 180: (-x, -y), 270: (y, -x)}[turn % 360]
