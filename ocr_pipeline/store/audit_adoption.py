"""A workspace of an earlier version: what it holds is taken as it is, and said so in one line.

Nobody can tell whether a row was changed before its digest was made. From this line on it can be
told: it carries one keyed digest of the rows of each table and book that were there.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text, tuple_, update

from ocr_pipeline.store.audit import FIRST, line_hash, line_seal
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.models import LedgerRow, TableBase
from ocr_pipeline.store.review_models import AuditRow
from ocr_pipeline.store.sealed_rows import (
    SEALED,
    STATES,
    TOLD,
    content,
    key_of,
    table_of,
    told_columns,
)
from ocr_pipeline.store.trail_key import keyed_digest, trail_key

_AT_ONCE = 500
_LINE = (
    "id", "time", "user", "action", "book", "subject", "details", "previous", "hash", "seal",
)  # fmt: skip

ADDED = tuple(table for table in TOLD if table not in STATES)
"""Tables whose rows are only ever added; they have ids and belong to a book."""


def adopt(connection: Connection, folder: Path) -> None:
    """Seal what is there and add the line that says so; an empty workspace needs none.

    Args:
        connection: in the transaction of a migration.
        folder: of the workspace; its key is made there.

    Raises:
        MachineError: the folder cannot be written to.

    """
    tables: list[type[TableBase]] = [*TOLD, *SEALED, AuditRow]
    if not any(_count(connection, table) for table in tables):
        return
    key = trail_key(folder)
    told: dict[str, Any] = {
        "adopted": {one.__tablename__: digests_of(connection, key, one) for one in ADDED},
        "last": {one.__tablename__: _last(connection, one) for one in ADDED},
        "rows": {one.__tablename__: _digests_of_states(connection, key, one) for one in STATES},
        "sealed": {one.__tablename__: _seal(connection, key, one) for one in SEALED},
    }
    _add_line(connection, key, told)


def digests_of(
    connection: Connection, key: bytes, table: type[TableBase], last: int | None = None
) -> dict[str, list[Any]]:
    """Number and digest of the rows of a table by book; only up to the id `last` if it is given."""
    states: dict[str, tuple[int, hmac.HMAC]] = {}
    for row in rows_of(connection, table, last=last):
        number, state = states.get(row["book"]) or (0, hmac.new(key, b"adopted", hashlib.sha256))
        told = json.dumps(content(table, row), ensure_ascii=False, sort_keys=True)
        state.update(told.encode("utf-8") + b"\n")
        states[row["book"]] = (number + 1, state)
    return {book: [number, state.hexdigest()[:32]] for book, (number, state) in states.items()}


def rows_of(
    connection: Connection, table: type[TableBase], *, after: int = 0, last: int | None = None
) -> Iterator[Mapping[str, Any]]:
    """The covered columns of the rows with ids above `after` up to `last`, in order of their ids.

    A few hundred at a time, so that others may write to the table meanwhile.
    """
    id_ = table.__table__.c.id
    query = select(*told_columns(table)).order_by(id_).limit(_AT_ONCE)
    if last is not None:
        query = query.where(id_ <= last)
    while rows := connection.execute(query.where(id_ > after)).mappings().all():
        yield from rows  # type: ignore[misc]
        after = rows[-1]["id"]


def _count(connection: Connection, table: type[TableBase]) -> int:
    return connection.scalar(select(func.count()).select_from(table.__table__)) or 0


def _last(connection: Connection, table: type[TableBase]) -> int:
    return connection.scalar(select(func.max(table.__table__.c.id))) or 0


def _digests_of_states(
    connection: Connection, key: bytes, table: type[TableBase]
) -> dict[str, str]:
    rows = connection.execute(select(*told_columns(table))).mappings()
    return {key_of(table, dict(row)): keyed_digest(key, *content(table, dict(row))) for row in rows}


def _seal(connection: Connection, key: bytes, table: type[TableBase]) -> int:
    """Give all rows of a table their seals; returns how many there are."""
    columns = table.__table__.c
    keys = [column.name for column in table.__table__.primary_key]
    place = tuple_(*(columns[name] for name in keys))
    query = select(*{**{name: columns[name] for name in keys}, **_by_name(table)}.values())
    query = query.order_by(*(columns[name] for name in keys)).limit(_AT_ONCE)
    changed = ("seal", "checksum") if table is LedgerRow else ("seal",)
    change = update(table_of(table)).where(
        *(columns[name] == bindparam(f"at_{name}") for name in keys)
    )
    change = change.values({name: bindparam(f"new_{name}") for name in changed})
    number, after = 0, None
    while True:
        part = query if after is None else query.where(place > after)
        rows = [dict(row) for row in connection.execute(part).mappings()]
        if not rows:
            return number
        for row in rows:
            if table is LedgerRow and not row["checksum"]:
                row["checksum"] = _checksum(connection, row)
            row["seal"] = keyed_digest(key, *content(table, row))
        connection.execute(
            change,
            [
                {f"at_{name}": row[name] for name in keys}
                | {f"new_{name}": row[name] for name in changed}
                for row in rows
            ],
        )
        number += len(rows)
        after = tuple(rows[-1][name] for name in keys)


def _by_name(table: type[TableBase]) -> dict[str, Any]:
    return {column.name: column for column in told_columns(table)}


def _checksum(connection: Connection, row: Mapping[str, Any]) -> str:
    """The checksum of a result that was kept before results had one."""
    columns = LedgerRow.__table__.c
    same = (columns[name] == row[name] for name in ("stage", "input", "fingerprint"))
    payload = connection.scalar(select(columns.payload).where(*same)) or b""
    return hashlib.sha256(payload).hexdigest()


def _add_line(connection: Connection, key: bytes, told: Mapping[str, Any]) -> None:
    last = connection.execute(
        text("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")
    ).one_or_none()
    row = AuditRow(
        id=last.id + 1 if last else 1,
        time=datetime.now(UTC).isoformat(timespec="milliseconds"),
        user="system",
        action=AuditAction.ADOPTED.value,
        book="",
        subject="",
        details=json.dumps(told, ensure_ascii=False, sort_keys=True),
        previous=last.hash if last else FIRST,
    )
    row.hash = line_hash(row)
    row.seal = line_seal(key, row.hash)
    columns, values = ", ".join(_LINE), ", ".join(f":{name}" for name in _LINE)
    connection.execute(
        text(
            f"INSERT INTO audit ({columns.replace('user', 'user_name')}) VALUES ({values})"  # noqa: S608
        ),
        {name: getattr(row, name) for name in _LINE},
    )
