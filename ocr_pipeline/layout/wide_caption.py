"""A long printed caption, found at both of its ends: a printing house may set it wider."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from ocr_pipeline.arrays import AnyGray, Mask
from ocr_pipeline.layout.correlation import Patch, search_patch
from ocr_pipeline.layout.line_maps import Map

WIDE_MM = 45.0
"""From this width on the ends are looked for: print 3 % wider moves them by 0.7 mm."""

_END_MM = 12.0  # of the print that is looked for
_REACH_MM = 1.5
_ALIKE = 0.5  # correlation from which an end was found
_LEANING = 0.1  # towards the place that is expected, in correlation
_PART_MM = 15.0  # whole words are taken together up to about this width
_SPACE_MM = 0.2  # between words, when print has grown
_TAIL_MM = 3.0  # the last letter and the colon, where writing may begin
# Ink there, as a multiple of the form's and of what the beginning of the caption has more: 0.8-1.3
# where nothing else stands, 1.4-1.7 where somebody typed over the colon.
_FULL = 1.35
_WHITE = 255

WordBox = tuple[float, float, float, float]
"""Left and upper edge of a caption, its width and height, in mm."""


class WideCaption:
    """A caption wider than `WIDE_MM`, cut from the empty form.

    Args:
        form: (H, W) the empty form, uint8, at the scale of the pages.
        print_: (H, W) where the form has print, grown.
        box: of the caption.
        scale: pixels per mm.
        pixel: nearest pixel of a coordinate in mm.

    """

    def __init__(
        self,
        form: AnyGray,
        print_: Mask,
        box: WordBox,
        scale: float,
        pixel: Callable[[float], int],
    ) -> None:
        x, y, width, height = box
        self._box, self._scale, self._pixel = box, scale, pixel
        x1, x2 = pixel(x), pixel(x + width)
        y1, y2 = max(pixel(y), 0), pixel(y + height)
        end = round(_END_MM * scale)
        self._ends = tuple(
            Patch(_darkness(form[y1:y2, left : left + end])) for left in (x1, x2 - end)
        )
        tail = x2 - round(_TAIL_MM * scale)
        self._usual = [
            float(_darkness(form[y1:y2, left:right]).sum())
            for left, right in ((x1, x1 + end), (tail, x2))
        ]
        places = [x + cut / scale for cut in self._cuts(print_[y1:y2, x1:x2])] + [x + width]
        self._parts = [(a, y, b - a, height) for a, b in pairwise(places)]

    def _cuts(self, print_: Mask) -> list[int]:
        """Columns of the caption's print at which its parts begin: between words."""
        bare = ~print_.any(axis=0)
        space = np.ones(max(round(_SPACE_MM * self._scale), 1))
        gaps = np.flatnonzero(np.convolve(bare, space, "same") > len(space) - 0.5)
        cuts = [0]
        for gap in gaps.tolist():
            if gap - cuts[-1] > _PART_MM * self._scale:
                cuts.append(gap)
        return cuts

    def placed(
        self, page: AnyGray, shift: tuple[float, float], stretch: float
    ) -> Iterator[tuple[WordBox, float, bool]]:
        """Its parts: the box, how far in mm it stands to the right, whether nothing stands on it.

        Args:
            page: (H, W) uint8, rectified.
            shift: (dx, dy) in mm of the caption's middle, as far as known; where print is wider
                about half of the true shift is found.
            stretch: share by which the page's print is wider.

        """
        x, _, width, _ = self._box
        dx, dy = shift
        apart = (width - _END_MM) / 2
        offs = [
            self._end_off(page, side, (dx + side * stretch * apart, dy), end)
            for side, end in zip((-1, 1), self._ends, strict=True)
        ]
        is_clear = self._is_clear(page, offs, dy)
        for part in self._parts:
            place = (part[0] + part[2] / 2 - (x + width / 2)) / apart
            is_last = part is self._parts[-1]
            yield part, float(np.interp(place, (-1, 1), offs)), is_clear or not is_last

    def _is_clear(self, page: AnyGray, offs: Sequence[float], dy: float) -> bool:
        """Whether the end holds no more ink than print as bold as the beginning does."""
        x, y, width, height = self._box
        rows = slice(max(self._pixel(y + dy), 0), self._pixel(y + height + dy))
        begin, end = self._pixel(x + offs[0]), self._pixel(x + width + offs[1])
        tail = end - round(_TAIL_MM * self._scale)
        first, last = (
            float(_darkness(page[rows, max(left, 0) : right]).sum()) / max(usual, 1.0)
            for (left, right), usual in zip(
                ((begin, begin + round(_END_MM * self._scale)), (tail, end)),
                self._usual,
                strict=True,
            )
        )
        return last <= _FULL * first

    def _end_off(self, page: AnyGray, side: int, about: tuple[float, float], end: Patch) -> float:
        """How far to the right in mm the left (−1) or right (1) end stands; `about` this far."""
        x, y, width, _ = self._box
        dx, dy = about
        reach = round(_REACH_MM * self._scale)
        x1 = self._pixel(x + dx) if side < 0 else self._pixel(x + width + dx) - end.width
        y1 = self._pixel(y + dy)
        left, top = max(x1 - 2 * reach, 0), max(y1 - 2 * reach, 0)
        part = page[top : y1 + end.height + 2 * reach, left : x1 + end.width + 2 * reach]
        found = search_patch(_darkness(part), end, x1 - left, y1 - top, reach, _LEANING)
        return dx + found[0] / self._scale if found is not None and found[2] > _ALIKE else dx


def _darkness(picture: AnyGray) -> Map:
    """0 white … 1 black."""
    return np.asarray(picture, np.float32) / np.float32(-_WHITE) + np.float32(1)
