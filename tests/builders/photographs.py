"""Pages and photographs of known geometry."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from ocr_pipeline.imaging.geometry import rotation, transformed

PAPER = (244, 240, 228)
MM = (210.0, 297.0)


@dataclass
class Loaded:
    """A page as the scans room hands it over."""

    pixels: np.ndarray
    dpi: float | None = None
    to_original: np.ndarray = field(default_factory=lambda: np.eye(3))


def form(width: int = 827, seed: int = 0, table: bool = True) -> np.ndarray:
    """An A4 form: a frame (or none), captions, dotted leaders, blue writing on most of them."""
    rng = np.random.default_rng(seed)
    height = round(width * 297 / 210)
    s = width / 1654
    page = np.full((height, width, 3), PAPER, np.uint8)
    thin = max(1, round(2 * s))
    if table:
        box = (round(110 * s), round(150 * s)), (round(1540 * s), round(1930 * s))
        cv2.rectangle(page, *box, (60, 60, 60), thin)
        cv2.line(page, (round(1100 * s), box[0][1]), (round(1100 * s), box[1][1]), (60,) * 3, thin)
    for y in range(round(210 * s), round(height * 0.92), max(8, round(70 * s))):
        font = cv2.FONT_HERSHEY_COMPLEX
        caption = "".join(chr(97 + rng.integers(26)) for _ in range(rng.integers(5, 20)))
        place = (round(140 * s), y)
        cv2.putText(page, caption, place, font, 0.9 * s, (30,) * 3, thin, cv2.LINE_AA)
        start = round((160 + 19 * len(caption)) * s)
        for x in range(start, round(1060 * s), max(2, round(9 * s))):
            cv2.circle(page, (x, y + round(3 * s)), max(1, round(1.5 * s)), (50,) * 3, -1)
        if rng.random() < 0.85:
            word = "".join(chr(97 + rng.integers(26)) for _ in range(12))
            font = cv2.FONT_HERSHEY_SCRIPT_COMPLEX
            place = (start, y - thin)
            cv2.putText(page, word, place, font, 1.3 * s, (40, 50, 140), thin, cv2.LINE_AA)
    return page


def turned(page: np.ndarray, degrees: float, fill: tuple[int, int, int] = PAPER) -> np.ndarray:
    """The page on a scanner's glass, `degrees` clockwise off straight."""
    matrix = rotation(degrees, page.shape[1], page.shape[0])[:2]
    size = page.shape[1::-1]
    return cv2.warpAffine(page, matrix, size, borderMode=cv2.BORDER_CONSTANT, borderValue=fill)


def photograph(
    page: np.ndarray,
    corners: np.ndarray,
    size: tuple[int, int],
    table: tuple[int, int, int] = (70, 60, 50),
    light: float = 0.0,
    shadow: bool = False,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """The page on a table with its corners at `corners` of a picture of `size`; and the map there.

    `light` is the share by which one corner is darker than the opposite one.
    """
    rng = np.random.default_rng(seed)
    wide, high = size
    height, width = page.shape[:2]
    ends = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    matrix = cv2.getPerspectiveTransform(ends, np.asarray(corners, np.float32))
    grain = cv2.GaussianBlur(rng.normal(0, 60, (high, wide)).astype(np.float32), (0, 0), 5)
    picture = np.array(table, np.float32) + grain[..., None]
    shown = cv2.warpPerspective(page, matrix, size)
    inside = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size) > 127
    picture = np.where(inside[..., None], shown, picture)
    x, y = np.meshgrid(np.linspace(0, 1, wide), np.linspace(0, 1, high))
    gain = 1 - light * (0.7 * x + 0.3 * y)
    if shadow:
        gain = gain * (1 - 0.3 / (1 + np.exp(-(x + 0.4 * y - 0.8) * 25)))
    noisy = picture * gain[..., None] + rng.normal(0, 3, picture.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), matrix.astype(np.float64)


def worst_millimetres(to_flat: np.ndarray, to_picture: np.ndarray, page: np.ndarray) -> float:
    """Largest distance in mm of page points from a straight, evenly scaled page, after `to_flat`.

    Shift, scale, and turning as a whole are allowed for: registration finds them. Bending and
    convergence of lines are not.
    """
    height, width = page.shape[:2]
    share = np.stack(np.meshgrid(np.linspace(0.05, 0.95, 9), np.linspace(0.05, 0.95, 9)), -1)
    share = share.reshape(-1, 2)
    seen = transformed(to_flat @ to_picture, share * (width, height))
    design = np.column_stack([seen, np.ones(len(seen))])
    truth = share * MM
    fit = np.linalg.lstsq(design, truth, rcond=None)[0]
    return float(np.abs(design @ fit - truth).max())


def slope(to_flat: np.ndarray, to_picture: np.ndarray, page: np.ndarray) -> float:
    """Degrees by which a level line of the page still falls to the right."""
    height, width = page.shape[:2]
    ends = np.array([[0.1 * width, height / 2], [0.9 * width, height / 2]])
    (x1, y1), (x2, y2) = transformed(to_flat @ to_picture, ends)
    return float(np.degrees(np.arctan2(y2 - y1, x2 - x1)))
