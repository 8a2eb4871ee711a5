"""A decision on an official tells of all records of the book: it is judged anew at once.

Not at each decision: when a value is decided in its column for the first, second, fourth, eighth …
time. That is some four times a book of 20 records, and leaves no more to look at than each time
(91 and 87 looks at 720 fields; 255 where the first decision alone told). Every other decision
judges its own record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ocr_pipeline.checks.context_settings import context_settings
from ocr_pipeline.errors import MachineError
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.registers.fields import State
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.workspace import Workspace

_DECIDED = (State.CONFIRMED, State.CORRECTED)

Told = tuple[str, str, str]
"""Book, code and value of a decision that was kept or taken back."""


def judge_new_values(ws: Workspace, told: Collection[Told], *, taken_back: bool = False) -> None:
    """Judge the books anew of which these values tell more than is known.

    Args:
        ws: the workspace; the decisions are on the disk.
        told: what was decided or taken back.
        taken_back: whether it was taken back.

    """
    codes = context_settings().officials.codes
    asked = Counter(one for one in told if one[1] in codes and one[2])
    if not asked:
        return
    with ws.read_session() as session:
        books = sorted(
            {
                one[0]
                for one, count in asked.items()
                if _tells(session, one, -count if taken_back else count)
            }
        )
    for book in books:
        try:
            judge_and_store(ws, book)
        except MachineError:
            continue  # the decision is kept; the next run tells of the damage, and judges


def _tells(session: Session, told: Told, more: int) -> bool:
    """Whether the value is decided twice (or half) as often as when the book was judged for it.

    Not where nothing of the column is open.

    Args:
        session: to read with.
        told: the value.
        more: how much more often it is decided now than before; less than 0 after an undo.

    """
    book, code, value = told
    column = select(func.count()).where(FieldRow.book == book, FieldRow.code == code)
    said = column.where(FieldRow.value == value, FieldRow.state.in_(_DECIDED))
    others = column.where(FieldRow.state.not_in((*_DECIDED, State.BLANK, State.UNREADABLE)))
    now = session.scalar(said) or 0
    return now.bit_length() != max(now - more, 0).bit_length() and bool(session.scalar(others))
