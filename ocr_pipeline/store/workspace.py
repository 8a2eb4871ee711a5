"""A workspace: the database and the folder that hold one job."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from ocr_pipeline.errors import MachineError, Text, UsageError, WorkspaceGoneError
from ocr_pipeline.os_errors import is_there
from ocr_pipeline.private_files import (
    make_private,
    make_private_file,
    make_private_folder,
    tighten,
)
from ocr_pipeline.store import migration_copy
from ocr_pipeline.store.database_errors import explained
from ocr_pipeline.store.engine import connect
from ocr_pipeline.store.files import MARK
from ocr_pipeline.store.holders import held_in_folder, held_on_server
from ocr_pipeline.store.read_only_engine import read_only_engine
from ocr_pipeline.store.schema import bring_up_to_date, revision

DATABASE = "sohoa.db"

#: What a workspace is made of; other things in its folder are the operator's.
_OURS = frozenset(
    {
        "book_prints", "drafts", "eval", "hands", "holders", "incoming", "joined_sheets",
        "label-studio.json", "logs", "models", "notify.yaml", "office_layouts", "packages",
        "pictures", "policy.yaml", "replaced_scans", "reports", "run.json", "run.lock",
        "server.key", "station-run.json", "trail.key",
    }
)  # fmt: skip
_GOING = ".deleting"


class Workspace:
    """Where a job lives: a database for what is known, a folder for files and logs.

    Attributes:
        folder: files of the job (logs, later page pictures); exists.
        engine: the database.

    """

    def __init__(self, folder: Path, engine: Engine, held: ExitStack | None = None) -> None:
        self.folder = folder
        self.engine = engine
        self._held = held or ExitStack()
        database = engine.url.database or ""
        self._file = Path(database) if _is_local(engine.url) and _is_file(Path(database)) else None
        self._identity = _identity(self._file) if self._file else None

    @classmethod
    def open(cls, location: str | Path, *, create: bool = True, command: str = "") -> Workspace:
        """Open the workspace at `location`, with its tables brought up to date.

        Args:
            location: a folder (its database is `sohoa.db`), or a database URL with the folder for
                files as its `files` parameter:
                `postgresql+psycopg://host/name?files=/srv/sohoa`.
            create: make an empty workspace where there is none.
            command: what this process does in it, for others to see (`store.holders`): nobody
                deletes the workspace until it is closed.

        Raises:
            UsageError: no workspace is there and `create` is false, or the URL makes no sense.
            MachineError: the folder cannot be written to, or the database cannot be used, or the
                workspace is being deleted; `Unreachable` where trying again may help.

        """
        folder, url = locate(str(location))
        with ExitStack() as held:
            with _opening(folder, url):
                engine = _connected(folder, url, held, create=create, command=command)
                bring_up_to_date(engine, folder)
            return cls(folder, engine, held.pop_all())

    @classmethod
    def look(cls, location: str | Path) -> Workspace:
        """Open the workspace at `location` for reading alone: nothing in it is made or changed.

        Works where nobody may write, too: on a disk that can only be read, in somebody else's
        folder.

        Raises:
            UsageError, MachineError: as `open`; also where its tables are of another version.

        """
        folder, url = locate(str(location))
        _refuse_half_deleted(folder)
        _require(not _is_local(url) or _is_file(Path(url.database or "")), folder)
        with ExitStack() as held:
            with _opening(folder, url):
                engine = read_only_engine(url, held)
            return cls(folder, engine, held.pop_all())

    @property
    def location(self) -> str:
        """What `open` takes to come here again; without the password of a database server."""
        url = self.engine.url
        if url.get_backend_name() == "sqlite" and url.database == str(self.folder / DATABASE):
            return str(self.folder)
        shown = url._replace(password=None).update_query_dict({"files": str(self.folder)})
        return shown.render_as_string()

    @property
    def logs(self) -> Path:
        """The folder of log files; made when first asked for.

        Raises:
            WorkspaceGoneError: the workspace is not there any more.

        """
        folder = self.folder / "logs"
        try:
            make_private_folder(folder)
        except FileNotFoundError as error:
            raise workspace_gone(self.folder) from error
        return folder

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose changes are kept when the block ends, and undone on an exception.

        Transactions come one after the other (`store.engine`): what a block looks up cannot change
        before it ends. When the block has ended without an exception, what it did survives a power
        cut.

        Raises:
            DatabaseUnreachableError: another program has kept the database to itself for half a
                minute, or the server is away. Where it went away while the block ended, its
                changes may be kept or not, but all of them or none: whoever tries again looks
                first.
            WorkspaceGoneError: the workspace was deleted or moved away; nothing was kept in it.
            MachineError: the disk is full or fails, the database can only be read …

        """
        self.require_there()
        with self._file_errors_explained(), self._session(self.engine) as session:
            with session.begin():
                yield session
        self.require_there()  # SQLite goes on committing into a file that has no name any more

    @contextmanager
    def read_session(self) -> Iterator[Session]:
        """A session that only looks, at one consistent state, without waiting for writers.

        Raises:
            MachineError, DatabaseUnreachableError, WorkspaceGoneError: as `transaction`.

        """
        self.require_there()
        engine = self.engine.execution_options(sohoa_readonly=True)
        with self._file_errors_explained(), self._session(engine) as session:
            yield session

    def _session(self, engine: Engine) -> Session:
        """A session that knows the folder of its workspace: an office keeps its policy there."""
        return Session(engine, expire_on_commit=False, info={"folder": self.folder})

    @contextmanager
    def _file_errors_explained(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, UnicodeDecodeError) as error:
            own = isinstance(error, UnicodeDecodeError) and not _of_the_driver(error)
            known = None if own else explained(error, self.engine.url, self.folder)
            if known is None:
                raise
            raise known from error

    def require_there(self) -> None:
        """Make sure that the workspace still lies where it was opened; costs one look at a file.

        Raises:
            WorkspaceGoneError: its folder or its database was deleted, moved away or replaced.

        """
        try:
            there = _identity(self._file or self.folder)
        except (FileNotFoundError, NotADirectoryError):
            raise workspace_gone(self.folder) from None
        if self._file is not None and there != self._identity:
            raise workspace_gone(self.folder)

    def close(self) -> None:
        """Give the database connections back; others may have the workspace to themselves."""
        self.engine.dispose()
        self._held.close()

    def __enter__(self) -> Workspace:
        """The workspace itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def folder_of(location: str | Path) -> Path:
    """The folder of the workspace at `location` (see `Workspace.open`), whether it exists or not.

    Raises:
        UsageError: the location makes no sense.

    """
    return locate(str(location))[0]


def locate(location: str) -> tuple[Path, URL]:
    """Folder and database of the workspace at `location` (see `Workspace.open`); opens nothing.

    Raises:
        UsageError: the location makes no sense.

    """
    if "://" not in location:
        folder = _folder_named(location)
        if _is_file(folder):
            raise UsageError(
                Text("Không gian làm việc phải là một thư mục", "A workspace must be a folder"),
                where=location,
                remedy=Text("Chọn một thư mục khác", "Choose another folder"),
            )
        return folder, URL.create("sqlite", database=str(folder / DATABASE))
    try:
        url = make_url(location)
    except (ArgumentError, ValueError) as error:
        raise UsageError(
            Text("Địa chỉ cơ sở dữ liệu không hợp lệ", "This is not a database URL"),
            where=location.rpartition("@")[2],  # what stands before it may be a password
        ) from error
    files = url.query.get("files")
    if not isinstance(files, str):
        raise UsageError(
            Text(
                "Địa chỉ cơ sở dữ liệu thiếu thư mục tệp",
                "The database URL does not name the folder for files",
            ),
            where=_shown(url),
            remedy=Text("Thêm ?files=/đường/dẫn vào địa chỉ", "Add ?files=/some/folder to the URL"),
        )
    return _folder_named(files), url.difference_update_query(["files"])


def _folder_named(text: str) -> Path:
    try:
        folder = Path(text).expanduser().absolute()
    except (RuntimeError, ValueError) as error:  # the home of somebody who is not here
        raise UsageError(
            Text("Không có thư mục nào như vậy", "There is no such folder"), where=text
        ) from error
    if not folder.name or "\x00" in text:
        raise UsageError(
            Text("Thư mục này không dùng được", "This folder cannot be used"),
            where=text,
            remedy=Text("Chọn một thư mục có tên", "Choose a folder that has a name"),
        )
    return folder


@contextmanager
def database_of(location: str | Path) -> Iterator[Engine]:
    """The database of a workspace whose folder is not there any more; nothing is made.

    Raises:
        UsageError: the location makes no sense.

    """
    engine = connect(locate(str(location))[1])
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _opening(folder: Path, url: URL) -> Iterator[None]:
    """Tell in our words why a database cannot be opened."""
    try:
        yield
    except (NoSuchModuleError, ImportError) as error:
        raise MachineError(
            Text(
                f"Thiếu trình điều khiển cho cơ sở dữ liệu: {error}",
                f"The driver for this database is missing: {error}",
            ),
            where=_shown(url),
            remedy=Text("Cài đặt: pip install sohoa[postgres]", "Run: pip install sohoa[postgres]"),
        ) from error
    except (OSError, SQLAlchemyError, UnicodeDecodeError) as error:
        known = None if isinstance(error, OSError) else explained(error, url, folder)
        if known is not None:
            raise known from error
        raise MachineError(
            Text(
                "Không mở được không gian làm việc (đường dẫn, quyền, đĩa đầy, máy chủ)",
                "The workspace cannot be opened (path, permission, full disk or server)",
            ),
            where=f"{_shown(url)} ({_first_line(error)})",
            remedy=Text(
                "Kiểm tra đường dẫn và quyền ghi, hoặc chạy `sohoa doctor --workspace …`",
                "Check the path and the permissions, or run `sohoa doctor --workspace …`",
            ),
        ) from error


def _of_the_driver(error: BaseException) -> bool:
    """Whether it was raised below SQLAlchemy, and not by a block that uses a session."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and "sqlalchemy" in Path(frames[-1].filename).parts


def going_folder(folder: Path) -> Path:
    """What the folder of a workspace is called while it is being deleted."""
    return folder.with_name(folder.name + _GOING)


def _keep_private(folder: Path, database: Path | None = None, *, create: bool = False) -> None:
    """Take what is ours from other accounts; files beside the database get its mode from SQLite.

    The folder itself is left as it is while something else lies in it: the operator put it there.
    """
    if create and database is not None:
        with suppress(OSError):  # it is there; what else is wrong, the database tells
            make_private_file(database)
    with suppress(OSError):
        entries = sorted(folder.iterdir())
        ours = [path for path in entries if _is_ours(path.name)]
        for path in ours:
            tighten(path)
        if len(ours) == len(entries):
            make_private(folder)


def _is_ours(name: str) -> bool:
    return name in _OURS or name.startswith((DATABASE, MARK, f"{migration_copy.PREFIX}-"))


def _connected(folder: Path, url: URL, held: ExitStack, *, create: bool, command: str) -> Engine:
    """The database of a workspace; what was deleted meanwhile is not made again."""
    _refuse_half_deleted(folder)
    needs_file = _is_local(url) and not create and bool(url.database)
    _require(not needs_file or _is_file(Path(url.database or "")), folder)
    if create:
        make_private_folder(folder, parents=True)
    if _is_local(url):
        _keep_private(folder, Path(url.database or ""), create=create)
    engine = connect(url)
    held.callback(engine.dispose)
    if command:
        held.enter_context(held_on_server(engine, command))
    if not create and not _is_local(url):
        _require(revision(engine) is not None, folder)
        make_private_folder(folder, parents=True)
    if not _is_local(url):
        _keep_private(folder)
    if command:
        held.enter_context(held_in_folder(folder, command))
        _refuse_half_deleted(folder)  # we may have waited for its end
        _require(not needs_file or _is_file(Path(url.database or "")), folder)
    return engine


def _refuse_half_deleted(folder: Path) -> None:
    if is_there(going := going_folder(folder)):
        raise MachineError(
            Text(
                "Không gian làm việc này đang bị xóa dở",
                "The deletion of this workspace has not finished",
            ),
            where=str(going),
            remedy=Text(
                "Chạy lại `sohoa delete` với cùng --workspace để xóa xong",
                "Run `sohoa delete` again with the same --workspace to finish it",
            ),
        )


def workspace_gone(folder: Path) -> WorkspaceGoneError:
    """What is told when the workspace that was opened in `folder` is not there any more."""
    return WorkspaceGoneError(
        Text(
            "Không gian làm việc không còn ở chỗ cũ (đã bị xóa, chuyển đi hoặc thay thế); không "
            "lưu gì vào đó nữa",
            "The workspace is not where it was (deleted, moved away or replaced); nothing is kept "
            "in it any more",
        ),
        where=str(folder),
        remedy=Text(
            "Báo người vận hành: trả thư mục về chỗ cũ, hoặc dừng lệnh này (sohoa serve, sohoa "
            "run) rồi chạy lại",
            "Tell the operator: put the folder back, or stop this command (sohoa serve, sohoa run) "
            "and start it again",
        ),
    )


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _is_local(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _require(there: bool, folder: Path) -> None:
    if not there:
        raise UsageError(
            Text("Chưa có không gian làm việc ở đây", "There is no workspace here"),
            where=str(folder),
            remedy=Text(
                "Tạo bằng: sohoa run THƯ_MỤC_ẢNH --workspace …, hoặc sohoa serve --new",
                "Make one with: sohoa run SCANS --workspace …, or sohoa serve --new",
            ),
        )


def _is_file(path: Path) -> bool:
    """Whether there is such a file; no, too, where this user may not look."""
    with suppress(OSError):
        return path.is_file()
    return False


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)


def _first_line(error: Exception) -> str:
    return (str(getattr(error, "orig", None) or error).splitlines() or [""])[0]
