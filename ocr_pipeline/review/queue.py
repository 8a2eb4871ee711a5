"""Queues: take fields to look at, keep hold of them, give them back; how much waits."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Any, Literal

from sqlalchemy.orm import Session

from ocr_pipeline.errors import SohoaError
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.reading.models import confidence_of_no_ink
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import no_such
from ocr_pipeline.review.field_items import FieldItem, make_items
from ocr_pipeline.review.hidden_values import hidden_lanes
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import audit, queue
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import priorities
from ocr_pipeline.store.keyings import find_field
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.past_decisions import count_decisions
from ocr_pipeline.store.queue import LaneFilter
from ocr_pipeline.store.states import Lane
from ocr_pipeline.store.workspace import Workspace

KindAndBook = tuple[str, str]
"""Kind of field and id of a book."""

Order = Literal["field", "record"]
"""In which order fields come."""

HELD_FOR = timedelta(minutes=10)
MOST = 200  # fields a person can hold of one queue
_MOST_GROUPS = 500
_GROUP_BOOKS = 10  # whose blanks and columns are counted: the fields of each are looked through
#: Kinds with few letters to a value: a screen of them is compared at a glance, each with its own.
_COLUMN_KINDS = frozenset({
    FieldKind.TICK, FieldKind.SEX, FieldKind.ID_TYPE, FieldKind.NUMBER, FieldKind.NUMBER_YEAR,
    FieldKind.DATE, FieldKind.TIME, FieldKind.ID_NUMBER,
})  # fmt: skip
_INK_TOLERANCE = 0.001  # of a confidence: 0.05 mm² of ink at most, less than a dot has
_REMEMBER_SECONDS = 15.0  # seconds
_REMEMBERED: dict[Hashable, tuple[float, list[KindAndBook]]] = {}
_LOCK = Lock()

#: The action of the rights table that each lane asks for.
RIGHTS = {
    Lane.DOUBT: "review",
    Lane.SECOND: "review",
    Lane.SAMPLE: "sample",
    Lane.ARBITRATION: "arbitrate",
    Lane.SENIOR: "senior",
}

__all__ = ["HELD_FOR", "QueueFilter", "FieldItem", "Group", "GroupSort", "Lane", "groups", "item",
           "release", "renew", "take", "take_group", "waiting"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which waiting fields; "" stands for all.

    Attributes:
        book: id of a book.
        type: code of a register type.
        kind: kind of field.
        rule: rule of one of its doubts.
        lane: the queue.

    """

    book: str = ""
    type: str = ""
    kind: str = ""
    rule: str = ""
    lane: Lane = Lane.DOUBT


class GroupSort(StrEnum):
    """What the fields of a group have in common."""

    VALUE = "value"
    BLANK = "blank"
    COLUMN = "column"


@dataclass(frozen=True, slots=True)
class Group:
    """Waiting fields that are decided together.

    Attributes:
        sort: what they have in common.
        kind: kind of field; "" for blanks of all kinds.
        count: how many wait.
        value: what the machine read, of a value.
        book: id of the book, of blanks and of a column.
        code: the column.
        confidence_min: of the least sure one, of a value.

    """

    sort: GroupSort
    kind: str
    count: int = 0
    value: str = ""
    book: str = ""
    code: str = ""
    confidence_min: float = 0.0


def take(
    ws: Workspace,
    user: User,
    filter: QueueFilter,
    order: Order = "field",
    count: int = 10,
    now: datetime | None = None,
    until: datetime | None = None,
) -> list[FieldItem]:
    """Fields for the person to look at, leased to him so that nobody else gets them.

    What he holds already comes first, so that a browser that died goes on where it was. By field,
    one kind comes after the other, within it one book after the other, and within the book one
    column after the other; by record, all waiting fields of a record in reading order, and no
    record is shared by two people.

    Args:
        ws: the workspace.
        user: for whom.
        filter: which fields.
        order: by field or by record.
        count: how many he shall hold in all; by record a few more, to the end of the record.
        now: the time (UTC).
        until: held no longer than to this time: whoever is away keeps nothing from others.

    Raises:
        ForbiddenError: the role may not work in this queue.

    """
    require(user, RIGHTS[filter.lane])
    now, count = now or datetime.now(UTC), max(1, min(count, MOST))
    with ws.read_session() as session:  # looking for fields must not keep others from saving
        wanted = _wanted(session, filter, user)
    kinds, remembered = _waiting_by_urgency(ws, wanted)
    end = _held_until(now, until)
    items = _take(ws, user, wanted, kinds, order, count, now, end)
    if len(items) < count and remembered:  # what is remembered may lack the newest fields
        kinds, _ = _waiting_by_urgency(ws, wanted, afresh=True)
        items = _take(ws, user, wanted, kinds, order, count, now, end)
    return items


def _take(
    ws: Workspace,
    user: User,
    wanted: LaneFilter,
    kinds: Sequence[KindAndBook],
    order: Order,
    count: int,
    now: datetime,
    until: datetime,
) -> list[FieldItem]:
    with ws.transaction() as session:
        rows = _sorted(session, queue.held_by(session, wanted, now), order)[:count]
        left = count - len(rows)
        if left > 0 and order == "record":
            books = list(dict.fromkeys(book for _, book in kinds))
            rows += queue.free_by_record(session, wanted, books, left, now)
        elif left > 0:
            rows += queue.free_by_field(session, wanted, kinds, left, now)
        return _lease(session, user, rows, now, until)


def take_group(
    ws: Workspace,
    user: User,
    filter: QueueFilter,
    group: Group,
    count: int = 60,
    now: datetime | None = None,
    until: datetime | None = None,
) -> list[FieldItem]:
    """Waiting fields of a group, leased: of a value the least sure first, else down the book.

    Of blanks, boxes in which any ink was found come last, and Enter accepts nothing in them: one
    deed says of many boxes that they are empty, and never of one that somebody may have written in.
    """
    require(user, RIGHTS[filter.lane])
    now, count = now or datetime.now(UTC), max(1, min(count, MOST))
    with ws.transaction() as session:
        own = QueueFilter(group.book or filter.book, filter.type, group.kind, filter.rule)
        wanted = _wanted(session, own, user)
        if group.sort is not GroupSort.VALUE and not own.book:
            return []  # they are those of a book
        if group.sort is GroupSort.BLANK:
            rows = queue.free_blanks(session, wanted, count, now)
        elif group.sort is GroupSort.COLUMN:
            rows = queue.free_of_column(session, wanted, group.code, count, now)
        else:
            rows = queue.free_of_value(session, wanted, group.value, count, now)
        items = _lease(session, user, rows, now, _held_until(now, until))
    if group.sort is not GroupSort.BLANK:
        return items
    empty = _least_empty(ws)
    items = [
        item if item.confidence >= empty else replace(item, preselected=None) for item in items
    ]
    return sorted(items, key=lambda item: item.preselected is None)


def _least_empty(ws: Workspace) -> float:
    """From which confidence on a box has no ink; none has where the model cannot be asked."""
    try:
        return confidence_of_no_ink(current_settings(ws.folder).model) - _INK_TOLERANCE
    except SohoaError:
        return 1.0


def groups(ws: Workspace, user: User, filter: QueueFilter) -> list[Group]:
    """Fields that are decided together: blanks, columns of ticks, codes and digits, and values.

    Blanks and columns are those of a book, of the books that come first in the order of work;
    values are what the machine read more than once, wherever. The largest of each sort come first.
    """
    require(user, RIGHTS[Lane.DOUBT])
    with ws.read_session() as session:
        asked = QueueFilter(filter.book, filter.type, filter.kind, filter.rule)
        wanted = _wanted(session, asked, user)
    kinds, _ = _waiting_by_urgency(ws, wanted)
    books = list(dict.fromkeys(book for _, book in kinds))[:_GROUP_BOOKS]
    with ws.read_session() as session:
        first = replace(wanted, books=books)
        blanks = [
            Group(GroupSort.BLANK, filter.kind, number, book=book)
            for book, number in queue.blanks(session, first)
        ]
        columns = [
            Group(GroupSort.COLUMN, kind, number, book=book, code=code)
            for kind, book, code, number in queue.columns(session, first, _COLUMN_KINDS)
        ]
        values = [
            Group(GroupSort.VALUE, kind, number, value=value, confidence_min=least)
            for kind, value, number, least in queue.groups(session, wanted, _MOST_GROUPS)
        ]
        return [*blanks, *columns, *values]


def renew(
    ws: Workspace,
    user: User,
    fields: Sequence[int],
    now: datetime | None = None,
    until: datetime | None = None,
) -> None:
    """Keep hold of fields for longer, to `until` at most; those whose time is over are lost."""
    now = now or datetime.now(UTC)
    with ws.transaction() as session:
        queue.renew(session, fields, user.name, _held_until(now, until), now)


def release(ws: Workspace, user: User, fields: Sequence[int]) -> None:
    """Give fields back, for others to look at."""
    with ws.transaction() as session:
        queue.release(session, fields, user.name)


def waiting(
    ws: Workspace, filter: QueueFilter, user: User, now: datetime | None = None
) -> dict[str, Any]:
    """How much waits for this person.

    Returns:
        `{"total", "by_kind": {kind: n}, "by_book": {id: n}, "by_rule": {rule: n}, "leased",
        "done_today"}`; `done_today` are decisions since midnight of this machine, `leased` are
        those of the total that others hold just now. A field with two doubts counts under both
        rules.

    """
    now = now or datetime.now(UTC)
    with ws.read_session() as session:
        wanted = _wanted(session, filter, user)
        counts = queue.count_waiting(session, wanted)
        return {
            "total": counts.total,
            "by_kind": dict(counts.by_kind.most_common()),
            "by_book": dict(counts.by_book.most_common()),
            "by_rule": dict(counts.by_rule.most_common()),
            "leased": queue.count_leased(session, wanted, now),
            "done_today": count_decisions(session, user.name, _midnight(now)),
        }


def item(ws: Workspace, user: User, field: int) -> FieldItem:
    """One field, whatever its queue; nothing is leased.

    Raises:
        NotFoundError: there is no such field.

    """
    require(user, "record")
    with ws.transaction() as session:
        row = find_field(session, field)
        if row is None:
            raise no_such("trường", "field", field)
        [found] = make_items(session, [row], hidden=hidden_lanes(user))
        audit.append(
            session, user.name, AuditAction.VIEWED, book=found.book,
            subject=f"{found.page_name} {found.position} {found.code}",
        )  # fmt: skip
        return found


def _held_until(now: datetime, until: datetime | None) -> datetime:
    return now + HELD_FOR if until is None else min(now + HELD_FOR, until)


def _lease(
    session: Session, user: User, rows: Sequence[FieldRow], now: datetime, until: datetime
) -> list[FieldItem]:
    held = queue.lease(session, [row.id for row in rows], user.name, until, now)
    mine = [row for row in rows if row.id in held]
    items = make_items(session, mine, hidden=hidden_lanes(user))
    by_book: dict[str, list[int]] = {}
    for one in items:
        by_book.setdefault(one.book, []).append(one.field)
    for book, fields in by_book.items():  # what is put before a person is seen by him
        audit.append(
            session, user.name, AuditAction.TAKEN, book=book, details={"fields": fields}, now=now
        )
    return items


def _midnight(now: datetime) -> datetime:
    """When the day began where this machine stands (UTC)."""
    here = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return here.astimezone(UTC)


def _wanted(session: Session, filter: QueueFilter, user: User) -> LaneFilter:
    books: list[str] | None = [filter.book] if filter.book else None
    if filter.type:
        of_type = queue.books_of_type(session, filter.type)
        books = of_type if books is None else [book for book in books if book in of_type]
    return LaneFilter(filter.lane, books, str(filter.kind), filter.rule, user.name)


_KINDS = [kind.value for kind in FieldKind]


def _sorted(session: Session, rows: Sequence[FieldRow], order: Order) -> list[FieldRow]:
    """Fields that a person holds, as the order gave them to him."""
    if order == "record":
        return sorted(rows, key=lambda row: (row.book, row.record, row.place))
    ordinals = queue.ordinals(session, rows)
    return sorted(
        rows, key=lambda row: (_KINDS.index(row.kind), row.book, row.code, ordinals[row.record])
    )


def _waiting_by_urgency(
    ws: Workspace, wanted: LaneFilter, afresh: bool = False
) -> tuple[list[KindAndBook], bool]:
    """Kinds and books with something to do, in the order of work, and whether it was remembered.

    Counting a very long queue takes a tenth of a second, so the answer serves for some seconds:
    a kind that is done meanwhile gives nothing, and who gets too little looks afresh.
    """
    key = (str(ws.engine.url), replace(wanted, books=None), tuple(wanted.books or ("",)))
    with _LOCK:
        kept = _REMEMBERED.get(key)
    if kept is not None and not afresh and time.monotonic() - kept[0] < _REMEMBER_SECONDS:
        return kept[1], True
    with ws.read_session() as session:
        waiting = queue.waiting_by_kind_and_book(session, wanted)
        kinds = _in_order(waiting, priorities(session))
    with _LOCK:
        if len(_REMEMBERED) > 1000:
            _REMEMBERED.clear()
        _REMEMBERED[key] = (time.monotonic(), kinds)
    return kinds, False


def forget_order() -> None:
    """Look afresh at the next taking: somebody has changed which book comes first."""
    with _LOCK:
        _REMEMBERED.clear()


def _in_order(kinds: Mapping[KindAndBook, int], ranks: Mapping[str, int]) -> list[KindAndBook]:
    """Places in the order of work: kind by kind; books with the least to do first.

    A book of higher rank goes before all others, with all its kinds.

    A book that is nearly done can go out soon; the rules for this work ask for clear books first.
    """
    per_book: Counter[str] = Counter()
    for (_, book), number in kinds.items():
        per_book[book] += number
    return sorted(
        kinds, key=lambda p: (-ranks.get(p[1], 0), _KINDS.index(p[0]), per_book[p[1]], p[1])
    )
