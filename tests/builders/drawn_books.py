"""Small invented books that need no reading: drawn pages, doubtful fields, a refused page each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ocr_pipeline.books.book import Book
from ocr_pipeline.scans.pages import PageRef, digest
from ocr_pipeline.store.books import replace_pages, save_book
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.records import replace_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace
from tests.builders.review_office import BOOK, drawn, record

PAGES = 3


def fill(workspace: Workspace, scans: Path, books: int) -> list[str]:
    """Add books of `PAGES` records and a refused page; returns their ids."""
    scans.mkdir(parents=True)
    made = []
    for number in range(1, books + 1):
        book = replace(BOOK, id=f"xalocthuan_hbd_tbt.KS.2016.{number:02}", number=number)
        with workspace.transaction() as session:
            save_book(session, book)
            pages = [_page(book, scans, place) for place in range(PAGES + 1)]
            replace_pages(session, book.id, pages)
            records = [record(page.name, place) for place, page in enumerate(pages[:PAGES])]
            replace_records(session, book.id, records)
        made.append(book.id)
    return made


def _page(book: Book, scans: Path, place: int) -> PageRow:
    path = scans / f"{book.number:02} tờ {place + 1}.jpg"
    path.write_bytes(drawn(f"so {book.number} trang {place + 1}"))
    read = place < PAGES
    return PageRow(
        book=book.id,
        name=path.name,
        ordinal=place,
        path=str(path),
        digest=digest(PageRef(path, 0, path.name)),
        kind=(PageKind.RECORD if read else PageKind.REFUSED).value,
        fingerprint="f1",
        layout="KS-2016" if read else "",
        cause_vi="" if read else "Không biểu mẫu nào khớp",
        cause_en="" if read else "No form fits",
    )
