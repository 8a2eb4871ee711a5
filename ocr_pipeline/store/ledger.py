"""The ledger: what a stage made of an input under a configuration, so it is never done twice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ocr_pipeline.store.codec import pack, unpack
from ocr_pipeline.store.models import LedgerRow
from ocr_pipeline.store.sealed_rows import Seals
from ocr_pipeline.store.upsert import upsert

#: The stage that reads pages.
PAGE_STAGE = "page"

_AT_ONCE = 200  # inputs in one question: payloads of a long book need not all be in memory twice


@dataclass(frozen=True, slots=True)
class LedgerKey:
    """What a result depends on: the stage, its input's content hash, and everything else's."""

    stage: str
    input: str
    fingerprint: str

    @classmethod
    def of_page(cls, digest: str, fingerprint: str) -> LedgerKey:
        """The key of what was read of a page: hash of its bytes, and that of all else."""
        return cls(PAGE_STAGE, digest, fingerprint)


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """What a stage made of an input, ready to be kept.

    Attributes:
        key: what it depends on.
        outcome: in one word.
        seconds: working time.
        payload: its data (`codec.pack`).

    """

    key: LedgerKey
    outcome: str
    seconds: float
    payload: bytes


def record_outcomes(session: Session, outcomes: Sequence[StageOutcome]) -> None:
    """Keep results of a stage; older ones under the same keys go."""
    if not outcomes:
        return
    now, seals = datetime.now(UTC), Seals(session)
    rows: list[dict[str, Any]] = [
        {
            **asdict(item.key),
            "outcome": item.outcome,
            "seconds": item.seconds,
            "finished": now,
            "payload": item.payload,
            "checksum": _checksum(item.payload),
        }
        for item in outcomes
    ]
    for row in rows:
        row["seal"] = seals.of_values(LedgerRow, row)
    upsert(session, LedgerRow, rows)


def record_outcome(
    session: Session, key: LedgerKey, outcome: str, seconds: float, data: Any
) -> None:
    """Keep the result of a stage (`data` must be JSON-able); an older one under the key goes."""
    record_outcomes(session, [StageOutcome(key, outcome, seconds, pack(data))])


def result(session: Session, key: LedgerKey) -> Any | None:
    """The data kept under `key`; None when there is none, or when the disk has spoilt it."""
    payload = payloads(session, [key]).get(key)
    return None if payload is None else unpack(payload)


def payloads(session: Session, keys: Sequence[LedgerKey]) -> dict[LedgerKey, bytes]:
    """The packed data kept under these keys; what the disk has spoilt is left out."""
    wanted, found = set(keys), {}
    inputs = sorted({key.input for key in keys})
    columns = (LedgerRow.stage, LedgerRow.input, LedgerRow.fingerprint)
    for start in range(0, len(inputs), _AT_ONCE):
        query = select(*columns, LedgerRow.payload, LedgerRow.checksum).where(
            LedgerRow.stage.in_({key.stage for key in keys}),
            LedgerRow.input.in_(inputs[start : start + _AT_ONCE]),
            LedgerRow.fingerprint.in_({key.fingerprint for key in keys}),
        )
        for *place, payload, checksum in session.execute(query):
            key = LedgerKey(*place)
            if key in wanted and checksum in ("", _checksum(payload)):
                found[key] = payload
    return found


def data_of_stage(session: Session, stage: str) -> list[Any]:
    """The data of all results of a stage that has few, the latest first."""
    query = select(LedgerRow.payload, LedgerRow.checksum).where(LedgerRow.stage == stage)
    rows = session.execute(query.order_by(LedgerRow.finished.desc()))
    return [unpack(data) for data, checksum in rows if checksum in ("", _checksum(data))]


def inputs_of_stage(session: Session, stage: str) -> set[str]:
    """The content hashes of which a stage has a result."""
    return set(session.scalars(select(LedgerRow.input).where(LedgerRow.stage == stage)))


def mean_seconds(session: Session, stage: str) -> float:
    """Mean working time in seconds of what the stage has done so far; 0 when nothing."""
    query = select(func.avg(LedgerRow.seconds)).where(LedgerRow.stage == stage)
    return float(session.scalar(query) or 0.0)


def _checksum(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()
