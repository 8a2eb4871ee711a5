"""A paper book and the agency that keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.registers.types import RegisterType


@dataclass(frozen=True, slots=True)
class Agency:
    """The registering agency, by the units of its own time, with their type words.

    Attributes:
        commune: e.g. `xã Lộc Thuận`; "" when a district or province registers.
        district: e.g. `huyện Bình Đại`; "" since July 2025.
        province: e.g. `tỉnh Bến Tre`.
        name: full official name where it is not the people's committee of the smallest unit.

    """

    commune: str
    district: str
    province: str
    name: str = ""

    @property
    def units(self) -> tuple[str, ...]:
        """The units given, smallest first."""
        return tuple(unit for unit in (self.commune, self.district, self.province) if unit)

    @property
    def full_name(self) -> str:
        """`Ủy ban nhân dân xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre`: column noiDangKy."""
        if self.name:
            return self.name
        office = "Ủy ban nhân dân" if self.commune or self.district else "Sở Tư pháp"
        return f"{office} {', '.join(unit[:1].lower() + unit[1:] for unit in self.units)}"


@dataclass(frozen=True, slots=True)
class Book:
    """One paper book: one Excel file and one zip in the end.

    Attributes:
        id: unique; equals the stem of its package under the usual naming rule.
        path: folder of images or PDFs, or one multi-page PDF or TIFF.
        type: register type (a code is turned into the type).
        year_opened: year in which the book was opened.
        number: number of the book in that year.
        layout: id of its layout, if known.
        condition: free words on its state, e.g. `good`.

    """

    id: str
    path: Path
    type: RegisterType
    agency: Agency
    year_opened: int
    number: int
    layout: str = ""
    condition: str = ""

    def __post_init__(self) -> None:
        """Take a type given as its code."""
        object.__setattr__(self, "type", RegisterType(self.type))

    @property
    def volume(self) -> str:
        """`02/2018`: column quyenSo."""
        return f"{self.number:02d}/{self.year_opened}"
