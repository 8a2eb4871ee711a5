"""A part of a scan that is a page of its own, because the scan shows several forms."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ocr_pipeline.scans.page_image import PageImage


@dataclass(frozen=True, slots=True, order=True)
class ScanPart:
    """One form of a scan that shows several: its number, and the rectangle that it lies in.

    Attributes:
        number: from 1, in the order in which people read the scan.
        left: first column, in pixels of the scan as stored at full resolution.
        top: first row.
        width: columns.
        height: rows.

    """

    number: int
    left: int
    top: int
    width: int
    height: int

    def __str__(self) -> str:
        """The part as text, e.g. `2:1230,0,1230,1755`; `parse` reads it back."""
        return f"{self.number}:{self.left},{self.top},{self.width},{self.height}"

    @classmethod
    def parse(cls, text: str) -> ScanPart:
        """The part that `str` gave.

        Raises:
            ValueError: it is no such text.

        """
        number, _, sides = text.partition(":")
        left, top, width, height = (int(side) for side in sides.split(","))
        return cls(int(number), left, top, width, height)

    def name(self, scan: str) -> str:
        """Name of the page: that of the scan for the first part, `A1.jpg (2)` for the second."""
        return scan if self.number == 1 else f"{scan} ({self.number})"

    def cut(self, image: PageImage) -> PageImage:
        """The part of a loaded scan; the way back leads to the pixels of the part alone."""
        corners = np.array(
            [
                [self.left - 0.5, self.top - 0.5, 1.0],
                [self.left + self.width - 0.5, self.top + self.height - 0.5, 1.0],
            ]
        )
        small = corners @ np.linalg.inv(image.to_original).T
        height, width = image.pixels.shape[:2]
        (x1, y1), (x2, y2) = np.rint(small[:, :2] + 0.5).astype(int)
        x1, y1 = int(np.clip(x1, 0, width - 1)), int(np.clip(y1, 0, height - 1))
        x2, y2 = int(np.clip(x2, x1 + 1, width)), int(np.clip(y2, y1 + 1, height))
        inward, outward = np.eye(3), np.eye(3)
        inward[:2, 2] = x1, y1
        outward[:2, 2] = -self.left, -self.top
        back = outward @ image.to_original @ inward
        pixels = np.ascontiguousarray(image.pixels[y1:y2, x1:x2])
        return replace(image, pixels=pixels, to_original=back)
