"""Caps that keep one bad file from taking the machine down."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """What is still accepted as a scan; beyond it a page is an error, never a crash.

    Attributes:
        max_pixels: pixels of one decoded page (A3 at 600 dpi has 70 million).
        max_image_bytes: size of a file that holds one picture.
        max_container_bytes: size of a PDF or TIFF, which may hold a whole book.
        max_pages: pages of one PDF or TIFF.
        min_side: pixels of the shorter side; less is a thumbnail or an icon, not a page.

    """

    max_pixels: int = 120_000_000
    max_image_bytes: int = 300_000_000
    max_container_bytes: int = 4_000_000_000
    max_pages: int = 3_000
    min_side: int = 100
