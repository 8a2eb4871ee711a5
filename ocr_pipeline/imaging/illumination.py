"""Uneven light: the brightness of the paper itself, and pictures with it divided out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_pipeline.arrays import Gray
from ocr_pipeline.imaging.geometry import shrunk

_SMALL_PIXELS = 440  # longer side in pixels at which the paper's brightness is estimated
_STROKE_SHARE = 0.045  # of the longer side: dark things narrower than this are ink, not paper
_DARKEST_PAPER = 40  # below this there is no paper (table, lid): its noise is not blown up
_TABLE_SHARE = 0.45  # of the brightest paper
_WHITE = 261.0  # paper ends slightly above 255, so that its grain is mostly clipped away


def paper_brightness(gray: Gray) -> Gray:
    """Brightness of the paper under the ink, smooth, at a longer side of at most 440 pixels.

    A closing wider than strokes removes the ink; a narrow blur keeps the edges of cast shadows.
    """
    small, _ = shrunk(gray, _SMALL_PIXELS)
    size = max(3, round(_STROKE_SHARE * max(small.shape)) | 1)
    calm = cv2.medianBlur(small, 3) if min(small.shape) >= 3 else small
    closed = cv2.morphologyEx(
        calm, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8), borderType=cv2.BORDER_REPLICATE
    )
    smooth = cv2.GaussianBlur(closed, (0, 0), max(1.0, size / 4))
    return np.asarray(np.maximum(smooth, _DARKEST_PAPER), np.uint8)


def page_alone(gray: Gray) -> Gray:
    """Even light as by `flatten_light`, and white where it is too dark for paper (the table).

    For measuring lines only: a deep shadow on the page may be taken for the table.
    """
    height, width = gray.shape
    paper = paper_brightness(gray)
    dark = np.where(paper < _TABLE_SHARE * np.percentile(paper, 95), 255, 0).astype(np.uint8)
    away = cv2.resize(dark, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.max(flatten_light(gray), away), np.uint8)


def flatten_light(gray: Gray) -> Gray:
    """The grey picture with uneven light divided out: paper about 255, ink as dark as before.

    Args:
        gray: (H, W) uint8, any size; lines, crops and pages alike.

    """
    if gray.size == 0:
        return gray
    height, width = gray.shape
    paper = cv2.resize(paper_brightness(gray), (width, height), interpolation=cv2.INTER_LINEAR)
    return even_light(gray, np.asarray(paper, np.uint8))


def colours_of_paper(pixels: NDArray[np.uint8]) -> list[Gray]:
    """`paper_brightness` of red, green and blue of (H, W, 3) pixels."""
    small, _ = shrunk(pixels, _SMALL_PIXELS)
    return [paper_brightness(np.asarray(channel, np.uint8)) for channel in cv2.split(small)]


def part_of_light(paper: Gray, shape: tuple[int, ...], part: tuple[slice, slice]) -> Gray:
    """What `paper_brightness` says of a part of a picture of `shape`, at that picture's size.

    Args:
        paper: the brightness of the whole picture, small.
        shape: (H, W) of the picture.
        part: rows and columns.

    """
    rows, columns = part
    across, down = paper.shape[1] / shape[1], paper.shape[0] / shape[0]
    shrinking = np.array([[across, 0, (columns.start + 0.5) * across - 0.5],
                          [0, down, (rows.start + 0.5) * down - 0.5]])  # fmt: skip
    size = (int(columns.stop - columns.start), int(rows.stop - rows.start))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    found = cv2.warpAffine(paper, shrinking, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.uint8)


def even_light(gray: Gray, paper: Gray) -> Gray:
    """The grey picture with the brightness of its paper, (H, W) as well, divided out."""
    return np.asarray(cv2.divide(gray, paper, scale=_WHITE), np.uint8)
