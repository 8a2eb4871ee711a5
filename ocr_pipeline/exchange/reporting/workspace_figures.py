"""The figures of a workspace for a weekly report: counted by the database, no record is loaded.

Links alone are loaded, book by book: how many count is known once people's decisions are laid over
those of the machine.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.exchange.reporting.report_form import ReportForm
from ocr_pipeline.exchange.reporting.report_words import report_words
from ocr_pipeline.exchange.reporting.weekly_report import ReportLine, monday_of, ordered
from ocr_pipeline.processing.book_links import linked_books, settled_links
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.store.approvals import BookState, states
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.people import all_users
from ocr_pipeline.store.records import count_pages, count_records
from ocr_pipeline.store.states import FAILURES, SHOWN_ELSEWHERE, PageKind
from ocr_pipeline.store.totals import entered_fields, open_records, people_at_work
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.written_numbers import number

#: Files that are no scan, scans that another page shows, scans that are gone.
_NO_SCANS = frozenset({PageKind.SKIPPED, *SHOWN_ELSEWHERE, PageKind.GONE})


@dataclass(frozen=True, slots=True)
class WorkspaceFigures:
    """What a workspace tells for a report.

    Attributes:
        lines: by unit of the agency and register type; only with what the form asks for.
        facts: what is added to the parts `staff` and `difficulties` (Vietnamese).

    """

    lines: tuple[ReportLine, ...]
    facts: Mapping[str, str]

    @property
    def units(self) -> tuple[str, ...]:
        """The units that have books."""
        return tuple(dict.fromkeys(line.unit for line in self.lines))


def workspace_figures(
    workspace: Workspace, form: ReportForm, made: datetime.datetime
) -> WorkspaceFigures:
    """The figures of a workspace as they are now.

    Args:
        workspace: the workspace.
        form: which figures are asked for.
        made: now, local time: people are counted since the Monday of its week.

    """
    with workspace.read_session() as session:
        books = load_books(session)
        pages = count_pages(session)
        records = count_records(session)
        open_, entered, steps = open_records(session), entered_fields(session), states(session)
        accounts = sum(user.active for user in all_users(session))
        began = datetime.datetime.combine(monday_of(made.date()), datetime.time())
        span = [one.astimezone(datetime.UTC) for one in (began, began + datetime.timedelta(7))]
        working = people_at_work(session, *span)
        linked = _linked_records(session, [book.id for book in books])
    sums: dict[tuple[str, RegisterType], Counter[str]] = {}
    failed = 0
    for book in books:
        kinds = pages.get(book.id, {})
        failed += sum(number for kind, number in kinds.items() if kind in FAILURES)
        scanned = sum(number for kind, number in kinds.items() if kind not in _NO_SCANS)
        read = records.get(book.id, 0)
        state = steps.get(book.id, BookState.OPEN)
        approved, handed = state is not BookState.OPEN, state is BookState.HANDED_OVER
        line = sums.setdefault((unit_of(book), book.type), Counter())
        line.update(
            books_counted=1,
            books_scanned=int(scanned > 0),
            pages_scanned=scanned,
            records_read=read,
            fields_reviewed=entered.get(book.id, 0),
            records_reviewed=read - open_.get(book.id, 0),
            books_approved=int(approved),
            records_approved=read if approved else 0,
            books_handed_over=int(handed),
            records_handed_over=read if handed else 0,
        )
        if book.id in linked:  # where nothing was linked here, it may have been done elsewhere
            line["records_linked"] += linked[book.id]
    asked = [measure.name for measure in form.measures if measure.by == "program"]
    lines = [
        ReportLine(unit, type, {name: line[name] for name in asked if name in line})
        for (unit, type), line in sums.items()
    ]
    words = report_words()
    facts = {"staff": words.staff_fact.format(accounts=number(accounts), working=number(working))}
    if failed:
        facts["difficulties"] = words.difficulties_fact.format(pages=number(failed))
    parts = {part.name for part in form.parts}
    return WorkspaceFigures(
        ordered(lines, form), {name: text for name, text in facts.items() if name in parts}
    )


def _linked_records(session: Session, books: Sequence[str]) -> dict[str, int]:
    """How many records of each linked book have their row, by the machine or by people."""
    found = {}
    for book in linked_books(session, books):
        if linked := settled_links(session, book):
            found[book] = sum(bool(one.row) for one in linked[1].links)
    return found


def unit_of(book: Book) -> str:
    """The unit that keeps a book, as it stands in the rows of the report."""
    return ", ".join(book.agency.units) or book.agency.name
