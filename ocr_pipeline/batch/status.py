"""How far a workspace is: per book pages, records, fields by state, failures, time left."""

from __future__ import annotations

from typing import Any

from ocr_pipeline.batch.judging import PAGE_STAGE
from ocr_pipeline.batch.worker import cores
from ocr_pipeline.registers.fields import State
from ocr_pipeline.scans.folder import natural_key
from ocr_pipeline.store.books import book_pages, load_books, problems
from ocr_pipeline.store.ledger import mean_seconds
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.records import count_fields, count_pages, count_records
from ocr_pipeline.store.states import FAILURES, NOTICES, PageKind
from ocr_pipeline.store.workspace import Workspace

Json = dict[str, Any]


def status(workspace: Workspace) -> Json:
    """The state of all books: part of the command-line contract, keys are only ever added.

    Returns:
        `{"books": [{"id", "type", "agency", "pages", "page_kinds", "records", "fields", "failures",
        "notices", "seconds_left"}], "problems": [...]}`. `fields` counts by state (all states are
        there), `page_kinds` counts pages by what they turned out to be (those not read yet are in
        none). A failure or notice is
        `{"page", "kind", "cause": {"vi", "en"}, "remedy": {"vi", "en"}}`; `problems` are faults of
        the folder of scans itself. `seconds_left` is a guess for this machine with all its cores.

    """
    with workspace.reading() as session:
        fields, records = count_fields(session), count_records(session)
        kinds, seconds = count_pages(session), mean_seconds(session, PAGE_STAGE)
        books = []
        for book in load_books(session):
            pages = kinds.get(book.id, {})
            rows = book_pages(session, book.id) if _speaks(pages) else []
            rows.sort(key=lambda row: natural_key(row.name))
            pending = pages.get(PageKind.PENDING, 0)
            books.append(
                {
                    "id": book.id,
                    "type": book.type.value,
                    "agency": book.agency.commune,
                    "pages": sum(pages.values()) - pages.get(PageKind.SKIPPED, 0),
                    "page_kinds": {
                        kind: number for kind, number in pages.items() if kind != PageKind.PENDING
                    },
                    "records": records.get(book.id, 0),
                    "fields": {
                        state.value: fields.get(book.id, {}).get(state.value, 0) for state in State
                    },
                    "failures": [_told(row) for row in rows if row.kind in FAILURES],
                    "notices": [_told(row) for row in rows if row.kind in NOTICES],
                    "seconds_left": round(pending * seconds / cores(), 1),
                }
            )
        return {
            "books": books,
            "problems": [
                {"scans": row.scans, "place": row.place, **_messages(row)}
                for row in problems(session)
            ],
        }


def _speaks(pages: dict[str, int]) -> bool:
    return any(kind in pages for kind in FAILURES | NOTICES)


def _told(row: PageRow) -> Json:
    return {"page": row.name, "kind": row.kind, **_messages(row)}


def _messages(row: Any) -> Json:
    return {
        "cause": {"vi": row.cause_vi, "en": row.cause_en},
        "remedy": {"vi": row.remedy_vi, "en": row.remedy_en},
    }
