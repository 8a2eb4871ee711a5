"""Locks on a database server: they hold for all machines and end with their connection."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

_NAME_BYTES = 63  # what PostgreSQL keeps of the name of a session
_HELD = """
    FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE datname = current_database() AND locktype = 'advisory' AND granted
      AND objsubid = 1 AND ((classid::bigint << 32) | objid::bigint) = :number
"""


@contextmanager
def server_lock(
    engine: Engine, purpose: str, *, shared: bool = False, name: str = ""
) -> Iterator[bool]:
    """Take a lock of this workspace on its server, with a connection of its own.

    Args:
        engine: the database; anything but PostgreSQL has no such locks, so each is had there.
        purpose: what the lock is for.
        shared: several may have it at once, unless somebody has it alone.
        name: who has it, as `server_holders` tells it to others.

    Yields:
        Whether it is had; while the block goes on, if so.

    """
    if engine.dialect.name != "postgresql":
        yield True
        return
    kind = "_shared" if shared else ""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        number = {"number": _number(connection, purpose)}
        if name:
            _keep_alive(connection, name)
        taken = f"SELECT pg_try_advisory_lock{kind}(:number)"
        if not connection.scalar(text(taken), number):
            yield False
            return
        try:
            yield True
        finally:
            if not connection.closed and not connection.invalidated:
                with suppress(SQLAlchemyError):  # a server that was restarted has let it go
                    connection.execute(text(f"SELECT pg_advisory_unlock{kind}(:number)"), number)
                connection.invalidate()  # its name and its settings are nobody else's


def is_held(engine: Engine, purpose: str) -> bool:
    """Whether anybody has this lock on the server."""
    if engine.dialect.name != "postgresql":
        return False
    with _looking(engine) as connection:
        number = {"number": _number(connection, purpose)}
        return bool(connection.scalar(text(f"SELECT count(*) {_HELD}"), number))


def server_holders(engine: Engine, purpose: str) -> list[str]:
    """The names of those who have this lock on the server, from whatever machine."""
    if engine.dialect.name != "postgresql":
        return []
    query = text(
        "SELECT coalesce(nullif(application_name, ''), 'pid ' || pid) || "
        "coalesce(' (' || host(client_addr) || ')', '') FROM pg_stat_activity "
        f"WHERE pid IN (SELECT pid {_HELD}) AND pid <> pg_backend_pid() ORDER BY backend_start"
    )
    with _looking(engine) as connection:
        found = connection.scalars(query, {"number": _number(connection, purpose)})
        return [str(name) for name in found]


def _looking(engine: Engine) -> Any:
    return engine.execution_options(sohoa_readonly=True).connect()


def _number(connection: Connection, purpose: str) -> int:
    """A positive number of 63 bits for this purpose in this schema.

    It does not depend on how the server is called: `localhost` here is another name elsewhere.
    """
    schema = connection.scalar(text("SELECT current_schema()"))
    digest = hashlib.sha256(f"sohoa {purpose} {schema}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _keep_alive(connection: Connection, name: str) -> None:
    """Name the session, and keep the server from ending it because it does nothing."""
    own = name.encode()[:_NAME_BYTES].decode(errors="ignore")
    settings = text(
        "SELECT set_config(name, CASE name WHEN 'application_name' THEN :own ELSE '0' END, false) "
        "FROM pg_settings WHERE name IN ('application_name', 'idle_session_timeout')"
    )
    connection.execute(settings, {"own": own})
