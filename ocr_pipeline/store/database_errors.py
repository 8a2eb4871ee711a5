"""Faults of the database in plain words: what happened, where, what to do; None for bugs of ours.

Codes are those of the databases themselves, so nothing depends on the language of their messages:
https://www.sqlite.org/rescode.html and the appendix "Error Codes" of PostgreSQL's manual.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ocr_pipeline.errors import DatabaseUnreachableError, DiskFullError, MachineError, Text
from ocr_pipeline.store import sqlite_build
from ocr_pipeline.store.sqlite_build import driver as sqlite

_FULL = Text("Ổ đĩa của cơ sở dữ liệu đã đầy", "The disk that holds the database is full")
_READ_ONLY = Text(
    "Cơ sở dữ liệu chỉ cho đọc, không cho ghi", "The database can be read but not written to"
)
_BROKEN_DISK = Text(
    "Ổ đĩa của cơ sở dữ liệu báo lỗi khi đọc hoặc ghi",
    "The disk that holds the database fails to read or write",
)
_DAMAGED = Text("Tệp cơ sở dữ liệu bị hỏng", "The database file is damaged")
_NOT_OPENED = Text("Không mở được tệp cơ sở dữ liệu", "The database file cannot be opened")
_BUSY = Text("Cơ sở dữ liệu đang bận", "The database is busy")
_CUT_OFF = Text("Mất kết nối tới cơ sở dữ liệu", "The connection to the database was lost")
_NOT_REACHED = Text("Không kết nối được cơ sở dữ liệu", "The database cannot be reached")
_NO_ACCESS = Text(
    "Máy chủ cơ sở dữ liệu từ chối tài khoản này", "The database server refuses this account"
)

_MAKE_ROOM = Text(
    "Dọn bớt ổ đĩa đó rồi chạy lại; những gì đã báo là đã lưu thì không mất",
    "Free space on that disk, then run this again; nothing that was told as kept is lost",
)
_LOOK_AT_MOUNT = Text(
    "Kiểm tra quyền ghi và cách gắn ổ đĩa (máy chủ: có phải máy chỉ đọc không); không mất gì",
    "Check the permissions and how the disk is mounted (server: is it a standby?); nothing is lost",
)
_SAVE_COPY = Text(
    "Dừng mọi lệnh, kiểm tra ổ đĩa, rồi chạy `sohoa restore … --replace` với bản sao lưu; không tự "
    "chép đè sohoa.db: tệp `sohoa.db-wal` cũ nằm cạnh làm hỏng bản vừa chép",
    "Stop all commands, check the disk, then run `sohoa restore … --replace` with a back-up; do "
    "not copy sohoa.db here by hand: an old `sohoa.db-wal` spoils what was copied",
)
_LATER = Text("Thử lại sau ít phút", "Try again in a few minutes")
_AGAIN = Text(
    "Xem máy chủ và mạng có hoạt động không rồi chạy lại; những gì đã báo là đã lưu thì không mất",
    "See that server and network are up, then run this again; nothing told as kept is lost",
)
_ACCOUNT = Text(
    "Kiểm tra tên, mật khẩu và quyền trong địa chỉ (xem docs/vi/installation.md, PostgreSQL)",
    "Check name, password and rights in the URL (see docs/en/installation.md, PostgreSQL)",
)
_ADDRESS = Text(
    "Kiểm tra địa chỉ, tên, mật khẩu, và máy chủ có đang chạy không (docs/vi/installation.md)",
    "Check the URL, name and password, and whether the server is running (docs/en/installation.md)",
)

_ALMOST_NOTHING_BYTES = 2 * 2**20  # bytes: a disk with less has no room for a page of the log
_CLASSES = {
    "08": "cut_off", "25006": "read_only", "25P03": "cut_off", "28": "no_access",
    "40001": "busy", "40P01": "busy", "42501": "no_access", "53100": "full", "53": "busy",
    "55P03": "busy", "57014": "busy", "57P": "cut_off", "58030": "broken_disk",
    "XX001": "damaged", "XX002": "damaged",
}  # fmt: skip
_SQLITE = {
    sqlite.SQLITE_BUSY: "busy",
    sqlite.SQLITE_LOCKED: "busy",
    sqlite.SQLITE_PROTOCOL: "busy",
    sqlite.SQLITE_READONLY: "read_only",
    sqlite.SQLITE_PERM: "read_only",
    sqlite.SQLITE_IOERR: "broken_disk",
    sqlite.SQLITE_FULL: "full",
    sqlite.SQLITE_CANTOPEN: "not_opened",
    sqlite.SQLITE_CORRUPT: "damaged",
    sqlite.SQLITE_NOTADB: "damaged",
}
_TOLD: dict[str, tuple[type[MachineError], Text, Text]] = {
    "full": (DiskFullError, _FULL, _MAKE_ROOM),
    "read_only": (MachineError, _READ_ONLY, _LOOK_AT_MOUNT),
    "broken_disk": (MachineError, _BROKEN_DISK, _SAVE_COPY),
    "damaged": (MachineError, _DAMAGED, _SAVE_COPY),
    "not_opened": (MachineError, _NOT_OPENED, _LOOK_AT_MOUNT),
    "no_access": (MachineError, _NO_ACCESS, _ACCOUNT),
    "busy": (DatabaseUnreachableError, _BUSY, _LATER),
    "cut_off": (DatabaseUnreachableError, _CUT_OFF, _AGAIN),
    "not_reached": (DatabaseUnreachableError, _NOT_REACHED, _ADDRESS),
}


def explained(
    error: SQLAlchemyError | UnicodeDecodeError, url: URL, folder: Path
) -> MachineError | None:
    """What a fault of the database means for the user; None when it is none of the known ones.

    Args:
        error: as SQLAlchemy raised it; SQLite's driver fails on names in a damaged schema that are
            no text before it can tell of the damage.
        url: of the database.
        folder: of the workspace.

    Returns:
        `DatabaseUnreachableError` for what may pass by itself, else `MachineError`; the place names
        the database without its password, and for a file the free space of its disk.

    """
    what = "damaged" if isinstance(error, UnicodeDecodeError) else _kind_of(error, folder)
    if what is None:
        return None
    kind, cause, remedy = _TOLD[what]
    place = _database_label(url, folder, what)
    detail = f" ({_first_line(error)})" if what == "not_reached" else ""
    return kind(cause, where=place + detail, remedy=remedy)


def damaged_database(url: URL, folder: Path) -> MachineError:
    """What to tell of a database that was found damaged by looking for it."""
    kind, cause, remedy = _TOLD["damaged"]
    return kind(cause, where=_database_label(url, folder, "damaged"), remedy=remedy)


def _kind_of(error: SQLAlchemyError, folder: Path) -> str | None:
    if isinstance(error, PoolTimeout):
        return "busy"
    if not isinstance(error, DBAPIError):
        return None
    code = sqlite_build.error_code(error.orig)
    if code is not None:
        known = _SQLITE.get(code)
        # SQLite tells a full disk as a failed write where it grows its index of the log.
        return "full" if known == "broken_disk" and _free(folder) < _ALMOST_NOTHING_BYTES else known
    state = getattr(error.orig, "sqlstate", None) or ""
    for length in (5, 3, 2):
        if state[:length] in _CLASSES and len(state) == 5:
            return _CLASSES[state[:length]]
    if error.connection_invalidated or (not state and _is_operational(error)):
        return "cut_off" if error.statement is not None else "not_reached"
    return None


def _is_operational(error: DBAPIError) -> bool:
    """The server could not be reached or hung up: the driver has no code of the server then."""
    return type(error.orig).__name__ == "OperationalError" and not isinstance(
        error.orig, sqlite_build.Error
    )


def _database_label(url: URL, folder: Path, what: str) -> str:
    if url.get_backend_name() != "sqlite":
        return url.set(query={}).render_as_string(hide_password=True)
    place = str(url.database or folder)
    if what != "full":
        return place
    free = f"{_free(folder) / 2**20:.0f} MB"
    return f"{place} (ổ đĩa / disk {_mount_of(folder)}: còn / free {free})"


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def _mount_of(folder: Path) -> Path:
    """The folder at which the disk is mounted that holds `folder`."""
    place = folder.resolve()
    while not place.is_mount() and place != place.parent:
        place = place.parent
    return place


def _first_line(error: Exception) -> str:
    """What the driver says; it names host, user and database, never the password."""
    return (str(getattr(error, "orig", None) or error).splitlines() or [""])[0]
