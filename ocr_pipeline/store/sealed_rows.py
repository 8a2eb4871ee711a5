"""What a row of the database says, as one text that a keyed digest can cover.

Rows about deeds of people (`TOLD`) have the digest in the line of the audit trail that tells of
them. What the machine made (`SEALED`) is far too much for lines: books, records and results carry
theirs in a column of their own, written with the row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, inspect
from sqlalchemy.orm import Session

from ocr_pipeline.store.models import BookRow, EntryRow, LedgerRow, RecordRow, TableBase
from ocr_pipeline.store.review_models import (
    ApprovalRow,
    DecisionRow,
    DeletionRow,
    PageDecisionRow,
    PolicyRow,
    UserRow,
)
from ocr_pipeline.store.times import utc
from ocr_pipeline.store.trail_key import keyed_digest, trail_key

TOLD: Mapping[type[TableBase], tuple[str, ...]] = {
    EntryRow: (
        "id", "book", "page", "position", "code", "value", "as_written", "state", "user_name",
        "time", "base", "digest", "layout",
    ),
    DecisionRow: (
        "id", "book", "page", "position", "code", "kind", "user_name", "time", "lane", "action",
        "state", "value", "as_written", "was", "was_state", "note", "digest",
    ),
    PageDecisionRow: ("id", "book", "page", "digest", "action", "details", "user_name", "time"),
    ApprovalRow: ("id", "book", "action", "user_name", "time", "note"),
    UserRow: ("name", "display", "role", "password", "active"),
    PolicyRow: ("book", "kind", "mode", "sample", "threshold"),
    DeletionRow: ("book", "user_name", "time"),
}  # fmt: skip
"""Columns of rows that lines tell of; the others may change (`DecisionRow.entry`, say)."""

SEALED: Mapping[type[TableBase], tuple[str, ...]] = {
    BookRow: ("id", "type", "description", "judged"),
    RecordRow: ("book", "page", "position", "ordinal", "layout", "payload"),
    LedgerRow: ("stage", "input", "fingerprint", "outcome", "checksum"),
}
"""Columns that the seal of a row covers; the checksum of a result covers its payload."""

STATES = (UserRow, PolicyRow, DeletionRow)
"""Tables without ids: the last line about a row counts. Of the others each row has one line."""


def told_columns(table: type[TableBase]) -> list[Column[Any]]:
    """The columns of a table that a digest covers, in order."""
    columns = TOLD.get(table) or SEALED[table]
    return [table_of(table).c[name] for name in columns]


def content(table: type[TableBase], values: Mapping[str, Any]) -> list[Any]:
    """What a row says: name of its table, then the values of the columns that are covered.

    Args:
        table: the class of the row.
        values: by name of the column.

    """
    names = TOLD.get(table) or SEALED[table]
    return [table_of(table).name, *(_plain(values[name]) for name in names)]


def values_of_row(row: TableBase) -> dict[str, Any]:
    """The values of a mapped row by name of the column."""
    return {
        attribute.columns[0].name: getattr(row, attribute.key)
        for attribute in inspect(row).mapper.column_attrs
    }


def key_of(table: type[TableBase], values: Mapping[str, Any]) -> str:
    """The primary key of a row as one text, e.g. `17` or `ks.2017.01|person_name`."""
    return "|".join(str(values[column.name]) for column in table_of(table).primary_key)


class Seals:
    """Makes the digests of one workspace.

    Args:
        session: of the workspace; its key is made when there is none.

    """

    def __init__(self, session: Session) -> None:
        self.key = trail_key(session.info["folder"])

    def of(self, row: TableBase) -> str:
        """The digest of a mapped row."""
        return self.of_values(type(row), values_of_row(row))

    def of_values(self, table: type[TableBase], values: Mapping[str, Any]) -> str:
        """The digest of a row of this class, given by name of the column."""
        return keyed_digest(self.key, *content(table, values))


def table_of(table: type[TableBase]) -> Table:
    """The table of a mapped class."""
    found = table.__table__
    if not isinstance(found, Table):
        raise TypeError(f"{table} is no table")
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc(value).isoformat()
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return value
