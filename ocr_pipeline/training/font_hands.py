"""Hands: what writes a line of text; handwriting fonts made irregular, and machines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr_pipeline.arrays import Ink, Rng
from ocr_pipeline.training.drawn_text import knows
from ocr_pipeline.training.form_background import noise
from ocr_pipeline.training.mark_strokes import DOT_BELOW, LetterBox, mark_movements, unmarked
from ocr_pipeline.training.printed_letters import PrintedLetters

_STEM = 0.8  # of the width of a d: where its upright stands
_USUAL_STROKE = 0.06  # of a font's size


@dataclass(frozen=True)
class WrittenLine:
    """A written line: ink (height, width) 0–1, its baseline's row, and how wide the text is.

    The text begins at column `left` and is `advance` columns wide; ink may reach beyond both.
    """

    ink: Ink
    baseline: float
    left: float
    advance: float
    script: str = "handwritten"


class Hand(Protocol):
    """Something that writes a line of text."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def script(self) -> str:
        """`handwritten` or `typed`."""
        ...

    def write(self, text: str, x_height: float, rng: Rng) -> WrittenLine | None:
        """The text with small letters `x_height` pixels high; None if it cannot be written."""
        ...


@dataclass(frozen=True)
class FontHand:
    """A handwriting font made irregular: each word and letter differs a little from the last.

    A font without Vietnamese letters gets their marks from a pen.

    Attributes:
        path: TTF file.
        slant: shear to the right, 0 upright.
        weight: thickness of strokes relative to the font's, about 0.7 … 1.4.
        wobble: how much letters bend, in x-heights.
        bounce: how much letters leave the baseline, in x-heights.
        spread: width of letters relative to the font's.
        joined: letters run into each other, so only whole words move.

    """

    path: Path
    slant: float = 0.0
    weight: float = 1.0
    wobble: float = 0.05
    bounce: float = 0.04
    spread: float = 1.0
    joined: bool = False
    script: str = "handwritten"

    @property
    def name(self) -> str:
        """File name of the font."""
        return self.path.stem

    def write(self, text: str, x_height: float, rng: Rng) -> WrittenLine | None:
        """See `Hand.write`."""
        if not knows(self.path, self._shown(text).replace(" ", "")):
            return None
        over = 2
        em = x_height * over / x_height_ratio(self.path)
        sheet, baseline, left, advance = self._draw(text, em, rng)
        return self._bend(sheet, baseline, left, advance, x_height, over, rng)

    def _draw(self, text: str, em: float, rng: Rng) -> tuple[Ink, float, float, float]:
        font = _font(self.path, round(em))
        margin, baseline = em * 0.9, em * 1.5
        width = font.getlength(self._shown(text)) * 1.15 + len(text) * em * 0.05
        sheet = Image.new("L", (int(width + 2 * margin), int(em * 2.4)))
        pen = ImageDraw.Draw(sheet)
        x, drift = margin, 0.0
        for word in text.split(" "):
            drift = 0.6 * drift + float(rng.normal(0, 0.5)) * self.bounce * em * 0.5
            x = self._word(pen, word, x, baseline + drift, font, em, rng)
            x += font.getlength(" ") * float(rng.uniform(0.9, 1.7))
        return np.asarray(sheet, np.float32) / np.float32(255), baseline, margin, x - margin

    def _word(
        self,
        pen: ImageDraw.ImageDraw,
        word: str,
        x: float,
        y: float,
        font: ImageFont.FreeTypeFont,
        em: float,
        rng: Rng,
    ) -> float:
        plain = self._shown(word)
        if plain == word and (self.joined or self.script == "typed"):
            pen.text((x, y), word, fill=255, font=font, anchor="ls")
            return x + font.getlength(word)
        marks = PrintedLetters(rng) if plain != word else None
        for k, letter in enumerate(plain):
            dy = float(rng.normal(0, 0.3)) * self.bounce * em
            pen.text((x, y + dy), letter, fill=255, font=font, anchor="ls")
            if marks is not None and letter != word[k]:
                self._mark(pen, word[k], (x, y + dy), font, marks)
            x += font.getlength(plain[k : k + 2]) - font.getlength(plain[k + 1 : k + 2])
            x += float(rng.normal(0, 0.25)) * self.bounce * em
        return x

    def _shown(self, text: str) -> str:
        """What the font has of the text: letters without their marks, an i without its dot."""
        return "".join(self._letter(letter) for letter in text)

    def _letter(self, letter: str) -> str:
        if letter == " " or knows(self.path, letter):
            return letter
        plain, marks = unmarked(letter)
        above = plain == "i" and marks != DOT_BELOW
        return "ı" if above and knows(self.path, "ı") else plain

    def _mark(
        self,
        pen: ImageDraw.ImageDraw,
        letter: str,
        at: tuple[float, float],
        font: ImageFont.FreeTypeFont,
        marks: PrintedLetters,
    ) -> None:
        """Draw the marks of a letter whose plain form stands at a point of the base line."""
        left, top, right, _ = font.getbbox(self._shown(letter), anchor="ls")
        x_height = x_height_ratio(self.path) * font.size
        plain_top = min(top, -x_height) if letter.isupper() else -x_height
        box = LetterBox(
            at[0] + left, at[0] + (left + right) / 2, at[0] + right, at[1] + plain_top, at[1],
            at[0] + left + _STEM * (right - left),
        )  # fmt: skip
        width = max(round(stroke_ratio(self.path) * font.size), 1)
        for movement in mark_movements(letter, box, x_height, marks):
            pen.line([(float(x), float(y)) for x, y in movement], 255, width, joint="curve")

    def _bend(
        self,
        sheet: Ink,
        baseline: float,
        left: float,
        advance: float,
        x_height: float,
        over: int,
        rng: Rng,
    ) -> WrittenLine:
        rise = abs(self.slant) * sheet.shape[0] / over
        height = int(sheet.shape[0] / over) + 2
        width = int(sheet.shape[1] / over * self.spread + rise) + 2
        ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
        grain = max(int(x_height * 0.9), 4)
        amount = np.float32(self.wobble * x_height)
        slanted = xs + np.float32(self.slant) * (ys - np.float32(baseline / over))
        bend_x, bend_y = (amount * over * noise(xs.shape, grain, rng) for _ in range(2))
        to_x = slanted / np.float32(self.spread) * over + bend_x
        to_y = ys * over + bend_y
        thick = _weighted(sheet, self.weight, x_height * over)
        ink = cv2.remap(thick, to_x.astype(np.float32), to_y.astype(np.float32), cv2.INTER_LINEAR)
        return WrittenLine(
            ink.astype(np.float32), baseline / over, left / over * self.spread,
            advance / over * self.spread,
            self.script,
        )  # fmt: skip


@lru_cache(maxsize=64)
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=256)
def x_height_ratio(path: Path) -> float:
    """Height of a small `x` relative to the font's size."""
    box = _font(path, 200).getbbox("x", anchor="ls")
    return max(-float(box[1]), 20.0) / 200


@lru_cache(maxsize=256)
def stroke_ratio(path: Path) -> float:
    """Thickness of a font's strokes relative to its size."""
    sheet = Image.new("L", (400, 400))
    ImageDraw.Draw(sheet).text((80, 260), "no", fill=255, font=_font(path, 200), anchor="ls")
    ink = np.asarray(sheet) > 128
    if not ink.any():
        return _USUAL_STROKE
    inside = np.asarray(cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 3), np.float64)
    return 2 * float(np.percentile(inside[ink], 75)) / 200


def _weighted(sheet: Ink, weight: float, x_height: float) -> Ink:
    """Thicker (weight > 1) or thinner strokes."""
    if abs(weight - 1) < 0.05:
        return sheet
    if weight > 1:
        reach = (weight - 1) * 0.16 * x_height  # of the pen's edge
        size = 2 * int(np.ceil(reach)) + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        share = float(reach / np.ceil(reach))
        return (sheet * (1 - share) + cv2.dilate(sheet, kernel) * share).astype(np.float32)
    sigma = 0.05 * x_height * abs(weight - 1) * 2 + 0.6
    soft = cv2.GaussianBlur(sheet, (0, 0), sigma)
    middle = 0.5 + float(np.clip((1 - weight) * 0.7, 0, 0.3))
    return np.clip((soft - middle) * 2.2 + 0.5, 0, 1).astype(np.float32)
