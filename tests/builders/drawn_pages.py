"""Small drawn pages with the rows that a run would have written of them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageDraw

from ocr_pipeline.books.book import Book
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import Box, Candidate, Doubt, Record, Severity, State
from ocr_pipeline.scans.pages import PageRef, digest
from ocr_pipeline.store.books import replace_pages, save_book
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.records import replace_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace
from tests.builders.records import make_field, make_record

SIZE = (620, 880)  # pixels
UNSURE = Doubt("unsure", Severity.CONFIDENCE, Text("Máy chưa chắc", "The machine is not sure"))


def fill_book(
    workspace: Workspace, book: Book, scans: Path, records: int
) -> list[tuple[PageRow, Record]]:
    """Add a book of `records` pages that were read, and one that was refused.

    Returns the pages that were read, each with its record.
    """
    scans.mkdir(parents=True, exist_ok=True)
    kinds = [PageKind.RECORD] * records + [PageKind.REFUSED]
    rows = [page_row(book, scans, place, kind) for place, kind in enumerate(kinds)]
    read = [(row, doubtful_record(row.name, place)) for place, row in enumerate(rows[:records])]
    with workspace.transaction() as session:
        save_book(session, book)
        replace_pages(session, book.id, rows)
        replace_records(session, book.id, [record for _, record in read])
    return read


def page_row(book: Book, scans: Path, place: int, kind: PageKind) -> PageRow:
    """Draw a page of a book into a folder; returns its row."""
    path = scans / f"{book.number:02} tờ {place + 1}.jpg"
    path.write_bytes(drawn(f"so {book.number} trang {place + 1}"))
    refused = kind is PageKind.REFUSED
    return PageRow(
        book=book.id,
        name=path.name,
        ordinal=place,
        path=str(path),
        digest=digest(PageRef(path, 0, path.name)),
        kind=kind.value,
        fingerprint="f1",
        layout="" if refused else "KS-2016",
        cause_vi="Không biểu mẫu nào khớp" if refused else "",
        cause_en="No form fits" if refused else "",
    )


def doubtful_record(page: str, number: int) -> Record:
    """A birth of seven fields, four of which wait for a person."""
    name = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Minh Châu", "Phạm Gia Dũng")[number % 4]
    values = [
        ("so", f"{number + 1:02}/2016", State.ACCEPTED),
        ("ngayDangKy", "05.03.2016", State.ACCEPTED),
        ("nguoiKy", "Võ Quốc Khánh", State.IN_REVIEW),
        ("nksHoTen", name, State.IN_REVIEW),
        ("nksNgaySinh", f"{number + 10}.02.2016", State.IN_REVIEW),
        ("nksGioiTinh", "1", State.IN_REVIEW),
        ("nksNoiSinh", "xã Lộc Thuận", State.ACCEPTED),
    ]
    fields = [
        make_field(
            code,
            value,
            state,
            0.99 if state is State.ACCEPTED else 0.6,
            n_best=(Candidate(value, value, 0.6), Candidate(value + "h", value + "h", 0.2)),
            doubts=() if state is State.ACCEPTED else (UNSURE,),
            box=Box(60, 80 + 90 * place, 400, 40),
        )
        for place, (code, value, state) in enumerate(values)
    ]
    return make_record(page, fields)


def unsure_record(page: str, values: Mapping[str, str], confidence: float = 0.4) -> Record:
    """A birth whose fields, read as these values by code, all wait for a person."""
    fields = [
        make_field(
            code, value, State.IN_REVIEW, confidence,
            n_best=(Candidate(value, value, confidence),),
            doubts=(UNSURE,),
            box=Box(60, 80 + 60 * place, 400, 40),
        )
        for place, (code, value) in enumerate(values.items())
    ]  # fmt: skip
    return make_record(page, fields)


def drawn(words: str) -> bytes:
    """A page with some lines of ink as JPEG."""
    picture = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(picture)
    for y in range(60, SIZE[1] - 60, 45):
        pen.line((60, y + 28, SIZE[0] - 60, y + 28), fill="gray")
        pen.text((80, y + 10), f"{words} dong {y}", fill="black")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()
