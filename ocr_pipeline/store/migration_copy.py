"""A copy of the database before its tables are changed: the way back, should an update go wrong."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.store import postgres_dump, sqlite_build
from ocr_pipeline.store.files import atomic_write

PREFIX = "before-update"


def copy_before(engine: Engine, folder: Path, revision: str) -> Path:
    """Keep the database as it is, before it leaves this revision; returns the path of the copy.

    Args:
        engine: of the database.
        folder: of the workspace; receives `before-update-0004-20260302T081500.db`, on PostgreSQL
            `.dump` in the format of `pg_restore`.
        revision: the migration that the database is at.

    Raises:
        MachineError: no copy can be made, so nothing may be changed: the disk is full, a program
            of PostgreSQL is missing …

    """
    sqlite = engine.dialect.name == "sqlite"
    moment = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    target = folder / f"{PREFIX}-{revision}-{moment}.{'db' if sqlite else 'dump'}"
    try:
        with atomic_write(target) as part:
            (_copy_file if sqlite else _dump)(engine, part)
    except (OSError, sqlite_build.Error) as error:
        reason = os_reason(error) if isinstance(error, OSError) else Text(str(error), str(error))
        raise MachineError(
            Text(
                f"Chưa nâng cấp không gian làm việc: không giữ được bản sao ({reason.vi})",
                f"The workspace was not brought up to date: no copy can be kept ({reason.en})",
            ),
            where=str(target),
            remedy=Text(
                "Dọn bớt ổ đĩa, kiểm tra quyền ghi rồi chạy lại; chưa có gì thay đổi",
                "Free space on the disk, check the rights, try again; nothing has changed",
            ),
        ) from error
    return target


def _copy_file(engine: Engine, part: Path) -> None:
    """Page by page while others may write; whole and checked at the end."""
    with engine.connect() as connection, closing(sqlite_build.driver.connect(str(part))) as copy:
        source = connection.connection.driver_connection
        assert source is not None
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        [found] = copy.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite_build.driver.DatabaseError(f"quick_check: {found}")


def _dump(engine: Engine, part: Path) -> None:
    with Session(engine.execution_options(sohoa_readonly=True)) as session:
        postgres_dump.dump(engine, part, postgres_dump.export_snapshot(session))
