"""Completions: what fits the ink, what a book holds already, then the lexicons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ocr_pipeline.reading.completions import Completion
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.hidden_values import hidden_lanes
from ocr_pipeline.review.rights import may
from ocr_pipeline.review.typed_values import Suggestion
from ocr_pipeline.review.typed_values import suggest as _suggest
from ocr_pipeline.review.written_fields import TYPED_KINDS, written_fields
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.keyings import recurring_values
from ocr_pipeline.store.reading_lines import note_reading
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.text.normalise import clean, key

_WEIGHED = 24  # known values and entries of lexicons that the ink is asked about
_FAR = 9.0  # natural log: behind the best by more, a text of the ink is chance
_KNOWN = 4.0  # natural log: how much likelier a value is that the book or a lexicon has
_MOST_BY_INK = 4  # of the 7 on the screen: the others stay where they were looked for
#: Many values of a book begin with the same two digits; only the ink tells which one is meant.
_BY_INK_ALONE = frozenset({FieldKind.DATE, FieldKind.DATE_WORDS, FieldKind.FREE_TEXT})


def suggest(
    ws: Workspace,
    user: User,
    kind: FieldKind,
    text: str,
    book: str = "",
    count: int = 8,
    now: datetime | None = None,
    *,
    field: int | None = None,
    after: str = "",
    wait_seconds: float | None = 0.3,
) -> list[Suggestion]:
    """Values that begin like what was typed (`typed_values.suggest`), best first.

    With a field, its ink is read again: the rest that fits both what was typed and the ink comes
    first, and known values are ranked by the ink. Without its picture, or where its reading must
    not be seen, the values of the book come first.

    Args:
        ws: the workspace.
        user: who types; that he was offered values of the book is noted once an hour.
        kind: what the field holds.
        text: as typed so far.
        book: id of the book; "" for none. An unknown one counts as none.
        count: at most so many.
        now: the time; the clock when None.
        field: id of the field that is typed into.
        after: what stands behind the cursor; `text` ends at the cursor.
        wait_seconds: for the ink; None waits until its picture has been read.

    """
    kind = FieldKind(kind)
    plain = _known_values(ws, user, kind, text, book, now, after, field)
    inked: list[Completion] = []
    if field is not None and text.strip() and kind in TYPED_KINDS and may(user, "record"):
        values = [one.value for one in plain]
        inked = written_fields().completions(ws, field, text, values, wait_seconds)
    return _merged(text, inked, [] if kind in _BY_INK_ALONE else plain, after)[:count]


def _known_values(
    ws: Workspace,
    user: User,
    kind: FieldKind,
    text: str,
    book: str,
    now: datetime | None,
    after: str,
    field: int | None,
) -> list[Suggestion]:
    """Without the ink: values of the book, then of the lexicons."""
    if not book or not text.strip():
        return _suggest(kind, text, None, _WEIGHED, after=after)
    with ws.read_session() as session:
        books = load_books(session, [book])
        # who keys samples is told nothing that only a sample has, in no field and in none
        hidden = hidden_lanes(user)
        known = recurring_values(session, book, kind.value, hidden)
    if known:
        note_reading(ws, user.name, AuditAction.SUGGESTED, book=book, subject=kind.value, now=now)
    return _suggest(kind, text, books[0] if books else None, _WEIGHED, known, after)


def _merged(
    text: str, inked: Sequence[Completion], plain: Sequence[Suggestion], after: str = ""
) -> list[Suggestion]:
    """What fits the ink, as far as it is not chance; then the others in their own order.

    Of values that differ in capitals and commas alone only the best is told.
    """
    known = {one.value for one in plain}
    totals = {one.value: one.total + (_KNOWN if one.value in known else 0.0) for one in inked}
    best = max(totals.values(), default=0.0)
    near = [
        value for value in sorted(totals, key=lambda v: -totals[v]) if totals[value] > best - _FAR
    ]
    alike: dict[str, str] = {}
    for value in near:
        alike.setdefault(key(value), value)
    values = [*list(alike.values())[:_MOST_BY_INK], *(one.value for one in plain)]
    typed = clean(f"{text} {after}") if after else text.strip()
    return [Suggestion(value, value) for value in dict.fromkeys(values) if value != typed]
