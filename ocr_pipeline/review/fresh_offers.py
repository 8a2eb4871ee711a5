"""Offers of fields that a browser already holds, as a decision about another one leaves them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.field_items import known_offers
from ocr_pipeline.review.hidden_values import hidden_lanes
from ocr_pipeline.review.offers.offer import Offer
from ocr_pipeline.store.keyings import find_all
from ocr_pipeline.store.queue import held_of
from ocr_pipeline.store.workspace import Workspace

MOST_FRESH = 8
"""Fields that are asked for at once: the browser never lets fewer of them wait."""


@dataclass(frozen=True, slots=True)
class FreshOffers:
    """What a field is offered now, as its item has it.

    Attributes:
        field: its id.
        offers: values to pick, best first.
        preselected: what Enter accepts; None when it accepts nothing.

    """

    field: int
    offers: tuple[Offer, ...]
    preselected: str | None


def fresh_offers(
    ws: Workspace, user: User, fields: Collection[int], now: datetime | None = None
) -> list[FreshOffers]:
    """Gather the offers of these fields anew; all at once, however many are asked for.

    Left out are fields that the person does not hold now, those that are keyed blind, and those
    that somebody has decided. Nothing is changed and nothing is leased.

    Args:
        ws: the workspace.
        user: who holds them.
        fields: their ids; beyond `MOST_FRESH` they are left out.
        now: the time (UTC).

    """
    asked = sorted(set(fields))[:MOST_FRESH]
    if not asked:
        return []
    with ws.read_session() as session:
        rows = held_of(session, asked, user.name, now or datetime.now(UTC))
        known = known_offers(session, find_all(session, rows), rows, hidden_lanes(user))
    return [FreshOffers(field, *offered) for field, offered in known.items()]
