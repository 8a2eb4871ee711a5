"""Killed at every named point of the commit protocol, the next run ends as if nothing had been."""

from __future__ import annotations

import pytest

from ocr_pipeline.store.points import Point

from .where import EXPORT, RUN


def test_every_point_is_covered():
    assert set(RUN) | set(EXPORT) == set(Point)


@pytest.mark.parametrize("point", RUN, ids=lambda point: point.name)
def test_a_run_killed_at_a_point(office, undisturbed, point):
    office.killed_at(point.value, 1, workers=1)
    office.killed_at(point.value, RUN[point], workers=2)
    office.finish(workers=1)
    office.check(undisturbed, again=3)
