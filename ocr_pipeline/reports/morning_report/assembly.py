"""Make a report from the store: sums by the database, put together for the books of one run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.processing.form_pages import ill_fitting_books
from ocr_pipeline.processing.hand_trials import trials
from ocr_pipeline.processing.hand_wording import hand_words
from ocr_pipeline.processing.raised_thresholds import told_thresholds
from ocr_pipeline.registers.fields import State
from ocr_pipeline.reports.morning_report.fault_groups import group
from ocr_pipeline.reports.morning_report.raised_wording import raised_words
from ocr_pipeline.reports.morning_report.report import (
    FaultGroup,
    KindLine,
    MorningReport,
    Problem,
    ReportedBook,
    RuleLine,
    RunFacts,
)
from ocr_pipeline.reports.morning_report.review_time import longest, seconds_for
from ocr_pipeline.reports.morning_report.titles import rule_title
from ocr_pipeline.store import audit
from ocr_pipeline.store.books import problems
from ocr_pipeline.store.locks import is_running
from ocr_pipeline.store.models import ProblemRow, RunRow
from ocr_pipeline.store.records import count_pages
from ocr_pipeline.store.runs import RunEnding, latest_run, run_with
from ocr_pipeline.store.states import FAILURES, NO_RECORD, NOTICES, PageKind
from ocr_pipeline.store.times import utc
from ocr_pipeline.store.totals import (
    BookRef,
    FieldTotal,
    book_refs,
    doubt_totals,
    failed_pages,
    field_totals,
    layout_totals,
    review_times,
)
from ocr_pipeline.store.unattended import UnattendedCounts, count_unattended
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.written_paths import written

_REVIEWED = (State.CONFIRMED, State.CORRECTED, State.UNREADABLE)
_MOST_NAMED = 200  # pages without a record that are named one by one
_WAITING = (State.IN_REVIEW, State.READ)


def make_report(workspace: Workspace, run_id: int | None = None) -> MorningReport:
    """The report of a run: how it went, and how its books stand now.

    Args:
        workspace: where it ran.
        run_id: the run; the latest one when None.

    Raises:
        BadInputError: there is no such run.

    """
    running = is_running(workspace)
    with workspace.read_session() as session:
        row = latest_run(session) if run_id is None else run_with(session, run_id)
        if row is None:
            raise _no_run(workspace)
        places = _places_of(row, book_refs(session))
        kinds = count_pages(session)
        here = {place.id for place in places}
        trail_lines, trail_head = audit.head(session)
        totals = [total for total in field_totals(session) if total.book in here]
        return MorningReport(
            workspace=workspace.location,
            made=datetime.now(UTC),
            run=_run_facts(row, running, _waiting(kinds, here)),
            books=_book_lines(places, kinds, count_unattended(session), totals),
            page_kinds=_summed({book: kinds.get(book, {}) for book in here}),
            layouts=_layouts(session, here),
            faults=group(page for page in failed_pages(session) if page.book in here),
            problems=tuple(_problem(one) for one in problems(session) if one.scans == row.scans),
            kinds=_kind_lines(totals, review_times(session, longest())),
            rules=_rule_lines(session, here),
            no_record=_no_record(session, here),
            remarks=group(page for page in failed_pages(session, NOTICES) if page.book in here),
            raised=tuple(
                raised_words(one)
                for one in told_thresholds(session)
                if not one.book or one.book in here
            ),
            hands=tuple(hand_words(one) for one in trials(session).values() if one.run == row.id),
            ill_fitting=tuple(one for one in ill_fitting_books(session) if one.book in here),
            trail_lines=trail_lines,
            trail_head=trail_head,
        )


def _no_record(session: Session, here: set[str]) -> tuple[FaultGroup, ...]:
    pages = (page for page in failed_pages(session, NO_RECORD) if page.book in here)
    found = group(pages, _MOST_NAMED)
    return tuple(sorted(found, key=lambda one: one.remedy is None))


def _places_of(row: RunRow, places: Sequence[BookRef]) -> list[BookRef]:
    """The books under the run's folder of scans."""
    scans = Path(row.scans)
    return [place for place in places if Path(place.path).absolute().is_relative_to(scans)]


def _waiting(kinds: Mapping[str, Mapping[str, int]], here: set[str]) -> int:
    return sum(kinds.get(book, {}).get(PageKind.PENDING, 0) for book in here)


def _run_facts(row: RunRow, running: bool, waiting: int) -> RunFacts:
    ending = row.ending
    if row.ended is None and not running:
        ending = RunEnding.INTERRUPTED.value
    return RunFacts(
        id=row.id,
        scans=written(row.scans),
        host=row.host,
        executor=row.executor,
        workers=row.workers,
        started=utc(row.started),
        ended=utc(row.ended or row.updated),
        until=utc(row.until) if row.until else None,
        ending=ending,
        cause=Text(row.cause_vi, row.cause_en) if row.cause_vi else None,
        remedy=Text(row.remedy_vi, row.remedy_en) if row.remedy_vi else None,
        done=row.done,
        known=row.known,
        left=0 if ending == RunEnding.DONE else max(waiting, row.pages_expected - row.done, 0),
        again=row.again,
        pauses=row.pauses,
        paused=row.paused,
        busy=row.busy,
        stages=dict(row.stages),
        peak_mb=row.peak_mb,
        made_by=dict(row.made_by),
        notices=tuple(row.notices),
    )


def _book_lines(
    places: Sequence[BookRef],
    kinds: Mapping[str, Mapping[str, int]],
    unattended: Mapping[str, UnattendedCounts],
    totals: Sequence[FieldTotal],
) -> tuple[ReportedBook, ...]:
    fields: dict[str, Counter[str]] = {place.id: Counter() for place in places}
    wrong: dict[str, float] = defaultdict(float)
    for total in totals:
        fields[total.book][total.state] += total.number
        if total.state == State.ACCEPTED:
            wrong[total.book] += total.wrong
    lines = []
    for place in places:
        pages, states = kinds.get(place.id, {}), fields[place.id]
        read = unattended.get(place.id, UnattendedCounts())
        lines.append(
            ReportedBook(
                id=place.id,
                type=place.type,
                pages=sum(pages.values()) - pages.get(PageKind.SKIPPED, 0),
                waiting=pages.get(PageKind.PENDING, 0),
                failures=sum(pages.get(kind, 0) for kind in FAILURES),
                records=read.records,
                accepted=states[State.ACCEPTED],
                review=sum(states[state] for state in _WAITING),
                blank=states[State.BLANK],
                reviewed=sum(states[state] for state in _REVIEWED),
                wrong=wrong[place.id],
                unattended=read,
            )
        )
    return tuple(lines)


def _kind_lines(
    totals: Sequence[FieldTotal], measured: Mapping[str, tuple[int, float]]
) -> tuple[KindLine, ...]:
    lines = []
    for kind in {total.kind for total in totals}:
        own = [total for total in totals if total.kind == kind]
        seconds, decisions = seconds_for(kind, measured)
        lines.append(
            KindLine(
                kind=kind,
                accepted=sum(one.number for one in own if one.state == State.ACCEPTED),
                review=sum(one.number for one in own if one.state in _WAITING),
                blank=sum(one.number for one in own if one.state == State.BLANK),
                wrong=sum(one.wrong for one in own if one.state == State.ACCEPTED),
                seconds=seconds,
                decisions=decisions,
            )
        )
    return tuple(sorted(lines, key=lambda line: (-line.hours, line.kind)))


def _rule_lines(session: Session, here: set[str]) -> tuple[RuleLine, ...]:
    counts: Counter[str] = Counter()
    for total in doubt_totals(session):
        if total.book in here:
            for rule in total.rules:
                counts[rule] += total.number
    return tuple(RuleLine(rule, rule_title(rule), number) for rule, number in counts.most_common())


def _layouts(session: Session, here: set[str]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for book, layout, number in layout_totals(session):
        if book in here:
            counts[layout] += number
    return dict(counts.most_common())


def _summed(kinds: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for pages in kinds.values():
        counts.update(pages)
    return {kind.value: counts[kind] for kind in PageKind if counts[kind]}


def _problem(row: ProblemRow) -> Problem:
    remedy = Text(row.remedy_vi, row.remedy_en) if row.remedy_vi else None
    return Problem(row.place, Text(row.cause_vi, row.cause_en), remedy)


def _no_run(workspace: Workspace) -> BadInputError:
    return BadInputError(
        Text("Chưa có lần chạy nào để báo cáo", "There is no run to report on"),
        where=str(workspace.folder),
        remedy=Text(
            "Chạy trước: sohoa run THƯ_MỤC_ẢNH --workspace …",
            "First: sohoa run SCANS --workspace …",
        ),
    )
