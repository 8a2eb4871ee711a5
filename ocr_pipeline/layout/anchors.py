"""What a layout is recognised and held by: words, level and upright lines, patches of these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats
from ocr_pipeline.layout.correlation import Patch, search_patch, search_profiles
from ocr_pipeline.layout.line_maps import Map, ink_map, line_maps
from ocr_pipeline.layout.loading import LoadedLayout, kept_with_layout

Number = TypeVar("Number", float, Floats)

FINE_PER_MM = 100 / 25.4  # pixels per mm of words and lines
BLOCK_PER_MM = 1.1  # pixels per mm of blocks (about 28 dpi)
_BLOCK_MM = 62.0
_LEANING = 0.2  # keeps blocks from slipping by a whole line of a form whose lines are alike
_PIECE_MM = 16.0  # a line is measured in pieces of this length
_REACH_MM = 1.6  # of a line's cross profile to either side: tells double lines from single ones
_FAINTEST_SHARE = 0.06  # of the paper: print fainter than this is not looked for
_END_MM = 5.0  # of a leader's end to either side
_STRAIGHT_MM = 0.2  # a rule that leans by more is no line that is looked for
_END_SCORE = 0.75
_END_WEIGHT = 0.5
_CAP = 1.5  # times the print: darker ink is writing, and counts no more than this
_SOFT_MM = 0.22
_LETTERS_MM = 8.0


@dataclass(frozen=True, slots=True)
class AnchorMeasurement:
    """Where anchors lie on a rectified page, against where they should be.

    Attributes:
        points: (N, 2) mm in the layout.
        shifts: (N, 2) mm, found minus expected; 0 where not measured.
        weights: (N, 2) 0 where an axis was not measured or the anchor was not found.
        score: (N,) correlation with the empty form, −1…1.
        word: (N,) whether the anchor is a caption.

    """

    points: Floats
    shifts: Floats
    weights: Floats
    score: Floats
    word: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Piece:
    centre: tuple[float, float]
    start: tuple[float, float]
    length: float
    upright: bool


class Anchors:
    """The anchors of one layout, cut from its empty form."""

    def __init__(self, loaded: LoadedLayout) -> None:
        self.layout = loaded.layout
        self.half_pixel = 0.5 * 25.4 / loaded.layout.reference_dpi
        page = loaded.layout.page
        self.size = (page.width, page.height)
        ink = ink_map(resampled(loaded, FINE_PER_MM), FINE_PER_MM)
        self._print = ink > 0.5 * float(np.percentile(ink[ink > _FAINTEST_SHARE], 80))
        # Whole pictures stay local: kept, they took 9 of the 13 MB of a layout.
        soft = self._softened(ink)
        letters, sums = _letters(soft), _sums(soft)
        self._words = [(box, self._patch(letters, box)) for box in _caption_boxes(loaded)]
        self._pieces = list(_pieces(loaded))
        self._profiles = self._across(sums, _REACH_MM)
        self._ends = list(_ends(loaded))
        self._steps = self._along(sums, _END_MM)
        coarse = resampled(loaded, BLOCK_PER_MM)
        channels = block_channels(coarse, BLOCK_PER_MM)
        self._blocks = [
            (box, Patch(channels[box[1] : box[3], box[0] : box[2]]))
            for box in _block_boxes(channels)
        ]

    @property
    def sideways(self) -> Floats:
        """Centres (N, 2) in mm of what can hold a page sideways: words and upright lines."""
        words = [(x + width / 2, y + height / 2) for (x, y, width, height), _ in self._words]
        return np.array([*words, *self.upright], float).reshape(-1, 2)

    @property
    def upright(self) -> Floats:
        """Centres (N, 2) in mm of the pieces of upright lines."""
        centres = [piece.centre for piece in self._pieces if piece.upright]
        return np.array(centres, float).reshape(-1, 2)

    def axes(self, scale: float) -> tuple[Floats, Floats]:
        """Millimetres of the pixel centres of a rectified page at `scale` pixels per mm."""
        return tuple(  # type: ignore[return-value]
            (np.arange(round(length * scale)) + 0.5) / scale - self.half_pixel
            for length in self.size
        )

    def pixel(self, mm: Number, scale: float) -> Number:
        """Pixel index on a rectified page of a coordinate (or several) in mm."""
        return (mm + self.half_pixel) * scale - 0.5

    def soft_ink(self, rectified: npt.NDArray[np.uint8]) -> Map:
        """Ink of a page rectified at `FINE_PER_MM`, 1 where it is as dark as the page's print.

        Softened, so that another typeface of the same words still correlates, and cut off a little
        above the print, so that the pen does not outweigh it.
        """
        return self._softened(ink_map(rectified, FINE_PER_MM, floor=0.03))

    def _softened(self, ink: Map) -> Map:
        level = (
            max(float(np.median(ink[self._print])), _FAINTEST_SHARE) if self._print.any() else 1.0
        )
        capped = ink / np.float32(level)
        np.minimum(capped, np.float32(_CAP), out=capped)
        return np.asarray(cv2.GaussianBlur(capped, (0, 0), _SOFT_MM * FINE_PER_MM), np.float32)

    def blocks(self, page: Map, reach: float) -> AnchorMeasurement:
        """Shifts of large blocks; `page` (H, W, 2) as from `block_channels`, `reach` in mm."""
        rows = []
        for (x1, y1, x2, y2), patch in self._blocks:
            found = search_patch(page, patch, x1, y1, round(reach * BLOCK_PER_MM), _LEANING)
            if found is None:
                continue
            dx, dy, score, wx, wy = found
            centre = ((x1 + x2) / 2 / BLOCK_PER_MM, (y1 + y2) / 2 / BLOCK_PER_MM)
            rows.append((*centre, dx / BLOCK_PER_MM, dy / BLOCK_PER_MM, wx, wy, score, False))
        return _measured(rows)

    def details(self, ink: Map, reach: float) -> AnchorMeasurement:
        """Shifts of captions and lines; `ink` from `soft_ink`, `reach` in mm."""
        letters = _letters(ink)
        words = _measured([self._word(letters, box, patch, reach) for box, patch in self._words])
        sums = _sums(ink)
        return _joined([words, self._lines(sums, reach), self._line_ends(sums, reach)])

    def _patch(
        self, letters: Map, box: tuple[float, float, float, float]
    ) -> tuple[int, int, Patch]:
        x, y, width, height = box
        x1, y1 = round(self.pixel(x - 0.7, FINE_PER_MM)), round(self.pixel(y - 0.2, FINE_PER_MM))
        x2, y2 = (
            round(self.pixel(x + width + 0.7, FINE_PER_MM)),
            round(self.pixel(y + height, FINE_PER_MM)),
        )
        x1, y1 = max(x1, 0), max(y1, 0)
        return x1, y1, Patch(letters[y1:y2, x1:x2])

    def _word(
        self,
        ink: Map,
        box: tuple[float, float, float, float],
        patch: tuple[int, int, Patch],
        reach: float,
    ) -> tuple[float, ...]:
        x1, y1, template = patch
        centre = (box[0] + box[2] / 2, box[1] + box[3] / 2)
        found = search_patch(ink, template, x1, y1, round(reach * FINE_PER_MM))
        if found is None:
            return (*centre, 0, 0, 0, 0, 0, True)
        dx, dy, score, _, _ = found
        return (*centre, dx / FINE_PER_MM, dy / FINE_PER_MM, 1, 1, score, True)

    def _lines(self, sums: Floats, reach: float) -> AnchorMeasurement:
        points = np.array([piece.centre for piece in self._pieces]).reshape(-1, 2)
        upright = np.array([piece.upright for piece in self._pieces], bool)
        if not len(points):
            return _measured([])
        found, score = search_profiles(self._across(sums, _REACH_MM + reach), self._profiles)
        axes = np.stack([upright, ~upright], axis=1).astype(float)
        shifts = axes * (found / FINE_PER_MM)[:, None]
        return AnchorMeasurement(points, shifts, axes, score, np.zeros(len(points), bool))

    def _line_ends(self, sums: Floats, reach: float) -> AnchorMeasurement:
        points = np.array(self._ends, float).reshape(-1, 2)
        if not len(points):
            return _measured([])
        found, score = search_profiles(self._along(sums, _END_MM + reach), self._steps)
        score = np.where(score >= _END_SCORE, score, 0.0)
        nothing = np.zeros(len(points))
        shifts = np.stack([found / FINE_PER_MM, nothing], axis=1) * (score > 0)[:, None]
        weights = np.stack([np.where(score > 0, _END_WEIGHT, 0.0), nothing], axis=1)
        return AnchorMeasurement(points, shifts, weights, score, np.zeros(len(points), bool))

    def _across(self, sums: Floats, reach: float) -> Floats:
        """Mean ink along each piece of line, at places up to `reach` mm across it; (N, L)."""
        half = round(reach * FINE_PER_MM)
        steps = np.arange(-half, half + 1)
        profiles = np.zeros((len(self._pieces), len(steps)))
        for upright in (False, True):
            chosen = [k for k, piece in enumerate(self._pieces) if piece.upright == upright]
            if not chosen:
                continue
            table = sums.T if upright else sums
            start = np.array([self._pieces[k].start for k in chosen])
            along, place = (start[:, 1], start[:, 0]) if upright else (start[:, 0], start[:, 1])
            length = np.array([self._pieces[k].length for k in chosen])
            most = table.shape[1] - 1
            first = np.clip(np.rint(self.pixel(along, FINE_PER_MM)), 0, most - 1).astype(np.intp)
            last = np.clip(self.pixel(along + length, FINE_PER_MM), first + 1, most).astype(np.intp)
            middle = np.rint(self.pixel(place, FINE_PER_MM)).astype(np.intp)
            rows = np.clip(middle[:, None] + steps, 0, table.shape[0] - 2)
            from_, to = first[:, None], last[:, None]
            below = table[rows + 1, to] - table[rows + 1, from_]
            profiles[chosen] = (below - (table[rows, to] - table[rows, from_])) / (to - from_)
        return profiles

    def _along(self, sums: Floats, reach: float) -> Floats:
        """Mean ink along each leader at places up to `reach` mm before and behind its end."""
        half = round(reach * FINE_PER_MM)
        steps = np.arange(-half, half + 1)
        if not self._ends:
            return np.zeros((0, len(steps)))
        ends = np.array(self._ends, float)
        top = np.clip(
            np.rint(self.pixel(ends[:, 1], FINE_PER_MM)).astype(np.intp) - 2, 0, len(sums) - 6
        )
        middle = np.rint(self.pixel(ends[:, 0], FINE_PER_MM)).astype(np.intp)
        columns = np.clip(middle[:, None] + steps, 0, sums.shape[1] - 2)
        high, low = top[:, None], top[:, None] + 5
        right = sums[low, columns + 1] - sums[high, columns + 1]
        profile = np.minimum((right - (sums[low, columns] - sums[high, columns])) / 5, 1.0)
        smooth = cv2.blur(profile, (5, 1), borderType=cv2.BORDER_CONSTANT)
        return np.asarray(smooth, np.float64)


def _block_boxes(channels: Map) -> Iterator[tuple[int, int, int, int]]:
    """Boxes of blocks that hold print: left, top, right and bottom in pixels."""
    height, width = channels.shape[:2]
    size = round(_BLOCK_MM * BLOCK_PER_MM)
    energy = channels.sum(axis=2)
    typical = float(energy.mean())
    for y1 in _starts(height, size):
        for x1 in _starts(width, size):
            if energy[y1 : y1 + size, x1 : x1 + size].mean() > 0.25 * typical:
                yield x1, y1, min(x1 + size, width), min(y1 + size, height)


@kept_with_layout
def anchors_of(loaded: LoadedLayout) -> Anchors:
    """The anchors of a layout, prepared once."""
    return Anchors(loaded)


def block_channels(gray: npt.NDArray[np.uint8], scale: float) -> Map:
    """(H, W, 2): level lines; upright lines and words."""
    maps = line_maps(ink_map(gray, scale), scale)
    stacked = cv2.merge([maps.level, np.maximum(maps.upright, 0.6 * maps.words)])
    return np.asarray(cv2.GaussianBlur(stacked, (0, 0), 0.9), np.float32)


def resampled(loaded: LoadedLayout, scale: float) -> npt.NDArray[np.uint8]:
    """The empty form at `scale` pixels per mm, as a rectified page."""
    size = (round(loaded.layout.page.width * scale), round(loaded.layout.page.height * scale))
    shape = loaded.reference.shape
    method = cv2.INTER_AREA if size[0] < shape[1] else cv2.INTER_LINEAR
    return cv2.resize(loaded.reference, size, interpolation=method)  # type: ignore[return-value]


def _starts(length: int, size: int) -> list[int]:
    count = max(1, int(np.ceil((length - size) / (0.7 * size))) + 1)
    return [round(v) for v in np.linspace(0, max(length - size, 0), count)]


def _caption_boxes(loaded: LoadedLayout) -> Iterator[tuple[float, float, float, float]]:
    for caption in loaded.layout.captions:
        if caption.anchor:
            x, y, width, height = caption.box
            for dx, dy in loaded.layout.offsets_of(caption.scope):
                yield x + dx, y + dy, width, height


def _pieces(loaded: LoadedLayout) -> Iterator[_Piece]:
    layout = loaded.layout
    for leader in layout.leaders:
        for dx, dy in loaded.layout.offsets_of(leader.scope):
            yield from _split(leader.x1 + dx, leader.y + dy, leader.x2 - leader.x1, upright=False)
    for rule in layout.rules:
        x1, y1, x2, y2 = rule.points
        for dx, dy in loaded.layout.offsets_of(rule.scope):
            if abs(y2 - y1) < _STRAIGHT_MM:
                yield from _split(min(x1, x2) + dx, y1 + dy, abs(x2 - x1), upright=False)
            elif abs(x2 - x1) < _STRAIGHT_MM:
                yield from _split(x1 + dx, min(y1, y2) + dy, abs(y2 - y1), upright=True)


def _ends(loaded: LoadedLayout) -> Iterator[tuple[float, float]]:
    """Ends of leaders that run out into bare paper: they hold a form without upright lines.

    Those before an upright line are none: what is found there is the line, on no page the end.
    """
    layout = loaded.layout
    uprights = [
        (x1 + dx, min(y1, y2) + dy, max(y1, y2) + dy)
        for x1, y1, x2, y2, scope in ((*rule.points, rule.scope) for rule in layout.rules)
        for dx, dy in layout.offsets_of(scope)
        if abs(x2 - x1) < _STRAIGHT_MM
    ]
    for leader in layout.leaders:
        for dx, dy in layout.offsets_of(leader.scope):
            y = leader.y + dy
            if leader.x2 - leader.x1 <= _END_MM:
                continue
            for x in (leader.x2 + dx, leader.x1 + dx):
                near = (abs(at - x) < _END_MM and top <= y <= end for at, top, end in uprights)
                if not any(near):
                    yield x, y


def _split(x: float, y: float, length: float, *, upright: bool) -> Iterator[_Piece]:
    count = max(1, round(length / _PIECE_MM))
    part = length / count
    if part < 5:
        return
    for k in range(count):
        along = part * k
        start = (x, y + along) if upright else (x + along, y)
        centre = (x, y + along + part / 2) if upright else (x + along + part / 2, y)
        yield _Piece(centre, start, part, upright)


def _measured(rows: Sequence[tuple[float, ...]]) -> AnchorMeasurement:
    table = np.array(rows, float).reshape(-1, 8)
    return AnchorMeasurement(
        table[:, 0:2], table[:, 2:4], table[:, 4:6], table[:, 6], table[:, 7] > 0
    )


def _letters(ink: Map) -> Map:
    """Ink without what all lines of print have in common, so that words differ from other words."""
    return ink - np.asarray(cv2.blur(ink, (round(_LETTERS_MM * FINE_PER_MM) | 1, 1)), np.float32)


def _sums(ink: Map) -> Floats:
    return np.asarray(cv2.integral(ink, sdepth=cv2.CV_64F), np.float64)


def _joined(parts: list[AnchorMeasurement]) -> AnchorMeasurement:
    return AnchorMeasurement(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("points", "shifts", "weights", "score", "word")
        )
    )
