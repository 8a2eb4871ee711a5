"""What a run has to do: the pages whose result is not known yet, each only once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from ocr_pipeline.batch.decided import settle_decided
from ocr_pipeline.batch.given import Given, given_of
from ocr_pipeline.batch.judging import page_key, prior_of, type_code
from ocr_pipeline.batch.keeping import PageId, settle
from ocr_pipeline.batch.page import PageJob
from ocr_pipeline.batch.settings import RunSettings
from ocr_pipeline.books.book import Book
from ocr_pipeline.scans.pages import PageRef
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.decisions import standing
from ocr_pipeline.store.ledger import Key, result
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace


@dataclass(slots=True)
class Plan:
    """What is to be done.

    Attributes:
        jobs: by ledger key; in the order of books and pages.
        waiting: the pages that wait for each job (one scan may stand in several books).
        open_pages: how many pages each book still waits for.
        known: pages whose result the ledger has.

    """

    jobs: dict[Key, PageJob] = field(default_factory=dict)
    waiting: dict[Key, list[PageId]] = field(default_factory=dict)
    open_pages: dict[str, int] = field(default_factory=dict)
    known: int = 0


def make_plan(
    workspace: Workspace, books: Sequence[str], settings: RunSettings, fingerprint: str, force: bool
) -> Plan:
    """Plan the run over these books; with `force` nothing counts as known."""
    plan = Plan()
    for book_id in books:
        with workspace.transaction() as session:
            [book] = load_books(session, [book_id])
            rows = book_pages(session, book_id)
            decided = standing(session, book_id, rows)
            for row in rows:
                if settle_decided(row, decided.get(row.name)):
                    continue
                if not row.digest or row.kind == PageKind.DUPLICATE:
                    continue
                given = given_of(decided.get(row.name))
                key, job = page_job(book, row, settings, fingerprint, given)
                if not force and _already_known(session, row, key):
                    plan.known += 1
                    continue
                row.kind, row.fingerprint = PageKind.PENDING.value, ""
                plan.jobs.setdefault(key, job)
                plan.waiting.setdefault(key, []).append((book_id, row.name))
                plan.open_pages[book_id] = plan.open_pages.get(book_id, 0) + 1
    return plan


def page_job(
    book: Book, row: PageRow, settings: RunSettings, fingerprint: str, given: Given | None = None
) -> tuple[Key, PageJob]:
    """How a page is read, and the key its result is kept under.

    Args:
        book: its book.
        row: the page.
        settings: of the run.
        fingerprint: of the page stage under these settings.
        given: where a person says that the form lies.

    """
    home, type_, prior = book.agency.units, type_code(book), prior_of(book)
    by_hand = given.identity if given else ""
    key = page_key(row, type_, prior, fingerprint, home, by_hand)
    ref = PageRef(path=Path(row.path), index=row.index, name=row.name)
    return key, PageJob(ref, type_, prior, settings, home, given)


def _already_known(session: Session, row: PageRow, key: Key) -> bool:
    """Whether the ledger has the page's result; then the page's row shows it."""
    if row.fingerprint == key.fingerprint:
        return True
    data = result(session, key)
    if data is not None:
        settle(row, data, key.fingerprint)
    return data is not None
