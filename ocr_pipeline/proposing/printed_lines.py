"""Finds what is drawn on a form: rules, lines to write on, and tick boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr_pipeline.arrays import Floats, Gray
from ocr_pipeline.layout.line_maps import ink_map
from ocr_pipeline.layout.schema import BoxMm

SHEET_DPI = 200
PER_MM = SHEET_DPI / 25.4
"""Pixels per mm of the sheet."""

_INK = 0.22  # of the paper's brightness
_DOT_MM = 0.95  # dots and dashes are not higher
_DASH_MM = 4.0  # nor longer
_GAP_MM = 2.6  # from one to the next
_OFF_ROW_MM = 0.3
_FEWEST = 6
_EVEN_SHARE = 0.6  # of the gaps that must be alike
_SOLID_MM = 8.0
_THICK_MM = 1.6
_TICK_MM = (2.4, 8.0)
_TICK_FILL = 0.25  # more ink inside is a seal or a letter
_WHITE = 255


@dataclass(frozen=True, slots=True)
class LevelLine:
    """A level line from (x1, y) to (x2, y) in mm; `solid` when it has no gaps."""

    x1: float
    x2: float
    y: float
    solid: bool = False


@dataclass(frozen=True, slots=True)
class UprightLine:
    """An upright rule from (x, y1) to (x, y2) in mm."""

    x: float
    y1: float
    y2: float


@dataclass(frozen=True, slots=True, eq=False)
class PrintedLines:
    """What is drawn on a sheet.

    Attributes:
        dotted: rows of dots or dashes.
        solid: level rules.
        upright: upright rules.
        ticks: outlines of tick boxes.
        words: (H, W) uint8, the sheet with all of these taken off, for reading its words.

    """

    dotted: tuple[LevelLine, ...]
    solid: tuple[LevelLine, ...]
    upright: tuple[UprightLine, ...]
    ticks: tuple[BoxMm, ...]
    words: Gray


def find_lines(sheet: Gray) -> PrintedLines:
    """The lines of a sheet at `SHEET_DPI`, (H, W) uint8, ink on white paper."""
    ink = np.asarray(ink_map(sheet, PER_MM) > _INK, np.uint8)
    level, level_ink = _solid(ink)
    upright_t, upright_ink = _solid(np.ascontiguousarray(ink.T))
    upright_ink = np.ascontiguousarray(upright_ink.T)
    ticks, tick_ink = _ticks(ink)
    rest = ink.copy()
    rest[(level_ink | upright_ink | tick_ink) > 0] = 0
    dotted, dots = _dotted(rest)
    taken = cv2.dilate(level_ink | upright_ink | tick_ink | dots, np.ones((3, 3), np.uint8))
    words = np.where(taken > 0, np.uint8(_WHITE), sheet)
    return PrintedLines(
        tuple(dotted),
        tuple(line for line in level if not _of_tick(line, ticks)),
        tuple(
            UprightLine(line.y, line.x1, line.x2)
            for line in upright_t
            if not _of_tick(LevelLine(line.y, line.y, (line.x1 + line.x2) / 2), ticks)
        ),
        tuple(ticks),
        np.asarray(words, np.uint8),
    )


def _of_tick(line: LevelLine, ticks: Sequence[BoxMm]) -> bool:
    return any(
        x - 1 < line.x1 and line.x2 < x + w + 1 and y - 1 < line.y < y + h + 1
        for x, y, w, h in ticks
    )


def _solid(ink: Gray) -> tuple[list[LevelLine], Gray]:
    """Level rules, and their ink."""
    reach = round(_SOLID_MM * PER_MM)
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))  # a rule may slope by a pixel
    long = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, reach), np.uint8))
    bridge = np.ones((1, round(1.5 * PER_MM)), np.uint8)
    joined = cv2.morphologyEx(long, cv2.MORPH_CLOSE, bridge)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(joined, connectivity=8)
    lines, taken = [], np.zeros(count, np.uint8)
    for index in range(1, count):
        x, _, width, height, _ = stats[index].tolist()
        if height <= _THICK_MM * PER_MM:
            taken[index] = 1
            middle = float(centres[index][1]) / PER_MM
            lines.append(LevelLine(x / PER_MM, (x + width) / PER_MM, middle, solid=True))
    return _one_line(lines), np.asarray(taken[labels] & thick & long, np.uint8)


def _one_line(lines: Sequence[LevelLine]) -> list[LevelLine]:
    """Parts of one rule that a step of a pixel had torn, put together."""
    whole: list[LevelLine] = []
    for line in sorted(lines, key=lambda line: line.x1):
        for at, other in enumerate(whole):
            if abs(other.y - line.y) < 0.6 and line.x1 - other.x2 < 2.0:
                whole[at] = replace(other, x2=max(other.x2, line.x2))
                break
        else:
            whole.append(line)
    return sorted(whole, key=lambda line: (line.y, line.x1))


def _ticks(ink: Gray) -> tuple[list[BoxMm], Gray]:
    """Outlines of small empty (or ticked) boxes, and their ink."""
    contours, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    found: list[BoxMm] = []
    taken = np.zeros_like(ink)
    for contour, (_, _, _, parent) in zip(contours, [] if tree is None else tree[0], strict=True):
        x, y, width, height = cv2.boundingRect(contour)
        sides = (width / PER_MM, height / PER_MM)
        if parent < 0 or not all(_TICK_MM[0] <= side <= _TICK_MM[1] for side in sides):
            continue
        square = 0.75 < width / height < 1.5
        if (
            square
            and cv2.contourArea(contour) > 0.88 * width * height
            and _framed(ink, (x, y, width, height))
        ):
            found.append((x / PER_MM, y / PER_MM, *sides))
            cv2.rectangle(taken, (x - 3, y - 3), (x + width + 3, y + height + 3), 1, -1)
    return _alone(found), taken


def _framed(ink: Gray, outline: tuple[int, int, int, int]) -> bool:
    """Whether a hole is a box: straight thin sides all around, hardly anything inside."""
    x, y, width, height = outline
    inside = ink[y + 2 : y + height - 2, x + 2 : x + width - 2]
    around = ink[max(y - 12, 0) : y + height + 12, max(x - 12, 0) : x + width + 12]
    outside = int(around.sum()) - int(ink[y - 4 : y + height + 4, x - 4 : x + width + 4].sum())
    return float(inside.mean()) < _TICK_FILL and outside < 0.12 * around.size


def _alone(boxes: Sequence[BoxMm]) -> list[BoxMm]:
    kept: list[BoxMm] = []
    for box in sorted(boxes, key=lambda box: (box[1], box[0])):
        if not any(abs(box[0] - k[0]) < 2 and abs(box[1] - k[1]) < 2 for k in kept):
            kept.append(box)
    return kept


def _dotted(ink: Gray) -> tuple[list[LevelLine], Gray]:
    """Rows of dots or dashes, and their ink."""
    _, labels, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    high, wide = stats[:, cv2.CC_STAT_HEIGHT] / PER_MM, stats[:, cv2.CC_STAT_WIDTH] / PER_MM
    small = (high <= _DOT_MM) & (wide <= _DASH_MM)
    small[0] = False
    index = np.flatnonzero(small)
    left = stats[index, cv2.CC_STAT_LEFT] / PER_MM
    pieces = np.column_stack([left, left + wide[index], centres[index][:, 1] / PER_MM])
    lines, member = [], np.zeros(len(stats), np.uint8)
    for whole in _chains(pieces):
        chain = whole[1:] if _is_colon(pieces, whole[0]) else whole
        if _even(pieces[chain]):
            member[index[chain]] = 1
            first, last = pieces[chain[0]], pieces[chain[-1]]
            y = float(np.median(pieces[chain][:, 2]))
            lines.append(LevelLine(float(first[0]), float(last[1]), y))
    return sorted(lines, key=lambda line: (line.y, line.x1)), np.asarray(member[labels], np.uint8)


def _is_colon(pieces: Floats, index: int) -> bool:
    """Whether a dot is the lower one of a colon, which the dots of a line run into."""
    x, _, y = pieces[index]
    above = y - pieces[:, 2]
    return bool(((np.abs(pieces[:, 0] - x) < 0.35) & (above > 0.7) & (above < 2.6)).any())


def _chains(pieces: Floats) -> list[list[int]]:
    """Indices of pieces that follow each other on a row, from left to right."""
    order = np.argsort(pieces[:, 0], kind="stable").tolist()
    xs = pieces[order, 0]
    after: dict[int, int] = {}
    for place, current in enumerate(order):
        end = pieces[current, 1]
        stop = int(np.searchsorted(xs, end + _GAP_MM, "right"))
        near = [
            other
            for other in order[place + 1 : stop]
            if pieces[other, 0] >= end - 0.1
            and abs(pieces[other, 2] - pieces[current, 2]) <= _OFF_ROW_MM
        ]
        if near:
            after[current] = near[0]
    followed = set(after.values())
    chains = []
    taken: set[int] = set()
    for start in order:
        if start in followed or start in taken:
            continue
        chain = [start]
        while chain[-1] in after and after[chain[-1]] not in taken:
            chain.append(after[chain[-1]])
            taken.add(chain[-1])
        chains.append(chain)
    return chains


def _even(chain: Floats) -> bool:
    """Whether pieces are set at one distance, as a printer does and a pen does not."""
    if len(chain) < _FEWEST - 2:
        return False
    wide = chain[:, 1] - chain[:, 0]
    least = _FEWEST if float(np.median(wide)) < 0.9 else _FEWEST - 2
    if len(chain) < least:
        return False
    steps = np.diff(chain[:, 0])
    usual = float(np.median(steps))
    return float(np.mean(np.abs(steps - usual) < max(0.35 * usual, 0.2))) >= _EVEN_SHARE
