"""Sheets that were scanned in two halves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ocr_pipeline.layout.half_forms import SheetHalf
from ocr_pipeline.layout.schema import Layout
from tests.builders.filled_forms import Distortion, make_page

DPI = 110.0


def written_sheet(layout: Layout, sheet: int = 1, **lain: Any) -> np.ndarray:
    """(H, W) uint8: a sheet as it lay on glass that is large enough; see `Distortion`."""
    return make_page(layout, Distortion(dpi=DPI, seed=sheet, writing=3, noise=2, **lain))[0]


def half_scan(
    layout: Layout,
    side: SheetHalf,
    *,
    sheet: int = 1,
    angle: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    beyond_mm: float = 6.0,
) -> np.ndarray:
    """(H, W, 3) uint8: half of a written sheet as it lay on the glass.

    Args:
        layout: of the sheet.
        side: which half.
        sheet: sheets of one number are written alike.
        angle: degrees by which the sheet was turned.
        shift: mm by which it was moved.
        beyond_mm: how much of the other half lies on the glass, too; negative: how much is missing.

    """
    gray = written_sheet(layout, sheet, angle=angle, shift=shift)
    middle = gray.shape[1] / 2
    reach = beyond_mm * DPI / 25.4
    if side is SheetHalf.LEFT:
        gray = gray[:, : round(middle + reach)]
    else:
        gray = gray[:, round(middle - reach) :]
    return np.ascontiguousarray(np.repeat(gray[..., None], 3, axis=2))


def scanned(folder: Path, *pictures: np.ndarray) -> Path:
    """A folder with these pictures: `001.png`, `002.png` …"""
    folder.mkdir(exist_ok=True)
    for number, pixels in enumerate(pictures, start=1):
        Image.fromarray(pixels).save(folder / f"{number:03d}.png", dpi=(DPI, DPI))
    return folder
