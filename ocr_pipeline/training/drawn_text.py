"""Fonts: handwriting-like and typed text from TTF files, as ink."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

#: Folders where Linux distributions keep the fonts used for typed text.
TYPED_FONTS = (
    "/usr/share/fonts/truetype/liberation",
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/truetype/noto",
)

_TYPED_NAMES = (
    "LiberationSerif", "LiberationSans-", "LiberationMono", "DejaVuSans-", "DejaVuSans.",
    "DejaVuSerif-", "DejaVuSerif.", "DejaVuSansMono", "NotoSerif-", "NotoSans-", "NotoSansMono",
)  # fmt: skip


def hand_fonts(folder: Path) -> list[Path]:
    """All TTF files under a folder, in a fixed order."""
    return sorted(folder.rglob("*.ttf"))


def typed_fonts() -> list[Path]:
    """Serif, sans and typewriter fonts of this machine that hold Vietnamese."""
    found = [p for f in TYPED_FONTS if Path(f).is_dir() for p in sorted(Path(f).glob("*.ttf"))]
    return [p for p in found if p.name.startswith(_TYPED_NAMES) and knows(p, "ệỮđ")]


def family(path: Path) -> str:
    """Name of the font without weight and style, to keep families apart in validation."""
    return path.stem.split("_")[0].split("-")[0]


@lru_cache(maxsize=512)
def _characters(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def knows(path: Path, text: str) -> bool:
    """Whether the font has a glyph for every character."""
    known = _characters(path)
    return all(ord(c) in known for c in text)


@lru_cache(maxsize=256)
def _loaded(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


def draw_text(
    text: str,
    path: Path,
    size: int,
    rng: np.random.Generator,
    spacing: float = 1.0,
    jitter: float = 0.0,
) -> npt.NDArray[np.float32]:
    """Draw a line of text in a font.

    Args:
        text: without line breaks.
        path: TTF file that knows all its characters.
        size: font size in pixels.
        rng: for the jitter.
        spacing: width of the blanks, relative to the font's.
        jitter: how much words leave the base line, in font sizes.

    Returns:
        (height, width) float32 ink with a small margin, 1 = full ink.

    """
    font = _loaded(path, size)
    words = text.split(" ")
    blank = font.getlength(" ") * spacing
    margin = max(size // 4, 2)
    width = int(sum(font.getlength(w) for w in words) + blank * (len(words) - 1)) + 4 * margin
    image = Image.new("L", (max(width, 4), int(size * 2.6)), 0)
    pen = ImageDraw.Draw(image)
    x = 2.0 * margin
    for word in words:
        y = size * (0.65 + jitter * rng.normal())
        pen.text((x, y), word, fill=255, font=font)
        x += font.getlength(word) + blank
    ink = np.asarray(image)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return np.zeros((size, size), np.float32)
    cut = ink[
        max(rows[0] - margin, 0) : rows[-1] + margin,
        max(columns[0] - margin, 0) : columns[-1] + margin,
    ]
    return cut.astype(np.float32) / np.float32(255)
