"""Pages of a book read again once what is known of its print has changed."""

from __future__ import annotations

from collections.abc import Callable

from ocr_pipeline.processing.book_hands import reading_of
from ocr_pipeline.processing.book_print import book_print, stages_of_book
from ocr_pipeline.processing.corners import corners_by_hand
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.processing.page import PageJob, PageResult
from ocr_pipeline.processing.page_job import earlier_key, page_job
from ocr_pipeline.processing.page_outcome import PackedResult, packed
from ocr_pipeline.processing.page_rows import FinishedPage, status_of_result, store_pages
from ocr_pipeline.store.approvals import is_closed
from ocr_pipeline.store.books import book_pages, find_page, load_books, lock_book
from ocr_pipeline.store.codec import unpack
from ocr_pipeline.store.ledger import LedgerKey, payloads
from ocr_pipeline.store.page_decisions import decisions_in_force
from ocr_pipeline.store.page_parts import is_further
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

_READ = (PageKind.RECORD, PageKind.REFUSED)

TouchedPage = tuple[str, str, LedgerKey, PageJob]
"""Name and content hash of a page, the key of its result now, and how it is read."""


def touched_pages(ws: Workspace, book_id: str) -> list[TouchedPage]:
    """The pages with a form whose result is another one under the print that is in force now.

    Pages that a person cut by hand or put aside are decided, and further forms of a scan come with
    it: both are left to the next run.

    Args:
        ws: the workspace.
        book_id: the book.

    Raises:
        MachineError: the model or the layouts are missing.
        LayoutError: the print of the book is damaged.

    """
    settings, own = current_settings(ws.folder), book_print(ws.folder, book_id)
    plain = stages_of_book(settings, own).fingerprint
    reading = reading_of(ws.folder, book_id, settings, plain)
    found = []
    with ws.read_session() as session:
        [book] = load_books(session, [book_id])
        rows = [row for row in book_pages(session, book_id) if row.kind in _READ]
        decided = decisions_in_force(session, book_id, rows)
        for row in rows:
            corners = corners_by_hand(decided.get(row.name))
            if is_further(row) or corners is not None:
                continue
            as_read = reading.of(row.digest)
            key, job = page_job(book, row, *as_read, None, own)
            now = earlier_key(book, row, *as_read, None, own) or key
            if now.fingerprint != row.fingerprint:
                found.append((row.name, row.digest, key, job))
    return found


def read_touched(
    ws: Workspace, book_id: str, page: TouchedPage, read: Callable[[PageJob], PageResult]
) -> bool:
    """Read one of them and keep the result, as a run does; the book is to be judged afterwards.

    Args:
        ws: the workspace.
        book_id: the book.
        page: as of `touched_pages`.
        read: reads a page.

    Returns:
        Whether it was kept: not when the book was approved or the scan replaced meanwhile.

    Raises:
        ScanError: it cannot be opened within the limits.

    """
    name, digest, key, job = page
    with ws.read_session() as session:
        payload = payloads(session, [key]).get(key)
    if payload is not None:
        result = PackedResult(status_of_result(unpack(payload)), {}, payload)
    else:
        result = packed(read(job))
    with ws.transaction() as session:
        lock_book(session, book_id)  # nobody decides in it meanwhile
        row = find_page(session, book_id, name)
        if row is None or row.digest != digest or is_closed(session, book_id):
            return False
        store_pages(session, [FinishedPage(key, [(book_id, name)], result)])
    return True
