"""What a run has to do: the pages whose result is not known yet, each only once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from ocr_pipeline.batch.task_machine import RetryRules
from ocr_pipeline.processing.book_hands import reading_of
from ocr_pipeline.processing.book_print import BookPrint
from ocr_pipeline.processing.corners import corners_by_hand
from ocr_pipeline.processing.judgement import state_of
from ocr_pipeline.processing.page import PageJob
from ocr_pipeline.processing.page_decisions import settle_decided
from ocr_pipeline.processing.page_job import earlier_key, page_job
from ocr_pipeline.processing.page_outcome import poisoned
from ocr_pipeline.processing.page_rows import set_page_status, status_of_result
from ocr_pipeline.processing.scan_changes import divide_scan
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.scans.scan_part import ScanPart
from ocr_pipeline.store.attempts import AttemptHistory, pasts_of
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.codec import unpack
from ocr_pipeline.store.ledger import LedgerKey, payloads
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_decisions import decisions_in_force
from ocr_pipeline.store.page_parts import is_further, part_of
from ocr_pipeline.store.records import last_judgement
from ocr_pipeline.store.states import SHOWN_ELSEWHERE, PageKind

_Task = tuple[PageRow, LedgerKey, PageJob]

_AT_ONCE = 200  # results that are read back at the same time


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
    jobs: dict[LedgerKey, PageJob] = field(default_factory=dict)
    waiting: dict[LedgerKey, list[str]] = field(default_factory=dict)
    past: dict[LedgerKey, AttemptHistory] = field(default_factory=dict)
    known: int = 0


def plan_book(
    session: Session,
    book_id: str,
    settings: RunSettings,
    fingerprint: str,
    *,
    rules: RetryRules,
    force: bool,
    own: BookPrint | None = None,
) -> BookPlan:
    """Plan a book: what the ledger knows is shown, the rest is to be read.

    Args:
        session: an open transaction.
        book_id: the book.
        settings: of the run.
        fingerprint: of the page stage under these settings; a book's own hand changes both.
        rules: of the run: after how many deaths a page is not tried again.
        force: nothing counts as known or poisoned.
        own: what the book's own pages taught of its print.

    """
    plan = BookPlan(book_id)
    [book] = load_books(session, [book_id])
    trusted = state_of(session, book_id) == last_judgement(session, book_id)
    reading = reading_of(session.info["folder"], book_id, settings, fingerprint)

    def add(rows: Sequence[PageRow]) -> None:
        decided = decisions_in_force(session, book_id, rows)
        tasks: list[_Task] = []
        now: dict[str, LedgerKey] = {}
        for row in rows:
            if settle_decided(row, decided.get(row.name)):
                continue
            if row.digest and row.kind not in {PageKind.GONE, *SHOWN_ELSEWHERE}:
                corners = corners_by_hand(decided.get(row.name))
                as_read = reading.of(row.digest)
                key, job = page_job(book, row, *as_read, corners, own)
                now[row.name] = key
                earlier = earlier_key(book, row, *as_read, corners, own)
                tasks.append((row, earlier or key, job))
        known = set() if force else _known(session, tasks, trusted)
        plan.known += len(known)
        tasks = [(row, now[row.name], job) for row, _, job in tasks if row.name not in known]
        pasts = {} if force else pasts_of(session, [key for _, key, _ in tasks])
        for row, key, job in tasks:
            _add_task(plan, row, key, job, pasts.get(key, AttemptHistory()), rules)

    add([row for row in book_pages(session, book_id) if not is_further(row)])
    add(list(_left_alone(session, plan)))
    return plan


def _add_task(
    plan: BookPlan,
    row: PageRow,
    key: LedgerKey,
    job: PageJob,
    past: AttemptHistory,
    rules: RetryRules,
) -> None:
    if past.deaths >= rules.deaths:
        set_page_status(row, poisoned(past.cause, past.deaths), "")
        return
    row.kind, row.fingerprint = PageKind.PENDING.value, ""
    plan.jobs.setdefault(key, job)
    plan.waiting.setdefault(key, []).append(row.name)
    if past != AttemptHistory():
        plan.past[key] = past


def _left_alone(session: Session, plan: BookPlan) -> Iterator[PageRow]:
    """The further forms of scans, without those that come with the reading of the whole scan."""
    coming = {
        (str(job.ref.path), job.ref.index) for job in plan.jobs.values() if job.corners is None
    }
    rows = [row for row in book_pages(session, plan.book) if is_further(row)]
    decided = decisions_in_force(session, plan.book, rows) if rows else {}
    for row in rows:
        if (row.path, row.index) in coming and row.name not in decided:
            row.kind, row.fingerprint = PageKind.PENDING.value, ""
        else:
            yield row


def _known(session: Session, tasks: Sequence[_Task], trusted: bool) -> set[str]:
    """Names of the pages whose result the ledger has; their rows show it.

    What the last judgement of the book was made from (`trusted`) has done its duty; everything else
    is read back and compared with its checksum.
    """
    known, sought = set(), []
    for row, key, job in tasks:
        if trusted and row.fingerprint == key.fingerprint:
            known.add(row.name)
        else:
            sought.append((row, key, job))
    for start in range(0, len(sought), _AT_ONCE):
        part = sought[start : start + _AT_ONCE]
        found = payloads(session, [key for _, key, _ in part])
        for row, key, job in part:
            if key in found:
                known.add(row.name)
                if row.fingerprint != key.fingerprint:
                    data = unpack(found[key])
                    set_page_status(row, status_of_result(data), key.fingerprint)
                    if job.corners is None and not is_further(row):
                        _divide(session, row, data.get("parts", ()))
    return known


def _divide(session: Session, row: PageRow, parts: Sequence[str]) -> None:
    if parts or part_of(row):
        divide_scan(session, row, [ScanPart.parse(part) for part in parts])
