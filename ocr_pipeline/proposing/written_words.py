"""Tells what somebody wrote on a form from its print, and mends the lines that writing hid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.layout.schema import BoxMm
from ocr_pipeline.proposing.caption_words import CaptionRole
from ocr_pipeline.proposing.found_captions import FoundCaption
from ocr_pipeline.proposing.printed_lines import PER_MM, LevelLine

_ROW_MM = 2.6  # writing lies this near the base line of its row
_TOUCHING_MM = 1.4  # less is a dot that is missing
_TORN_MM = 90.0
_TALL_MM = 6.0
_DARK = 170
_WORD_GAP_MM = 3.5  # between two written words
_FILLED_SHARE = 0.6  # a dash between two blanks of one row covers a third of the gap
_CAPTION_GAP_MM = 1.0
_AFTER_MM = 6.0  # from a written word to the line that goes on behind it
_INSIDE_SHARE = 0.5
_ASKING = (CaptionRole.FIELD, CaptionRole.MORE, CaptionRole.DATE_PART, CaptionRole.HEAD)


def mended_lines(
    lines: Sequence[LevelLine], captions: Sequence[FoundCaption], sheet: Gray
) -> list[LevelLine]:
    """Lines to write on as they were printed, where writing had hidden parts of them.

    Args:
        lines: as found.
        captions: known ones; print that stands between two lines keeps them apart.
        sheet: (H, W) uint8 with all the writing; a gap without any keeps lines apart, too.

    """
    whole: list[LevelLine] = []
    for line in sorted(lines, key=lambda line: line.x1):
        for at, other in enumerate(whole):
            if abs(other.y - line.y) < 0.5 and _torn(other, line, captions, sheet):
                whole[at] = replace(other, x2=max(other.x2, line.x2))
                break
        else:
            whole.append(line)
    begun = [_from_caption(line, whole, captions, sheet) for line in whole]
    return sorted(begun, key=lambda line: (line.y, line.x1))


def _torn(left: LevelLine, right: LevelLine, captions: Sequence[FoundCaption], sheet: Gray) -> bool:
    """Whether writing, and nothing printed, fills the gap between two parts of a line."""
    gap, y = right.x1 - left.x2, right.y
    if gap < _TOUCHING_MM:
        return True
    if gap > _TORN_MM or any(
        abs(c.baseline - y) < 3.0 and c.x2 > left.x2 - 1 and c.box[0] < right.x1 + 1
        for c in captions
    ):
        return False
    return _is_filled(left.x2, right.x1, y, sheet)


def _from_caption(
    line: LevelLine, lines: Sequence[LevelLine], captions: Sequence[FoundCaption], sheet: Gray
) -> LevelLine:
    """The line from its caption on, where writing fills the way between."""
    asking = [
        c for c in captions
        if c.known is not None and abs(c.baseline - line.y) < _ROW_MM and c.x2 < line.x1 + 1
    ]  # fmt: skip
    last = max(asking, key=lambda c: c.x2, default=None)
    if last is None or last.known is None or last.known.role not in _ASKING:
        return line
    start = last.x2 + _CAPTION_GAP_MM
    between = any(
        other is not line and abs(other.y - line.y) < _ROW_MM and last.x2 < other.x2 < line.x1 + 1
        for other in lines
    )
    if between or not _TOUCHING_MM < line.x1 - start < _TORN_MM:
        return line
    return replace(line, x1=start) if _is_filled(start, line.x1, line.y, sheet) else line


def _is_filled(x1: float, x2: float, y: float, sheet: Gray) -> bool:
    """Whether writing stands above a stretch of a row, word after word."""
    rows = slice(max(round((y - _TALL_MM) * PER_MM), 0), round((y + 1) * PER_MM))
    part = sheet[rows, round(x1 * PER_MM) : round(x2 * PER_MM)]
    if not part.size:
        return False
    ink = np.asarray(part.min(axis=0, keepdims=True) < _DARK, np.uint8)
    side = round(_WORD_GAP_MM * PER_MM)
    edged = cv2.copyMakeBorder(ink, 0, 0, side, side, cv2.BORDER_CONSTANT, value=1)
    closed = cv2.morphologyEx(edged, cv2.MORPH_CLOSE, np.ones((1, side), np.uint8))
    written = bool(ink.mean() > _FILLED_SHARE / 2)
    return written and float(closed[:, side:-side].mean()) > _FILLED_SHARE


def without_writing(
    captions: Sequence[FoundCaption], lines: Sequence[LevelLine]
) -> tuple[list[FoundCaption], list[LevelLine]]:
    """Captions without the words that were written, and lines as long as they were printed.

    A word that the list of captions does not have was written where a line to write on goes on
    behind it, and a line of the same row ends before it: no form prints an unknown caption there.
    Where it ends in a colon it is print all the same.

    Args:
        captions: of the page.
        lines: to write on.

    """
    kept, mended = list(captions), list(lines)
    for caption in captions:
        if caption.known is not None or caption.text.rstrip().endswith(":"):
            continue
        row = [line for line in mended if abs(line.y - caption.baseline) < _ROW_MM]
        x1, x2 = caption.box[0], caption.x2
        before = [line for line in row if line.x1 < x1 - 1 and 0 <= x1 - line.x2 + 1 < _AFTER_MM]
        behind = [line for line in row if x1 - 1 < line.x1 < x2 + _AFTER_MM and line.x2 > x2 + 1]
        if before and behind:
            first, last = max(before, key=lambda one: one.x2), min(behind, key=lambda one: one.x1)
            kept.remove(caption)
            mended = [line for line in mended if line not in (first, last)]
            mended.append(replace(last, x1=first.x1))
    return kept, sorted(mended, key=lambda line: (line.y, line.x1))


def is_written(words: BoxMm, boxes: Sequence[BoxMm]) -> bool:
    """Whether words stand where people write: half of them lies in a box to write in."""
    area = words[2] * words[3]
    for x, y, width, height in boxes:
        across = min(words[0] + words[2], x + width) - max(words[0], x)
        down = min(words[1] + words[3], y + height) - max(words[1], y)
        if max(across, 0) * max(down, 0) > _INSIDE_SHARE * area:
            return True
    return False
