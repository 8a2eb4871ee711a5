"""Packages as offices make them with Excel and a program for archives: right ones, to be spoilt."""

import io
import zipfile
from pathlib import Path

import img2pdf
import pytest
import xlwt
from PIL import Image

from ocr_pipeline.export.faults import FaultLevel
from ocr_pipeline.registers.templates import load_template
from tests.builders.births import CHILD, PDFS, SECOND, STEM

TEMPLATE = load_template("KS")
HEADER = TEMPLATE.headers()
BASE = {"quyenSo": "01/2017", "noiDangKy": "Ủy ban nhân dân xã Lộc Thuận", "loaiDangKy": "1"}
ROWS = [BASE | CHILD, BASE | SECOND | {"nksHoTen": "Trần Văn Bình"}]


def pdf(number: int = 0) -> bytes:
    """One page with one picture; another one for each number."""
    picture, stream = Image.new("L", (40, 40), number), io.BytesIO()
    picture.save(stream, "PNG")
    made = img2pdf.convert(stream.getvalue(), nodate=True)
    assert made is not None
    return made


def excel(path: Path, rows, header=HEADER, sheet=TEMPLATE.sheet, top=0) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    tab = book.add_sheet(sheet)
    for column, title in enumerate(header):
        tab.write(top, column, title)
    names = [title.split()[0] for title in header]
    for number, row in enumerate(rows, start=top + 1):
        for column, name in enumerate(names):
            if name in row:
                tab.write(number, column, row[name])
    book.save(str(path))
    return path


def archive(path: Path, entries) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, data in entries:
            file.writestr(name, data)
    return path


@pytest.fixture
def pair(tmp_path):
    """Write a pair with the given rows and zip entries; the defaults are without fault."""

    def write(rows=ROWS, entries=None, stem=STEM, **more):
        contents = [(name, pdf()) for name in PDFS] if entries is None else entries
        return excel(tmp_path / f"{stem}.xls", rows, **more), archive(
            tmp_path / f"{stem}.zip", contents
        )

    return write


def errors(report) -> list[tuple[str, int, str]]:
    return [(f.rule, f.row, f.column) for f in report.faults if f.level is FaultLevel.ERROR]
