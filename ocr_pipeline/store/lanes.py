"""Which queue a field waits in: decided by its state, what is open about it, and its draw."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from ocr_pipeline.registers.fields import Box, Field, Record, State
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.scans import ScanPlace, places_of_page, scan_places
from ocr_pipeline.store.states import Action, Lane

Key = tuple[str, int, str]
"""Page name, position on the page, field code."""

#: Queues of blind keyings that are undecided: nothing may tell what was read or keyed.
UNDECIDED = frozenset({Lane.SECOND.value, Lane.ARBITRATION.value})

#: Queues whose fields are keyed without a value being shown.
BLIND = UNDECIDED | {Lane.SAMPLE.value}

_WAITING = frozenset({State.READ, State.IN_REVIEW})
_LET_THROUGH = frozenset({State.ACCEPTED, State.BLANK})


@dataclass(frozen=True, slots=True)
class OpenState:
    """What is open about a field: how many people have keyed it, whether somebody has asked."""

    keyings: int = 0
    asked: bool = False


NOTHING_OPEN = OpenState()


def lane_of(state: State, entered: bool, open_: OpenState, drawn: bool) -> Lane | None:
    """The queue of a field; None when nobody needs to look at it.

    Args:
        state: its state now.
        entered: whether the state is what a person said.
        open_: what is open about it.
        drawn: whether it belongs to the sample of accepted fields.

    """
    if open_.asked:
        return Lane.SENIOR
    if open_.keyings:
        return Lane.SECOND if open_.keyings == 1 else Lane.ARBITRATION
    if state in _WAITING:
        return Lane.DOUBT
    return Lane.SAMPLE if drawn and not entered and state in _LET_THROUGH else None


def open_of(rows: Iterable[DecisionRow]) -> OpenState:
    """What these open decisions about one field leave open."""
    actions = [row.action for row in rows]
    asked = actions.count(Action.ASK)
    return OpenState(len(actions) - asked, asked > 0)


def open_decisions(
    session: Session, book_id: str, page: str | None = None, position: int | None = None
) -> dict[Key, list[DecisionRow]]:
    """Open decisions by field, oldest first: of a book, a page, or a record (its position).

    Those made on a scan that was replaced since are left out: `former_questions` has them.
    """
    return _open_decisions(session, book_id, page, position, same=True)


def former_questions(
    session: Session, book_id: str, page: str | None = None, position: int | None = None
) -> set[Key]:
    """Fields of which something was keyed or asked on the scan that their page had before."""
    return set(_open_decisions(session, book_id, page, position, same=False))


def _open_decisions(
    session: Session, book_id: str, page: str | None, position: int | None, *, same: bool
) -> dict[Key, list[DecisionRow]]:
    query = select(DecisionRow).where(
        DecisionRow.book == book_id,
        DecisionRow.entry.is_(None),
        DecisionRow.withdrawn.is_(False),
    )
    if page is None:
        places = scan_places(session, book_id)
    else:
        places = places_of_page(session, book_id, page)
        shown = DecisionRow.digest.in_({*places.here, *places.followers})
        by_name = and_(DecisionRow.digest == "", DecisionRow.page == page)
        query = query.where(or_(shown, by_name))
    if position is not None:
        query = query.where(DecisionRow.position == position)
    found: dict[Key, list[DecisionRow]] = {}
    for row in session.scalars(query.order_by(DecisionRow.id)):
        place = places.find(row.digest) if row.digest else ScanPlace(row.page, True)
        if place and place.same is same:
            found.setdefault((place.page, row.position, row.code), []).append(row)
    return found


def count_open(session: Session, book_id: str, digest: str) -> int:
    """Open decisions that people made on a scan, whatever its page is."""
    return (
        session.scalar(
            select(func.count()).where(
                DecisionRow.book == book_id,
                DecisionRow.digest == digest,
                DecisionRow.entry.is_(None),
                DecisionRow.withdrawn.is_(False),
            )
        )
        or 0
    )


def draw_of(book_id: str, key: Key) -> float:
    """A number from 0 (included) to 1, always the same for a field and even over fields.

    Fields whose number is below the sample rate are the sample: nobody chooses, and a higher rate
    adds fields without dropping any.
    """
    digest = hashlib.sha256("\0".join((book_id, *map(str, key))).encode("utf-8")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


#: A record is a row of a table when its fields spread this many times as far across as down.
#: Rows of the sample books: 6 to 10 times; records with a page of their own: up to 1.4 times.
_ROW_SPREAD = 3.0


def order_on_page(record: Record) -> list[str]:
    """Field codes as one reads them on the page: line by line, from left to right.

    In a row of a table down each printed column: line by line the eye would cross the sheet four
    times a record (669 pixels from one doubt to the next on the sample book, 355 by column).
    """
    boxed = [field for field in record.fields.values() if field.box.width]
    groups = _columns(boxed) if _is_row(boxed) else _lines(boxed)
    placed = [field.code for group in groups for field in group]
    return placed + [code for code in record.fields if not record.fields[code].box.width]


def _is_row(fields: Sequence[Field]) -> bool:
    """Half of the fields lie far across and little down; the rest may be the head of the page."""
    across = sorted(field.box.x + field.box.width / 2 for field in fields)
    down = sorted(_middle(field) for field in fields)
    first, last = len(fields) // 4, len(fields) * 3 // 4
    if last >= len(fields):
        return False
    return across[last] - across[first] > _ROW_SPREAD * (down[last] - down[first])


def _columns(fields: Sequence[Field]) -> list[list[Field]]:
    """Fields by printed column, each from top to bottom; columns overlap little."""
    columns: list[list[Field]] = []
    end = 0.0
    for field in sorted(fields, key=lambda f: (f.box.x, f.box.y)):
        if not columns or field.box.x > end - field.box.width / 2:
            columns.append([])
            end = 0.0
        columns[-1].append(field)
        end = max(end, field.box.x + field.box.width)
    return [sorted(column, key=_middle) for column in columns]


def _lines(fields: Sequence[Field]) -> list[list[Field]]:
    """Fields line by line, each from left to right."""
    lines: list[list[Field]] = []
    for field in sorted(fields, key=_middle):
        if lines and _same_line(lines[-1][0].box, field.box):
            lines[-1].append(field)
        else:
            lines.append([field])
    return [sorted(line, key=lambda f: f.box.x) for line in lines]


def _middle(field: Field) -> float:
    return field.box.y + field.box.height / 2


def _same_line(first: Box, other: Box) -> bool:
    middle = other.y + other.height / 2
    return middle < first.y + max(first.height, 1)


def rules_text(rules: Sequence[str]) -> str:
    """Rules of doubts as the field table keeps them: sorted, with a blank around each."""
    return f" {' '.join(sorted(set(rules)))} " if rules else ""
