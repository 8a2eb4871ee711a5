"""The ledger: what a stage made of an input under a configuration, so it is never done twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ocr_pipeline.store.codec import pack, unpack
from ocr_pipeline.store.models import LedgerRow


@dataclass(frozen=True, slots=True)
class Key:
    """What a result depends on: the stage, its input's content hash, and everything else's."""

    stage: str
    input: str
    fingerprint: str


def record_outcome(session: Session, key: Key, outcome: str, seconds: float, data: Any) -> None:
    """Keep the result of a stage (`data` must be JSON-able); an older one under the key goes."""
    session.merge(
        LedgerRow(
            stage=key.stage,
            input=key.input,
            fingerprint=key.fingerprint,
            outcome=outcome,
            seconds=seconds,
            finished=datetime.now(UTC),
            payload=pack(data),
        )
    )


def known(session: Session, key: Key) -> bool:
    """Whether the ledger has a result under `key`."""
    return session.get(LedgerRow, (key.stage, key.input, key.fingerprint)) is not None


def result(session: Session, key: Key) -> Any | None:
    """The data kept under `key`; None when there is none."""
    row = session.get(LedgerRow, (key.stage, key.input, key.fingerprint))
    return None if row is None else unpack(row.payload)


def mean_seconds(session: Session, stage: str) -> float:
    """Mean working time in seconds of what the stage has done so far; 0 when nothing."""
    query = select(func.avg(LedgerRow.seconds)).where(LedgerRow.stage == stage)
    return float(session.scalar(query) or 0.0)
