"""The database changed as somebody with the file and without scruples would change it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from ocr_pipeline.store.workspace import DATABASE, Workspace


def by_hand(workspace: Workspace, *statements: str) -> None:
    """Run SQL on the database of a workspace while its guards rest; each has to change a row."""
    if workspace.engine.dialect.name == "postgresql":
        with workspace.engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers
            for statement in statements:
                assert connection.execute(text(statement)).rowcount > 0
        return
    with sqlite3.connect(workspace.folder / DATABASE) as database:
        triggers = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert database.execute(statement).rowcount > 0
        for _, sql in triggers:
            database.execute(sql)
    database.close()


@contextmanager
def tampered(
    workspace: Workspace, *statements: str, values: Mapping[str, Any] | None = None
) -> Iterator[Session]:
    """A session that sees the database as these statements leave it; then all is as it was.

    Each has to change a row.
    """
    with workspace.engine.connect() as connection, connection.begin() as transaction:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            guards = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for name in list(connection.scalars(text(guards))):
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            assert connection.execute(text(statement), values or {}).rowcount > 0
        with Session(connection, info={"folder": workspace.folder}) as session:
            yield session
        transaction.rollback()
