"""Pages that are there twice: the same bytes, or the same picture saved again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.errors import SohoaError
from ocr_pipeline.scans.limits import ScanLimits
from ocr_pipeline.scans.pages import PageRef, digest, load_page

_DPI = 40.0
_SIDE, _BLOCK = 128, 8  # thumbnail and its blocks, pixels
_MOST_DIFFERENCE_LEVELS = (
    5.0  # grey levels, mean of a block: other writing in one line makes 15 and more
)
_SAME_SHAPE = 0.01


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Pages that show the same, in the order given; `exact` when their bytes are the same."""

    pages: tuple[PageRef, ...]
    exact: bool


def find_duplicates(
    pages: Sequence[PageRef], *, near: bool = False, limits: ScanLimits | None = None
) -> list[Duplicates]:
    """Groups of two or more pages that are the same.

    Args:
        pages: in any order; those that cannot be read are passed over.
        near: also compare the pictures (about 30 ms a page): finds one scan saved again in another
            format, quality or size. A page put on the scanner twice is not found like this; the
            repeated record number gives it away.
        limits: as for `load_page`.

    """
    exact = _grouped(pages)
    groups = [Duplicates(tuple(group), True) for group in exact if len(group) > 1]
    if near:
        groups += _near([group[0] for group in exact], limits)
    return groups


def _grouped(pages: Sequence[PageRef]) -> list[list[PageRef]]:
    found: dict[str, list[PageRef]] = {}
    for page in pages:
        try:
            found.setdefault(digest(page), []).append(page)
        except SohoaError:
            continue
    return list(found.values())


def _near(pages: Sequence[PageRef], limits: ScanLimits | None) -> list[Duplicates]:
    seen: list[tuple[list[PageRef], float, NDArray[np.float32]]] = []
    for page in pages:
        try:
            pixels = load_page(page, limits, max_dpi=_DPI).pixels
        except SohoaError:
            continue
        shape, small = pixels.shape[1] / pixels.shape[0], _thumbnail(pixels)
        for group, other_shape, other in seen:
            if abs(shape / other_shape - 1) < _SAME_SHAPE and _differs(small, other) < 1:
                group.append(page)
                break
        else:
            seen.append(([page], shape, small))
    return [Duplicates(tuple(group), False) for group, _, _ in seen if len(group) > 1]


def _thumbnail(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(128, 128) brightness, its own mean taken off, so that brightened copies agree."""
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(gray, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(small - small.mean(), np.float32)


def _differs(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Largest difference of a block, as a multiple of what the same picture may show."""
    blocks = np.abs(one - other).reshape(_SIDE // _BLOCK, _BLOCK, _SIDE // _BLOCK, _BLOCK)
    return float(blocks.mean(axis=(1, 3)).max()) / _MOST_DIFFERENCE_LEVELS
