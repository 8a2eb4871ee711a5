"""A back-up of a workspace, made while a run, a station and reviewers work.

The database is copied first, as it is at one moment; then the files, of which there may be more by
then, never fewer that the database names. All of it lies hidden beside its target until it has been
flushed, read back and compared; one renaming makes it a back-up.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout
from sqlalchemy.exc import SQLAlchemyError

from ocr_pipeline.errors import BadInputError, MachineError, Text
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.store import audit, database_copy, postgres_dump, sqlite_build
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.backup_archive import (
    DATABASE_FOLDER,
    FILES_FOLDER,
    FORMAT,
    BackupArchive,
    BackupDatabaseEntry,
    BackupEntry,
    BackupFile,
    BackupTrailEntry,
    Step,
    newer,
    no_step,
    open_archive,
    require_room,
    write_archive,
)
from ocr_pipeline.store.commit_points import CommitPoint, reached
from ocr_pipeline.store.database_copy import DatabaseState
from ocr_pipeline.store.database_errors import explained
from ocr_pipeline.store.files import MARK, file_digest, flush, flush_folder
from ocr_pipeline.store.schema import HEAD
from ocr_pipeline.store.trail_key import KEY_FILE
from ocr_pipeline.store.workspace import DATABASE, Workspace
from ocr_pipeline.store.workspace_files import workspace_files
from ocr_pipeline.written_paths import written

SUFFIX = ".sohoa-backup"
DUMP = "sohoa.dump"

_TIME = "%Y%m%d-%H%M%S"


@dataclass(frozen=True, slots=True)
class Backup:
    """A back-up that was made or looked over.

    Attributes:
        path: its file.
        manifest: what it says of itself.
        bytes: size of the file.
        sha256: of the file.
        trail_holds: whether the audit trail in it is whole.
        noted: whether the workspace's audit trail has a line about it.
        removed: older back-ups that were deleted.

    """

    path: Path
    manifest: BackupFile
    bytes: int
    sha256: str
    trail_holds: bool
    noted: bool = False
    removed: tuple[Path, ...] = ()


def make_backup(
    workspace: Workspace,
    out: Path,
    *,
    software: str,
    pictures: bool = True,
    keep: int = 0,
    now: datetime | None = None,
    step: Step = no_step,
) -> Backup:
    """Make a back-up; others go on working meanwhile.

    Args:
        workspace: open.
        out: the file to make, or a folder for a file named after the workspace and the time.
        software: name and version of this program, for the manifest.
        pictures: also the pages as people see them; without, they are made again from the scans.
        keep: so many of the back-ups with such names stay in the folder, the newest; 0: all.
        now: the time; the clock when None.
        step: told of each file that was written or read back.

    Raises:
        BadInputError: the target is in the workspace, is there already, or has no folder.
        MachineError: the disk is full, the database damaged, a program missing, another back-up
            of this workspace under way …

    """
    moment = now or datetime.now(UTC)
    target = _target(workspace, out, moment)
    with _hidden(workspace, target) as (copy, archive), _disk_explained(workspace, target):
        _require_room(workspace, target.parent, pictures)
        state = database_copy.copy_database(workspace, copy)
        reached(CommitPoint.DATABASE_COPIED)
        manifest = _write(
            workspace, archive, copy, _Content(state, software, pictures, moment), step
        )
        reached(CommitPoint.BACKUP_WRITTEN)
        flush(archive)
        if manifest.database.kind == "postgresql":
            postgres_dump.check_dump(copy)
        with open_archive(archive) as opened:
            opened.check(step)
        backup = _described(archive, manifest)
        reached(CommitPoint.BACKUP_CHECKED)
        archive.replace(target)
        flush_folder(target.parent)
        reached(CommitPoint.BACKUP_RENAMED)
    noted = _note(workspace, target, backup)
    removed = _remove_older(workspace, target, keep) if out.is_dir() and keep else ()
    return replace(backup, path=target, noted=noted, removed=removed)


def check_backup(path: Path, step: Step = no_step) -> Backup:
    """Look a back-up over without restoring it: every file, the database, its audit trail.

    Args:
        path: of the back-up.
        step: told of each file.

    Raises:
        BadInputError: it is damaged, or no back-up.
        MachineError: it was made by a newer version, or the disk for temporary files is too small.

    """
    with open_archive(path) as archive, TemporaryDirectory(prefix="sohoa-") as folder:
        archive.check(step)
        database = archive.unpack(Path(folder), [f"{FILES_FOLDER}{KEY_FILE}"])
        holds = require_intact(archive, database)
        return replace(_described(path, archive.manifest), trail_holds=holds)


def require_intact(archive: BackupArchive, database: Path) -> bool:
    """Compare the unpacked database of a back-up with what its manifest says.

    Args:
        archive: the back-up.
        database: its database, unpacked, with the key of the trail beside it; brought up to date
            if an older version made it.

    Returns:
        Whether the audit trail is whole. One that is not keeps nobody from what can be restored.

    Raises:
        BadInputError: it is damaged, or another one.
        MachineError: a newer version made it.

    """
    told = archive.manifest
    if told.database.revision > HEAD:
        raise newer(archive.path)
    if told.database.kind == "postgresql":
        postgres_dump.check_dump(database)
        return told.trail.holds
    state = database_copy.check_sqlite(database, database.parent, archive.path)
    same = (state.revision, state.lines, state.head, state.counts) == (
        told.database.revision, told.trail.lines, told.trail.head, told.counts,
    )  # fmt: skip
    if not same:
        raise database_copy.damaged(archive.path)
    if state.revision != HEAD:
        return told.trail.holds and database_copy.bring_copy_up_to_date(database, archive.path)
    return state.holds


def _target(workspace: Workspace, out: Path, now: datetime) -> Path:
    place = out.expanduser().absolute()
    is_file = bool(place.suffix) and not place.is_dir()
    folder = place.parent if is_file else place
    if not folder.is_dir():  # not made: an unmounted disk would be filled up beneath its place
        raise BadInputError(
            Text("Không có thư mục này", "There is no such folder"),
            where=str(folder),
            remedy=Text(
                "Tạo thư mục đó, hoặc kiểm tra ổ đĩa sao lưu đã được gắn chưa",
                "Make that folder, or see whether the disk for back-ups is mounted",
            ),
        )
    if folder.resolve().is_relative_to(workspace.folder.resolve()):
        raise BadInputError(
            Text(
                "Bản sao lưu không được nằm trong không gian làm việc",
                "A back-up must not lie in its workspace",
            ),
            where=str(place),
            remedy=Text(
                "Chọn thư mục khác, tốt nhất ở ổ đĩa khác", "Choose another disk or folder"
            ),
        )
    target = (
        folder / f"{_stem(workspace)}{now.astimezone():{_TIME}}{SUFFIX}"
        if folder is place
        else place
    )
    if target.exists():
        raise BadInputError(
            Text("Đã có tệp này", "This file is there already"),
            where=str(target),
            remedy=Text("Chọn tên khác, hoặc chỉ ghi thư mục", "Choose another name, or a folder"),
        )
    return target


def _stem(workspace: Workspace) -> str:
    return f"{workspace.folder.name}-"


@contextmanager
def _hidden(workspace: Workspace, target: Path) -> Iterator[tuple[Path, Path]]:
    """Two hidden empty files beside the target, gone in the end; those of a killed one, too."""
    name = hashlib.sha256(os.fsencode(workspace.location)).hexdigest()[:12]
    mark = f"{MARK}{name}-"
    places = target.parent / f"{mark}db", target.parent / f"{mark}zip"
    try:
        with only_one(target.parent / f"{mark}lock", workspace.folder):
            try:
                for place in places:
                    place.unlink(missing_ok=True)
                    place.touch(mode=0o600)
                yield places
            finally:
                for place in places:
                    place.unlink(missing_ok=True)
    except OSError as error:
        raise _not_written(target, error) from error


@contextmanager
def only_one(lock_file: Path, workspace: Path) -> Iterator[None]:
    """Keep others from copying or restoring the same workspace at the same time.

    Args:
        lock_file: the file that says so; gone in the end, of no meaning when left over.
        workspace: its folder, for the message.

    Raises:
        MachineError: somebody is at it.
        OSError: the lock cannot be written.

    """
    lock = FileLock(lock_file, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise MachineError(
            Text(
                "Không gian làm việc này đang được sao lưu hoặc khôi phục",
                "This workspace is being backed up or restored",
            ),
            where=str(workspace),
            remedy=Text("Chờ lệnh kia xong rồi chạy lại", "Wait for the other command, try again"),
        ) from None
    try:
        yield
    finally:
        lock_file.unlink(missing_ok=True)
        lock.release()


@contextmanager
def _disk_explained(workspace: Workspace, target: Path) -> Iterator[None]:
    """A full disk of the back-up is told as such, not as that of the workspace.

    Raises:
        MachineError: instead of what the database says.

    """
    try:
        yield
    except SQLAlchemyError as error:
        code = sqlite_build.error_code(getattr(error, "orig", None))
        told = explained(error, workspace.engine.url, workspace.folder)
        if code == sqlite_build.driver.SQLITE_FULL:  # nothing but the copy is written
            raise _not_written(target, OSError(28, "")) from error
        if told is None:
            raise
        raise told from error


def _not_written(target: Path, error: OSError) -> MachineError:
    why = os_reason(error)
    return MachineError(
        Text(f"Không ghi được bản sao lưu: {why.vi}", f"The back-up cannot be written: {why.en}"),
        where=str(target.parent if error.filename is None else error.filename),
        remedy=Text(
            "Dọn bớt ổ đĩa hoặc sửa quyền rồi chạy lại; không để lại tệp dở dang nào",
            "Make room or mend the rights, then run this again; no part of a file is left",
        ),
    )


def _require_room(workspace: Workspace, folder: Path, pictures: bool) -> None:
    """Refuse at once what cannot fit: a copy of the database, and the archive."""
    files, _ = workspace_files(workspace.folder, pictures=pictures)
    size = sum((workspace.folder / path).lstat().st_size for path in files)
    database = Path(workspace.engine.url.database or "")
    if workspace.engine.dialect.name == "sqlite" and database.is_file():
        size += database.stat().st_size
    require_room(folder, size)


@dataclass(frozen=True, slots=True)
class _Content:
    """What goes into an archive besides the files themselves."""

    state: DatabaseState
    software: str
    pictures: bool
    moment: datetime


def _write(
    workspace: Workspace, archive: Path, copy: Path, content: _Content, step: Step
) -> BackupFile:
    """Write the archive: the copy of the database, then the files of the folder."""
    server, state = workspace.engine.dialect.name == "postgresql", content.state
    database = f"{DATABASE_FOLDER}{DUMP if server else DATABASE}"
    files, odd = workspace_files(workspace.folder, pictures=content.pictures)
    members = {database: copy}
    for path in files:
        members[f"{FILES_FOLDER}{written(path.as_posix())}"] = workspace.folder / path

    def manifest(entries: list[BackupEntry]) -> BackupFile:
        return BackupFile(
            format=FORMAT,
            software=content.software,
            made=content.moment.astimezone(UTC).isoformat(timespec="seconds"),
            workspace=written(workspace.folder.name),
            database=BackupDatabaseEntry(
                kind="postgresql" if server else "sqlite",
                name=database,
                revision=state.revision,
                namespace=postgres_dump.namespace(workspace.engine) if server else "",
            ),
            trail=BackupTrailEntry(lines=state.lines, head=state.head, holds=state.holds),
            counts=state.counts,
            left_out=[written(path.as_posix()) for path in odd],
            files=entries,
        )

    return write_archive(archive, members, manifest, step)


def _described(path: Path, manifest: BackupFile) -> Backup:
    size, holds = path.stat().st_size, manifest.trail.holds
    return Backup(path, manifest, size, file_digest(path), holds)


def _note(workspace: Workspace, target: Path, backup: Backup) -> bool:
    """Add a line to the trail; a workspace that cannot be written to has a back-up all the same."""
    if not os.access(workspace.folder, os.W_OK):  # what is read then may be a copy of the database
        return False
    details = {
        "file": written(target.name),
        "sha256": backup.sha256,
        "head": backup.manifest.trail.head,
    }
    try:
        with workspace.transaction() as session:
            audit.append(session, "system", AuditAction.BACKUP_MADE, details=details)
    except MachineError:
        return False
    return True


def _remove_older(workspace: Workspace, newest: Path, keep: int) -> tuple[Path, ...]:
    """Delete all but the newest back-ups that bear the names given here."""
    name = re.compile(rf"{re.escape(_stem(workspace))}\d{{8}}-\d{{6}}{re.escape(SUFFIX)}")
    found = sorted(path for path in newest.parent.iterdir() if name.fullmatch(path.name))
    old = [path for path in found if path != newest]
    old = old[: max(len(old) - (keep - 1), 0)]
    for path in old:
        path.unlink(missing_ok=True)
    return tuple(old)
