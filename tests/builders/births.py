"""A book of two births with real scans, made up for the tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.export.book_data import BookData
from ocr_pipeline.export.package import export_book
from ocr_pipeline.registers.fields import Field, Record, State
from ocr_pipeline.registers.templates import load_template
from ocr_pipeline.scans.pages import find_pages
from tests.builders.books import make_book
from tests.builders.records import BIRTH, make_field, make_record

STEM = "xalocthuan_hbd_tbt.KS.2017.01"
PDFS = ["KS.2017.01.2017-07-05.062.pdf", "KS.2017.01.2017-07-06.063.pdf"]

CHILD = BIRTH | {"ghiChu": ""}
SECOND = CHILD | {
    "so": "63/2017", "ngayDangKy": "06.07.2017", "nksHoTen": "=1+1", "nksNgaySinh": "01.07.2017",
}  # fmt: skip


def scan(path: Path, seed: int = 0, dpi: int = 150, long: int = 297, short: int = 210) -> Path:
    """A page with paper grain and strokes, as a scanner's JPEG."""
    rng = np.random.default_rng(seed)
    height, width = round(long / 25.4 * dpi), round(short / 25.4 * dpi)
    page = rng.normal(236, 5, (height, width, 3)).clip(0, 255).astype(np.uint8)
    for _ in range(60):
        points = rng.integers(0, (width, height), (12, 2)) * [1, 0] + [0, rng.integers(height)]
        wave = rng.integers(-12, 12, (12, 2))
        cv2.polylines(page, [(np.sort(points, 0) + wave).astype(np.int32)], False, (120, 40, 20), 3)
    ok, jpeg = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 90])
    assert ok
    path.write_bytes(jpeg.tobytes())
    return path


def final_field(code: str, value: str, state: State = State.ACCEPTED, **more: object) -> Field:
    """A field that nobody has to look at any more, unless its state says otherwise."""
    state = State.BLANK if not value and state is State.ACCEPTED else state
    return make_field(code, value, state, **more)


def final_record(page: str, values: dict[str, str], position: int = 1) -> Record:
    """A record that can go out."""
    return make_record(page, [final_field(*item) for item in values.items()], position)


def changed(record: Record, **fields: Field) -> Record:
    return replace(record, fields={**record.fields, **fields})


@dataclass
class Job:
    """A book to export, with what tests may change of it."""

    book: Book
    records: list[Record]
    pages: dict
    out: Path
    template: object = None
    naming: NamingRule = NamingRule()

    def export(self, workers=0, **more):
        template = self.template or load_template("KS")
        data = BookData(self.book, self.records, self.pages, **more)
        return export_book(data, template, self.naming, self.out, workers=workers)


@pytest.fixture(scope="session")
def scans(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("Sổ khai sinh")
    for number in (1, 2):
        scan(folder / f"{number}.jpg", seed=number)
    return folder


@pytest.fixture
def job(scans, tmp_path) -> Job:
    refs, errors = find_pages(scans)
    assert not errors
    book = make_book(year=2017, path=scans)
    records = [final_record("1.jpg", CHILD), final_record("2.jpg", SECOND)]
    return Job(book, records, {ref.name: ref for ref in refs}, tmp_path / "out")
