"""Database connections: SQLite made safe against power cuts, or any other SQLAlchemy URL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, create_engine, event

_BUSY_MS = 30_000


def connect(url: URL) -> Engine:
    """An engine for `url`.

    SQLite gets write-ahead logging (readers never wait for the run), `synchronous=FULL` (what is
    finished survives a power cut), enforced foreign keys, and transactions that lock when they
    begin, so that two writers wait for each other instead of failing.

    """
    engine = create_engine(url, pool_pre_ping=url.get_backend_name() != "sqlite")
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver starts no transactions of its own
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    readonly = connection.get_execution_options().get("sohoa_readonly", False)
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")
