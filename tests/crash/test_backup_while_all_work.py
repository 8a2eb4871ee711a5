"""Back-ups taken while run, export, station and people are at work, restored on another machine."""

from __future__ import annotations

import shutil

import pytest
from sqlalchemy import select

from ocr_pipeline.review import audit
from ocr_pipeline.store.backup import check_backup
from ocr_pipeline.store.models import EntryRow
from ocr_pipeline.store.restore import restore
from tests.builders import postgres
from tests.builders.backups import back_up
from tests.crash.busy_office import NAME, BusyOffice
from tests.crash.office import DisturbedOffice, Scans

_BACKUPS = 4


@pytest.fixture
def elsewhere(request, location, tmp_path):
    """Makes addresses of empty workspaces on the same kind of database."""
    made = []

    def address() -> str:
        folder = tmp_path / f"machine {len(made)}"
        if location == str(tmp_path / "ws"):
            made.append(None)
            return str(folder / "ws")
        made.append(request.getfixturevalue("postgres").database())
        return postgres.location(made[-1].__enter__(), folder / "ws")

    yield address
    for database in filter(None, made):
        database.__exit__(None, None, None)


@pytest.mark.long
@pytest.mark.databases("sqlite", "postgresql")
def test_what_was_acknowledged_before_is_in_it(driver, many, tmp_path, location, elsewhere):
    office = DisturbedOffice(driver, many, tmp_path, location)
    office.finish(workers=2)
    busy, made = BusyOffice(office, seed=1), []

    def back_up_now():
        before = list(busy.kept)
        with office.workspace() as workspace:
            made.append((before, back_up(workspace, tmp_path / f"out{len(made)}")))

    busy.work(_BACKUPS, back_up_now)
    busy.check()
    assert len(made) == _BACKUPS and len(made[-1][0]) >= _BACKUPS
    shutil.copytree(many.folder, tmp_path / "scans elsewhere")
    for number, (before, backup) in enumerate(made):
        check_backup(backup.path)
        (tmp_path / f"other{number}").mkdir()
        scans = Scans(tmp_path / "scans elsewhere")
        other = DisturbedOffice(driver, scans, tmp_path / f"other{number}", elsewhere())
        restore(backup.path, other.location)
        with other.workspace() as workspace:
            assert audit.verify(workspace) is None
            assert audit.knows(workspace, backup.manifest.trail.head)
            with workspace.read_session() as session:
                rows = {row.id: row for row in session.scalars(select(EntryRow))}
        for said in before:
            row = rows[said.entry]
            told = (row.value, row.user, row.book, row.page, row.code)
            assert told == (said.value, said.user, *said.place, NAME)
        assert len(rows) == backup.manifest.counts["entries"] >= len(before)
        other.finish("run", workers=2)  # the scans lie elsewhere, too
