"""What this room needs of a flattened page."""

from __future__ import annotations

from typing import Protocol

from ocr_pipeline.arrays import Gray, Rgb


class FlatScan(Protocol):
    """What is needed of a flattened page (`imaging.flat_page.FlatPage` has it)."""

    @property
    def pixels(self) -> Rgb:
        """(H, W, 3) uint8 RGB."""
        ...

    @property
    def gray(self) -> Gray:
        """(H, W) uint8, ink dark on white paper."""
        ...
