"""Takes a printed leader or rule off a narrow strip of a page, leaving pen strokes and pen dots."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Gray, Mask

_WHITE = 255
_INK_LEVELS = 40  # grey levels under white
_SEARCH_MM = 0.9  # a line may lie this far from its place
_OFF_ROW_MM = 0.3  # a dot this far from the row of dots was made by a pen
_RULE_MM = 1.4
_THICK_MM = 1.0  # print of leaders is thinner
_CHUNK_MM = 30.0  # a line is followed in parts, since it may slope a little
_FEWEST = 5  # pieces that make a leader
_PEN = 1.6  # a dot this many times larger than the others was made by a pen
_LINE_SHARE = 0.6  # a leader filled more than this is a thin line, not dots
_DASH_SHARE = 0.12


def erase_leader(strip: Gray, scale: float) -> None:
    """Take dots, dashes or a thin line off the strip; in place.

    Args:
        strip: (H, W) uint8 view, the leader within 0.9 mm of its middle row.
        scale: pixels per mm.

    """
    if not strip.size:
        return
    ink = strip < _WHITE - _INK_LEVELS
    _, labels, found, middles = cv2.connectedComponentsWithStats(
        ink.astype(np.uint8), connectivity=8
    )
    stats, centres = np.asarray(found, np.int32), np.asarray(middles, np.float64)
    pieces = _printed_pieces(stats, centres, strip.shape[0], scale)
    if pieces.any():
        mask = cv2.dilate(pieces[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        strip[mask & (~ink | pieces[labels])] = _WHITE
    shares = _DASH_SHARE if _dashed(stats[pieces]) else _LINE_SHARE
    for part in _chunks(strip, scale):
        _erase_line_part(part, scale, shares)


def erase_rule(strip: Gray, scale: float) -> None:
    """Take a ruled line off the strip where no writing crosses it; in place."""
    if not strip.size:
        return
    for part in _chunks(strip, scale):
        ink = part < _WHITE - _INK_LEVELS
        row = _row(ink, scale, least=0.3)
        if row is not None:
            top, bottom = _thickness(ink, row)
            if bottom - top < _RULE_MM * scale:
                _erase_rule_part(part, ink, top - 1, bottom + 1)


def _erase_line_part(strip: Gray, scale: float, least: float) -> None:
    ink = strip < _WHITE - _INK_LEVELS
    row = _row(ink, scale, least)
    if row is not None:
        top, bottom = _thickness(ink, row)
        if bottom - top < _THICK_MM * scale:
            _erase_thin(strip, ink, top - 1, bottom + 1)


def _dashed(pieces: npt.NDArray[np.int32]) -> bool:
    """Whether the leader is of dashes: most of its pieces are much longer than high."""
    if len(pieces) < _FEWEST:
        return False
    wide, tall = pieces[:, cv2.CC_STAT_WIDTH], pieces[:, cv2.CC_STAT_HEIGHT]
    return bool(np.median(wide / tall) > 2)


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
    if thin.sum() < _FEWEST:
        return np.zeros(len(stats), bool)
    candidates = np.flatnonzero(thin)
    thin[candidates] = _on_row(centres[candidates], scale)
    if thin.sum() < _FEWEST:
        return np.zeros(len(stats), bool)
    usual, usual_tall = np.percentile(area[thin], 85), np.percentile(tall[thin], 85)
    round_ = wide < 2 * tall
    pen = (area > _PEN * usual) & (tall > usual_tall) & round_
    dots = np.flatnonzero(thin & ~pen & round_)
    result: Mask = thin & ~pen
    result[dots[_off_beat(centres[dots, 0], scale)]] = False
    return result


def _off_beat(places: npt.NDArray[np.float64], scale: float) -> Mask:
    """Which dots stand between the regular places of a leader's dots."""
    off = np.zeros(len(places), bool)
    if len(places) < 3 * _FEWEST:
        return off
    order = np.argsort(places)
    gaps = np.diff(places[order])
    near = gaps[gaps < 2.5 * scale]
    if len(near) < 2 * _FEWEST:
        return off
    pitch = float(np.median(near))
    beat = np.abs(gaps / pitch - np.round(gaps / pitch)) + (gaps < 0.6 * pitch)
    odd = beat > 0.28
    both = np.zeros(len(places), bool)
    both[1:-1] = odd[:-1] & odd[1:]
    off[order] = both
    return off


def _on_row(points: npt.NDArray[np.float64], scale: float) -> Mask:
    """Which points lie on the row most points lie on; the row may slope and wind a little."""
    places = points[:, 1]
    counts = (np.abs(places[:, None] - places) < 0.2 * scale).sum(axis=1)
    row = np.array([0.0, places[int(np.argmax(counts))]])
    for reach in (0.4, 0.3):
        near = np.abs(places - row[0] * points[:, 0] - row[1]) < reach * scale
        if near.sum() < _FEWEST:
            break
        row = np.polyfit(points[near, 0], places[near], 1)
    off = places - row[0] * points[:, 0] - row[1]
    near = np.abs(off) < 2 * _OFF_ROW_MM * scale
    if near.sum() < 3 * _FEWEST:
        close: Mask = np.abs(off) < _OFF_ROW_MM * scale
        return close
    along, rest = points[near, 0], off[near]
    order = np.argsort(along)
    window = np.lib.stride_tricks.sliding_window_view(np.pad(rest[order], 5, mode="edge"), 11)
    winding = np.interp(points[:, 0], along[order], np.median(window, axis=1))
    result: Mask = np.abs(off - winding) < _OFF_ROW_MM * scale
    return result


def _thickness(ink: Mask, row: int) -> tuple[int, int]:
    """First and last row of the line that runs along `row`."""
    filled = ink.mean(axis=1)
    line = filled >= 0.5 * filled[row]
    top = bottom = row
    while top > 0 and line[top - 1]:
        top -= 1
    while bottom < len(line) - 1 and line[bottom + 1]:
        bottom += 1
    return top, bottom


def _erase_thin(strip: Gray, ink: Mask, top: int, bottom: int) -> None:
    """Whiten the rows from `top` to `bottom` where no writing crosses them."""
    top, bottom = max(top, 0), min(bottom, len(ink) - 1)
    crossed = ink[max(top - 2, 0) : top].any(axis=0) | ink[bottom + 1 : bottom + 3].any(axis=0)
    crossed = np.convolve(crossed, np.ones(3), mode="same") > 0
    strip[top : bottom + 1, ~crossed] = _WHITE


def _erase_rule_part(strip: Gray, ink: Mask, top: int, bottom: int) -> None:
    """Whiten the rows from `top` to `bottom` where no stroke comes out on both sides."""
    top, bottom = max(top, 0), min(bottom, len(ink) - 1)
    above = ink[max(top - 3, 0) : top].any(axis=0)
    below = ink[bottom + 1 : bottom + 4].any(axis=0)
    strip[top : bottom + 1, ~(above & below)] = _WHITE


def _row(ink: Mask, scale: float, least: float) -> int | None:
    """Row of the line: of those well filled, the one nearest to the middle; None without a line."""
    filled = ink.mean(axis=1)
    middle, reach = len(filled) // 2, round(_SEARCH_MM * scale)
    inner = filled[max(middle - reach, 0) : middle + reach + 1]
    if not inner.size or inner.max() < least:
        return None
    around = np.convolve(inner, np.ones(3) / 3, mode="same")
    good = np.flatnonzero(around >= 0.75 * around.max())
    groups = np.split(good, np.flatnonzero(np.diff(good) > 1) + 1)
    nearest = min(groups, key=lambda g: abs(float(g.mean()) - (len(inner) - 1) / 2))
    best = int(nearest[np.argmax(around[nearest])])
    return max(middle - reach, 0) + best


def _chunks(strip: Gray, scale: float) -> list[Gray]:
    count = max(1, round(strip.shape[1] / (_CHUNK_MM * scale)))
    edges = np.linspace(0, strip.shape[1], count + 1).astype(int)
    return [strip[:, a:b] for a, b in zip(edges[:-1], edges[1:], strict=True)]
