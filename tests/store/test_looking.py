"""Commands that only look: nothing is made, changed or migrated, wherever the workspace lies."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, text

from ocr_pipeline.errors import MachineError
from ocr_pipeline.reports.status import status
from ocr_pipeline.review import audit
from ocr_pipeline.store import schema
from ocr_pipeline.store.audit import append
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.review_models import AuditRow
from ocr_pipeline.store.workspace import DATABASE, Workspace
from tests.builders.review_office import fill

both = pytest.mark.databases("sqlite", "postgresql")
_NOBODY = 65534
WRITE_AND_DIE = """
import os, sys
from ocr_pipeline.store.audit import append
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.workspace import Workspace
ws = Workspace.open(sys.argv[1])
with ws.transaction() as session:
    append(session, "an", AuditAction.VIEWED, subject="kept in the log")
os._exit(0)
"""
LOOK_AS_NOBODY = """
import os, sys
from ocr_pipeline.cli.app import run_program
warm, folder = sys.argv[1:]
asked = [["status", "--json"], ["audit", "verify"]]
for words in asked:  # all modules are loaded by one who may read them
    assert run_program([*words, "-w", warm]) == 0
os.setgid({nobody}); os.setuid({nobody})
sys.exit(max(int(run_program([*words, "-w", folder])) for words in asked))
"""


def content(folder: Path) -> dict[str, str]:
    """Every file of a folder, by its bytes."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", ".lock"))
    }


def filled(location, scans: Path) -> None:
    with Workspace.open(location) as workspace:
        fill(workspace, scans, records=1)


@both
def test_looking_sees_all_and_changes_nothing(location, tmp_path):
    filled(location, tmp_path / "scans")
    with Workspace.look(location) as workspace:
        assert len(status(workspace)["books"]) == 1
        assert audit.faults(workspace, 1) == []
        with (
            pytest.raises(MachineError, match="not written to"),
            workspace.transaction() as changes,
        ):
            append(changes, "an", AuditAction.VIEWED)


@both
def test_looking_migrates_nothing(location, tmp_path):
    filled(location, tmp_path / "scans")
    with Workspace.open(location) as workspace, workspace.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    with pytest.raises(MachineError, match="older version") as caught:
        Workspace.look(location)
    assert "sohoa run" in caught.value.remedy.vi
    from ocr_pipeline.store.workspace import database_of

    with database_of(location) as engine:
        assert schema.revision(engine) == "0003"


def test_there_is_nothing_to_look_at(tmp_path):
    with pytest.raises(Exception, match="no workspace"):
        Workspace.look(tmp_path / "ws")
    assert not (tmp_path / "ws").exists()


def test_what_a_killed_program_left_in_its_log_is_seen(tmp_path):
    filled(tmp_path / "ws", tmp_path / "scans")
    subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(tmp_path / "ws")], check=True)
    assert (tmp_path / "ws" / f"{DATABASE}-wal").stat().st_size > 0
    with Workspace.look(tmp_path / "ws") as workspace, workspace.read_session() as session:
        newest = session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
        assert newest.subject == "kept in the log"


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("killed", [False, True], ids=["at rest", "with a log beside it"])
def test_a_workspace_that_may_only_be_read_can_be_looked_at(tmp_path, killed):
    folder = tmp_path / "ws"
    filled(folder, tmp_path / "scans")
    if killed:
        subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(folder)], check=True)
        (folder / f"{DATABASE}-shm").unlink(missing_ok=True)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)
    tmp_path.chmod(0o755)
    before = content(folder)
    filled(tmp_path / "warm", tmp_path / "scans")
    code = LOOK_AS_NOBODY.format(nobody=_NOBODY)
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "warm"), str(folder)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert content(folder) == before
