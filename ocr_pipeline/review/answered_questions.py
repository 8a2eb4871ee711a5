"""A person's own questions that somebody has answered: what was said, by whom, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import FieldKind, State
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.captions import caption, options
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.past_decisions import AnswerRows, answers_seen_at, answers_to
from ocr_pipeline.store.reading_lines import note_reading
from ocr_pipeline.store.times import utc
from ocr_pipeline.store.workspace import Workspace

MOST = 20
"""So many answers are shown: older ones are in the histories of their records."""


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question of the person who looks, and what another one decided about its field.

    Attributes:
        field: its id; `record` and `page` are ids too.
        page: None where the page is gone.
        question: what he asked; "" when he asked without words.
        typed: what he had typed; "" for nothing.
        value: the answer; "" where the state says that nothing is to be read.
        label: what a coded answer means; None for free values.
        state: confirmed, corrected, blank or unreadable.
        note: what the one who answered added.
        user: name of who answered.
        time: when (UTC).
        counts: the answer is what stands there now.
        is_new: he has not seen it yet.

    """

    field: int
    record: int
    book: str
    page: int | None
    page_name: str
    position: int
    code: str
    caption: Text
    question: str
    typed: str
    value: str
    label: Text | None
    state: State
    note: str
    user: str
    time: datetime
    counts: bool
    is_new: bool


def answered_questions(
    ws: Workspace, user: User, count: int = MOST, now: datetime | None = None
) -> list[AnsweredQuestion]:
    """Answers to the person's own questions, newest first; nobody sees those of others here.

    That he saw them is noted in the audit trail; what he has seen is not new the next time.

    Args:
        ws: the workspace.
        user: whose questions.
        count: at most so many, and at most `MOST`.
        now: the time; the clock when None.

    """
    require(user, "review")
    now = now or datetime.now(UTC)
    with ws.read_session() as session:
        rows = answers_to(session, user.name, min(count, MOST))
        seen = answers_seen_at(session, user.name) if rows else None
        told = [_told(row, seen) for row in rows]
    fresh = [one.field for one in told if one.is_new]
    if fresh:
        with ws.transaction() as session:
            audit.append(
                session, user.name, AuditAction.ANSWERS_SEEN, details={"fields": fresh}, now=now
            )
    elif told:
        note_reading(ws, user.name, AuditAction.ANSWERS_SEEN, now=now)
    return told


def _told(row: AnswerRows, seen: datetime | None) -> AnsweredQuestion:
    question, answer = row.question, row.answer
    time = utc(answer.time)
    return AnsweredQuestion(
        field=row.field.id,
        record=row.field.record,
        book=row.field.book,
        page=row.page,
        page_name=row.page_name,
        position=row.position,
        code=row.field.code,
        caption=caption(row.field.code),
        question=question.note,
        typed=question.value,
        value=answer.value,
        label=options(row.type, row.field.code, FieldKind(row.field.kind)).get(answer.value),
        state=State(answer.state),
        note=answer.note,
        user=answer.user,
        time=time,
        counts=answer.entry == row.field.entry,
        is_new=seen is None or time > seen,
    )
