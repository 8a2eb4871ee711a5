"""Prepare pictures of one line for the handwriting network: the one door for training and reading.

The preparation has a name, kept in a model's ``model.json`` together with the height: a network
only reads lines prepared the way it was trained on.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

#: Name of this preparation; a change of what the network sees needs a new name.
PREPARATION = "ink-crop"

#: A batch is padded on the right to a multiple of this many pixels.
WIDTH_STEP = 16

#: A prepared line is never wider than this many heights; longer ones are squeezed. Bounds a
#: batch's memory.
MAX_WIDTH = 60

_INK_CONTRAST = 35  # grey levels under the median that count as ink
_MARGIN = 4  # pixels left around the ink, in the picture's own resolution
_MIN_HEIGHT = 0.4  # of the picture's height: a lone dash or a dotted leader is not blown up


def prepare_line(gray: NDArray[np.uint8], height: int) -> NDArray[np.float32]:
    """Cut a line to its ink, scale it to the network's height and stretch its contrast.

    Args:
        gray: (H, W) uint8, dark ink on light paper, any resolution; H or W may be 0.
        height: of the network's input in pixels.

    Returns:
        (height, w) float32 in 0..1 with ink = 1 and 8 <= w <= 60 heights. An empty picture, or
        one without contrast, comes back as zeros.

    """
    if gray.ndim != 2:
        raise ValueError(f"prepare_line wants a grey picture (H, W), got shape {gray.shape}")
    if gray.size == 0:
        return np.zeros((height, WIDTH_STEP), np.float32)
    left, top, right, bottom = ink_box(gray)
    cut = gray[top:bottom, left:right]
    new_width = int(np.clip(round(cut.shape[1] * height / cut.shape[0]), 8, MAX_WIDTH * height))
    method = cv2.INTER_AREA if cut.shape[0] > height else cv2.INTER_LINEAR
    scaled = cv2.resize(cut, (new_width, height), interpolation=method).astype(np.float32)
    low, high = _percentiles(scaled, 1, 90)
    if high - low < 8:  # nothing but paper: do not stretch its grain into writing
        return np.zeros((height, new_width), np.float32)
    prepared: NDArray[np.float32] = np.clip((high - scaled) / (high - low), 0.0, 1.0)
    return prepared


def ink_box(gray: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """What `prepare_line` keeps of a line, in its pixels: left, top, right, bottom (outside).

    Args:
        gray: (H, W) uint8, dark ink on light paper, with at least one pixel.

    Returns:
        The ink with a little paper around it; the whole picture if nothing stands out as ink.

    """
    height, width = gray.shape
    limit = max(_percentiles(gray, 50)[0] - _INK_CONTRAST, 0)
    ink = gray < limit
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return 0, 0, width, height
    top, bottom = int(rows[0]) - _MARGIN, int(rows[-1]) + 1 + _MARGIN
    missing = int(_MIN_HEIGHT * height) - (bottom - top)
    if missing > 0:
        top, bottom = top - missing // 2, bottom + missing - missing // 2
    left, right = int(columns[0]) - _MARGIN, int(columns[-1]) + 1 + _MARGIN
    return max(left, 0), max(top, 0), min(right, width), min(bottom, height)


def batches(
    lines: Sequence[NDArray[np.float32]], max_lines: int = 32, max_pixels: int = 1_000_000
) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
    """Group prepared lines of like width, so that little is padded.

    Args:
        lines: prepared lines of one height, (height, w) each.
        max_lines: most lines in one batch.
        max_pixels: most pixels in one batch, padding included (one line may exceed it).

    Yields:
        The lines' positions in ``lines``, with a (n, 1, height, width) float32 array, padded on the
        right with 0 to a multiple of 16. Every line comes exactly once, narrow ones first.

    """
    order = sorted(range(len(lines)), key=lambda i: lines[i].shape[1])
    group: list[int] = []
    for index in order:
        width = padded_width(lines[index].shape[1])
        if group and (
            len(group) >= max_lines or (len(group) + 1) * width * lines[index].shape[0] > max_pixels
        ):
            yield group, _stack(lines, group)
            group = []
        group.append(index)
    if group:
        yield group, _stack(lines, group)


def padded_width(width: int) -> int:
    """The next multiple of 16 pixels, at least 32."""
    return max(-(-width // WIDTH_STEP) * WIDTH_STEP, 2 * WIDTH_STEP)


def _stack(lines: Sequence[NDArray[np.float32]], group: list[int]) -> NDArray[np.float32]:
    width = padded_width(max(lines[i].shape[1] for i in group))
    out = np.zeros((len(group), 1, lines[group[0]].shape[0], width), np.float32)
    for row, index in enumerate(group):
        out[row, 0, :, : lines[index].shape[1]] = lines[index]
    return out


def _percentiles(values: NDArray[np.generic], *percents: float) -> list[float]:
    """Percentiles from a histogram of 256 levels: many times faster than sorting."""
    counts = np.bincount(values.astype(np.uint8).ravel(), minlength=256)
    total = counts.cumsum()
    return [float(np.searchsorted(total, total[-1] * p / 100)) for p in percents]
