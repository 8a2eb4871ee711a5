"""Keep what became of pages: in the ledger, and in the rows of the pages that show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from ocr_pipeline.json_types import Json
from ocr_pipeline.processing.failure import Failure
from ocr_pipeline.processing.page_outcome import PackedResult, PageStatus, failed
from ocr_pipeline.processing.scan_changes import divide_scan
from ocr_pipeline.scans.pages import part_digest
from ocr_pipeline.store.books import find_page, show_pages
from ocr_pipeline.store.codec import message_columns, message_from_json
from ocr_pipeline.store.ledger import LedgerKey, StageOutcome, record_outcomes
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_decisions import decisions_in_force
from ocr_pipeline.store.page_parts import divided_scans
from ocr_pipeline.store.states import PageKind

PageId = tuple[str, str]
"""Book id and page name."""


@dataclass(frozen=True, slots=True)
class FinishedPage:
    """What is to be kept of a job: its key, the pages that wait for it, what became of it."""

    key: LedgerKey
    pages: Sequence[PageId]
    outcome: PackedResult | Failure


def store_pages(session: Session, items: Sequence[FinishedPage]) -> None:
    """Keep what became of pages; failures stay out of the ledger: they are tried again."""
    outcomes, rows = [], []
    for item in items:
        if isinstance(item.outcome, Failure):
            rows += _rows(item.pages, failed(item.outcome), "")
            continue
        shown, spent = item.outcome.shown, sum(item.outcome.seconds.values())
        if item.key.input:  # a file that cannot be opened has no hash
            outcomes.append(StageOutcome(item.key, shown.kind.value, spent, item.outcome.payload))
        rows += _rows(item.pages, shown, item.key.fingerprint)
    record_outcomes(session, outcomes)
    show_pages(session, rows)
    _divide_pages(session, items)


def still_waiting(session: Session, key: LedgerKey, pages: Iterable[PageId]) -> list[PageId]:
    """Those of the pages that a result is still about.

    While a page is read, a person may put it aside, send it away, cut it or replace its scan. What
    people said is stronger; the result of another scan is kept in the ledger and shown nowhere.
    """
    out = []
    for book, name in pages:
        row = find_page(session, book, name)
        if row is not None and row.kind == PageKind.PENDING and row.digest == key.input:
            out.append((book, name))
    return out


def _divide_pages(session: Session, items: Sequence[FinishedPage]) -> None:
    """Give each form of a scan its page and its result; whole scans lose what they had of these."""
    results = [(one, one.outcome) for one in items if isinstance(one.outcome, PackedResult)]
    whole = [item.key.input for item, outcome in results if outcome.parts == ()]
    for row in divided_scans(session, whole):
        divide_scan(session, row, ())
    for item, outcome in results:
        if outcome.parts:
            _divide_scan(session, item, outcome)


def _divide_scan(session: Session, item: FinishedPage, outcome: PackedResult) -> None:
    parts, results = outcome.parts or (), outcome.further
    keys = [replace(item.key, input=part_digest(item.key.input, part.number)) for part in parts[1:]]
    record_outcomes(
        session,
        [
            StageOutcome(key, result.shown.kind.value, 0.0, result.payload)
            for key, result in zip(keys, results, strict=True)
        ],
    )
    for book, name in item.pages:
        scan = find_page(session, book, name)
        if scan is None:  # the file is gone
            continue
        rows = divide_scan(session, scan, parts)
        decided = decisions_in_force(session, book, rows)  # what people said is stronger
        for row, key, result in zip(rows, keys, results, strict=True):
            if row.name not in decided:
                set_page_status(row, result.shown, key.fingerprint)


def show(session: Session, pages: Iterable[PageId], shown: PageStatus) -> None:
    """Have pages show something that is no result."""
    show_pages(session, _rows(pages, shown, ""))


def set_page_status(row: PageRow, shown: PageStatus, fingerprint: str) -> None:
    """Make a page's row show something; `fingerprint` is "" for what will be done again."""
    for name, value in _columns(shown, fingerprint).items():
        setattr(row, name, value)


def status_of_result(data: Json) -> PageStatus:
    """What the list of pages shows of a result in the ledger."""
    return PageStatus(
        PageKind(data["kind"]),
        data["layout"],
        data["turn"],
        message_from_json(data["cause"]),
        message_from_json(data["remedy"]),
    )


def _rows(pages: Iterable[PageId], shown: PageStatus, fingerprint: str) -> list[dict[str, object]]:
    columns = _columns(shown, fingerprint)
    return [{"book": book, "name": name, **columns} for book, name in pages]


def _columns(shown: PageStatus, fingerprint: str) -> dict[str, object]:
    return {
        "kind": shown.kind.value,
        "layout": shown.layout,
        "turn": shown.turn,
        "fingerprint": fingerprint,
        **message_columns(shown.cause, shown.remedy),
    }
