"""Boxes of lines of writing: how far they reach above and below the line to write on."""

from __future__ import annotations

from ocr_pipeline.layout.schema import BoxMm

BELOW_MM = 1.6
"""Below the line to write on: tails of letters."""

_TALLEST_MM, _LOWEST_MM = 8.2, 4.5


def height_below(gap: float) -> float:
    """Height in mm of a box whose line lies `gap` mm below the line above, or other print."""
    return min(_TALLEST_MM, max(_LOWEST_MM, gap - 0.3))


def rounded(box: BoxMm) -> BoxMm:
    """A box to a tenth of a mm, as layouts are written."""
    x, y, width, height = (round(value, 1) for value in box)
    return x, y, width, height
