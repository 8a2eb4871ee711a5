"""A copy of a workspace's database, made while others write, and what can be said of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Engine, func, select
from sqlalchemy.exc import DatabaseError, SQLAlchemyError
from sqlalchemy.orm import Session

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.store import audit, audit_check, postgres_dump, schema, sqlite_build
from ocr_pipeline.store.backup_archive import newer
from ocr_pipeline.store.engine import connect, connect_to_look
from ocr_pipeline.store.models import BookRow, EntryRow, PageRow, RecordRow
from ocr_pipeline.store.review_models import AuditRow
from ocr_pipeline.store.workspace import Workspace

_OUR_TABLE = re.compile(r"CREATE TABLE\b", re.IGNORECASE)
_OUR_TRIGGER = re.compile(r"CREATE TRIGGER \w+ BEFORE (UPDATE|DELETE)\b", re.IGNORECASE)
_COUNTED = {"books": BookRow, "pages": PageRow, "records": RecordRow, "entries": EntryRow}


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What can be said of a database, to compare it with a copy.

    Attributes:
        revision: its migration.
        lines: of the audit trail.
        head: hash of the trail's last line; `audit.FIRST` when there is none.
        holds: whether the trail is whole.
        counts: rows of the tables that people ask about.

    """

    revision: str
    lines: int
    head: str
    holds: bool
    counts: dict[str, int]


def copy_database(workspace: Workspace, target: Path) -> DatabaseState:
    """Copy the database of a workspace at one moment, while others go on writing.

    Args:
        workspace: open.
        target: an empty file on a disk with room; becomes a database of SQLite, or what `pg_dump`
            writes in its own format.

    Returns:
        What the copy holds.

    Raises:
        MachineError: the database is damaged or cannot be reached, a program is missing, the disk
            is full …

    """
    if workspace.engine.dialect.name == "postgresql":
        return _copy_postgresql(workspace, target)
    with workspace.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        try:
            # One read transaction; what was deleted before stays behind in the original's free
            # pages, which a copy page by page would carry along.
            raw.execute("VACUUM INTO ?", (str(target),))
        except sqlite_build.Error as error:
            raise DatabaseError("VACUUM INTO", None, error) from error
    return check_sqlite(target, workspace.folder, Path(workspace.engine.url.database or ""))


def check_sqlite(path: Path, folder: Path, named: Path) -> DatabaseState:
    """Look a copy over without changing it: every page, every index, the audit trail.

    Args:
        path: of the copy.
        folder: where the key of the trail is.
        named: what messages name in its place: where it comes from.

    Raises:
        BadInputError: it is damaged or no workspace's.
        MachineError: it was made by a newer version.

    """
    with _looking_at(path) as engine, Session(engine, info={"folder": folder}) as session:
        try:
            session.connection().exec_driver_sql("PRAGMA trusted_schema=OFF")
            found = session.connection().exec_driver_sql("PRAGMA integrity_check(1)").scalar()
            revision = schema.revision(engine)
        except SQLAlchemyError as error:
            raise damaged(named) from error
        if found != "ok" or revision is None or _has_foreign_code(session):
            raise damaged(named)
        if revision > schema.HEAD:
            raise newer(named)
        try:
            return _state(session, revision)
        except SQLAlchemyError as error:
            raise damaged(named) from error


def damaged(path: Path) -> BadInputError:
    """What is told of a copy that cannot be used."""
    return BadInputError(
        Text("Bản sao của cơ sở dữ liệu bị hỏng", "The copy of the database is damaged"),
        where=str(path),
        remedy=Text(
            "Không xóa các bản sao lưu cũ; kiểm tra ổ đĩa, rồi sao lưu lại hoặc khôi phục bản cũ",
            "Keep the older back-ups; check the disk, then make another or restore an older one",
        ),
    )


def bring_copy_up_to_date(path: Path, named: Path) -> bool:
    """Migrate a copy that is nobody's yet; returns whether its audit trail is whole then.

    The copy lies in the folder of a workspace to be, whose key of the trail is there or is made.
    """
    engine = connect(URL.create("sqlite", database=str(path)))
    try:
        schema.bring_up_to_date(engine, path.parent)
        looking = engine.execution_options(sohoa_readonly=True)
        with Session(looking, info={"folder": path.parent}) as session:
            return audit_check.verify(session) is None
    except SQLAlchemyError as error:
        raise damaged(named) from error
    finally:
        engine.dispose()


def _copy_postgresql(workspace: Workspace, target: Path) -> DatabaseState:
    with workspace.read_session() as session:
        snapshot = postgres_dump.export_snapshot(session)
        revision = str(schema.revision(workspace.engine))
        postgres_dump.dump(workspace.engine, target, snapshot)
        return _state(session, revision)


def _state(session: Session, revision: str) -> DatabaseState:
    """What the database says of itself; its trail is verified where its tables are today's."""
    newest = session.execute(
        select(AuditRow.id, AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
    ).first()
    counts = {
        name: session.scalar(select(func.count()).select_from(table)) or 0
        for name, table in _COUNTED.items()
    }
    lines, head = (newest.id, newest.hash) if newest else (0, audit.FIRST)
    holds = audit_check.verify(session) is None if revision == schema.HEAD else True
    return DatabaseState(revision, lines, head, holds, counts)


def _has_foreign_code(session: Session) -> bool:
    """Whether the file brings along what no workspace has: views, or triggers on new rows.

    A view in a table's place may count without end; a trigger would run when the restoring is
    noted in the trail.
    """
    query = "SELECT type, sql FROM sqlite_schema WHERE type NOT IN ('index')"
    return any(
        not (_OUR_TABLE if kind == "table" else _OUR_TRIGGER).match(sql or "")
        for kind, sql in session.connection().exec_driver_sql(query)
    )


@contextmanager
def _looking_at(path: Path) -> Iterator[Engine]:
    """An engine that reads a file of SQLite and leaves no trace beside it."""
    engine = connect_to_look(URL.create("sqlite", database=str(path)), untouched=True)
    try:
        yield engine
    finally:
        engine.dispose()
