"""A correction that may hold for more fields of its book: what it was, and where that stands too.

Nothing is decided here: a person sees each field's picture first, and decides them in one deed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import BookClosedError, NotAllowedYetError, no_such
from ocr_pipeline.review.field_items import FieldItem, make_items, options_of
from ocr_pipeline.review.hidden_values import hidden_lanes
from ocr_pipeline.review.messages import message
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import audit
from ocr_pipeline.store.approvals import is_closed
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.entries import ENTERED
from ocr_pipeline.store.keyings import (
    fields_with_values,
    find_field,
    number_left_out,
    values_before,
)
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.records import record_of
from ocr_pipeline.store.workspace import Workspace

#: Fields that are shown at once; the rest comes when these are decided.
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class BookCorrection:
    """What a person made of one field, and fields of the book that stand as it stood before.

    Attributes:
        field: id of the corrected field; `book`, `code` and `kind` are its own.
        was: what it was before, by the machine and by people; never empty, never `value`.
        value: what it is now.
        items: fields of this column that nobody has decided, then of other columns of the kind,
            each down the book: accepted ones and doubtful ones.
        decided: fields that people left with such a value.
        more: how many fields there are beyond those shown.
        waiting: how many wait for a second keying, an arbitration or an answer, or are samples that
            who looks may key: they are not shown.

    """

    field: int
    book: str
    code: str
    kind: FieldKind
    was: tuple[str, ...]
    value: str
    items: tuple[FieldItem, ...]
    decided: tuple[FieldItem, ...]
    more: int
    waiting: int


def book_correction(
    ws: Workspace, user: User, field: int, now: datetime | None = None
) -> BookCorrection:
    """Where else in its book stands what a corrected field was; the look is logged.

    Args:
        ws: the workspace.
        user: who corrected it, or somebody else who reviews.
        field: id of the field.
        now: the time (UTC).

    Raises:
        ForbiddenError: the role may not review.
        NotFoundError: there is no such field.
        BookClosedError: its book is approved.
        NotAllowedYetError: nobody has corrected it, it was empty before, or it holds a code.

    """
    require(user, "review")
    now = now or datetime.now(UTC)
    with ws.transaction() as session:
        row = find_field(session, field)
        if row is None:
            raise no_such("trường", "field", field)
        if is_closed(session, row.book):
            raise BookClosedError(message("closed"), where=row.book)
        was = _was(session, row)
        hidden = hidden_lanes(user)
        found = fields_with_values(session, row, was, hidden)
        shown = found[:MOST_SHOWN]
        items = make_items(session, shown, queue=False, hidden=hidden)
        audit.append(
            session, user.name, AuditAction.VIEWED, book=row.book, subject=row.code,
            details={"fields": [one.id for one in shown]}, now=now,
        )  # fmt: skip
        return BookCorrection(
            field=row.id,
            book=row.book,
            code=row.code,
            kind=FieldKind(row.kind),
            was=was,
            value=row.value,
            items=tuple(item for item in items if item.state not in ENTERED),
            decided=tuple(item for item in items if item.state in ENTERED),
            more=len(found) - len(shown),
            waiting=number_left_out(session, row, was, hidden),
        )


def _was(session: Session, row: FieldRow) -> tuple[str, ...]:
    """What a corrected field was before.

    Raises:
        NotAllowedYetError: there is no such value that other fields could have, too.

    """
    machine = record_of(session.get_one(RecordRow, row.record)).fields[row.code].value
    [book] = load_books(session, [row.book])
    was = dict.fromkeys([machine, *values_before(session, row.id)])
    for nothing in ("", row.value):
        was.pop(nothing, None)
    if row.state not in ENTERED or not row.value or not was or options_of(book.type, row):
        raise NotAllowedYetError(message("not_corrected"), where=row.code)
    return tuple(was)
