"""The same as `test_points` on PostgreSQL: what is kept does not depend on the database."""

from __future__ import annotations

import pytest

from tests.crash.where import RUN


@pytest.mark.long
@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("point", RUN, ids=lambda point: point.name)
def test_a_run_killed_at_a_point(office, undisturbed, point):
    office.killed_at(point.value, RUN[point], workers=2)
    office.finish(workers=2)
    office.check(undisturbed, again=2)
