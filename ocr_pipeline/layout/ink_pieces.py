"""The connected pieces of ink on a sheet whose print was taken off."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_pipeline.arrays import Floats, Mask
from ocr_pipeline.layout.schema import BoxMm, Layout

_SPECK_MM2 = 0.12
_FLAT_MM = 0.7  # a wide piece lower than this is a remnant of a rule
_STRAIGHT_MM = 1.2  # and an upright one narrower than this, where it is near one
_NEAR_RULE_MM = 2.0
_LONG_MM = 40.0  # and an aslant one, longer than joined words and thinner than they on average
_THIN_MM = 0.7


@dataclass(frozen=True)
class InkPieces:
    """Connected pieces of ink, one entry each, in mm of the form.

    Attributes:
        left, top, right, bottom: sides.
        x, y: centre of the ink.
        area: mm² of ink.

    """

    left: Floats
    top: Floats
    right: Floats
    bottom: Floats
    x: Floats
    y: Floats
    area: Floats

    def inside(self, box: BoxMm) -> Mask:
        """Those whose centre lies in the box."""
        x, y, width, height = box
        found: Mask = (self.x >= x) & (self.x <= x + width)
        return found & (self.y >= y) & (self.y <= y + height)

    def may_be_writing(self, layout: Layout) -> Mask:
        """Without specks and remnants of the rules of the form."""
        wide, tall = self.right - self.left, self.bottom - self.top
        found: Mask = (self.area >= _SPECK_MM2) & ~((tall < _FLAT_MM) & (wide > 4 * tall))
        found &= ~((wide > _LONG_MM) & (self.area < _THIN_MM * wide))
        upright = (wide < _STRAIGHT_MM) & (tall > 2 * wide)
        rules = [one.points[0] for one in layout.rules if abs(one.points[0] - one.points[2]) < 1]
        for x in rules:
            near = (self.left > x - _NEAR_RULE_MM) & (self.right < x + _NEAR_RULE_MM)
            found &= ~(near & upright)
        return found
