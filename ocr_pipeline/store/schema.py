"""Migrations: bring a database to the newest schema when it is opened (Alembic)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.store import review_models  # noqa: F401 (its tables belong to the metadata)
from ocr_pipeline.store.migration_copy import copy_before

MIGRATIONS = Path(__file__).parent / "migrations"

#: The newest migration; a test compares it with the files, so that opening needs no Alembic.
HEAD = "0006"


def bring_up_to_date(engine: Engine, folder: Path) -> None:
    """Apply the migrations that `engine`'s database lacks; nothing happens when it is up to date.

    A copy of what was there is kept beside it first (`store.migration_copy`).

    Args:
        engine: of the database.
        folder: of the workspace: the key of its audit trail is kept there.

    Raises:
        MachineError: the database was made by a newer version of this software, or no copy of it
            can be kept.

    """
    found = revision(engine)
    if found == HEAD:
        return
    _refuse_newer(engine, found)
    if found is not None:
        copy_before(engine, folder, found)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with migrating(engine) as connection:
        config.attributes |= {"connection": connection, "folder": folder}
        command.upgrade(config, "head")


def require_up_to_date(engine: Engine) -> None:
    """Make sure that the tables are those of this version, for whoever only looks.

    Raises:
        MachineError: the database was made by another version of this software.

    """
    found = revision(engine)
    if found == HEAD:
        return
    _refuse_newer(engine, found)
    raise MachineError(
        Text(
            "Không gian làm việc là của phiên bản sohoa cũ; lệnh chỉ xem không thay đổi nó",
            "This workspace is of an older version of sohoa; a command that only looks leaves it",
        ),
        where=_place(engine),
        remedy=Text(
            "Chạy `sohoa run` hoặc `sohoa serve`: máy giữ một bản sao rồi nâng cấp",
            "Start `sohoa run` or `sohoa serve`: they keep a copy and bring it up to date",
        ),
    )


def _place(engine: Engine) -> str:
    """The file of SQLite, or the address of a server without its password."""
    local = engine.dialect.name == "sqlite"
    return str(engine.url.database) if local else engine.url.render_as_string(hide_password=True)


def _refuse_newer(engine: Engine, found: str | None) -> None:
    if found is not None and found > HEAD:
        raise MachineError(
            Text(
                "Không gian làm việc do phiên bản sohoa mới hơn tạo ra",
                "This workspace was made by a newer version of sohoa",
            ),
            where=_place(engine),
            remedy=Text("Nâng cấp sohoa", "Upgrade sohoa"),
        )


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """A connection in one transaction, all of it or nothing, for migrations.

    SQLite rebuilds tables by copying them; dropping the old one must not cascade to others, so
    foreign keys rest meanwhile and are checked before anything is kept.
    """
    with engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        raw: Any = connection.connection.driver_connection
        if sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if sqlite and raw.execute("PRAGMA foreign_key_check").fetchall():
                    raise RuntimeError("a migration left rows without their parents")
        finally:
            if sqlite:
                raw.execute("PRAGMA foreign_keys=ON")


def revision(engine: Engine) -> str | None:
    """The migration the database is at; None for an empty one."""
    with engine.connect().execution_options(sohoa_readonly=True) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(found) if found else None
