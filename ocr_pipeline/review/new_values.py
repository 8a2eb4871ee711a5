"""A value new in its column of officials tells of all its records: the book is judged anew at once.

A book has few signers and registrars, so this happens some five times a book; every other decision
judges its own record alone.
"""

from __future__ import annotations

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
    """Judge the books anew in which these values are new, or after an undo stand nowhere.

    Args:
        ws: the workspace; the decisions are on the disk.
        told: what was decided or taken back.
        taken_back: whether it was taken back.

    """
    codes = context_settings().officials.codes
    asked = {one for one in told if one[1] in codes and one[2]}
    if not asked:
        return
    with ws.read_session() as session:
        books = sorted({one[0] for one in asked if _tells(session, one, taken_back=taken_back)})
    for book in books:
        try:
            judge_and_store(ws, book)
        except MachineError:
            continue  # the decision is kept; the next run tells of the damage, and judges


def _tells(session: Session, told: Told, *, taken_back: bool) -> bool:
    """Whether the column knows the value from this decision alone, and others are still open."""
    book, code, value = told
    column = select(func.count()).where(FieldRow.book == book, FieldRow.code == code)
    said = column.where(FieldRow.value == value, FieldRow.state.in_(_DECIDED))
    others = column.where(FieldRow.state.not_in((*_DECIDED, State.BLANK, State.UNREADABLE)))
    once = session.scalar(said) == (0 if taken_back else 1)
    return once and bool(session.scalar(others))
