"""What part of a page is shown around a field: the crop itself, and the strip it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr_pipeline.registers.fields import Box, FieldKind

_CROP_MARGIN_SHARE = 0.3  # of the field's height, or of its width where that is less, on every side
# Beside boxes to tick, of the page's width, and above and below them, of its height: the widest
# captions take 0.21 of the width; captions of two lines hang 10 of 1754 pixels below their box.
_CAPTION_SHARES = (0.24, 0.015)
_LEAST_CROP_MARGIN_PIXELS = 12  # pixels
_RECORD_MARGIN_SHARE = 0.03  # of the page's sides: captions stand within 10 mm of their fields
_STRIP_MARGIN_SHARE = 1.6  # of the field's height, above and below
_LEAST_STRIP_SHARE = 0.09  # of the page's height
_STRIP_WIDTH_PIXELS = 1400  # pixels of the picture: more does not fit the screens in use


@dataclass(frozen=True, slots=True)
class CropFrame:
    """A rectangle of the upright page in pixels, shown at most `widest` pixels wide."""

    x: int
    y: int
    width: int
    height: int
    widest: int = 0

    @property
    def scale(self) -> float:
        """Pixels of the picture by pixel of the page, at most 1."""
        return min(1.0, self.widest / self.width) if self.widest else 1.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in pixels."""
        return max(1, round(self.width * self.scale)), max(1, round(self.height * self.scale))

    def place(self, box: Box) -> tuple[int, int, int, int]:
        """Where a box of the page lies in the picture: x, y, width, height."""
        return (
            round((box.x - self.x) * self.scale),
            round((box.y - self.y) * self.scale),
            round(box.width * self.scale),
            round(box.height * self.scale),
        )


def crop_of(box: Box, page: tuple[int, int], kind: FieldKind) -> CropFrame:
    """The field with a little paper around it, at full resolution.

    Args:
        box: where the field stands.
        page: width and height of the upright page in pixels.
        kind: boxes to tick are shown with the captions printed beside them.

    """
    share = round(_CROP_MARGIN_SHARE * min(box.height, box.width or box.height))
    margin = max(_LEAST_CROP_MARGIN_PIXELS, share)
    beside = margin
    if kind is FieldKind.TICK:
        beside, margin = (
            round(share * side) for share, side in zip(_CAPTION_SHARES, page, strict=True)
        )
    return _within(
        box.x - beside, box.y - margin, box.width + 2 * beside, box.height + 2 * margin, page, 0
    )


def strip_of(box: Box, page: tuple[int, int]) -> CropFrame:
    """The rows around the field, as wide as the page: caption and neighbours are visible.

    Args:
        box: where the field stands.
        page: width and height of the upright page in pixels.

    """
    height = max(
        round(box.height * (1 + 2 * _STRIP_MARGIN_SHARE)), round(_LEAST_STRIP_SHARE * page[1])
    )
    top = box.y + box.height // 2 - height // 2
    return _within(0, top, page[0], height, page, _STRIP_WIDTH_PIXELS)


def record_frame(boxes: Sequence[Box], page: tuple[int, int]) -> CropFrame:
    """A record with the captions around it, at full resolution: of a sheet with several, its own.

    Args:
        boxes: where its fields stand; at least one.
        page: width and height of the upright page in pixels.

    """
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right = max(box.x + box.width for box in boxes)
    bottom = max(box.y + box.height for box in boxes)
    beside, above = (round(_RECORD_MARGIN_SHARE * side) for side in page)
    return _within(
        left - beside, top - above, right - left + 2 * beside, bottom - top + 2 * above, page, 0
    )


def _within(
    x: int, y: int, width: int, height: int, page: tuple[int, int], widest: int
) -> CropFrame:
    """The rectangle cut off at the edges of the page; at least one pixel of the page."""
    left, top = min(max(0, x), page[0] - 1), min(max(0, y), page[1] - 1)
    right, bottom = min(page[0], max(x + width, left + 1)), min(page[1], max(y + height, top + 1))
    return CropFrame(left, top, right - left, bottom - top, widest)
