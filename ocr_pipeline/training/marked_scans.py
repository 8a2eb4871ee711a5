"""Scanned lines of another language with Vietnamese marks drawn on their letters.

French lines are real ink that anybody may train on, and have the letters of Vietnamese; what they
lack are the marks. A mark drawn at the place of a letter, with the line's own pen, makes a line
whose text is known.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats, Gray, Rng
from ocr_pipeline.training.mark_strokes import (
    CAPITAL_SHARE,
    DOT_BELOW,
    STROKED,
    LetterBox,
    mark_movements,
    unmarked,
)
from ocr_pipeline.training.printed_letters import PrintedLetters
from ocr_pipeline.training.scan_letters import LetterColumns
from ocr_pipeline.training.scanned_lines import ScannedLine

_TONES = ("\u0301", "\u0300", "\u0309", "\u0303", DOT_BELOW)
_SHAPES = {"a": "\u0302\u0306", "e": "\u0302", "o": "\u0302\u031b", "u": "\u031b"}
_VOWELS = frozenset("aeiouyAEIOUY")
_LOW = frozenset("aceimnorsuvxz")  # letters between the base line and the top of an x
_TONE_SHARE, _SHAPE_SHARE, _STROKE_SHARE = 0.45, 0.3, 0.4
_LEAST_LOW = 3  # letters that the height of a line is measured on
_PAD = 0.9  # of the height of an x, above and below: room for marks
_OVERSAMPLE = 4


@dataclass(frozen=True)
class _Line:
    """A scanned line taken apart: picture with room for marks, its ink, its measures."""

    grey: Gray
    ink: npt.NDArray[np.bool_]
    columns: Floats
    top: Floats
    base: Floats
    x_height: float


def add_marks(
    scan: ScannedLine, columns: LetterColumns, alphabet: str, rng: Rng
) -> tuple[Gray, str] | None:
    """A scanned line with marks on some of its letters.

    Args:
        scan: the line.
        columns: where letters stand (see `scan_letters`).
        alphabet: characters that the result may have.
        rng: chooses letters, marks and their shapes.

    Returns:
        Picture (H, W) uint8 and text (NFC), or None when the letters of the line are not known or
        its height cannot be measured.

    """
    centres = columns.get(scan.name)
    if centres is None or len(centres) != len(scan.text):
        return None
    line = _measured(scan, centres)
    if line is None:
        return None
    text, places = _marked_text(scan.text, alphabet, rng)
    grey = line.grey.copy()
    pen = PrintedLetters(rng)
    movements: list[Floats] = []
    for place in places:
        box = _letter_box(line, place, scan.text[place])
        if scan.text[place] == "i" and set(unmarked(text[place])[1]) - {DOT_BELOW}:
            _rub_out_dot(grey, box, line.x_height)
        movements += mark_movements(text[place], box, line.x_height, pen)
    return _inked(grey, line.ink, movements), text


def _marked_text(text: str, alphabet: str, rng: Rng) -> tuple[str, list[int]]:
    """The text with marks, and the places of the letters that got one."""
    out, places = list(text), []
    last_tone = -9
    for place, letter in enumerate(text):
        marked = STROKED[letter] if letter in STROKED and rng.random() < _STROKE_SHARE else ""
        if letter in _VOWELS:
            shapes = _SHAPES.get(letter.lower(), "")
            shape = str(rng.choice(list(shapes))) if shapes and rng.random() < _SHAPE_SHARE else ""
            toned = place - last_tone > 1 and rng.random() < _TONE_SHARE
            tone = str(rng.choice(_TONES)) if toned else ""
            marked = unicodedata.normalize("NFC", letter + shape + tone) if shape or tone else ""
            last_tone = place if tone else last_tone
        if len(marked) == 1 and marked in alphabet:
            out[place] = marked
            places.append(place)
    return "".join(out), places


def _measured(scan: ScannedLine, centres: npt.NDArray[np.float32]) -> _Line | None:
    """Take a line apart; None when too few low letters show its height."""
    grey = scan.grey()
    paper = int(np.percentile(grey, 80))
    limit, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    ink = grey < min(limit, paper - 20)
    measures = []
    for place in range(len(scan.text)):
        if scan.text[place] not in _LOW:
            continue
        left, right = _reach(centres, place)
        rows = np.flatnonzero(ink[:, max(int(left), 0) : int(right) + 1].any(axis=1))
        if len(rows) >= 4:
            measures.append((float(centres[place]), float(rows[0]), float(rows[-1])))
    if len(measures) < _LEAST_LOW:
        return None
    x, tops, bases = np.array(measures).T
    height = float(np.median(bases - tops))
    top, base = _trend(x, tops, centres), _trend(x, bases, centres)
    if height < 6 or float(np.median(base - top)) < 5:
        return None
    pad = int(_PAD * height)
    room = ((pad, pad), (0, 0))
    padded = np.pad(grey, room, constant_values=paper)
    at = centres.astype(np.float64)
    return _Line(padded, np.pad(ink, room), at, top + pad, base + pad, height)


def _trend(x: Floats, values: Floats, at: npt.NDArray[np.float32]) -> Floats:
    """A straight line through the values, without those far from it, at other places."""
    near = np.abs(values - np.median(values)) <= max(3.0, 1.5 * float(np.std(values)))
    slope, level = (
        np.polyfit(x[near], values[near], 1) if near.sum() >= 6 else (0.0, np.median(values))
    )
    slope = float(np.clip(slope, -0.08, 0.08))
    level = float(np.median(values[near] - slope * x[near]))
    return np.asarray(at * slope + level, np.float64)


def _reach(centres: npt.NDArray[np.floating], place: int) -> tuple[float, float]:
    """Left and right end of a letter: half way to its neighbours, at most 12 pixels."""
    middle = float(centres[place])
    left = (middle - float(centres[place - 1])) / 2 if place else 8.0
    right = (float(centres[place + 1]) - middle) / 2 if place + 1 < len(centres) else 8.0
    return middle - float(np.clip(left, 2, 12)), middle + float(np.clip(right, 2, 12))


def _letter_box(line: _Line, place: int, letter: str) -> LetterBox:
    """A letter's box; its top is that of its ink, when it lies near the line's."""
    left, right = _reach(line.columns, place)
    top, base = float(line.top[place]), float(line.base[place])
    rows = np.flatnonzero(line.ink[:, max(int(left), 0) : int(right) + 1].any(axis=1))
    usual = top - (CAPITAL_SHARE - 1) * line.x_height if letter.isupper() else top
    if letter != "i" and len(rows):
        near = rows[np.abs(rows - usual) < 0.35 * line.x_height]
        usual = float(near[0]) if len(near) else usual
    middle = float(line.columns[place])
    stem = _stem(line, middle, right, usual) if letter == "d" else right
    return LetterBox(left, middle, right, usual, base, stem)


def _stem(line: _Line, middle: float, right: float, top: float) -> float:
    """The column of the upright of a d, above the other letters."""
    h = line.x_height
    left, end = max(int(middle - 0.3 * h), 0), int(right + 0.4 * h)
    high, low = max(int(top - 1.0 * h), 0), max(int(top - 0.3 * h), 1)
    stem = np.flatnonzero(line.ink[high:low, left:end].any(axis=0))
    return left + float(np.median(stem)) if len(stem) else right


def _rub_out_dot(grey: Gray, box: LetterBox, x_height: float) -> None:
    """Paper over the dot of an i, which the tone mark takes the place of."""
    left, right = max(int(box.left) - 1, 0), int(box.right) + 4
    high, low = max(int(box.top - 1.3 * x_height), 0), max(int(box.top - 0.15 * x_height), 0)
    part = grey[high:low, left:right]
    if part.size:
        tone = int(np.percentile(part, 75))
        part[part < tone - 12] = tone


def _inked(grey: Gray, ink: npt.NDArray[np.bool_], movements: list[Floats]) -> Gray:
    """Draw pen movements with the width and the darkness that the line's own ink has."""
    if not movements or not ink.any():
        return grey
    distance = np.asarray(cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 3), np.float64)
    width = 2 * float(np.percentile(distance[ink], 75))
    tone = float(np.quantile(grey[ink].astype(np.float64), 0.35))
    size = (grey.shape[0] * _OVERSAMPLE, grey.shape[1] * _OVERSAMPLE)
    sheet = np.zeros(size, np.uint8)
    thick = max(round(width * _OVERSAMPLE * 0.9), 2)
    for movement in movements:
        fixed = (movement * _OVERSAMPLE * 16).round().astype(np.int32)
        cv2.polylines(sheet, [fixed], False, 255, thick, cv2.LINE_AA, 4)
    soft = cv2.resize(sheet, grey.shape[::-1], interpolation=cv2.INTER_AREA)
    cover = cv2.GaussianBlur(soft, (0, 0), 0.6).astype(np.float32) / 255
    mixed = grey * (1 - cover) + np.minimum(grey, tone) * cover
    return np.asarray(mixed, np.uint8)
