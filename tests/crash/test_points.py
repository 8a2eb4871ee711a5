"""Killed at every named point of the commit protocol, the next run ends as if nothing had been."""

from __future__ import annotations

import pytest

from ocr_pipeline.store.points import Point

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
#: Points of an export.
EXPORT = {
    Point.PACKAGE_WRITTEN: 2,
    Point.PACKAGE_FLUSHED: 2,
    Point.PACKAGE_READY: 2,
    Point.EXCEL_REMOVED: 2,
    Point.ARCHIVE_MOVED: 2,
    Point.EXCEL_MOVED: 2,
}


def test_every_point_is_covered():
    assert set(RUN) | set(EXPORT) == set(Point)


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("point", RUN, ids=lambda point: point.name)
def test_a_run_killed_at_a_point(office, undisturbed, point):
    office.killed_at(point.value, 1, workers=1)
    office.killed_at(point.value, RUN[point], workers=2)
    office.finish(workers=1)
    office.check(undisturbed, again=3)
