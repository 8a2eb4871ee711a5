"""Which books have tried to learn their hand, and what came of it: one line of the ledger each.

A trial is noted under the book and the network, so that no run makes one again before people have
confirmed much more, and every book makes a new one when another network reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ocr_pipeline.data_files import Strict
from ocr_pipeline.registers.fields import FieldKind, State
from ocr_pipeline.store.ledger import LedgerKey, data_of_stage, record_outcome, result
from ocr_pipeline.store.models import FieldRow

HAND_STAGE = "hand"
"""The stage of the ledger that learns hands."""

_SAID = (State.CONFIRMED.value, State.CORRECTED.value)


class LearningResult(StrEnum):
    """What came of learning a book's hand."""

    KEPT = "kept"  # a new hand reads better
    WORSE = "worse"  # it does not; what was there stays
    KNOWN = "known"  # nothing was confirmed since
    FEW = "few"  # too little is confirmed
    CLOSED = "closed"  # the book is approved or handed over
    FOREIGN = "foreign"  # the model is a plug-in, of which no layer is known
    FAILED = "failed"  # it took too long or too much memory


class HandTrial(Strict):
    """A trial of a book's hand.

    Attributes:
        book: id of the book.
        base: fingerprint of the network.
        confirmed: fields of the book that people had confirmed or corrected.
        result: what came of it.
        learnt: hash of the writing; "" where it came to no hand.
        fields: confirmed fields with known text; `tested`: of them held back; `letters`: of these.
        wrong_before: characters of the fields held back that the network read wrongly;
            `wrong_after`: with the hand.
        run: id of the run that made it; 0 of the command `sohoa learn`.

    """

    book: str
    base: str
    confirmed: int = Field(ge=0)
    result: LearningResult
    learnt: str = ""
    fields: int = 0
    tested: int = 0
    letters: int = 0
    wrong_before: int = 0
    wrong_after: int = 0
    run: int = 0


def confirmed_fields(session: Session, book_id: str) -> int:
    """Fields of a book that people confirmed or corrected and in which something may stand."""
    query = select(func.count()).select_from(FieldRow)
    query = query.where(
        FieldRow.book == book_id,
        FieldRow.state.in_(_SAID),
        FieldRow.kind != FieldKind.TICK.value,
        FieldRow.value != "",
    )
    return session.scalar(query) or 0


def last_trial(session: Session, book_id: str, base: str) -> HandTrial | None:
    """The last trial of a book with a network; None when there was none."""
    data = result(session, _key(book_id, base))
    return None if data is None else HandTrial.model_validate(data)


def note_trial(session: Session, trial: HandTrial, seconds: float) -> None:
    """Keep a trial in the place of the one before."""
    key = _key(trial.book, trial.base)
    record_outcome(session, key, trial.result.value, seconds, trial.model_dump(mode="json"))


def trials(session: Session) -> Mapping[str, HandTrial]:
    """The last trial of each book, by its id."""
    found: dict[str, HandTrial] = {}
    for data in data_of_stage(session, HAND_STAGE):
        trial = HandTrial.model_validate(data)
        found.setdefault(trial.book, trial)
    return found


def _key(book_id: str, base: str) -> LedgerKey:
    return LedgerKey(HAND_STAGE, sha256(book_id.encode()).hexdigest(), base)
