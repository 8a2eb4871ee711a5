"""Database connections: SQLite made safe against power cuts, or PostgreSQL made to behave alike.

On both, transactions that write come one after the other, each seeing all that the ones before it
have done; those that only look see one consistent state and wait for nobody. What rests on it: no
decision is lost or made twice, ids of entries rise in the order in which they were kept, the audit
trail is one chain, and no two transactions wait for each other for ever.
"""

from __future__ import annotations

import random
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event

from ocr_pipeline.store import sqlite_build

BUSY_SECONDS = 30
"""How long a writer waits for the one before it."""

_JOURNAL_MS = 100  # with the file open; the others wait meanwhile
_AGAIN_SECONDS = (0.02, 0.2)  # with the file closed
_WRITERS = 0x534F484F41  # any fixed number: the lock that writers on PostgreSQL take in turn
_FROZEN_SECONDS = 600  # seconds after which a transaction that does nothing is ended by the server

#: A computer that vanished (switched off, cable pulled) gives its locks back within a minute.
_ALIVE = {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3}


def connect(url: URL) -> Engine:
    """An engine for `url`.

    SQLite gets write-ahead logging (readers never wait for the run) where its build can be trusted
    with it (`store.sqlite_build`), `synchronous=FULL` (what is finished survives a power cut),
    enforced foreign keys, and transactions that lock when they begin, so that two writers wait for
    each other instead of failing. PostgreSQL gets the same by a lock of its own kind that writers
    take when they begin.

    """
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, module=sqlite_build.driver)
        event.listen(engine, "do_connect", _open_sqlite)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif url.get_backend_name() == "postgresql":
        # Under READ COMMITTED, whatever the server's default, each statement after the lock sees
        # all that was committed before.
        engine = create_engine(
            url, isolation_level="READ COMMITTED", pool_pre_ping=True, pool_size=10,
            connect_args={"connect_timeout": 10, "application_name": "sohoa", **_ALIVE},
        )  # fmt: skip
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "begin", _begin_postgresql)
    else:
        engine = create_engine(url, pool_pre_ping=True)
    return engine


def connect_to_look(url: URL, *, untouched: bool = False) -> Engine:
    """An engine for `url` that the database itself refuses any change through.

    Args:
        url: of the database.
        untouched: nobody else has this file of SQLite open: it is read as it is, and no file is
            made beside it.

    """
    if url.get_backend_name() != "sqlite":
        return connect(url).execution_options(sohoa_readonly=True)
    alone = "&immutable=1" if untouched else ""
    address = f"file:{quote(url.database or '')}?mode=ro{alone}"
    driver = sqlite_build.driver
    engine = create_engine(
        url,
        module=driver,
        creator=lambda: driver.connect(address, uri=True, check_same_thread=False),
    )
    event.listen(engine, "connect", _prepare_sqlite_to_look)
    event.listen(engine, "begin", _begin_sqlite)
    return engine.execution_options(sohoa_readonly=True)


def is_whole(connection: Connection) -> bool:
    """Whether pages and rows of a database of SQLite belong together (`PRAGMA quick_check`)."""
    return connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"


def is_readonly(connection: Connection) -> bool:
    """Whether the connection was asked for only to look (`sohoa_readonly`)."""
    return bool(connection.get_execution_options().get("sohoa_readonly", False))


def refresh_statistics(engine: Engine) -> None:
    """Have the database count its rows anew, so that it chooses the right indexes."""
    words = {"sqlite": "PRAGMA optimize", "postgresql": "VACUUM ANALYZE"}
    with engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        if engine.dialect.name in words:
            alone.exec_driver_sql(words[engine.dialect.name])


def _alone(connection: Connection) -> bool:
    """Whether each statement is a transaction of its own."""
    return connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"


def _open_sqlite(dialect: Any, _record: object, arguments: Any, options: Any) -> Any:
    """A connection to a database that uses the journal of this build.

    Another journal needs the database alone for a moment. SQLite does not wait for that by itself,
    and whoever waits with a log open keeps all others from it: several processes that opened a
    workspace together would refuse each other. So each closes the file before it tries again.
    """
    end = monotonic() + BUSY_SECONDS
    while True:
        connection = dialect.connect(*arguments, **options)
        try:
            connection.execute(f"PRAGMA busy_timeout={_JOURNAL_MS}")
            connection.execute(f"PRAGMA journal_mode={sqlite_build.journal_mode()}")
            return connection
        except sqlite_build.driver.Error as error:
            connection.close()
            is_busy = sqlite_build.error_code(error) == sqlite_build.driver.SQLITE_BUSY
            if not is_busy or monotonic() > end:
                raise
            sleep(random.uniform(*_AGAIN_SECONDS))  # not all at once


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver starts no transactions of its own
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={round(BUSY_SECONDS * 1000)}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",  # what is deleted of a citizen is overwritten; builds differ
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_sqlite_to_look(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={round(BUSY_SECONDS * 1000)}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if _alone(connection):
        return
    connection.exec_driver_sql("BEGIN" if is_readonly(connection) else "BEGIN IMMEDIATE")


def _prepare_postgresql(connection: Any, _record: object) -> None:
    before, connection.autocommit = connection.autocommit, True
    settings = {
        "lock_timeout": f"{round(BUSY_SECONDS * 1000)}ms",
        "idle_in_transaction_session_timeout": f"{_FROZEN_SECONDS}s",
        "tcp_keepalives_idle": "20s",
        "tcp_keepalives_interval": "10s",
        "tcp_keepalives_count": "3",
    }
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
        # What was told as kept must survive a power cut, also where the server was made faster.
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') = 'off'"
        )
    connection.autocommit = before


def _begin_postgresql(connection: Connection) -> None:
    if _alone(connection):
        return
    if is_readonly(connection):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")
