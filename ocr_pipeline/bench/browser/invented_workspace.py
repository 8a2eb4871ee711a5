"""A workspace to measure on: many doubtful fields of invented people on pages of 300 dpi."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import (
    Box,
    Candidate,
    Doubt,
    Field,
    FieldKind,
    Record,
    Severity,
    State,
)
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.resources import shipped
from ocr_pipeline.scans.pages import PageRef, digest, load_page
from ocr_pipeline.store.books import replace_pages, save_book
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.records import replace_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

A4_PIXELS = (2480, 3508)  # pixels
PAGES = 40  # different pictures; the records beyond share them

_SCAN = shipped("sample_scans") / "ks-2018" / "Trang 5.jpg"
_UNSURE = Doubt("unsure", Severity.CONFIDENCE, Text("Máy chưa chắc", "The machine is not sure"))
_NAMES = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Minh Châu", "Phạm Gia Dũng", "Võ Quốc Khánh")
_PLACES = (
    "xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre",
    "xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre",
)
#: Code, kind, and box in thousandths of the page (x, y, width, height).
_FIELDS = (
    ("ngayDangKy", FieldKind.DATE, (724, 36, 210, 28)),
    ("nksHoTen", FieldKind.PERSON_NAME, (233, 113, 435, 28)),
    ("nksNgaySinh", FieldKind.DATE, (275, 145, 149, 28)),
    ("nksNoiSinh", FieldKind.PLACE, (83, 240, 586, 60)),
    ("nksQueQuan", FieldKind.PLACE, (83, 303, 586, 60)),
    ("meHoTen", FieldKind.PERSON_NAME, (273, 398, 396, 28)),
    ("meNoiCuTru", FieldKind.PLACE, (83, 461, 586, 60)),
    ("chaHoTen", FieldKind.PERSON_NAME, (277, 525, 391, 28)),
    ("nycHoTen", FieldKind.PERSON_NAME, (404, 652, 265, 28)),
    ("nguoiKy", FieldKind.PERSON_NAME, (83, 793, 307, 28)),
)


def make_job(folder: Path, fields: int) -> Workspace:
    """A workspace in `folder` with at least `fields` doubtful fields, open."""
    workspace = Workspace.open(folder / "ws")
    book = Book(
        id="xalocthuan_hbd_tbt.KS.2018.01",
        path=folder / "scans",
        type=RegisterType.KS,
        agency=Agency("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre"),
        year_opened=2018,
        number=1,
    )
    number = -(-fields // len(_FIELDS))
    pages = list(_pages(folder / "scans", book.id, number))
    chance = random.Random(7)
    with workspace.transaction() as session:
        save_book(session, book)
        replace_pages(session, book.id, pages)
        replace_records(session, book.id, [_record(page.name, chance) for page in pages])
    return workspace


def _pages(folder: Path, book: str, number: int) -> Iterator[PageRow]:
    """One page a record; after `PAGES` of them the scans come again under other names."""
    folder.mkdir(parents=True)
    scan = load_page(PageRef(_SCAN, 0, _SCAN.name)).pixels
    sheet = cv2.resize(scan, A4_PIXELS, interpolation=cv2.INTER_CUBIC)[:, :, ::-1]
    for ordinal in range(number):
        path = folder / f"{ordinal % PAGES:03}.jpg"
        if not path.exists():
            stamped = cv2.putText(
                np.ascontiguousarray(sheet), path.stem, (60, 3400), 0, 3, (90, 30, 30), 5
            )
            data = cv2.imencode(".jpg", stamped, [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
            path.write_bytes(data.tobytes())
        yield PageRow(
            book=book,
            name=f"tờ {ordinal + 1:04}.jpg",
            ordinal=ordinal,
            path=str(path),
            digest=digest(PageRef(path, 0, path.name)),
            kind=PageKind.RECORD.value,
            fingerprint="bench",
            layout="KS-2016",
        )


def _record(page: str, chance: random.Random) -> Record:
    return Record(
        page, 1, "KS-2016", {code: _field(code, kind, box, chance) for code, kind, box in _FIELDS}
    )


def _field(code: str, kind: FieldKind, box: tuple[int, ...], chance: random.Random) -> Field:
    if kind is FieldKind.DATE:
        day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.choice((2017, 2018))
        values = [f"{day:02}.{month:02}.{year}", f"{day:02}.{month:02}.{year - 1}"]
    else:
        values = chance.sample(_NAMES if kind is FieldKind.PERSON_NAME else _PLACES, 2)
    width, height = A4_PIXELS
    return Field(
        code=code,
        kind=kind,
        as_written=values[0],
        value=values[0],
        confidence=0.7,
        state=State.IN_REVIEW,
        n_best=tuple(Candidate(v, v, p) for v, p in zip(values, (0.7, 0.2), strict=True)),
        doubts=(_UNSURE,),
        box=Box(
            box[0] * width // 1000, box[1] * height // 1000,
            box[2] * width // 1000, box[3] * height // 1000,
        ),
    )  # fmt: skip
