"""A workspace: the database and the folder that hold one job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from ocr_pipeline.errors import MachineError, Text, UsageError
from ocr_pipeline.store.database_errors import explained
from ocr_pipeline.store.engine import connect
from ocr_pipeline.store.schema import bring_up_to_date

DATABASE = "sohoa.db"


class Workspace:
    """Where a job lives: a database for what is known, a folder for files and logs.

    Attributes:
        folder: files of the job (logs, later page pictures); exists.
        engine: the database.

    """

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self.engine = engine

    @classmethod
    def open(cls, location: str | Path, *, create: bool = True) -> Workspace:
        """Open the workspace at `location`, with its tables brought up to date.

        Args:
            location: a folder (its database is `sohoa.db`), or a database URL with the folder for
                files as its `files` parameter:
                `postgresql+psycopg://host/name?files=/srv/sohoa`.
            create: make an empty workspace where there is none.

        Raises:
            UsageError: no workspace is there and `create` is false, or the URL makes no sense.
            MachineError: the folder cannot be written to, or the database cannot be used;
                `Unreachable` where trying again may help.

        """
        folder, url = locate(str(location))
        if not create and url.database and url.get_backend_name() == "sqlite":
            _require(Path(url.database), folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            engine = connect(url)
            bring_up_to_date(engine)
        except (NoSuchModuleError, ImportError) as error:
            raise MachineError(
                Text(
                    f"Thiếu trình điều khiển cho cơ sở dữ liệu: {error}",
                    f"The driver for this database is missing: {error}",
                ),
                where=_shown(url),
                remedy=Text(
                    "Cài đặt: pip install sohoa[postgres]", "Run: pip install sohoa[postgres]"
                ),
            ) from error
        except (OSError, SQLAlchemyError) as error:
            known = explained(error, url, folder) if isinstance(error, SQLAlchemyError) else None
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
        return cls(folder, engine)

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
        """The folder of log files; made when first asked for."""
        folder = self.folder / "logs"
        folder.mkdir(exist_ok=True)
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
            MachineError: the disk is full or fails, the database can only be read …

        """
        with self._file_errors_explained(), self._session(self.engine) as session:
            with session.begin():
                yield session

    @contextmanager
    def read_session(self) -> Iterator[Session]:
        """A session that only looks, at one consistent state, without waiting for writers.

        Raises:
            MachineError, DatabaseUnreachableError: as `transaction`.

        """
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
        except SQLAlchemyError as error:
            known = explained(error, self.engine.url, self.folder)
            if known is None:
                raise
            raise known from error

    def close(self) -> None:
        """Give the database connections back."""
        self.engine.dispose()

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
        folder = Path(location).expanduser().absolute()
        if _is_file(folder):
            raise UsageError(
                Text("Không gian làm việc phải là một thư mục", "A workspace must be a folder"),
                where=location,
                remedy=Text("Chọn một thư mục khác", "Choose another folder"),
            )
        return folder, URL.create("sqlite", database=str(folder / DATABASE))
    try:
        url = make_url(location)
    except ArgumentError as error:
        raise UsageError(
            Text("Địa chỉ cơ sở dữ liệu không hợp lệ", "This is not a database URL"), where=location
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
    return Path(files).expanduser().absolute(), url.difference_update_query(["files"])


def _require(database: Path, folder: Path) -> None:
    if not _is_file(database):
        raise UsageError(
            Text("Chưa có không gian làm việc ở đây", "There is no workspace here"),
            where=str(folder),
            remedy=Text(
                "Tạo bằng: sohoa run THƯ_MỤC_ẢNH --workspace …",
                "Make one with: sohoa run SCANS --workspace …",
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
