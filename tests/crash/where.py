"""The named points of the commit protocol, and where in a run of the crash tests they are."""

from __future__ import annotations

from ocr_pipeline.store.commit_points import Point

#: Points of a run, and how often they are reached in one (1: once, so two runs are killed there).
RUN = {
    Point.RUN_BEGUN: 1,
    Point.FILE_WRITTEN: 1,
    Point.FILE_FLUSHED: 1,
    Point.FILE_RENAMED: 1,
    Point.BOOK_FOUND: 2,
    Point.BOOK_PLANNED: 2,
    Point.TURN_BEGUN: 4,
    Point.TURN_WRITTEN: 5,
    Point.TURN_COMMITTED: 6,
    Point.LEASE_STARTED: 3,
    Point.JUDGEMENT_WRITTEN: 2,
    Point.RUN_ENDED: 1,
}
#: Points of an export. Killed there twice, the second time is that of finishing the first one's
#: work, or the next book's.
EXPORT = (
    Point.PACKAGE_WRITTEN,
    Point.PACKAGE_FLUSHED,
    Point.PACKAGE_READY,
    Point.EXCEL_REMOVED,
    Point.ARCHIVE_MOVED,
    Point.EXCEL_MOVED,
)
