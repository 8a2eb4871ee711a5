"""The named points of the commit protocol, and where in a run of the crash tests they are."""

from __future__ import annotations

from ocr_pipeline.store.commit_points import CommitPoint

#: Points of a run, and how often they are reached in one (1: once, so two runs are killed there).
RUN = {
    CommitPoint.RUN_BEGUN: 1,
    CommitPoint.FILE_WRITTEN: 1,
    CommitPoint.FILE_FLUSHED: 1,
    CommitPoint.FILE_RENAMED: 1,
    CommitPoint.BOOK_FOUND: 2,
    CommitPoint.BOOK_PLANNED: 2,
    CommitPoint.TURN_BEGUN: 4,
    CommitPoint.TURN_WRITTEN: 5,
    CommitPoint.TURN_COMMITTED: 6,
    CommitPoint.LEASE_STARTED: 3,
    CommitPoint.JUDGEMENT_WRITTEN: 2,
    CommitPoint.RUN_ENDED: 1,
}
#: Points of a run that joins half sheets: reached there alone, or there for other files and books.
HALVES = {
    CommitPoint.HALVES_JOINED: 1,
    CommitPoint.FILE_WRITTEN: 3,
    CommitPoint.FILE_FLUSHED: 3,
    CommitPoint.FILE_RENAMED: 3,
    CommitPoint.BOOK_FOUND: 2,
    CommitPoint.BOOK_PLANNED: 2,
    CommitPoint.JUDGEMENT_WRITTEN: 2,
}
#: Points of an export. Killed there twice, the second time is that of finishing the first one's
#: work, or the next book's.
EXPORT = (
    CommitPoint.PACKAGE_WRITTEN,
    CommitPoint.PACKAGE_FLUSHED,
    CommitPoint.PACKAGE_READY,
    CommitPoint.EXCEL_REMOVED,
    CommitPoint.ARCHIVE_MOVED,
    CommitPoint.EXCEL_MOVED,
)
#: Points of a linking of two books; how often one reaches them that goes on after a first kill.
LINK = {
    CommitPoint.SCORES_WRITTEN: 2,
    CommitPoint.SCORES_COMMITTED: 1,
    CommitPoint.LINKS_COMMITTED: 2,
    CommitPoint.PACKAGE_READY: 1,
    CommitPoint.EXCEL_MOVED: 1,
    CommitPoint.FILE_RENAMED: 2,
}
#: Points of a deletion (`tests/review/test_deletion.py`).
DELETION = (
    CommitPoint.DELETION_BEGUN,
    CommitPoint.JOB_RENAMED,
    CommitPoint.TABLES_DROPPED,
    CommitPoint.JOB_EMPTIED,
    CommitPoint.DELETION_FINISHED,
)
#: Points of a back-up, and of a restoring in place of another workspace.
BACKUP = (
    CommitPoint.DATABASE_COPIED,
    CommitPoint.BACKUP_WRITTEN,
    CommitPoint.BACKUP_CHECKED,
    CommitPoint.BACKUP_RENAMED,
)
RESTORE = (
    CommitPoint.BACKUP_UNPACKED,
    CommitPoint.DATABASE_FILLED,
    CommitPoint.RESTORED_READY,
    CommitPoint.WORKSPACE_SWAPPED,
)
