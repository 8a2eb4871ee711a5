"""Which build of SQLite keeps the workspaces, and how far its write-ahead log can be trusted.

From 3.7.0 to 3.51.2 a checkpoint that meets another writer could lose what had been committed ("WAL
reset"), mended in 3.51.3 and, for those who stay on older lines, in 3.50.7 and 3.44.6:
https://www.sqlite.org/wal.html#walresetbug. The Python of Debian 12 carries 3.40.1: with four
writers a database was damaged after 68,381 commits, and 106 acknowledged rows were gone.
"""

from __future__ import annotations

import importlib
import sqlite3
from types import ModuleType

Version = tuple[int, ...]

_FIRST_WITH_LOG = (3, 7, 0)
_MENDED = (3, 51, 3)
_MENDED_IN_OLDER_LINES = {(3, 50): (3, 50, 7), (3, 44): (3, 44, 6)}
_WHEEL = "pysqlite3.dbapi2"  # a newer build for Python than that of the system


def loses_commits(version: Version) -> bool:
    """Whether the write-ahead log of this version may lose what several processes have committed.

    Args:
        version: as `sqlite3.sqlite_version_info`: major, minor, patch.

    """
    if not _FIRST_WITH_LOG <= version < _MENDED:
        return False
    mended = _MENDED_IN_OLDER_LINES.get((version[0], version[1]))
    return mended is None or version < mended


def _chosen() -> ModuleType:
    """The build of this Python when it is sound, else the wheel's when that is newer."""
    if not loses_commits(sqlite3.sqlite_version_info):
        return sqlite3
    try:
        wheel = importlib.import_module(_WHEEL)
    except ImportError:  # no wheel for this machine
        return sqlite3
    return wheel if wheel.sqlite_version_info > sqlite3.sqlite_version_info else sqlite3


driver: ModuleType = _chosen()
"""The module (Python DB-API 2.0) through which every SQLite file of a workspace is opened."""

version: Version = tuple(driver.sqlite_version_info)

Error: type[Exception] = driver.Error
"""Base of the driver's exceptions."""


def error_code(error: BaseException | None) -> int | None:
    """Primary result code of an exception of the driver (https://www.sqlite.org/rescode.html).

    None where it carries none, or is no exception of SQLite.
    """
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def journal_mode() -> str:
    """How changes are made safe: `WAL`, or `TRUNCATE` on a build whose log may lose commits.

    With a rollback journal whoever reads and whoever writes wait for each other.
    """
    return "TRUNCATE" if loses_commits(version) else "WAL"
