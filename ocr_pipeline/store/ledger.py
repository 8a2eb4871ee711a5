"""The ledger: what a stage made of an input under a configuration, so it is never done twice."""

from __future__ import annotations

import hashlib
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
    payload = pack(data)
    session.merge(
        LedgerRow(
            stage=key.stage,
            input=key.input,
            fingerprint=key.fingerprint,
            outcome=outcome,
            seconds=seconds,
            finished=datetime.now(UTC),
            payload=payload,
            checksum=_checksum(payload),
        )
    )


def result(session: Session, key: Key) -> Any | None:
    """The data kept under `key`; None when there is none, or when the disk has spoilt it."""
    row = session.get(LedgerRow, (key.stage, key.input, key.fingerprint))
    if row is None or (row.checksum and row.checksum != _checksum(row.payload)):
        return None
    return unpack(row.payload)


def mean_seconds(session: Session, stage: str) -> float:
    """Mean working time in seconds of what the stage has done so far; 0 when nothing."""
    query = select(func.avg(LedgerRow.seconds)).where(LedgerRow.stage == stage)
    return float(session.scalar(query) or 0.0)


def _checksum(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()
