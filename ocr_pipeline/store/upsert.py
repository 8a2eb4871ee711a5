"""Many rows in one statement, new ones added and known ones changed, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ocr_pipeline.store.models import TableBase

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def upsert(
    session: Session,
    table: type[TableBase],
    rows: Sequence[Mapping[str, Any]],
    change: Collection[str] | None = None,
) -> None:
    """Add these rows; where one of the same primary key is there, change it.

    Args:
        session: an open transaction.
        table: a mapped class.
        rows: values by column name, all with the same columns.
        change: the columns that are changed in a row that is there; all given ones when None.

    """
    if not rows:
        return
    connection = session.connection()
    statement = _INSERT[connection.dialect.name](table.__table__)
    keys = [column.name for column in table.__table__.primary_key]
    names = [name for name in rows[0] if name not in keys] if change is None else change
    values = {name: statement.excluded[name] for name in names}
    statement = statement.on_conflict_do_update(index_elements=keys, set_=values)
    connection.execute(statement, [dict(row) for row in rows])
