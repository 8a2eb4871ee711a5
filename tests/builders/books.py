"""Invented books, and the inventories that name their folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.resources import shipped

LOC_THUAN = Agency("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre")
PHUOC_NGAI = Agency("xã Phước Ngãi", "huyện Ba Tri", "tỉnh Bến Tre")
_COLUMNS = "folder,type,commune,district,province,year,number,layout"


def make_book(
    type: str = "KS",
    number: int = 1,
    year: int = 2018,
    agency: Agency = LOC_THUAN,
    path: Path = Path("/scans/so"),
    layout: str = "",
) -> Book:
    """A book whose id is the stem of its package, as ingest names it."""
    book = Book("", path, RegisterType(type), agency, year, number, layout)
    return replace(book, id=NamingRule().stem(book))


def list_sample(scans: Path, folder: str) -> None:
    """Write `books.csv` of a folder of scans: one of the sample books, as it is listed there."""
    lines = (shipped("sample_scans") / "books.csv").read_text("utf-8-sig").splitlines()
    own = [lines[0], *(line for line in lines if line.startswith(f"{folder},"))]
    (scans / "books.csv").write_text("\n".join(own) + "\n", encoding="utf-8")


def write_inventory(scans: Path, books: Mapping[str, Book]) -> None:
    """Write `books.csv` of a folder of scans: its books by the names of their folders."""
    lines = [_COLUMNS]
    for folder, book in books.items():
        units = (book.agency.commune, book.agency.district, book.agency.province)
        numbers = (str(book.year_opened), str(book.number))
        lines.append(",".join((folder, book.type.value, *units, *numbers, book.layout)))
    (scans / "books.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
