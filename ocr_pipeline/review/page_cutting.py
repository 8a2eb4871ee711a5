"""A page that was read is cut anew: decisions stay with their boxes, or are asked again.

A decision counts for the field of the new cut that has its code, belongs to the same record and
lies on the same part of the scan. All others keep their place in the history, and their values are
offered where the rest of their record lies now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text
from ocr_pipeline.json_types import Json
from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing.corners import FormCorners, corners_by_hand, flat_of
from ocr_pipeline.processing.moved_fields import field_quads, moved_places
from ocr_pipeline.processing.page_outcome import PackedResult
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.review.open_page import OpenPage, page_changed
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.scans.pages import PageRef, load_page
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.codec import unpack
from ocr_pipeline.store.entries import ENTERED, count_decided, entries_by_worth
from ocr_pipeline.store.lanes import count_open, open_decisions
from ocr_pipeline.store.ledger import LedgerKey, result
from ocr_pipeline.store.models import FieldRow, PageRow, RecordRow
from ocr_pipeline.store.page_cuts import CutChange, MovedField
from ocr_pipeline.store.page_decisions import (
    DecisionKind,
    PageDecision,
    decisions,
    decisions_in_force,
)
from ocr_pipeline.store.page_parts import page_ref
from ocr_pipeline.store.scans import places_of_page
from ocr_pipeline.store.sealed_rows import Seals
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

_BY_MACHINE = "machine"  # a mark, where what people gave before has none
_MARK_LENGTH = 8


@dataclass(frozen=True, slots=True)
class CutEffect:
    """What a new cut does with what people decided on a page, in fields.

    Attributes:
        follow: keep their decision.
        asked_again: wait for a person again, who is offered what was decided.
        left_over: have no field on the new cut; the history alone keeps what was decided.

    """

    follow: int
    asked_again: int
    left_over: int


def cut_by_people(session: Session, row: PageRow) -> FormCorners | None:
    """The corners that people gave the scan of a page last, whatever the page is since.

    None when nobody gave any, or the machine's count again.
    """
    return last_cut(decisions(session, row.book, row.name), row)


def last_cut(said: Iterable[PageDecision], row: PageRow) -> FormCorners | None:
    """As `cut_by_people`, of decisions about the page, or about all pages of its book."""
    return corners_by_hand(last_cut_decision(said, row))


def last_cut_decision(said: Iterable[PageDecision], row: PageRow) -> PageDecision | None:
    """The last decision about how the scan of a page is cut: by people, or by the machine again."""
    found = None
    for one in said:
        same_scan = one.page == row.name and one.digest == row.digest
        if same_scan and one.kind in (DecisionKind.REREAD, DecisionKind.RESTORE):
            found = one
    return found


def cut_change(
    ws: Workspace, desk: OpenPage, corners: FormCorners | None, new: PackedResult
) -> CutChange | None:
    """How the cut that a page has becomes a new one, compared on the scan; None for the same one.

    Args:
        ws: the workspace.
        desk: the page as it is.
        corners: where the person says that the form lies; None: where the machine finds it.
        new: the page as it is read with them.

    Raises:
        ScanError: the scan cannot be opened.

    """
    row = desk.row
    with ws.read_session() as session:
        by_hand = cut_by_people(session, row)
        if by_hand == corners:
            return None
        places = places_of_page(session, row.book, row.name)
        mark = _mark(session, row, corners)
        before = places.form_of(row.name) if row.kind == PageKind.RECORD else ""
        old = result(session, LedgerKey.of_page(row.digest, row.fingerprint))
    if not before or old is None or new.shown.kind is not PageKind.RECORD:
        return CutChange(before, mark)
    quads = [
        field_quads(data, _flat_size(row, by) if data.get("turn") else None)
        for data, by in ((old, by_hand), (unpack(new.payload), corners))
    ]
    return CutChange(before, mark, moved_places(*quads))


def cut_effect(session: Session, row: PageRow, change: CutChange | None, new: Json) -> CutEffect:
    """What becomes of what people decided on a page when it is cut anew.

    Args:
        session: an open session.
        row: the page as it is.
        change: of its cut; None when it stays.
        new: its result between the new corners.

    """
    worth = entries_by_worth(session, row.book, row.name)
    decided = [
        (position, code)
        for (_, position, code), entry in worth.counting.items()
        if entry.state in ENTERED
    ]
    if change is None:
        return CutEffect(len(decided), 0, 0)
    moved = [(change.move(MovedField(position, True), code), code) for position, code in decided]
    follow = {(to.position, code) for to, code in moved if to is not None and to.kept}
    there = {(one["position"], code) for one in new["records"] for code in one["fields"]}
    offered = {(to.position, code) for to, code in moved if to is not None and not to.kept}
    again = len((offered & there) - follow)
    return CutEffect(len(follow), again, len(decided) - len(follow) - again)


def require_comparable(session: Session, row: PageRow, corners: FormCorners | None) -> None:
    """Refuse another cut of a page that has decided fields and, for now, no records.

    Nothing says then where its fields were. They are looked for by scan: what was said of a page
    that was put aside or refused stands.

    Raises:
        NotAllowedYetError: it has some, and was cut otherwise.

    """
    if row.kind == PageKind.RECORD or cut_by_people(session, row) == corners:
        return
    decided = count_decided(session, row.book, row.digest)
    decided += count_open(session, row.book, row.digest)
    if decided:
        raise NotAllowedYetError(
            Text(
                f"Người rà soát đã quyết định {decided} trường khi trang này còn bản ghi",
                f"People decided {decided} fields while this page had records",
            ),
            where=row.name,
            remedy=Text(
                "Đọc lại trang theo đúng các góc cũ trước, rồi mới cắt khác đi",
                "Read the page along its former corners first, then cut it otherwise",
            ),
        )


def require_same_reading(before: PageRow, now: PageRow) -> None:
    """Make sure that a page is read as it was when its new cut was compared.

    Raises:
        StaleError: somebody, or a run, has read it otherwise since.

    """
    names = ("fingerprint", "kind", "layout")
    if any(getattr(before, name) != getattr(now, name) for name in names):
        raise page_changed(now.name)


def require_accepted(row: PageRow, new: PackedResult, effect: CutEffect, accepted: int) -> None:
    """Make sure that a person knows how many decisions a new cut costs.

    Args:
        row: the page.
        new: the page as it is read with the new cut.
        effect: what becomes of decided fields.
        accepted: how many of them may lose their decision.

    Raises:
        NotAllowedYetError: there are more; or the page would have no record at all.

    """
    lost = effect.asked_again + effect.left_over
    if lost and new.shown.kind is not PageKind.RECORD:
        raise NotAllowedYetError(
            Text(
                f"Máy không đọc được trang này, mà {lost} trường đã có người quyết định",
                f"The machine cannot read this page, and people have decided {lost} of its fields",
            ),
            where=row.name,
            remedy=Text("Giữ các góc do người chọn", "Keep the corners that people gave"),
        )
    if lost > accepted:
        raise NotAllowedYetError(
            Text(
                f"Cắt như vậy thì {effect.follow} trường giữ quyết định, {effect.asked_again} "
                f"trường phải hỏi lại, {effect.left_over} giá trị không còn ô",
                f"Cut like this {effect.follow} fields keep their decision, {effect.asked_again} "
                f"are asked again, {effect.left_over} values have no box any more",
            ),
            where=row.name,
            remedy=Text(
                "Xem trước rồi đồng ý; nếu số vừa đổi thì có người vừa quyết định thêm",
                "Look at the preview, then agree; other numbers: somebody has decided meanwhile",
            ),
        )


def move_records(session: Session, row: PageRow, change: CutChange) -> None:
    """Give the records of a page the positions they have on the new cut, in its transaction.

    Rows of records and fields that lie elsewhere go at once, so that a decision which is still on
    somebody's screen finds no field.

    Raises:
        NotAllowedYetError: a question or a keying is open about a field that moves, or another page
            continues a record that moves.

    """
    if not change.before:
        return
    _require_nothing_open(session, row, change)
    _require_not_continued(session, row, change)
    places = change.places or {}
    query = select(RecordRow).where(RecordRow.book == row.book, RecordRow.page == row.name)
    moves: list[tuple[RecordRow, int]] = []
    for record in list(session.scalars(query)):
        to, lost = places.get(record.position, (0, None))
        if lost is None:
            session.execute(delete(RecordRow).where(RecordRow.id == record.id))
            continue
        elsewhere = FieldRow.record == record.id, FieldRow.code.in_(sorted(lost))
        session.execute(delete(FieldRow).where(*elsewhere))
        moves.append((record, to))
    for record, _ in moves:  # two steps: a position may still be another record's
        record.position = -record.position
    session.flush()
    seals = Seals(session)
    for record, to in moves:
        record.position = to
        record.seal = seals.of(record)
    session.flush()


def _require_nothing_open(session: Session, row: PageRow, change: CutChange) -> None:
    waiting = [
        (position, code)
        for page, position, code in open_decisions(session, row.book)
        if page == row.name
        and change.move(MovedField(position, True), code) != MovedField(position, True)
    ]
    if waiting:
        raise NotAllowedYetError(
            Text(
                f"{len(waiting)} trường của trang đang được hỏi hoặc nhập kép, mà ô của chúng sẽ "
                "đổi chỗ",
                f"{len(waiting)} fields of the page are asked about or keyed twice, and their "
                "boxes would move",
            ),
            where=row.name,
            remedy=Text(
                "Trả lời hoặc nhập xong các trường đó, rồi cắt lại trang",
                "Answer or settle these fields first, then cut the page again",
            ),
        )


def _require_not_continued(session: Session, row: PageRow, change: CutChange) -> None:
    decided = decisions_in_force(session, row.book, book_pages(session, row.book))
    for page, one in decided.items():
        if one.kind is not DecisionKind.CONTINUATION or one.details["page"] != row.name:
            continue
        position = int(one.details["position"])
        to = change.move(MovedField(position, True), "")
        if to is None or to.position != position:
            raise NotAllowedYetError(
                Text(
                    f"Trang {page} nối tiếp bản ghi {position} của trang này, mà bản ghi đó sẽ đổi "
                    "chỗ",
                    f"Page {page} continues record {position} of this page, which would move",
                ),
                where=row.name,
                remedy=Text(
                    f"Cho trang {page} trở lại kết quả máy đọc, cắt lại trang này, rồi nối lại",
                    f"Have page {page} back to what the machine read, cut this page, then join",
                ),
            )


def _mark(session: Session, row: PageRow, corners: FormCorners | None) -> str:
    """The mark of a cut: of the corners, and none for the machine's unless it would be mistaken."""
    if corners is not None:
        return hashlib.sha256(corners.identity.encode()).hexdigest()[:_MARK_LENGTH]
    for one in decisions(session, row.book, row.name):
        if one.kind in (DecisionKind.REREAD, DecisionKind.RESTORE) and "cut" in one.details:
            break
        if one.kind is DecisionKind.REREAD:  # of a version that marked no cuts
            return _BY_MACHINE
    return ""


def _flat_size(row: PageRow, corners: FormCorners | None) -> tuple[int, int]:
    ref = page_ref(row)
    return opened(flat_size, (ref, corners), ref.name, calls=_calls())


def flat_size(job: tuple[PageRef, FormCorners | None]) -> tuple[int, int]:
    """Width and height in pixels of a scan's straight page, before it is turned upright."""
    ref, corners = job
    height, width = flat_of(load_page(ref), corners).pixels.shape[:2]
    return width, height


@cache
def _calls() -> LimitedCalls:
    return LimitedCalls(1, TaskLimits(nice=0))
