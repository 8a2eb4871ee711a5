"""Refused pages read again: a person chooses the form and drags the corners of the page."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from ocr_pipeline.errors import MachineError, ScanError, Text
from ocr_pipeline.json_types import Json
from ocr_pipeline.processing.book_hands import reading_of
from ocr_pipeline.processing.book_print import book_print, stages_of_book
from ocr_pipeline.processing.corners import FormCorners, corners_by_hand
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.processing.page import PageJob, PageResult, process_page
from ocr_pipeline.processing.page_job import page_job
from ocr_pipeline.processing.page_outcome import PackedResult, packed
from ocr_pipeline.processing.page_rows import FinishedPage, status_of_result, store_pages
from ocr_pipeline.processing.stages import Stages, stages_for
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.review.given_corners import Corners, form_corners, reading_calls
from ocr_pipeline.review.open_page import (
    OpenPage,
    begin_change,
    book_of,
    decisions_of_page,
    locked_page,
    page_changed,
    page_row,
    store_decision,
)
from ocr_pipeline.review.page_cutting import (
    CutEffect,
    cut_change,
    cut_effect,
    move_records,
    require_accepted,
    require_comparable,
    require_same_reading,
)
from ocr_pipeline.review.page_order import call_back, move_page, put_aside, reasons
from ocr_pipeline.review.page_sending import PageArrival, send_page
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import lock_book
from ocr_pipeline.store.codec import unpack
from ocr_pipeline.store.ledger import LedgerKey, StageOutcome, payloads, record_outcomes
from ocr_pipeline.store.locks import is_running
from ocr_pipeline.store.page_cuts import CutChange
from ocr_pipeline.store.page_decisions import DecisionKind, decisions_in_force
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

__all__ = [
    "PageOutcome",
    "call_back",
    "decisions_of_page",
    "move_page",
    "preview",
    "put_aside",
    "read_page",
    "reasons",
    "reread",
    "reread_between",
    "restore",
    "send_and_read",
]


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What came of a page that a person had read again.

    Attributes:
        kind: `record` when it was read.
        layout: id of the layout it was tried with; "" for none.
        cause: why it was not read.
        remedy: what to do about it.
        records: how many records were read.
        residual_mm: how far the form is off after alignment.
        kept: it is what the page is now; otherwise the page stays as it was.

    """

    kind: PageKind
    layout: str = ""
    cause: Text | None = None
    remedy: Text | None = None
    records: int = 0
    residual_mm: float = 0.0
    kept: bool = True


_TRY_AGAIN = Text(
    "Kéo lại các góc, chọn biểu mẫu khác, hoặc cắt đúng theo các góc và nhập tay",
    "Drag the corners again, choose another layout, or cut along the corners and key it by hand",
)


def reread(
    ws: Workspace,
    user: User,
    page: int,
    layout_id: str,
    corners: Corners,
    now: datetime,
    *,
    trust: bool = False,
    accepted: int = 0,
) -> PageOutcome:
    """Read a page with the form chosen and the corners given, and judge its book.

    It goes through the same stages, and its result to the same place, as in the overnight run,
    which keeps to the decision from now on. A page that has records keeps them when the new reading
    is refused. What people decided about a page that was read before goes with the boxes
    (`page_cutting`); what lies elsewhere is offered and asked again.

    Args:
        ws: the workspace.
        user: who decided.
        page: id of the page.
        layout_id: the form.
        corners: four x, y in pixels of the whole scan turned upright by the page's `turn`,
            clockwise from the corner where the form begins as it reads.
        now: the time (UTC).
        trust: cut along the corners even where the print does not confirm them; all fields of the
            page then go to a person.
        accepted: how many decided fields may lose their decision, as `preview` told.

    Raises:
        ForbiddenError, NotFoundError, BookClosedError: as everywhere.
        BadInputError: these are no corners of a page, or there is no such layout for the book.
        StaleError: the scan was replaced, or the page read otherwise, meanwhile.
        NotAllowedYetError: more decided fields than `accepted` would lose their decision, something
            is open about a field that would move, or the page cannot be compared because it has no
            records now.
        ScanError: the scan cannot be opened.
        MachineError: the model or the layouts are missing.

    """
    desk = begin_change(ws, user, page)
    cut = _new_cut(
        ws, desk, lambda stages: form_corners(stages, desk, layout_id, corners, trust=trust)
    )
    kept = cut.read.shown.kind is PageKind.RECORD or cut.desk.row.kind != PageKind.RECORD
    if kept:
        _keep(ws, user, cut, accepted, now)
    return replace(_outcome(cut.read), kept=kept)


def reread_between(
    ws: Workspace,
    user: User,
    desk: OpenPage,
    form: FormCorners,
    like: str,
    now: datetime,
    *,
    most_mm: float = math.inf,
) -> PageOutcome:
    """Read a page between the corners of another one; nothing is kept where it is refused again.

    Args:
        ws: the workspace.
        user: who decided.
        desk: the page, as `begin_change` found it.
        form: the corners, in pixels of this scan as stored.
        like: name of the page whose corners they are, for the trail.
        now: the time (UTC).
        most_mm: nothing is kept either where the form is further off than this.

    Raises:
        StaleError, NotAllowedYetError, MachineError: as `reread`.

    """
    cut = _new_cut(ws, desk, lambda _: form)
    outcome = _outcome(cut.read)
    kept = outcome.kind is PageKind.RECORD and outcome.residual_mm <= most_mm
    if kept:
        _keep(ws, user, cut, 0, now, like)
    return replace(outcome, kept=kept)


def preview(
    ws: Workspace,
    user: User,
    page: int,
    layout_id: str = "",
    corners: Corners = (),
    *,
    trust: bool = False,
) -> tuple[PageOutcome, CutEffect]:
    """What `reread` would make of a page, or `restore` without a layout, and of what was decided.

    Nothing is changed; what was read between corners is kept, so that `reread` finds it.

    Raises:
        As `reread`.

    """
    desk = begin_change(ws, user, page)

    def form_of(stages: Stages) -> FormCorners:
        return form_corners(stages, desk, layout_id, corners, trust=trust)

    cut = _new_cut(ws, desk, form_of if layout_id else None)
    with ws.read_session() as session:
        return replace(_outcome(cut.read), kept=False), _effect(session, cut)


def restore(
    ws: Workspace, user: User, page: int, now: datetime, *, accepted: int = 0
) -> PageOutcome:
    """Take back what people said a page is: what the machine finds counts again.

    A page that was sent to another book comes back, and is read as by `send_and_read`.

    Args:
        ws: the workspace.
        user: who decided.
        page: id of the page.
        now: the time (UTC).
        accepted: as of `reread`.

    Raises:
        ForbiddenError, NotFoundError, BookClosedError, StaleError: as `reread`.
        NotAllowedYetError: as `reread`; or people have decided fields of a page that the machine
            finds no form on.
        MachineError: the model or the layouts are missing.

    """
    desk = begin_change(ws, user, page, is_sent=True)
    with ws.read_session() as session:
        is_away = bool(book_of(session, desk.row))
    if is_away:
        return send_and_read(ws, user, page, desk.row.book, now)[1]
    cut = _new_cut(ws, desk)
    _keep(ws, user, cut, accepted, now)
    return _outcome(cut.read)


@dataclass(frozen=True, slots=True)
class _NewCut:
    """A page read between corners (None: where the machine finds them), and what that changes."""

    desk: OpenPage
    form: FormCorners | None
    key: LedgerKey
    read: PackedResult
    change: CutChange | None


def _new_cut(
    ws: Workspace, desk: OpenPage, form_of: Callable[[Stages], FormCorners] | None = None
) -> _NewCut:
    """The page read between corners that are known once the layouts are; None: the machine's."""
    settings = current_settings(ws.folder)
    own = book_print(ws.folder, desk.row.book)
    stages = stages_of_book(settings, own)
    form = form_of(stages) if form_of else None
    with ws.read_session() as session:
        require_comparable(session, desk.row, form)
    as_read = reading_of(ws.folder, desk.book.id, settings, stages.fingerprint).of(desk.row.digest)
    key, job = page_job(desk.book, desk.row, *as_read, form, own)
    # Without corners a scan may turn out to hold several forms: its pages are found anew.
    read = _read_once(ws, key, job) if form else packed(_read(job))
    return _NewCut(desk, form, key, read, cut_change(ws, desk, form, read))


def _effect(session: Session, cut: _NewCut) -> CutEffect:
    return cut_effect(session, cut.desk.row, cut.change, unpack(cut.read.payload))


def read_page(ws: Workspace, user: User, page: int, now: datetime) -> PageOutcome:
    """Read a page that waits to be read now, as the next run would, and judge its book.

    A run may begin meanwhile: it comes to the same result.

    Args:
        ws: the workspace.
        user: who wants it.
        page: id of the page.
        now: the time (UTC).

    Raises:
        ForbiddenError, NotFoundError, BookClosedError: as `reread`.
        StaleError: it has been read, replaced or put aside meanwhile.
        NotAllowedYetError: it does not wait to be read, or a run goes on.
        MachineError: the model or the layouts are missing.

    """
    desk = begin_change(ws, user, page)
    if desk.row.kind != PageKind.PENDING:
        raise NotAllowedYetError(
            Text("Trang này không chờ máy đọc", "This page does not wait to be read"),
            where=desk.row.name,
            remedy=Text("Tải lại trang", "Load the page again"),
        )
    if is_running(ws):
        raise NotAllowedYetError(
            Text("Một lần chạy đang diễn ra", "A run goes on"),
            where=desk.row.name,
            remedy=Text(
                "Lần chạy này hoặc lần sau sẽ đọc trang; muốn đọc ngay thì chờ lần chạy xong",
                "This run or the next one reads the page; to read it now, wait for the run's end",
            ),
        )
    with ws.read_session() as session:
        decided = decisions_in_force(session, desk.row.book, [desk.row]).get(desk.row.name)
    settings = current_settings(ws.folder)
    reading = reading_of(ws.folder, desk.book.id, settings, stages_for(settings).fingerprint)
    own, as_read = book_print(ws.folder, desk.row.book), reading.of(desk.row.digest)
    key, job = page_job(desk.book, desk.row, *as_read, corners_by_hand(decided), own)
    result = _read(job)
    with ws.transaction() as session:
        row = locked_page(session, desk)
        if row.kind != PageKind.PENDING:
            raise page_changed(row.name)
        store_pages(session, [FinishedPage(key, [(row.book, row.name)], packed(result))])
        audit.append(
            session, user.name, AuditAction.PAGE_READ, book=desk.row.book,
            subject=f"page:{desk.row.name}",
            details={"kind": result.kind.value, "records": len(result.records)}, now=now,
        )  # fmt: skip
    judge_and_store(ws, desk.row.book)
    return _outcome(packed(result))


def send_and_read(
    ws: Workspace, user: User, page: int, to: str, now: datetime
) -> tuple[PageArrival, PageOutcome]:
    """Send a page to another book (`send_page`) and read it there at once.

    Where it cannot be read now, because a run goes on or the model or the layouts are missing, a
    run does it: the outcome is `pending` and says why.

    Raises:
        ForbiddenError, NotFoundError, BookClosedError, StaleError, UsageError: as `send_page`.

    """
    arrival = send_page(ws, user, page, to, now)
    with ws.read_session() as session:
        row = page_row(session, arrival.page)
        kind, layout = PageKind(row.kind), row.layout
    if kind is not PageKind.PENDING:  # the book has this very scan in its own folder
        return arrival, PageOutcome(kind, layout)
    try:
        return arrival, read_page(ws, user, arrival.page, now)
    except (MachineError, NotAllowedYetError) as error:
        return arrival, PageOutcome(kind, cause=error.cause, remedy=error.remedy)


def _read(job: PageJob) -> PageResult:
    """The page as a worker of the run reads it, within the same limits."""
    try:
        return opened(process_page, job, job.ref.name, calls=reading_calls())
    except ScanError as error:  # beyond the limits: what is wrong with it otherwise is a result
        return PageResult(PageKind.FAULT, cause=error.cause, remedy=error.remedy)


def _keep(
    ws: Workspace, user: User, cut: _NewCut, accepted: int, now: datetime, like: str = ""
) -> None:
    """The decision, its result and the trail in one transaction; then the book is judged."""
    kind = DecisionKind.REREAD if cut.form else DecisionKind.RESTORE
    details: Json = cut.form.as_details() if cut.form else {}
    if like:
        details["like"] = like
    with ws.transaction() as session:
        lock_book(session, cut.desk.row.book)  # nobody decides in it meanwhile
        row = locked_page(session, cut.desk)
        require_same_reading(cut.desk.row, row)
        if cut.change is not None:
            effect = _effect(session, cut)
            require_accepted(row, cut.read, effect, accepted)
            move_records(session, row, cut.change)
            details |= {"cut": cut.change.as_details(), **asdict(effect)}
        store_decision(session, user, row, kind, details, now)
        store_pages(session, [FinishedPage(cut.key, [(row.book, row.name)], cut.read)])
    judge_and_store(ws, cut.desk.row.book)


def _read_once(ws: Workspace, key: LedgerKey, job: PageJob) -> PackedResult:
    """The page as it was read between these corners before, else as it is read now."""
    with ws.read_session() as session:
        payload = payloads(session, [key]).get(key)
    if payload is not None:
        shown = status_of_result(unpack(payload))
        if shown.kind is PageKind.RECORD:
            return PackedResult(shown, {}, payload)
    read = packed(_read(job))
    if read.shown.kind is PageKind.RECORD:
        spent = sum(read.seconds.values())
        with ws.transaction() as session:
            record_outcomes(
                session, [StageOutcome(key, read.shown.kind.value, spent, read.payload)]
            )
    return read


def _outcome(read: PackedResult) -> PageOutcome:
    data = unpack(read.payload)
    shown = read.shown
    return PageOutcome(
        kind=shown.kind,
        layout=shown.layout,
        cause=shown.cause,
        remedy=_TRY_AGAIN if shown.kind is PageKind.REFUSED else shown.remedy,
        records=len(data["records"]),
        residual_mm=data["residual_mm"],
    )
