"""What a layout is recognised and held by: words, level and upright lines, patches of these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.maps import Map, ink_map, line_maps

Floats = npt.NDArray[np.float64]

FINE = 100 / 25.4  # pixels per mm of words and lines
BLOCK = 1.1  # pixels per mm of blocks (about 28 dpi)
_BLOCK_MM = 62.0
_LEANING = 0.2  # keeps blocks from slipping by a whole line of a form whose lines are alike
_PIECE_MM = 16.0  # a line is measured in pieces of this length
_REACH_MM = 1.6  # of a line's cross profile to either side: tells double lines from single ones
_FAINTEST = 0.06  # of the paper: print fainter than this is not looked for
_END_MM = 5.0  # of a leader's end to either side
_END_SCORE = 0.75
_CAP = 1.5  # times the print: darker ink is writing, and counts no more than this
_SOFT_MM = 0.22
_SHALLOW = 0.05  # a line less dark than this, in units of the print, counts for less


@dataclass(frozen=True, slots=True)
class Measured:
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
        ink = ink_map(_resampled(loaded, FINE), FINE)
        self._print = ink > 0.5 * float(np.percentile(ink[ink > _FAINTEST], 80))
        self._ink = self._softened(ink)
        self._words = [(box, self._patch(box)) for box in _caption_boxes(loaded)]
        self._pieces = list(_pieces(loaded))
        self._profiles = [self._profile(self._ink, piece, _REACH_MM) for piece in self._pieces]
        self._ends = list(_ends(loaded))
        self._steps = [self._along(self._ink, end, _END_MM) for end in self._ends]
        coarse = _resampled(loaded, BLOCK)
        self._channels = block_channels(coarse, BLOCK)
        self._blocks = list(self._block_boxes())

    def axes(self, scale: float) -> tuple[Floats, Floats]:
        """Millimetres of the pixel centres of a rectified page at `scale` pixels per mm."""
        return tuple(  # type: ignore[return-value]
            (np.arange(round(length * scale)) + 0.5) / scale - self.half_pixel
            for length in self.size
        )

    def pixel(self, mm: float, scale: float) -> float:
        """Pixel index on a rectified page of a coordinate in mm."""
        return (mm + self.half_pixel) * scale - 0.5

    def soft_ink(self, rectified: npt.NDArray[np.uint8]) -> Map:
        """Ink of a page rectified at `FINE`, 1 where it is as dark as the page's print.

        Softened, so that another typeface of the same words still correlates, and cut off a little
        above the print, so that the pen does not outweigh it.
        """
        return self._softened(ink_map(rectified, FINE, floor=0.03))

    def _softened(self, ink: Map) -> Map:
        level = max(float(np.median(ink[self._print])), _FAINTEST) if self._print.any() else 1.0
        result: Map = cv2.GaussianBlur(np.minimum(ink / level, _CAP), (0, 0), _SOFT_MM * FINE)
        return result

    def blocks(self, page: Map, reach: float) -> Measured:
        """Shifts of large blocks; `page` (H, W, 3) as from `block_channels`, `reach` in mm."""
        rows = []
        for x1, y1, x2, y2 in self._blocks:
            patch = self._channels[y1:y2, x1:x2]
            found = _search(page, patch, x1, y1, round(reach * BLOCK), _LEANING)
            if found is None:
                continue
            dx, dy, score, wx, wy = found
            centre = ((x1 + x2) / 2 / BLOCK, (y1 + y2) / 2 / BLOCK)
            rows.append((*centre, dx / BLOCK, dy / BLOCK, wx, wy, score, False))
        return _measured(rows)

    def details(self, ink: Map, reach: float) -> Measured:
        """Shifts of captions and lines; `ink` from `soft_ink`, `reach` in mm."""
        rows = [self._word(ink, box, patch, reach) for box, patch in self._words]
        for piece, profile in zip(self._pieces, self._profiles, strict=True):
            rows.append(self._line(ink, piece, profile, reach))
        for end, step in zip(self._ends, self._steps, strict=True):
            rows.append(self._end(ink, end, step, reach))
        return _measured([row for row in rows if row is not None])

    def _patch(self, box: tuple[float, float, float, float]) -> tuple[int, int, Map]:
        x, y, width, height = box
        x1, y1 = round(self.pixel(x - 0.7, FINE)), round(self.pixel(y - 0.2, FINE))
        x2, y2 = round(self.pixel(x + width + 0.7, FINE)), round(self.pixel(y + height, FINE))
        x1, y1 = max(x1, 0), max(y1, 0)
        return x1, y1, self._ink[y1:y2, x1:x2]

    def _word(
        self,
        ink: Map,
        box: tuple[float, float, float, float],
        patch: tuple[int, int, Map],
        reach: float,
    ) -> tuple[float, ...]:
        x1, y1, template = patch
        centre = (box[0] + box[2] / 2, box[1] + box[3] / 2)
        found = _search(ink, template, x1, y1, round(reach * FINE))
        if found is None:
            return (*centre, 0, 0, 0, 0, 0, True)
        dx, dy, score, _, _ = found
        return (*centre, dx / FINE, dy / FINE, 1, 1, score, True)

    def _line(self, ink: Map, piece: _Piece, profile: Floats, reach: float) -> tuple[float, ...]:
        found = _search_profile(self._profile(ink, piece, _REACH_MM + reach), profile)
        shift, score = (found[0] / FINE, found[1]) if found else (0.0, 0.0)
        if piece.upright:
            return (*piece.centre, shift, 0, 1, 0, score, False)
        return (*piece.centre, 0, shift, 0, 1, score, False)

    def _end(
        self, ink: Map, end: tuple[float, float], step: Floats, reach: float
    ) -> tuple[float, ...]:
        found = _search_profile(self._along(ink, end, _END_MM + reach), step)
        if found is None or found[1] < _END_SCORE:
            return (*end, 0, 0, 0, 0, 0, False)
        return (*end, found[0] / FINE, 0, 0.5, 0, found[1], False)

    def _along(self, ink: Map, end: tuple[float, float], reach: float) -> Floats:
        """Mean ink along a leader, at the places up to `reach` mm before and behind its end."""
        x, y, half = round(self.pixel(end[0], FINE)), round(self.pixel(end[1], FINE)), 2
        columns = np.arange(x - round(reach * FINE), x + round(reach * FINE) + 1)
        part = ink[max(y - half, 0) : y + half + 1]
        profile = part[:, np.clip(columns, 0, ink.shape[1] - 1)].mean(axis=0, dtype=np.float64)
        return np.convolve(np.minimum(profile, 1.0), np.ones(5) / 5, mode="same")

    def _profile(self, ink: Map, piece: _Piece, reach: float) -> Floats:
        """Mean ink along the piece, for each position across it up to `reach` mm away."""
        picture = ink.T if piece.upright else ink
        x, y = piece.start[::-1] if piece.upright else piece.start
        x1 = max(round(self.pixel(x, FINE)), 0)
        x2 = round(self.pixel(x + piece.length, FINE))
        middle, half = round(self.pixel(y, FINE)), round(reach * FINE)
        lines = np.clip(np.arange(middle - half, middle + half + 1), 0, picture.shape[0] - 1)
        part = picture[lines, x1:x2]
        if part.shape[1] == 0:
            return np.zeros(len(lines))
        result: Floats = part.mean(axis=1, dtype=np.float64)
        return result

    def _block_boxes(self) -> Iterator[tuple[int, int, int, int]]:
        height, width = self._channels.shape[:2]
        size = round(_BLOCK_MM * BLOCK)
        energy = self._channels.sum(axis=2)
        typical = float(energy.mean())
        for y1 in _starts(height, size):
            for x1 in _starts(width, size):
                if energy[y1 : y1 + size, x1 : x1 + size].mean() > 0.25 * typical:
                    yield x1, y1, min(x1 + size, width), min(y1 + size, height)


@lru_cache(maxsize=256)
def anchors_of(loaded: LoadedLayout) -> Anchors:
    """The anchors of a layout, prepared once."""
    return Anchors(loaded)


def block_channels(gray: npt.NDArray[np.uint8], scale: float) -> Map:
    """(H, W, 3) level lines, upright lines, words."""
    maps = line_maps(ink_map(gray, scale), scale)
    stacked = cv2.merge([maps.level, maps.upright, 0.6 * maps.words])
    result: Map = cv2.GaussianBlur(stacked, (0, 0), 0.9)
    return result


def _resampled(loaded: LoadedLayout, scale: float) -> npt.NDArray[np.uint8]:
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
            for dx, dy in _offsets(loaded, caption.scope):
                yield x + dx, y + dy, width, height


def _offsets(loaded: LoadedLayout, scope: str) -> tuple[tuple[float, float], ...]:
    return loaded.layout.records.offsets if scope == "record" else ((0.0, 0.0),)


def _pieces(loaded: LoadedLayout) -> Iterator[_Piece]:
    layout = loaded.layout
    for leader in layout.leaders:
        for dx, dy in _offsets(loaded, leader.scope):
            yield from _split(leader.x1 + dx, leader.y + dy, leader.x2 - leader.x1, upright=False)
    for rule in layout.rules:
        x1, y1, x2, y2 = rule.points
        for dx, dy in _offsets(loaded, rule.scope):
            if abs(y2 - y1) < 0.2:
                yield from _split(min(x1, x2) + dx, y1 + dy, abs(x2 - x1), upright=False)
            elif abs(x2 - x1) < 0.2:
                yield from _split(x1 + dx, min(y1, y2) + dy, abs(y2 - y1), upright=True)


def _ends(loaded: LoadedLayout) -> Iterator[tuple[float, float]]:
    """Ends of leaders that run out into bare paper: they hold a form without upright lines."""
    leaders = [
        (m.x1 + dx, m.x2 + dx, m.y + dy)
        for m in loaded.layout.leaders
        for dx, dy in _offsets(loaded, m.scope)
    ]
    for x1, x2, y in leaders:
        if x2 - x1 > _END_MM:
            yield x2, y
            yield x1, y


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


def _search(
    picture: Map, patch: Map, x1: int, y1: int, reach: int, leaning: float = 0.0
) -> tuple[float, float, float, float, float] | None:
    """Shift (dx, dy) of `patch` around (x1, y1) in pixels, its correlation, and its firmness.

    `leaning` prefers small shifts: what the correlation loses towards the end of the reach.
    """
    top, left = max(y1 - reach, 0), max(x1 - reach, 0)
    window = picture[top : y1 + patch.shape[0] + reach, left : x1 + patch.shape[1] + reach]
    if window.shape[0] <= patch.shape[0] or window.shape[1] <= patch.shape[1] or not patch.size:
        return None
    surface = _correlation(window, patch)
    if leaning:
        surface = surface - leaning * _distance(surface.shape, x1 - left, y1 - top, reach)
    _, score, _, (px, py) = cv2.minMaxLoc(surface)
    dx, cx = _vertex(surface[py], px)
    dy, cy = _vertex(surface[:, px], py)
    return left + px + dx - x1, top + py + dy - y1, score, cx, cy


def _distance(shape: tuple[int, ...], x: int, y: int, reach: int) -> Map:
    """Square of the distance from (x, y), 1 at `reach`."""
    rows, columns = np.arange(shape[0], dtype=np.float32), np.arange(shape[1], dtype=np.float32)
    result: Map = ((rows[:, None] - y) ** 2 + (columns - x) ** 2) / np.float32(reach**2)
    return result


def _correlation(window: Map, patch: Map) -> Map:
    """As `cv2.matchTemplate` with TM_CCOEFF_NORMED, ten times faster on small pictures."""
    height, width = patch.shape[:2]
    rows, columns = window.shape[0] - height + 1, window.shape[1] - width + 1
    shape = tuple(cv2.getOptimalDFTSize(n) for n in window.shape[:2])
    product = np.zeros((rows, columns), np.float32)
    spread = np.zeros((rows, columns), np.float32)
    energy = 0.0
    for one, other in zip(_planes(window), _planes(patch), strict=True):
        centred = other - float(other.mean())
        energy += float(np.vdot(centred, centred))
        spectrum = cv2.mulSpectrums(
            cv2.dft(_padded(one, shape)), cv2.dft(_padded(centred, shape)), 0, conjB=True
        )
        product += cv2.idft(spectrum, flags=cv2.DFT_SCALE)[:rows, :columns]
        sums = cv2.boxFilter(one, -1, (width, height), anchor=(0, 0), normalize=False)
        squares = cv2.sqrBoxFilter(one, -1, (width, height), anchor=(0, 0), normalize=False)
        spread += (squares - sums * sums / (height * width))[:rows, :columns]
    floor = 1e-5 * height * width  # an even window correlates with nothing
    result: Map = product / np.sqrt(np.maximum(spread, floor) * max(energy, 1e-6))
    return result


def _planes(picture: Map) -> list[Map]:
    return list(cv2.split(picture)) if picture.ndim == 3 else [picture]  # type: ignore[arg-type]


def _padded(picture: Map, shape: tuple[int, ...]) -> Map:
    padded = np.zeros(shape, np.float32)
    padded[: picture.shape[0], : picture.shape[1]] = picture
    return padded


def _vertex(values: npt.NDArray[np.floating], peak: int) -> tuple[float, float]:
    """Sub-pixel offset of a peak, and how much it falls off within three pixels (0–1)."""
    if not 0 < peak < len(values) - 1:
        return 0.0, 0.0
    before, top, after = (float(v) for v in values[peak - 1 : peak + 2])
    curve = before - 2 * top + after
    offset = 0.0 if curve >= 0 else float(np.clip(0.5 * (before - after) / curve, -0.5, 0.5))
    around = max(float(values[max(peak - 3, 0)]), float(values[min(peak + 3, len(values) - 1)]))
    return offset, float(np.clip((top - around) / 0.25, 0.0, 1.0))


def _search_profile(long: Floats, short: Floats) -> tuple[float, float] | None:
    """Shift in pixels of the cross profile `short` in the middle of `long`, and its correlation."""
    windows = np.lib.stride_tricks.sliding_window_view(long, len(short))
    centred = windows - windows.mean(axis=1, keepdims=True)
    wanted = short - short.mean()
    norms = np.linalg.norm(centred, axis=1) * np.linalg.norm(wanted)
    scores = np.where(norms > 1e-6, centred @ wanted / np.maximum(norms, 1e-6), 0.0)
    # the deepest line, not the best-shaped ripple of the paper
    scores *= np.minimum(1.0, np.linalg.norm(centred, axis=1) / (_SHALLOW * np.sqrt(len(short))))
    peak = int(scores.argmax())
    if scores[peak] <= 0:
        return None
    offset, _ = _vertex(scores, peak)
    return peak + offset - (len(windows) - 1) / 2, float(scores[peak])


def _measured(rows: list[tuple[float, ...]]) -> Measured:
    table = np.array(rows, float).reshape(-1, 8)
    return Measured(table[:, 0:2], table[:, 2:4], table[:, 4:6], table[:, 6], table[:, 7] > 0)
