"""Draws the empty form of a layout: the reference picture, and the paper of generated books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from ocr_pipeline.arrays import Gray
from ocr_pipeline.layout.schema import BoxMm, Caption, Layout, Leader, PrintedRule

MM_PER_INCH = 25.4
#: Ascent of the form fonts as a share of ascent + descent: a caption's baseline in its box.
BASELINE = 0.805
_EM = 1.107  # ascent + descent in em
_FONTS = Path(__file__).parent / "fonts"
_SHIFT = 6  # fractional bits of OpenCV's drawing coordinates


@dataclass(frozen=True, slots=True)
class FormStyle:
    """How a printing house set and printed the form; every book has its own.

    Attributes:
        family: letters of the captions.
        darkness: 0 invisible … 1 black.
        caption_shift_mm: every caption moves by up to this much, in x and y, on its own.
        stretch: width of the letters relative to the layout's.
        leader: leaders as dots, dashes, or a thin line.
        seed: chooses the shifts.

    """

    family: Literal["serif", "sans"] = "serif"
    darkness: float = 0.9
    caption_shift_mm: float = 0.0
    stretch: float = 1.0
    leader: Literal["dots", "dashes", "line"] = "dots"
    seed: int = 0


PLAIN = FormStyle()


def draw_form(layout: Layout, dpi: float, style: FormStyle = PLAIN) -> Gray:
    """The empty form as (H, W) uint8 grey, 255 paper, `dpi` pixels an inch."""
    scale = dpi / MM_PER_INCH
    size = (round(layout.page.height * scale), round(layout.page.width * scale))
    ink = np.zeros(size, np.uint8)
    shifts = np.random.default_rng(style.seed)
    for dx, dy, scope in _repetitions(layout):
        for rule in (r for r in layout.rules if r.scope == scope):
            _draw_rule(ink, rule, dx, dy, scale)
        for leader in (m for m in layout.leaders if m.scope == scope):
            _draw_leader(ink, leader, dx, dy, scale, style.leader)
        for box in _tick_boxes(layout, scope):
            _draw_box(ink, box, dx, dy, scale)
        for caption in (c for c in layout.captions if c.scope == scope):
            sx, sy = shifts.uniform(-1, 1, 2) * style.caption_shift_mm
            _draw_caption(ink, caption, dx + sx, dy + sy, scale, style)
    return cv2.convertScaleAbs(255.0 - ink * style.darkness)  # type: ignore[return-value]


def _repetitions(layout: Layout) -> Iterable[tuple[float, float, str]]:
    yield 0.0, 0.0, "page"
    for dx, dy in layout.records.offsets:
        yield dx, dy, "record"


def _tick_boxes(layout: Layout, scope: str) -> Iterable[BoxMm]:
    for field in layout.fields:
        if field.scope == scope:
            yield from (option.box for option in field.options)


def _point(x: float, y: float, scale: float) -> tuple[int, int]:
    factor = scale * (1 << _SHIFT)
    return round(x * factor), round(y * factor)


def _draw_rule(ink: Gray, rule: PrintedRule, dx: float, dy: float, scale: float) -> None:
    x1, y1, x2, y2 = rule.points
    start, end = _point(x1 + dx, y1 + dy, scale), _point(x2 + dx, y2 + dy, scale)
    width = rule.thickness * scale
    strength = 255 if width >= 1 else round(255 * max(width, 0.4))
    cv2.line(ink, start, end, strength, max(1, round(width)), cv2.LINE_AA, _SHIFT)


def _draw_box(ink: Gray, box: BoxMm, dx: float, dy: float, scale: float) -> None:
    x, y, width, height = box
    corners = [_point(x + dx, y + dy, scale), _point(x + dx + width, y + dy + height, scale)]
    cv2.rectangle(
        ink, corners[0], corners[1], 230, max(1, round(0.25 * scale)), cv2.LINE_AA, _SHIFT
    )


def _draw_leader(ink: Gray, leader: Leader, dx: float, dy: float, scale: float, how: str) -> None:
    y = leader.y + dy
    x1, x2 = leader.x1 + dx, leader.x2 + dx
    if how == "line":
        _draw_rule(ink, PrintedRule(points=(x1, y, x2, y), thickness=0.15), 0, 0, scale)
        return
    pitch, length = (1.0, 0.0) if how == "dots" else (2.2, 1.2)
    for x in np.arange(x1 + pitch / 2, x2 - length, pitch).tolist():
        if how == "dots":
            radius = max(round(0.2 * scale * (1 << _SHIFT)), 24)
            cv2.circle(ink, _point(x, y, scale), radius, 220, -1, cv2.LINE_AA, _SHIFT)
        else:
            _draw_rule(ink, PrintedRule(points=(x, y, x + length, y), thickness=0.2), 0, 0, scale)


def _draw_caption(
    ink: Gray, caption: Caption, dx: float, dy: float, scale: float, style: FormStyle
) -> None:
    x, y, width, height = caption.box
    face = "bold" if caption.bold else "italic" if caption.italic else "regular"
    supersample = 3
    em = height / _EM * scale * supersample
    font = load_font(style.family, face, round(em, 1))
    natural = max(font.getlength(caption.text), 1.0)
    patch = Image.new("L", (int(natural) + 2, int(em * 1.5)))
    ImageDraw.Draw(patch).text((1, em * BASELINE * _EM), caption.text, 255, font, anchor="ls")
    target = width * scale * min(style.stretch, 1.15)
    matrix = np.array(
        [
            [target / natural, 0, (x + dx) * scale],
            [0, 1 / supersample, (y + dy) * scale],
        ]
    )
    _blend(ink, np.asarray(patch), matrix)


def draw_caption(
    caption: Caption, width: float, scale: float, family: Literal["serif", "sans"]
) -> npt.NDArray[np.float32]:
    """The words of a caption alone, (H, W) ink 0–1, its box filling the picture.

    Args:
        caption: the words, and the height of their box in mm.
        width: of the words in mm.
        scale: pixels per mm.
        family: letters to set it in.

    """
    height = caption.box[3]
    alone = caption.model_copy(update={"box": (0.0, 0.0, width, height)})
    ink = np.zeros((max(1, round(height * scale)), max(1, round(width * scale))), np.uint8)
    _draw_caption(ink, alone, 0, 0, scale, FormStyle(family=family))
    return (ink / 255).astype(np.float32)


def _blend(ink: Gray, patch: Gray, matrix: npt.NDArray[np.float64]) -> None:
    """Lay `patch` on `ink` at the place and scale of `matrix` (2, 3), the darker one winning."""
    height, width = patch.shape
    x1, y1 = int(np.floor(matrix[0, 2])) - 1, int(np.floor(matrix[1, 2])) - 1
    x2 = x1 + int(width * matrix[0, 0]) + 4
    y2 = y1 + int(height * matrix[1, 1]) + 4
    x1, y1 = max(x1, 0), max(y1, 0)
    window = ink[y1:y2, x1:x2]
    if not window.size:
        return
    target = (max(1, round(width * matrix[0, 0])), max(1, round(height * matrix[1, 1])))
    small = cv2.resize(patch, target, interpolation=cv2.INTER_AREA)
    move = np.array([[1.0, 0, matrix[0, 2] - x1], [0, 1.0, matrix[1, 2] - y1]])
    laid = cv2.warpAffine(small, move, (window.shape[1], window.shape[0]))
    np.maximum(window, laid, out=window)


@lru_cache(maxsize=64)
def load_font(family: str, face: str, size: float) -> ImageFont.FreeTypeFont:
    """The form font of `family` (serif, sans) and `face` (regular, bold, italic), em in pixels."""
    path = _FONTS / f"form-{family}-{face}.ttf"
    return ImageFont.truetype(str(path), size)
