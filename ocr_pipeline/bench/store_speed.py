"""How long a very large store takes to tell how far it is and to give one book out: measured.

On top of the store of `review.bench` come what a run leaves behind (readings in the ledger), the
books of a whole province that wait to be read, and one book that is ready to go out.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from sqlalchemy import DateTime, and_, func, insert, literal, select
from sqlalchemy.orm import Session

from ocr_pipeline.bench.queue_speed import build, invented_book, invented_record, timed
from ocr_pipeline.books.book import Book
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.export.package import export_book
from ocr_pipeline.export.stored_books import load_book_data
from ocr_pipeline.registers.fields import State
from ocr_pipeline.registers.templates import load_template
from ocr_pipeline.reports.status import status
from ocr_pipeline.review import book_views, queue
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.queue import QueueFilter
from ocr_pipeline.scans.pages import PageRef, digest
from ocr_pipeline.store.books import replace_pages, save_book
from ocr_pipeline.store.engine import refresh_statistics
from ocr_pipeline.store.ledger import PAGE_STAGE
from ocr_pipeline.store.models import BookRow, FieldRow, LedgerRow, PageRow, RecordRow
from ocr_pipeline.store.records import replace_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

_PAGES = 100  # in a book of the province
_READY = 100  # records of the book that goes out, each on a page of its own
_AT_ONCE = 50  # books a transaction
_SIZE = (1654, 1169)  # height and width of its pages: A4 at 140 dpi


def measure_store(fields: int, books: int, rounds: int, at: str = "") -> dict[str, Any]:
    """Build a large store and measure status, queue, list of books and the export of one book.

    Args:
        fields: fields in the store, at least.
        books: further books of 100 pages each that are waiting to be read.
        rounds: how often each thing is done.
        at: workspace to build the store in and keep; one that has books is measured as it is.

    Returns:
        `{"database", "rows": {table: n}, "milliseconds": {what: {"median", "worst", "cpu"}}}`;
        `cpu` is the median of processor time of this process alone.

    """
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as folder:
        location = at or str(Path(folder) / "ws")
        with Workspace.open(location) as ws:
            fill(ws, fields, books)
            found = count_rows(ws)
            tasks = _tasks(ws, location, Path(folder) / "out")
            return {
                "database": ws.engine.dialect.name,
                "rows": found,
                "milliseconds": {what: timed(task, rounds) for what, task in tasks.items()},
            }


def _tasks(ws: Workspace, location: str, out: Path) -> dict[str, Callable[[], object]]:
    program = "from ocr_pipeline.cli import main; main()"
    command = [sys.executable, "-c", program, "status", "--workspace", location, "--json"]
    ready, person = _ready_book().id, User("an", Role.REVIEWER)
    with ws.read_session() as session:
        first = session.scalars(select(FieldRow.book).limit(1)).one()
    return {
        "status": lambda: status(ws),
        "sohoa status --json, the whole command": lambda: subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL
        ),
        "all books": lambda: book_views.books(ws),
        "what waits": lambda: queue.waiting(ws, QueueFilter(), person),
        "all of a book of 500 records from the store": lambda: load_book_data(ws, first),
        "all of a book of 100 records from the store": lambda: load_book_data(ws, ready),
        "export of a book of 100 records": lambda: _export(ws, ready, out),
    }


def _export(ws: Workspace, book: str, out: Path) -> None:
    data = load_book_data(ws, book)
    export_book(data, load_template(data.book.type), NamingRule(), out)


def fill(ws: Workspace, fields: int, books: int) -> None:
    """Fill an empty workspace; one that has some of it gets the rest."""
    build(ws, fields)
    with ws.read_session() as session:
        read = session.scalar(select(LedgerRow.input).limit(1))
        ready = session.get(BookRow, _ready_book().id)
        there = session.scalar(select(func.count()).where(BookRow.id.like("province.%"))) or 0
    if not read:
        with ws.transaction() as session:
            _remember_readings(session)
    if ready is None:
        _add_ready_book(ws)
    for first in range(there, books, _AT_ONCE):
        with ws.transaction() as session:
            _add_waiting(session, range(first, min(books, first + _AT_ONCE)))
    refresh_statistics(ws.engine)


def _remember_readings(session: Session) -> None:
    """A reading in the ledger for every page that has records, as large as its records."""
    read = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    same_page = and_(RecordRow.book == PageRow.book, RecordRow.page == PageRow.name)
    columns = {
        "stage": literal(PAGE_STAGE), "input": PageRow.digest, "fingerprint": literal("f"),
        "outcome": literal("record"), "seconds": literal(0.9),
        "finished": literal(read, DateTime(timezone=True)),
        "payload": RecordRow.payload, "checksum": literal(""),
    }  # fmt: skip
    pages = select(*columns.values()).join(RecordRow, same_page).where(RecordRow.position == 1)
    session.execute(insert(LedgerRow).from_select(list(columns), pages))


def _add_waiting(session: Session, numbers: range) -> None:
    """Books of the province: one in three read in part, each with a duplicate, some refused."""
    pages = []
    for number in numbers:
        book = replace(invented_book(number + 1), id=f"province.KS.2000.{number:05d}")
        save_book(session, book)
        for place in range(_PAGES):
            kind = PageKind.RECORD if number % 3 == 0 and place < _PAGES // 2 else PageKind.PENDING
            if place == _PAGES - 1:
                kind = PageKind.DUPLICATE
            elif place == _PAGES - 2 and number % 10 == 0:
                kind = PageKind.REFUSED
            pages.append(
                {
                    "book": book.id, "name": f"trang {place + 1:04d}.jpg", "ordinal": place,
                    "path": f"/nowhere/{book.id}/trang {place + 1:04d}.jpg",
                    "stamp": f"1234567:16400000000000{place:05d}", "kind": kind.value,
                    "digest": f"{number:032x}{place:032x}",
                    "cause_vi": "Trùng hoàn toàn" if kind is PageKind.DUPLICATE else "",
                    "cause_en": "Exactly the same scan" if kind is PageKind.DUPLICATE else "",
                }
            )  # fmt: skip
    session.flush()
    session.execute(insert(PageRow), pages)


def _ready_book() -> Book:
    return replace(invented_book(999), id="xalocthuan_hbd_tbt.KS.2019.999")


def _add_ready_book(ws: Workspace) -> None:
    """A book that people have finished, with scans of its own in the workspace's folder."""
    book, folder = _ready_book(), ws.folder / "bench-scans"
    folder.mkdir(exist_ok=True)
    records, rows = [], []
    for place in range(_READY):
        record = invented_record(place, book)
        path = folder / record.page
        path.write_bytes(_page(place))
        done = {c: replace(f, state=State.CONFIRMED, doubts=()) for c, f in record.fields.items()}
        records.append(replace(record, fields=done))
        rows.append(
            PageRow(
                book=book.id, name=record.page, ordinal=place, path=str(path), fingerprint="f",
                digest=digest(PageRef(path, 0, record.page)), kind=PageKind.RECORD.value,
            )
        )  # fmt: skip
    with ws.transaction() as session:
        save_book(session, book)
        session.flush()
        replace_pages(session, book.id, rows)
        replace_records(session, book.id, records, "bench")


def _page(number: int) -> bytes:
    """A page with lines and a number on it, as JPEG."""
    paper = np.full(_SIZE, 235, np.uint8)
    paper[60::60, 80:-80] = 60
    cv2.putText(paper, f"{number:04d}", (100, 300), cv2.FONT_HERSHEY_SIMPLEX, 5.0, 30, 9)
    return cv2.imencode(".jpg", paper)[1].tobytes()


def count_rows(ws: Workspace) -> dict[str, int]:
    """Rows of the large tables."""
    tables = (BookRow, PageRow, RecordRow, FieldRow, LedgerRow)
    with ws.read_session() as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }
