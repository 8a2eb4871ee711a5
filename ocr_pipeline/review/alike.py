"""Values of the whole book or sheet are asked once: one decision answers the fields like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.decision import Decision, DecisionOutcome
from ocr_pipeline.review.field_decisions import decide
from ocr_pipeline.review.field_items import FieldItem, make_items
from ocr_pipeline.review.hidden_values import hidden_lanes
from ocr_pipeline.review.offers.weights import offer_settings
from ocr_pipeline.store.keyings import find_all, find_field
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.queue import waiting_in_column
from ocr_pipeline.store.states import Action, Lane
from ocr_pipeline.store.workspace import Workspace

_SAID = (Action.CONFIRM, Action.CORRECT)


def decide_alike(
    ws: Workspace, user: User, decisions: Sequence[Decision], now: datetime | None = None
) -> list[DecisionOutcome]:
    """Keep decisions (`field_decisions.decide`), and answer the fields that are like them.

    Of a decision with `alike`, about a code that belongs to the book (`once_per_book`), the same is
    said of the fields of that code in that book that wait for anybody, are on nobody else's screen,
    and were read the same or have that very value under Enter; of any other code, of those that
    were read from the very same place of the page (`sheet_values`). Each gets an entry and a line
    of its own; one undo takes back all. What people decided or the machine accepted is not touched.

    Returns:
        The outcomes, in the order of the decisions, with the ids of the fields answered.

    """
    now = now or datetime.now(UTC)
    named = [_named(one, now) for one in decisions]
    with ws.read_session() as session:
        before = {one.field: _item(session, user, one.field) for one in named if _is_for_all(one)}
    outcomes = decide(ws, user, named, now)
    return [
        replace(outcome, alike=_answer(ws, user, item, one, outcome, now))
        if outcome.ok and (item := before.get(one.field)) is not None
        else outcome
        for one, outcome in zip(named, outcomes, strict=True)
    ]


def _is_for_all(decision: Decision) -> bool:
    return decision.alike and decision.action in _SAID and decision.lane is Lane.DOUBT


def _named(decision: Decision, now: datetime) -> Decision:
    """The decision with a name for its deed, so that all of it is taken back together."""
    if not _is_for_all(decision) or decision.deed:
        return decision
    return replace(decision, deed=f"alike-{decision.field}-{int(now.timestamp())}")


def _item(session: Session, user: User, field: int) -> FieldItem | None:
    row = find_field(session, field)
    items = make_items(session, [row], hidden=hidden_lanes(user)) if row is not None else []
    return next((item for item in items if item.once > 1), None)


def _answer(
    ws: Workspace, user: User, item: FieldItem, said: Decision, kept: DecisionOutcome, now: datetime
) -> tuple[int, ...]:
    """Say of the fields like this one what was said of it; the ids of those that were answered."""
    with ws.read_session() as session:
        rows = waiting_in_column(session, item.book, item.code, user.name, now)
        if item.code not in offer_settings().once_per_book:
            rows = _same_writing(session, item, rows)
        others = make_items(session, rows, hidden=hidden_lanes(user))
    alike = [
        o for o in others if (o.value and o.value == item.value) or o.preselected == kept.value
    ]
    decisions = [
        Decision(
            one.field,
            Action.CONFIRM if one.value == kept.value else Action.CORRECT,
            kept.value,
            base=one.base,
            deed=said.deed,
        )
        for one in alike
    ]
    return tuple(o.field for o in decide(ws, user, decisions, now) if o.ok) if decisions else ()


def _same_writing(session: Session, item: FieldItem, rows: Sequence[FieldRow]) -> list[FieldRow]:
    found = find_all(session, rows)
    return [
        row
        for row in rows
        if found.records[row.record].page == item.page_name and found.machine(row).box == item.box
    ]
