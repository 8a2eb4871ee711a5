"""What a run has to do: the pages whose result is not known yet, each only once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from ocr_pipeline.batch.decided import settle_decided
from ocr_pipeline.batch.given import Given, given_of
from ocr_pipeline.batch.judging import page_key, prior_of, state_of, type_code
from ocr_pipeline.batch.keeping import poisoned, settle
from ocr_pipeline.batch.machine import Rules
from ocr_pipeline.batch.page import PageJob
from ocr_pipeline.batch.settings import RunSettings
from ocr_pipeline.books.book import Book
from ocr_pipeline.scans.pages import PageRef
from ocr_pipeline.store.attempts import Past, past_of
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.decisions import standing
from ocr_pipeline.store.ledger import Key, result
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.records import last_judgement
from ocr_pipeline.store.states import PageKind


@dataclass(slots=True)
class BookPlan:
    """What is to be done for a book.

    Attributes:
        book: its id.
        jobs: by ledger key, in the order of its pages.
        waiting: the names of the pages that wait for each job.
        past: what is held against a job, where something is.
        known: pages whose result the ledger has.

    """

    book: str
    jobs: dict[Key, PageJob] = field(default_factory=dict)
    waiting: dict[Key, list[str]] = field(default_factory=dict)
    past: dict[Key, Past] = field(default_factory=dict)
    known: int = 0


def plan_book(
    session: Session, book_id: str, settings: RunSettings, fingerprint: str, force: bool
) -> BookPlan:
    """Plan a book: what the ledger knows is shown, the rest is to be read.

    Args:
        session: an open transaction.
        book_id: the book.
        settings: of the run.
        fingerprint: of the page stage under these settings.
        force: nothing counts as known or poisoned.

    """
    plan = BookPlan(book_id)
    [book] = load_books(session, [book_id])
    rows = book_pages(session, book_id)
    decided = standing(session, book_id, rows)
    trusted = state_of(session, book_id) == last_judgement(session, book_id)
    for row in rows:
        if settle_decided(row, decided.get(row.name)):
            continue
        if not row.digest or row.kind == PageKind.DUPLICATE:
            continue
        key, job = page_job(book, row, settings, fingerprint, given_of(decided.get(row.name)))
        if not force and _already_known(session, row, key, trusted):
            plan.known += 1
            continue
        past = Past() if force else past_of(session, key)
        if past.deaths >= Rules().deaths:
            settle(row, poisoned(past.cause), "")
            continue
        row.kind, row.fingerprint = PageKind.PENDING.value, ""
        plan.jobs.setdefault(key, job)
        plan.waiting.setdefault(key, []).append(row.name)
        if past.deaths or past.interruptions:
            plan.past[key] = past
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


def _already_known(session: Session, row: PageRow, key: Key, trusted: bool) -> bool:
    """Whether the ledger has the page's result; then the page's row shows it.

    What the last judgement of the book was made from has done its duty; everything else is read
    back and compared with its checksum.
    """
    shown = row.fingerprint == key.fingerprint
    if shown and trusted:
        return True
    data = result(session, key)
    if data is not None and not shown:
        settle(row, data, key.fingerprint)
    return data is not None
