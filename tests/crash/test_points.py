"""Killed at every named point of the commit protocol, the next run ends as if nothing had been."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr_pipeline.store.commit_points import CommitPoint
from tests.crash.where import BACKUP, DELETION, EXPORT, HALVES, LINK, RESTORE, RUN


def test_every_point_is_covered():
    assert {*RUN, *HALVES, *LINK, *EXPORT, *DELETION, *BACKUP, *RESTORE} == set(CommitPoint)


@pytest.mark.parametrize("point", RUN, ids=lambda point: point.name)
def test_a_run_killed_at_a_point(office, undisturbed, point):
    office.killed_at(point.value, 1, workers=1)
    office.killed_at(point.value, RUN[point], workers=2)
    office.finish(workers=1)
    office.check(undisturbed, again=3)


def test_every_point_is_explained():
    """`docs/durability.md` says for each of them what is on the disk and what happens next."""
    lines = (Path(__file__).parents[2] / "docs" / "durability.md").read_text().splitlines()
    rows = {cells[1].strip(): cells[2:4] for line in lines if len(cells := line.split("|")) == 5}
    for point in CommitPoint:
        assert point.value in rows, f"{point.value}: not in docs/durability.md"
        assert all(len(cell.strip()) > 10 for cell in rows[point.value])
