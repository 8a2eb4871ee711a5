"""Takes a printed leader or rule off a narrow strip of a page, leaving pen strokes and pen dots."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats, Gray, Mask
from ocr_pipeline.layout.touched_leader import erase_touched_line, erase_touched_pieces

_WHITE = 255
_INK_LEVELS = 40  # grey levels under white
_SEARCH_MM = 0.9  # a line may lie this far from its place
_OFF_ROW_MM = 0.3  # a dot this far from the row of dots was made by a pen
_OFF_PIECES_MM = 0.5  # the rest of a leader from the middle of its pieces; it may slope
_RULE_MM = 1.4
_THICK_MM = 1.0  # print of leaders is thinner
_CHUNK_MM = 30.0  # a line is followed in parts, since it may slope a little
_FEWEST = 5  # pieces that make a leader
_PEN = 1.6  # a dot this many times larger than the others was made by a pen
_LINE_SHARE = 0.6  # a leader filled more than this is a thin line, not dots


def erase_leader(strip: Gray, scale: float) -> None:
    """Take dots, dashes or a thin line off the strip; in place.

    Args:
        strip: (H, W) uint8 view, the leader within 0.9 mm of its middle row.
        scale: pixels per mm.

    """
    if not strip.size:
        return
    ink = _ink(strip)
    _, labels, found, middles = cv2.connectedComponentsWithStatsWithAlgorithm(
        ink, 8, cv2.CV_32S, cv2.CCL_GRANA
    )
    stats, centres = np.asarray(found, np.int32), np.asarray(middles, np.float64)
    pieces = _printed_pieces(stats, centres, strip.shape[0], scale)
    if pieces.any():
        erase_touched_pieces(strip, stats[pieces], centres[pieces])
        printed = np.where(pieces, np.uint8(_WHITE), np.uint8(0))[labels]
        erased = cv2.dilate(printed, np.ones((3, 3), np.uint8)) & (printed | (1 - ink) * _WHITE)
        strip |= erased
        ink[erased > 0] = 0
    if _dashed(stats[pieces]):
        return
    height = _median(centres[pieces, 1]) if pieces.any() else None
    for first, last in _chunks(strip.shape[1], scale):
        _erase_line_part(strip[:, first:last], ink[:, first:last], scale, height)


def erase_rule(strip: Gray, scale: float) -> None:
    """Take a ruled line off the strip where no writing crosses it; in place."""
    if not strip.size:
        return
    whole = _ink(strip)
    for first, last in _chunks(strip.shape[1], scale):
        ink = whole[:, first:last]
        filled = _filled(ink)
        row = _row(filled, scale, least=0.3)
        if row is not None:
            top, bottom = _thickness(filled, row)
            if bottom - top < _RULE_MM * scale:
                _erase_rule_part(strip[:, first:last], ink, top - 1, bottom + 1)


def _ink(strip: Gray) -> Gray:
    """1 where there is ink, 0 elsewhere; (H, W), one row after the other in memory."""
    return np.ascontiguousarray(strip < _WHITE - _INK_LEVELS).view(np.uint8)


def _filled(ink: Gray) -> Floats:
    """Share of each row that is ink."""
    counts = cv2.reduce(ink, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    return np.asarray(counts[:, 0] / ink.shape[1], np.float64)


def _erase_line_part(strip: Gray, ink: Gray, scale: float, height: float | None) -> None:
    """What is left of a leader lies where its pieces lay, `height`; the feet of letters do not."""
    filled = _filled(ink)
    row = _row(filled, scale, _LINE_SHARE)
    if row is not None and (height is None or abs(row - height) < _OFF_PIECES_MM * scale):
        top, bottom = _thickness(filled, row)
        if top > 1 and bottom - top < _THICK_MM * scale:  # else it may go on above the strip
            _erase_thin(strip, ink, top - 1, bottom + 1)


def _dashed(pieces: npt.NDArray[np.int32]) -> bool:
    """Whether the leader is of dashes: most of its pieces are much longer than high."""
    if len(pieces) < _FEWEST:
        return False
    wide, tall = pieces[:, cv2.CC_STAT_WIDTH], pieces[:, cv2.CC_STAT_HEIGHT]
    return _median(wide / tall) > 2


def _printed_pieces(
    stats: npt.NDArray[np.int32], centres: npt.NDArray[np.float64], height: int, scale: float
) -> Mask:
    """Which pieces of ink are dots, dashes or stretches of the leader."""
    top, tall = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT]
    wide, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_AREA]
    middle = (height - 1) / 2
    thin = (tall <= _THICK_MM * scale) & (top > 0) & (top + tall < height)
    thin &= np.abs(centres[:, 1] - middle) < _SEARCH_MM * scale
    thin[0] = False
    candidates = np.flatnonzero(thin)
    if len(candidates) < _FEWEST:
        return np.zeros(len(stats), bool)
    thin[candidates] = _on_row(centres[candidates], scale)
    if np.count_nonzero(thin) < _FEWEST:
        return np.zeros(len(stats), bool)
    usual, usual_tall = _share_below(area[thin], 0.85), _share_below(tall[thin], 0.85)
    round_ = wide < 2 * tall
    pen = (area > _PEN * usual) & (tall > usual_tall) & round_
    dots = np.flatnonzero(thin & ~pen & round_)
    result: Mask = thin & ~pen
    result[dots[_off_beat(centres[dots, 0], scale)]] = False
    return result


def _median(values: Floats) -> float:
    """The median; several times faster on few values than numpy's."""
    ordered = np.sort(values)
    return float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _share_below(values: npt.NDArray[np.int32], share: float) -> float:
    """The number that this share of the values lies below, as numpy's percentile has it."""
    ordered = np.sort(values)
    place = share * (len(ordered) - 1)
    before = int(place)
    low, high = float(ordered[before]), float(ordered[min(before + 1, len(ordered) - 1)])
    part = place - before
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)


def _off_beat(places: npt.NDArray[np.float64], scale: float) -> Mask:
    """Which dots stand between the regular places of a leader's dots."""
    off = np.zeros(len(places), bool)
    if len(places) < 3 * _FEWEST:
        return off
    order = np.argsort(places)
    ordered = places[order]
    gaps = ordered[1:] - ordered[:-1]
    near = gaps[gaps < 2.5 * scale]
    if len(near) < 2 * _FEWEST:
        return off
    pitch = _median(near)
    beat = np.abs(gaps / pitch - np.rint(gaps / pitch)) + (gaps < 0.6 * pitch)
    odd = beat > 0.28
    both = np.zeros(len(places), bool)
    both[1:-1] = odd[:-1] & odd[1:]
    off[order] = both
    return off


def _on_row(points: npt.NDArray[np.float64], scale: float) -> Mask:
    """Which points lie on the row most points lie on; the row may slope and wind a little."""
    across, places = points[:, 0], points[:, 1]
    counts = np.count_nonzero(np.abs(places[:, None] - places) < 0.2 * scale, axis=1)
    slope, start = 0.0, float(places[int(np.argmax(counts))])
    for reach in (0.4, 0.3):
        near = np.abs(places - slope * across - start) < reach * scale
        if np.count_nonzero(near) < _FEWEST:
            break
        slope, start = _straight(across[near], places[near])
    off = places - slope * across - start
    near = np.abs(off) < 2 * _OFF_ROW_MM * scale
    if np.count_nonzero(near) < 3 * _FEWEST:
        close: Mask = np.abs(off) < _OFF_ROW_MM * scale
        return close
    along, rest = across[near], off[near]
    order = np.argsort(along)
    rest = rest[order]
    padded = np.concatenate([np.repeat(rest[0], 5), rest, np.repeat(rest[-1], 5)])
    window = np.lib.stride_tricks.sliding_window_view(padded, 11)
    winding = np.interp(across, along[order], np.partition(window, 5, axis=1)[:, 5])
    result: Mask = np.abs(off - winding) < _OFF_ROW_MM * scale
    return result


def _straight(across: Floats, places: Floats) -> tuple[float, float]:
    """Slope of the straight line of least squares, and its place at 0."""
    middle, height = float(across.mean()), float(places.mean())
    away = across - middle
    slope = float(away @ (places - height)) / max(float(away @ away), 1e-9)
    return slope, height - slope * middle


def _thickness(filled: Floats, row: int) -> tuple[int, int]:
    """First and last row of the line that runs along `row`."""
    line = (filled >= 0.5 * filled[row]).tolist()
    top = bottom = row
    while top > 0 and line[top - 1]:
        top -= 1
    while bottom < len(line) - 1 and line[bottom + 1]:
        bottom += 1
    return top, bottom


def _erase_thin(strip: Gray, ink: Gray, top: int, bottom: int) -> None:
    """Whiten the rows from `top` to `bottom` where no writing crosses them."""
    top, bottom = max(top, 0), min(bottom, len(ink) - 1)
    above, below = ink[max(top - 2, 0) : top], ink[bottom + 1 : bottom + 3]
    crossed: Mask = np.asarray(np.concatenate([above, below]).any(axis=0), np.bool_)
    wide = crossed.copy()
    wide[1:] |= crossed[:-1]
    wide[:-1] |= crossed[1:]
    whole = 1 < top and bottom < len(ink) - 2
    if not (whole and erase_touched_line(strip[top - 2 : bottom + 3], wide)):
        strip[top : bottom + 1] |= np.where(wide, np.uint8(0), np.uint8(_WHITE))


def _erase_rule_part(strip: Gray, ink: Gray, top: int, bottom: int) -> None:
    """Whiten the rows from `top` to `bottom` where no stroke comes out on both sides."""
    top, bottom = max(top, 0), min(bottom, len(ink) - 1)
    above = ink[max(top - 3, 0) : top].any(axis=0)
    below = ink[bottom + 1 : bottom + 4].any(axis=0)
    strip[top : bottom + 1] |= np.where(above & below, np.uint8(0), np.uint8(_WHITE))


def _row(filled: Floats, scale: float, least: float) -> int | None:
    """Row of the line: of those well filled, the one nearest to the middle; None without a line."""
    middle, reach = len(filled) // 2, round(_SEARCH_MM * scale)
    first = max(middle - reach, 0)
    inner = filled[first : middle + reach + 1]
    if not inner.size or inner.max() < least:
        return None
    around = np.convolve(inner, np.ones(3) / 3, mode="same")
    good = (around >= 0.75 * around.max()).tolist()
    nearest, best, start = float("inf"), (0, 0), -1
    for place, well in enumerate([*good, False]):
        if well and start < 0:
            start = place
        elif not well and start >= 0:
            away = abs((start + place - 1) / 2 - (len(good) - 1) / 2)
            if away < nearest:
                nearest, best = away, (start, place)
            start = -1
    return first + best[0] + int(np.argmax(around[slice(*best)]))


def _chunks(width: int, scale: float) -> list[tuple[int, int]]:
    """First and last column (outside) of the parts of a strip."""
    count = max(1, round(width / (_CHUNK_MM * scale)))
    edges = np.linspace(0, width, count + 1).astype(int).tolist()
    return list(pairwise(edges))
