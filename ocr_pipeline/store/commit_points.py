"""The named points of the commit protocol: where a run may be cut off, and what holds there.

`docs/durability.md` says for each of them what is on the disk. Tests set `hook` to kill the process
there; otherwise passing a point does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class CommitPoint(StrEnum):
    """Places where what is on the disk is about to change, or has just changed."""

    RUN_BEGUN = "run begun"
    HALVES_JOINED = "halves joined"  # their pictures are kept, no page shows them yet
    BOOK_FOUND = "book found"  # its pages are known
    BOOK_PLANNED = "book planned"  # what the ledger knows is shown, the rest is to be read
    TURN_BEGUN = "turn begun"  # inside the transaction: nothing of the turn is kept yet
    TURN_WRITTEN = "turn written"  # inside the transaction: all is written, nothing committed
    TURN_COMMITTED = "turn committed"  # outcomes and next leases are kept, nothing started yet
    LEASE_STARTED = "lease started"  # a worker has it
    JUDGEMENT_WRITTEN = "judgement written"  # inside the transaction
    RUN_ENDED = "run ended"
    SCORES_WRITTEN = "scores written"  # inside the transaction
    SCORES_COMMITTED = "scores committed"  # of some pages of a book that is linked
    LINKS_COMMITTED = "links committed"  # of one book
    FILE_WRITTEN = "file written"  # beside its target, not flushed
    FILE_FLUSHED = "file flushed"  # beside its target
    FILE_RENAMED = "file renamed"  # its folder is not flushed
    PACKAGE_WRITTEN = "package written"  # hidden, not flushed
    PACKAGE_FLUSHED = "package flushed"  # hidden
    PACKAGE_READY = "package ready"  # the one atomic step is done
    EXCEL_REMOVED = "old excel removed"
    ARCHIVE_MOVED = "archive moved"
    EXCEL_MOVED = "excel moved"
    DELETION_BEGUN = "deletion begun"  # the certificate says so; the job is whole
    JOB_RENAMED = "job renamed"  # nobody can open it any more
    TABLES_DROPPED = "tables dropped"  # of a database that lies elsewhere
    JOB_EMPTIED = "job emptied"  # only an empty folder is left
    DELETION_FINISHED = "deletion finished"  # the certificate says so
    DATABASE_COPIED = "database copied"  # beside the back-up that is to be
    BACKUP_WRITTEN = "backup written"  # hidden, not flushed
    BACKUP_CHECKED = "backup checked"  # hidden, flushed, read back
    BACKUP_RENAMED = "backup renamed"
    BACKUP_UNPACKED = "backup unpacked"  # beside the workspace, checked, flushed
    DATABASE_FILLED = "database filled"  # on a server: its one transaction is done
    RESTORED_READY = "restored ready"  # beside the workspace, under the name the old one gets
    WORKSPACE_SWAPPED = "workspace swapped"  # the two have changed places


def _nothing(_point: CommitPoint) -> None:
    pass


hook: Callable[[CommitPoint], None] = _nothing


def reached(point: CommitPoint) -> None:
    """Tell the hook that this point has been reached."""
    hook(point)
