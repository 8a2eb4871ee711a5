"""Takes the form's own print off a rectified page, leaving the writing: words, leaders, rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Gray
from ocr_pipeline.layout.anchors import AnchorMeasurement
from ocr_pipeline.layout.leader_removal import erase_leader, erase_rule
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.wide_caption import WIDE_MM, WideCaption, WordBox

_WHITE = 255
_INK_LEVELS = 45  # grey levels under white
_LEADER_STRIP_MM = 1.8
_RULE_STRIP_MM = 1.6
_GROW_MM = 0.3  # print is this much wider on the page than on the empty form
_TINY_MM = 3.0  # a dash or bracket: too small to be found on the page, so looked for around
_OUTSIDE = 0.35  # a piece of ink with more than this outside a caption is writing
_JOINED_MM = 0.8  # a piece that goes on further than this beside a caption is joined to writing
_FEWEST_WORDS = 8  # found on a page, to tell how much wider its print is
_MOST_STRETCH = 0.05
_BEFORE_MM, _BEHIND_MM = 0.6, 0.6  # a line, whose ends are not certain
_NEXT_DOT_MM = 1.8  # behind a leader: its row may go on for one dot more

Segment = tuple[float, float, float]
"""First and last coordinate along a line, and its place across, in mm."""


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
        has_print = self._mask > 0
        self._wide = {
            box: WideCaption(form, has_print, box, scale, self.pixel)
            for box in self._words
            if box[2] > WIDE_MM
        }
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
            erase_leader(self._strip(page, line, _LEADER_STRIP_MM, _NEXT_DOT_MM), self.scale)
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
                for part, off, is_clear in self._wide[box].placed(page, (dx, dy), stretch):
                    self._erase_word(page, part, off, dy, whole=is_clear)
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

    def _strip(self, page: Gray, line: Segment, beyond: float, behind: float = _BEHIND_MM) -> Gray:
        """View of `page` along a line, its middle row where the line should be."""
        start, end, place = line
        first, last = max(self.pixel(start - _BEFORE_MM), 0), self.pixel(end + behind)
        middle, reach = self.pixel(place), round(beyond * self.scale)
        if middle - reach < 0 or middle + reach + 1 > page.shape[0]:
            return page[:0, :0]
        return page[middle - reach : middle + reach + 1, first:last]

    def _erase_word(
        self,
        page: Gray,
        box: WordBox,
        dx: float,
        dy: float,
        more: float = 0.0,
        *,
        whole: bool = True,
    ) -> None:
        """Take off a caption (dx, dy) mm off its place, up to `more` mm wider on either side.

        `whole`: pieces of ink that lie in it are print, else only what coincides with the form's.
        """
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
        count, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
            ink, 8, cv2.CV_32S, cv2.CCL_GRANA
        )
        total = stats[:, cv2.CC_STAT_AREA]
        part = (slice(y1 - oy, y2 - oy), slice(x1 - ox, x2 - ox))
        within = np.bincount(labels[part].ravel(), minlength=count)
        printed = within > (1 - _OUTSIDE) * total
        printed[0] = False
        printed &= whole
        if box[2] <= _TINY_MM:
            printed &= total < 1.5 * self._amount(box)
        left, beside = stats[:, cv2.CC_STAT_LEFT], round(_JOINED_MM * self.scale)
        right = left + stats[:, cv2.CC_STAT_WIDTH]
        joined = printed & ((left < x1 - ox - beside) | (right > x2 - ox + beside))
        erase = (printed & ~joined)[labels]
        bounds = (box[0] + dx - more, box[0] + box[2] + dx + more)
        inner = (part[0], slice(*(max(self.pixel(bound) - ox, 0) for bound in bounds)))
        erase[inner] |= joined[labels[inner]]
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


def _stretch(found: Mapping[WordBox, tuple[float, float]]) -> float:
    """Share by which a page's print is wider than its form's: captions begin in the same places."""
    halves = np.array([box[2] / 2 for box in found])
    if len(halves) < _FEWEST_WORDS:
        return 0.0
    slope = np.polyfit(halves, [dx for dx, _ in found.values()], 1)[0]
    return float(np.clip(slope, -_MOST_STRETCH, _MOST_STRETCH))


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
