"""How far a workspace is: per book pages, records, fields by state, failures, time left."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text
from ocr_pipeline.hardware import cores
from ocr_pipeline.json_types import Json
from ocr_pipeline.processing.hand_trials import HandTrial, trials
from ocr_pipeline.processing.hand_wording import hand_words
from ocr_pipeline.processing.raised_thresholds import RaisedThreshold, told_thresholds
from ocr_pipeline.registers.fields import State
from ocr_pipeline.reports.morning_report.raised_wording import raised_words
from ocr_pipeline.reports.run_state import run_state
from ocr_pipeline.scans.file_order import natural_key
from ocr_pipeline.store import audit
from ocr_pipeline.store.books import PageSummary, book_lines, pages_of_kinds, problems
from ocr_pipeline.store.ledger import PAGE_STAGE, mean_seconds
from ocr_pipeline.store.records import count_fields, count_pages
from ocr_pipeline.store.sample_evidence import SampleState
from ocr_pipeline.store.states import FAILURES, NO_RECORD, NOTICES, PageKind
from ocr_pipeline.store.totals import books_in_doubt
from ocr_pipeline.store.unattended import UnattendedCounts, count_unattended
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.written_paths import written


def _of_book(kind: str, cause: Text, remedy: Text) -> Json:
    return {
        "page": "",
        "kind": kind,
        "cause": {"vi": cause.vi, "en": cause.en},
        "remedy": {"vi": remedy.vi, "en": remedy.en},
    }


#: By rule, the one notice for a whole book that stands in place of a doubt on each of its records.
#: Listed, but no page of the book: what is no scan, and halves that a joined page shows.
_NO_PAGES = frozenset({PageKind.SKIPPED.value, PageKind.HALF.value})

_SCAN_ORDERS = {
    "scanned_backwards": _of_book(
        "reversed",
        Text(
            "Sổ được quét từ trang cuối lên trang đầu",
            "The book was scanned from its last page to its first",
        ),
        Text(
            "Mở trang của sổ trong trạm rà soát và bấm “Đảo thứ tự các trang”",
            "Open the page of the book in the review station and press “Reverse the pages”",
        ),
    ),
    "sides_apart": _of_book(
        "sides_apart",
        Text(
            "Sổ được quét hết mặt trước rồi mới đến mặt sau",
            "All fronts of the book were scanned first, then all backs",
        ),
        Text(
            "Đổi tên tệp theo thứ tự của sổ giấy rồi chạy lại, hoặc sắp lại trong trạm rà soát",
            "Rename the files in the order of the paper book and run again, or put the pages in "
            "order in the review station",
        ),
    ),
}


def status(workspace: Workspace) -> Json:
    """The state of all books: part of the command-line contract, keys are only ever added.

    Returns:
        `{"books": [{"id", "type", "agency", "pages", "page_kinds", "records", "unattended",
        "accepted", "fields", "failures", "notices", "no_record", "hand", "seconds_left"}],
        "problems": [...], "run": …, "trail": {"lines", "hash"}, "samples": [...],
        "raised": [...]}`;
        `unattended` records need nobody, `accepted` fields are those that were accepted
        (`UnattendedCounts`); `hand` is the last trial of its hand (`HandTrial`, and `words` in both
        languages), None before there was one; `trail` is the head of the audit trail, to be noted
        elsewhere.
        `samples` has the attributes of `SampleEvidence`: of all books, of each kind, of each book;
        `raised` thresholds those of `RaisedThreshold`, and `words` in both languages.
        `fields` counts by state (all states are there), `page_kinds` counts pages by what they
        turned out to be (those not read yet are in none). A failure or notice is
        `{"page", "kind", "cause": {"vi", "en"}, "remedy": {"vi", "en"}}`, and so is a page of
        `no_record`, on which the machine saw none: its remedy names the numbers missing there;
        `problems` are faults of the folder of scans itself. `run` is the latest run
        (`run_state.run_state`), None when there was none. `seconds_left` follows the measured pace
        of that run; before there is one it is a guess for this machine with all its cores.

    """
    run = run_state(workspace)
    with workspace.read_session() as session:
        fields, unattended = count_fields(session), count_unattended(session)
        hands = trials(session)
        kinds = count_pages(session)
        seconds = _page_seconds(session, kinds, run)
        told = pages_of_kinds(session, FAILURES | NOTICES | NO_RECORD)
        orders = {rule: books_in_doubt(session, rule) for rule in _SCAN_ORDERS}
        shown = SampleState.load(session)
        no_fields = {state.value: 0 for state in State}
        books = []
        for book in book_lines(session):
            pages = kinds.get(book.id, {})
            read = unattended.get(book.id, UnattendedCounts())
            rows = told.get(book.id, [])
            if len(rows) > 1:
                rows.sort(key=lambda row: natural_key(row.name))
            pending = pages.get(PageKind.PENDING, 0)
            books.append(
                {
                    "id": book.id,
                    "type": book.type,
                    "agency": book.commune,
                    "pages": sum(n for kind, n in pages.items() if kind not in _NO_PAGES),
                    "page_kinds": {
                        kind: number for kind, number in pages.items() if kind != PageKind.PENDING
                    },
                    "records": read.records,
                    "unattended": read.unattended,
                    "accepted": read.accepted,
                    "fields": {**no_fields, **fields.get(book.id, {})},
                    "failures": [_page_json(row) for row in rows if row.kind in FAILURES],
                    "notices": [
                        *(_line_json(where, text) for where, text in book.notices),
                        *(_SCAN_ORDERS[rule] for rule in orders if book.id in orders[rule]),
                        *(_page_json(row) for row in rows if row.kind in NOTICES),
                    ],
                    "no_record": [_page_json(row) for row in rows if row.kind in NO_RECORD],
                    "hand": _hand(hands.get(book.id)),
                    "seconds_left": round(pending * seconds, 1),
                }
            )
        return {
            "books": books,
            "problems": [
                {"scans": written(row.scans), "place": row.place, **_messages(row)}
                for row in problems(session)
            ],
            "run": run,
            "trail": _trail(session),
            "samples": [asdict(shown.evidence()), *(asdict(one) for one in shown.strata())],
            "raised": [_raised(one) for one in told_thresholds(session)],
        }


def _raised(one: RaisedThreshold) -> Json:
    words = raised_words(one)
    return {**asdict(one), "words": {"vi": words.vi, "en": words.en}}


def _hand(trial: HandTrial | None) -> Json | None:
    if trial is None:
        return None
    words = hand_words(trial)
    return {**trial.model_dump(mode="json"), "words": {"vi": words.vi, "en": words.en}}


def _trail(session: Session) -> Json:
    number, hash_ = audit.head(session)
    return {"lines": number, "hash": hash_}


def _page_seconds(session: Session, kinds: dict[str, dict[str, int]], run: Json | None) -> float:
    """Seconds that one more page will take; 0 when nobody can say or nothing is left."""
    if not any(PageKind.PENDING in pages for pages in kinds.values()):
        return 0.0
    if run is not None and run["pages_per_minute"] > 0:
        return 60.0 / float(run["pages_per_minute"])
    return mean_seconds(session, PAGE_STAGE) / cores()


def _page_json(row: PageSummary) -> Json:
    return {"page": row.name, "kind": row.kind, **_messages(row)}


def _line_json(where: str, text: Text) -> Json:
    """What a line of the inventory was understood as; its place stands where a page's name does."""
    cause = {"vi": text.vi, "en": text.en}
    return {"page": where, "kind": "inventory", "cause": cause, "remedy": {"vi": "", "en": ""}}


def _messages(row: Any) -> Json:
    return {
        "cause": {"vi": row.cause_vi, "en": row.cause_en},
        "remedy": {"vi": row.remedy_vi, "en": row.remedy_en},
    }
