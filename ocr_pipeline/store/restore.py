"""A back-up becomes a workspace: unpacked beside its place, checked, put there in one step.

What stands there already is moved aside, never deleted. No old log of SQLite meets the restored
database: the whole folder changes places, with every file that belongs to the old one.
"""

from __future__ import annotations

import dataclasses
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Engine
from sqlalchemy.exc import SQLAlchemyError

from ocr_pipeline.errors import BadInputError, MachineError, Text, UsageError
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.store import audit, audit_check, postgres_dump
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.backup import DUMP, only_one, require_intact
from ocr_pipeline.store.backup_archive import BackupArchive, BackupFile, Step, no_step, open_archive
from ocr_pipeline.store.commit_points import CommitPoint, reached
from ocr_pipeline.store.database_errors import explained
from ocr_pipeline.store.engine import connect
from ocr_pipeline.store.files import flush, flush_folder
from ocr_pipeline.store.folder_swap import swap_folders
from ocr_pipeline.store.holders import kept_alone, kept_alone_on_server
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.workspace import DATABASE, Workspace, locate
from ocr_pipeline.written_paths import written

_TIME = "%Y%m%d-%H%M%S-%f"  # two restorings within a second keep both of the ones before
_UNPACKING, _BEFORE = ".restoring-", "before-restore-"
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_MOUNTED = Text(
    "Thư mục này là chỗ gắn ổ đĩa, không đổi tên được: khôi phục vào một thư mục bên trong",
    "This folder is where a disk is mounted and cannot be renamed: restore into a folder in it",
)
_UNCHANGED = Text(
    "Dọn bớt ổ đĩa hoặc sửa quyền rồi chạy lại; chưa có gì thay đổi",
    "Make room or mend the rights, then run this again; nothing has changed",
)


@dataclasses.dataclass(frozen=True, slots=True)
class RestoredBackup:
    """What a restoring has done.

    Attributes:
        folder: of the workspace.
        manifest: of the back-up.
        trail_holds: whether the audit trail is whole.
        aside: where the folder lies now that stood there before; None when none did.
        aside_namespace: the schema of PostgreSQL that holds the tables that were there before.

    """

    folder: Path
    manifest: BackupFile
    trail_holds: bool
    aside: Path | None = None
    aside_namespace: str = ""


def restore(
    path: Path,
    location: str,
    *,
    replace: bool = False,
    now: datetime | None = None,
    step: Step = no_step,
) -> RestoredBackup:
    """Make a workspace of a back-up.

    Args:
        path: of the back-up.
        location: of the workspace, as `Workspace.open` takes it.
        replace: in place of a workspace that is there, which is moved aside.
        now: the time; the clock when None.
        step: told of each file that was unpacked.

    Raises:
        BadInputError: the back-up cannot be used, or something is there and `replace` is false.
        UsageError: the location makes no sense, or is a database file apart from its folder.
        MachineError: a run or a station has the workspace, the disk is full, a program is missing,
            the back-up is a newer version's …

    """
    moment = now or datetime.now(UTC)
    place, url = locate(location)
    folder = place.resolve()
    with open_archive(path) as archive, _folder_explained(folder):
        _require_same_kind(archive.manifest, path, url, folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock_file = folder.with_name(f".{folder.name}{_UNPACKING}lock")
        with only_one(lock_file, folder), _engine(url, folder) as engine:
            taken = _is_taken(folder, engine)
            if taken and not replace:
                raise _in_the_way(place)
            with _alone(folder, engine) if taken else nullcontext():
                done = _restore(archive, Workspace(folder, engine), moment, step)
                if engine.dialect.name == "postgresql":
                    _note(location, path, done.manifest, moment)
                    done = dataclasses.replace(done, trail_holds=_holds(location))
    return done


@contextmanager
def _alone(folder: Path, engine: Engine) -> Iterator[None]:
    """Keep everybody else out: a run above all, also one of a version that tells nobody of it."""
    with ExitStack() as held:
        if folder.is_dir():
            held.enter_context(kept_alone(folder, engine))
            held.enter_context(run_lock(Workspace(folder, engine)))
        else:
            held.enter_context(kept_alone_on_server(engine))
        yield


def _restore(
    archive: BackupArchive, workspace: Workspace, moment: datetime, step: Step
) -> RestoredBackup:
    folder, manifest = workspace.folder, archive.manifest
    server = workspace.engine.dialect.name == "postgresql"
    aside = f"{_BEFORE}{moment.astimezone():{_TIME}}"
    namespace = ""
    with _unpacked(archive, folder, step) as (new, holds):
        if not server:
            _note(str(new), archive.path, manifest, moment)
        _flush_all(new)
        reached(CommitPoint.BACKUP_UNPACKED)
        if server:
            namespace = _fill(workspace.engine, new / DUMP, manifest, aside)
            (new / DUMP).unlink()
            reached(CommitPoint.DATABASE_FILLED)
        moved = _put_in_place(new, folder, folder.with_name(f"{folder.name}.{aside}"))
    return RestoredBackup(folder, manifest, holds, moved, namespace)


@contextmanager
def _unpacked(archive: BackupArchive, folder: Path, step: Step) -> Iterator[tuple[Path, bool]]:
    """A folder beside the workspace's with all of the back-up, and whether its trail holds.

    What was not used is deleted.
    """
    marked = f"{folder.name}{_UNPACKING}"
    for left in folder.parent.iterdir():  # by one that was killed; it never holds what was there
        if left.name.startswith(marked) and left.is_dir():
            shutil.rmtree(left)
    new = folder.with_name(f"{marked}{secrets.token_hex(4)}")
    new.mkdir(mode=0o700)
    try:
        yield new, require_intact(archive, archive.unpack(new, step=step))
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _fill(engine: Engine, dump: Path, manifest: BackupFile, aside: str) -> str:
    """Put a dump into its database; returns the schema that holds what was there before."""
    here = postgres_dump.namespace(engine)
    if here != manifest.database.namespace:
        raise BadInputError(
            Text(
                f"Bản sao lưu thuộc lược đồ “{manifest.database.namespace}”, ở đây là “{here}”",
                f"The back-up is of the schema “{manifest.database.namespace}”, this is “{here}”",
            ),
            where=engine.url.render_as_string(hide_password=True),
            remedy=Text(
                "Dùng cơ sở dữ liệu có cùng tên lược đồ", "Use a database with the same schema"
            ),
        )
    taken = postgres_dump.objects(engine)
    name = aside.replace("-", "_") if taken else ""
    postgres_dump.put_back(engine, dump, manifest.trail.head, name)
    return name


def _put_in_place(new: Path, folder: Path, aside: Path) -> Path | None:
    """Give the restored folder its name in one step; returns where the one before lies now."""
    if not folder.is_dir() or not any(folder.iterdir()):
        new.rename(folder)
        flush_folder(folder.parent)
        reached(CommitPoint.WORKSPACE_SWAPPED)
        return None
    new.rename(aside)
    try:
        reached(CommitPoint.RESTORED_READY)
        swap_folders(aside, folder)
    except OSError:
        aside.rename(new)
        raise
    flush_folder(folder.parent)
    reached(CommitPoint.WORKSPACE_SWAPPED)
    return aside


def _note(location: str, path: Path, manifest: BackupFile, moment: datetime) -> None:
    """Bring the restored database up to date, and tell its trail what it was made of."""
    details = {"file": written(path.name), "head": manifest.trail.head, "made": manifest.made}
    with Workspace.open(location) as opened, opened.transaction() as session:
        audit.append(session, "system", AuditAction.BACKUP_RESTORED, details=details, now=moment)


def _holds(location: str) -> bool:
    with Workspace.open(location) as opened, opened.read_session() as session:
        return audit_check.verify(session) is None


def _flush_all(folder: Path) -> None:
    for place, _, names in os.walk(folder):
        for name in names:
            flush(Path(place) / name)
        flush_folder(Path(place))


def _is_taken(folder: Path, engine: Engine) -> bool:
    if folder.is_dir() and any(folder.iterdir()):
        return True
    return engine.dialect.name == "postgresql" and bool(postgres_dump.objects(engine))


def _require_same_kind(manifest: BackupFile, path: Path, url: URL, folder: Path) -> None:
    kind, here = manifest.database.kind, url.get_backend_name()
    if kind != here:
        raise BadInputError(
            Text(
                f"Bản sao lưu là của {_NAMES[kind]}, không gian làm việc này thì không",
                f"The back-up is of {_NAMES[kind]}, this workspace is not",
            ),
            where=str(path),
            remedy=Text(
                "Khôi phục vào một thư mục"
                if kind == "sqlite"
                else "Khôi phục vào một địa chỉ PostgreSQL",
                "Restore into a folder" if kind == "sqlite" else "Restore into a URL of PostgreSQL",
            ),
        )
    if kind == "sqlite" and url.database != str(folder / DATABASE) and "://" in str(url):
        if Path(url.database or "").resolve() != folder / DATABASE:
            raise UsageError(
                Text(
                    "Cơ sở dữ liệu phải nằm trong thư mục của không gian làm việc",
                    "The database must lie in the workspace's folder",
                ),
                where=str(url.database),
                remedy=Text("Ghi thư mục thay cho địa chỉ", "Name a folder instead of a URL"),
            )


def _in_the_way(place: Path) -> BadInputError:
    return BadInputError(
        Text("Ở đây đã có không gian làm việc hoặc tệp khác", "Something is here already"),
        where=str(place),
        remedy=Text(
            "Chọn chỗ trống, hoặc thêm --replace: cái đang có được chuyển sang bên, không bị xóa",
            "Choose an empty place, or add --replace: what is here is moved aside, not deleted",
        ),
    )


@contextmanager
def _engine(url: URL, folder: Path) -> Iterator[Engine]:
    """An engine that migrates nothing; what its database says is explained."""
    engine = connect(url)
    try:
        yield engine
    except SQLAlchemyError as error:
        told = explained(error, url, folder)
        if told is None:
            raise
        raise told from error
    finally:
        engine.dispose()


@contextmanager
def _folder_explained(folder: Path) -> Iterator[None]:
    """What the system says of the workspace's folder and the one it lies in."""
    try:
        yield
    except OSError as error:
        why = os_reason(error)
        mounted = error.errno in (errno.EBUSY, errno.EXDEV)
        raise MachineError(
            Text(f"Không khôi phục được: {why.vi}", f"It cannot be restored: {why.en}"),
            where=str(folder if mounted else error.filename or folder.parent),
            remedy=_MOUNTED if mounted else _UNCHANGED,
        ) from error
