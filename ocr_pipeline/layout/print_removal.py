"""Takes the form's own print off a rectified page, leaving the writing: words, leaders, rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import AnyGray, Gray
from ocr_pipeline.layout.anchors import AnchorMeasurement
from ocr_pipeline.layout.correlation import Patch, search_patch
from ocr_pipeline.layout.leader_removal import erase_leader, erase_rule
from ocr_pipeline.layout.line_maps import Map
from ocr_pipeline.layout.loading import LoadedLayout

_WHITE = 255
_INK_LEVELS = 45  # grey levels under white
_LEADER_STRIP_MM = 1.8
_RULE_STRIP_MM = 1.6
_GROW_MM = 0.3  # print is this much wider on the page than on the empty form
_TINY_MM = 3.0  # a dash or bracket: too small to be found on the page, so looked for around
_OUTSIDE = 0.35  # a piece of ink with more than this outside a caption is writing
_FEWEST_WORDS = 8  # found on a page, to tell how much wider its print is
_MOST_STRETCH = 0.05
_WIDE_MM = 45.0  # a caption whose ends are looked for apart: print 3 % wider moves them by 1.4
_END_MM = 12.0  # of its print that is looked for
_END_REACH_MM = 1.5
_END_ALIKE = 0.5  # correlation from which an end was found
_PART_MM = 15.0  # a wide caption is taken off in parts of whole words, each in its own place
_SPACE_MM = 0.2  # between words, when print has grown
_BEYOND_MM = (0.6, 1.8)  # before and after a line; the row of dots may go on for one more

Segment = tuple[float, float, float]
"""First and last coordinate along a line, and its place across, in mm."""

WordBox = tuple[float, float, float, float]
"""Left and upper edge of a caption, its width and height, in mm."""


class PrintEraser:
    """The print of one layout at one scale; prepared once for many pages.

    Args:
        loaded: the layout.
        scale: pixels per mm of the rectified pages.

    """

    def __init__(self, loaded: LoadedLayout, scale: float) -> None:
        self.scale = scale
        self.half_pixel = 0.5 * 25.4 / loaded.layout.reference_dpi
        page = loaded.layout.page
        self.shape = (round(page.height * scale), round(page.width * scale))
        form = cv2.resize(loaded.reference, self.shape[::-1], interpolation=cv2.INTER_LINEAR)
        grow = 2 * round(_GROW_MM * scale) + 1
        self._mask = cv2.dilate(
            (form < _WHITE - _INK_LEVELS).astype(np.uint8), np.ones((grow, grow))
        )
        self._words = list(_words(loaded))
        self._wide = {box: self._wide_word(form, box) for box in self._words if box[2] > _WIDE_MM}
        self._leaders = list(_leaders(loaded))
        self._level = list(_level(loaded))
        self._upright = list(_upright(loaded))

    def pixel(self, mm: float) -> int:
        """Nearest pixel of a coordinate in mm."""
        return round((mm + self.half_pixel) * self.scale - 0.5)

    def erase(self, page: Gray, measured: AnchorMeasurement) -> None:
        """Take the print off `page` (H, W), rectified; in place.

        Args:
            page: uint8, ink dark on white.
            measured: where the anchors were found: words may stand a little off their place.

        """
        for line in self._leaders:
            erase_leader(self._strip(page, line, _LEADER_STRIP_MM), self.scale)
        for line in self._level:
            erase_rule(self._strip(page, line, _RULE_STRIP_MM), self.scale)
        sideways = page.T
        for line in self._upright:
            erase_rule(self._strip(sideways, line, _RULE_STRIP_MM), self.scale)
        found = self._found(measured)
        stretch = _stretch(found)
        for box in self._words:
            # A caption that was not found begins where it should: clerks write behind it.
            dx, dy = found.get(box, (stretch * box[2] / 2, 0.0))
            if box in self._wide:
                self._erase_wide_word(page, box, (dx, dy), stretch)
            else:
                self._erase_word(page, box, dx, dy, max(stretch, 0.0) * box[2] / 2)

    def _found(self, measured: AnchorMeasurement) -> dict[WordBox, tuple[float, float]]:
        """Shifts (dx, dy) in mm of the middles of the captions that were found."""
        shifts = _word_shifts(measured)
        middles = {
            box: (round(box[0] + box[2] / 2, 2), round(box[1] + box[3] / 2, 2))
            for box in self._words
        }
        return {box: shifts[middle] for box, middle in middles.items() if middle in shifts}

    def _strip(self, page: Gray, line: Segment, beyond: float) -> Gray:
        """View of `page` along a line, its middle row where the line should be."""
        start, end, place = line
        before, after = _BEYOND_MM
        first, last = max(self.pixel(start - before), 0), self.pixel(end + after)
        middle, reach = self.pixel(place), round(beyond * self.scale)
        if middle - reach < 0 or middle + reach + 1 > page.shape[0]:
            return page[:0, :0]
        return page[middle - reach : middle + reach + 1, first:last]

    def _wide_word(self, form: AnyGray, box: WordBox) -> _WideWord:
        """A wide caption of the empty form (H, W) at this scale."""
        x, y, width, height = box
        x1, x2 = self.pixel(x), self.pixel(x + width)
        y1, y2 = max(self.pixel(y), 0), self.pixel(y + height)
        bare = ~self._mask[y1:y2, x1:x2].any(axis=0)
        space = np.ones(max(round(_SPACE_MM * self.scale), 1))
        gaps = np.flatnonzero(np.convolve(bare, space, "same") > len(space) - 0.5)
        cuts = [0]
        for gap in gaps.tolist():
            if gap - cuts[-1] > _PART_MM * self.scale:
                cuts.append(gap)
        places = [x + cut / self.scale for cut in cuts] + [x + width]
        parts = tuple((a, y, b - a, height) for a, b in pairwise(places))
        end = round(_END_MM * self.scale)
        ends = (form[y1:y2, x1 : x1 + end], form[y1:y2, x2 - end : x2])
        return _WideWord((Patch(_darkness(ends[0])), Patch(_darkness(ends[1]))), parts)

    def _erase_wide_word(
        self, page: Gray, box: WordBox, shift: tuple[float, float], stretch: float
    ) -> None:
        """Take off a caption whose print may be wider or narrower than on the empty form.

        Args:
            page: (H, W), in place.
            box: of the caption.
            shift: (dx, dy) in mm of its middle; of one that is wider a shift of half of it may have
                been found.
            stretch: share by which the page's print is wider.

        """
        x, _, width, _ = box
        apart = (width - _END_MM) / 2
        dx, dy = shift
        word = self._wide[box]
        sides = zip((-1, 1), word.ends, strict=True)
        offs = [
            self._end_off(page, box, end, side, (dx + side * stretch * apart, dy))
            for side, end in sides
        ]
        for own in word.parts:
            place = (own[0] + own[2] / 2 - (x + width / 2)) / apart
            self._erase_word(page, own, float(np.interp(place, (-1, 1), offs)), dy)

    def _end_off(
        self, page: Gray, box: WordBox, end: Patch, side: int, about: tuple[float, float]
    ) -> float:
        """How far to the right in mm one end of a caption stands of its place; `about` this far."""
        x, y, width, _ = box
        dx, dy = about
        reach = round(_END_REACH_MM * self.scale)
        x1 = self.pixel(x + dx) if side < 0 else self.pixel(x + width + dx) - end.width
        y1 = self.pixel(y + dy)
        left, top = max(x1 - 2 * reach, 0), max(y1 - 2 * reach, 0)
        part = page[top : y1 + end.height + 2 * reach, left : x1 + end.width + 2 * reach]
        found = search_patch(_darkness(part), end, x1 - left, y1 - top, reach, leaning=0.1)
        return dx + found[0] / self.scale if found is not None and found[2] > _END_ALIKE else dx

    def _erase_word(
        self, page: Gray, box: WordBox, dx: float, dy: float, more: float = 0.0
    ) -> None:
        """Take off a caption (dx, dy) mm off its place, up to `more` mm wider on either side."""
        pad = 0.5 if box[2] > _TINY_MM else 1.6
        x1, y1 = max(self.pixel(box[0] + dx - pad - more), 0), max(self.pixel(box[1] + dy - pad), 0)
        x2 = self.pixel(box[0] + box[2] + dx + pad + more)
        y2 = self.pixel(box[1] + box[3] + dy + pad)
        around = round(1.2 * self.scale)
        ox, oy = max(x1 - around, 0), max(y1 - around, 0)
        window = page[oy : y2 + around, ox : x2 + around]
        if not window.size:
            return
        ink = (window < _WHITE - _INK_LEVELS).view(np.uint8)
        count, labels = cv2.connectedComponentsWithAlgorithm(ink, 8, cv2.CV_32S, cv2.CCL_GRANA)
        total = np.bincount(labels.ravel(), minlength=count)
        part = (slice(y1 - oy, y2 - oy), slice(x1 - ox, x2 - ox))
        within = np.bincount(labels[part].ravel(), minlength=count)
        printed = within > (1 - _OUTSIDE) * total
        printed[0] = False
        if box[2] <= _TINY_MM:
            printed &= total < 1.5 * self._amount(box)
        erase = printed[labels]
        erase[part] |= (ink[part] > 0) & self._printed(x1, y1, x2, y2, dx, dy, labels[part].shape)
        grown = cv2.dilate(erase.view(np.uint8) * _WHITE, np.ones((3, 3), np.uint8))
        window |= np.asarray(grown, np.uint8)

    def _amount(self, box: WordBox) -> int:
        """Pixels of ink that the empty form has in the box."""
        rows = slice(max(self.pixel(box[1]), 0), self.pixel(box[1] + box[3]))
        columns = slice(max(self.pixel(box[0]), 0), self.pixel(box[0] + box[2]))
        return int(self._mask[rows, columns].sum())

    def _printed(
        self, x1: int, y1: int, x2: int, y2: int, dx: float, dy: float, shape: tuple[int, ...]
    ) -> npt.NDArray[np.bool_]:
        """Where the empty form has print in the box that was found shifted by (dx, dy) mm."""
        sx, sy = round(dx * self.scale), round(dy * self.scale)
        mask = np.zeros(shape, bool)
        part = self._mask[max(y1 - sy, 0) : y2 - sy, max(x1 - sx, 0) : x2 - sx][
            : shape[0], : shape[1]
        ]
        mask[: part.shape[0], : part.shape[1]] = part > 0
        return mask


@dataclass(frozen=True, slots=True)
class _WideWord:
    """A wide caption.

    Attributes:
        ends: its first and its last `_END_MM`.
        parts: boxes of whole words that make it up.

    """

    ends: tuple[Patch, Patch]
    parts: tuple[WordBox, ...]


def _stretch(found: Mapping[WordBox, tuple[float, float]]) -> float:
    """Share by which a page's print is wider than its form's: captions begin in the same places."""
    halves = np.array([box[2] / 2 for box in found])
    if len(halves) < _FEWEST_WORDS:
        return 0.0
    slope = np.polyfit(halves, [dx for dx, _ in found.values()], 1)[0]
    return float(np.clip(slope, -_MOST_STRETCH, _MOST_STRETCH))


def _darkness(picture: AnyGray) -> Map:
    """0 white … 1 black."""
    return np.asarray(picture, np.float32) / np.float32(-_WHITE) + np.float32(1)


def _word_shifts(measured: AnchorMeasurement) -> dict[tuple[float, float], tuple[float, float]]:
    chosen = measured.word & (measured.weights.max(axis=1) > 0)
    return {
        (round(float(x), 2), round(float(y), 2)): (float(dx), float(dy))
        for (x, y), (dx, dy) in zip(measured.points[chosen], measured.shifts[chosen], strict=True)
    }


def _words(loaded: LoadedLayout) -> Iterator[WordBox]:
    for caption in loaded.layout.captions:
        x, y, width, height = caption.box
        for dx, dy in loaded.layout.offsets_of(caption.scope):
            yield x + dx, y + dy, width, height


def _leaders(loaded: LoadedLayout) -> Iterator[Segment]:
    for leader in loaded.layout.leaders:
        for dx, dy in loaded.layout.offsets_of(leader.scope):
            yield leader.x1 + dx, leader.x2 + dx, leader.y + dy


def _level(loaded: LoadedLayout) -> Iterator[Segment]:
    for rule in loaded.layout.rules:
        x1, y1, x2, y2 = rule.points
        for dx, dy in loaded.layout.offsets_of(rule.scope):
            if abs(y1 - y2) < 0.2:
                yield min(x1, x2) + dx, max(x1, x2) + dx, y1 + dy


def _upright(loaded: LoadedLayout) -> Iterator[Segment]:
    for rule in loaded.layout.rules:
        x1, y1, x2, y2 = rule.points
        for dx, dy in loaded.layout.offsets_of(rule.scope):
            if abs(x1 - x2) < 0.2:
                yield min(y1, y2) + dy, max(y1, y2) + dy, x1 + dx
