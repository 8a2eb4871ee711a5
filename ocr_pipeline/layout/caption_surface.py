"""Where the words of a caption may stand on a picture of print: correlation over its places."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats
from ocr_pipeline.layout.anchors import FINE_PER_MM
from ocr_pipeline.layout.form_drawing import draw_caption
from ocr_pipeline.layout.line_maps import Map
from ocr_pipeline.layout.print_items import PrintItem
from ocr_pipeline.layout.schema import BoxMm, Caption

UP_MM = 20.0
"""How far a row may stand from where the layout has it: two lines of print."""

ALONG_MM = 26.0
"""How far a caption may stand along its row: another wording stands before it."""

_WIDTHS = (0.86, 0.92, 0.98, 1.04, 1.1, 1.16)  # of other letters
_SOFT_MM = 0.25
_FAINTEST_SHARE = 0.06  # of the paper
_FAINT = 0.3  # times the contrast of the words looked for: what is fainter is paper or a remainder
_REACH = round(1.2 * FINE_PER_MM)  # pixels that a row's height may be off
_CHANCE = 0.3  # correlation that any words have


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A caption or tick box in the picture.

    Attributes:
        box: x, y, width, height in mm.
        score: correlation with what was looked for, at most 1.
        same_words: whether the words are those of the layout; the box is around them all the same.

    """

    box: BoxMm
    score: float
    same_words: bool = True

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.box[0] + self.box[2]


@dataclass(frozen=True, slots=True, eq=False)
class CaptionSurface:
    """Correlation of one caption over the places of its upper left corner.

    Attributes:
        score: (H, W) correlation, -1 where it cannot stand.
        widths: (H, W) width of the letters that fit best, against the layout's.
        x0, y0: pixel of the picture that the first of these is about.
        x, y: where the layout has it, in mm.
        width, height: of its words in mm.

    """

    score: Map
    widths: Map
    x0: int
    y0: int
    x: float
    y: float
    width: float
    height: float

    def by_row(self, steps: Floats) -> Floats:
        """What it says of its row standing so many mm lower: 0 for chance."""
        along = self.score.max(axis=1)
        return _beyond_chance(along, pixels(self.y + steps) - self.y0)

    def along_row(self, steps: Floats, shift: float) -> Floats:
        """What it says of its standing so many mm further right, its row being known."""
        reach = _REACH
        row = pixel(self.y + shift) - self.y0
        part = self.score[max(row - reach, 0) : row + reach + 1]
        if not part.size:
            return np.zeros(len(steps))
        along = part.max(axis=0)
        return _beyond_chance(along, pixels(self.x + steps) - self.x0)

    def at(self, dx: float, shift: float) -> PlacedBox:
        """The best place within a mm of there."""
        reach = _REACH
        row, column = pixel(self.y + shift) - self.y0, pixel(self.x + dx) - self.x0
        top, left = max(row - reach, 0), max(column - reach, 0)
        part = self.score[top : row + reach + 1, left : column + reach + 1]
        if not part.size:
            return PlacedBox((self.x + dx, self.y + shift, self.width, self.height), -1.0)
        _, best, _, (px, py) = cv2.minMaxLoc(part)
        stretch = float(self.widths[top + py, left + px])
        x = (left + px + self.x0) / FINE_PER_MM
        y = (top + py + self.y0) / FINE_PER_MM
        box = (x, y, self.width * stretch, self.height)
        return PlacedBox(box, float(best))


def _beyond_chance(scores: Map, places: npt.NDArray[np.intp]) -> Floats:
    """The best of each place and its two neighbours, above chance; 0 at the ends and beyond."""
    inside = (places >= 1) & (places < len(scores) - 1)
    at = np.clip(places, 1, max(len(scores) - 2, 1))
    best = np.maximum(np.maximum(scores[at - 1], scores[at]), scores[at + 1])
    return np.where(inside, np.maximum(best - _CHANCE, 0), 0.0)


def _correlation(window: Map, patch: Map) -> Map:
    """Correlation of a patch at all places; of bare paper 0."""
    score = cv2.matchTemplate(window, patch, cv2.TM_CCOEFF_NORMED)
    size = (patch.shape[1], patch.shape[0])
    mean = cv2.boxFilter(window, -1, size, anchor=(0, 0))
    spread = cv2.sqrBoxFilter(window, -1, size, anchor=(0, 0)) - mean * mean
    inked = spread[: score.shape[0], : score.shape[1]] > (_FAINT * float(patch.std())) ** 2
    return np.asarray(np.where(inked, score, 0.0), np.float32)


def evened(ink: Map) -> Map:
    """Ink in units of the print."""
    dark = ink[ink > _FAINTEST_SHARE]
    usual = float(np.percentile(dark, 80)) if dark.size else 1.0
    result: Map = np.minimum(ink / max(usual, _FAINTEST_SHARE), 1.2)
    return result


def soft(ink: Map) -> Map:
    """Softened, so that letters of another typeface still correlate."""
    return np.asarray(cv2.GaussianBlur(ink, (0, 0), _SOFT_MM * FINE_PER_MM), np.float32)


def pixel(mm: float) -> int:
    """Pixel of a place in mm, at `FINE_PER_MM`."""
    return round(mm * FINE_PER_MM)


def pixels(mm: Floats) -> npt.NDArray[np.intp]:
    """The same of several places."""
    return np.rint(mm * FINE_PER_MM).astype(np.intp)


def caption_surface(ink: Map, caption: Caption, item: PrintItem) -> CaptionSurface:
    """Correlation of a caption's words, in letters of several widths, around its place.

    Args:
        ink: from `soft`, at `FINE_PER_MM`.
        caption: the words.
        item: where the layout has them.

    """
    width, height = item.x2 - item.x1, caption.box[3]
    top, left = item.y - 0.8 * height, item.x1
    y1, x1 = max(pixel(top - UP_MM), 0), max(pixel(left - ALONG_MM), 0)
    y2, x2 = max(pixel(top + height + UP_MM), y1), max(pixel(left + width + ALONG_MM), x1)
    window = ink[y1:y2, x1:x2]
    best = np.full(window.shape, -1.0, np.float32)
    widths = np.ones(window.shape, np.float32)
    families: tuple[Literal["serif", "sans"], ...] = ("serif", "sans")
    for family, stretch in product(families, _WIDTHS):
        patch = soft(draw_caption(caption, width * stretch, FINE_PER_MM, family))
        if patch.shape[0] >= window.shape[0] or patch.shape[1] >= window.shape[1]:
            continue
        score = _correlation(window, patch)
        part = (slice(score.shape[0]), slice(score.shape[1]))
        widths[part][score > best[part]] = stretch
        best[part] = np.maximum(best[part], score)
    return CaptionSurface(best, widths, x1, y1, left, top, width, height)
