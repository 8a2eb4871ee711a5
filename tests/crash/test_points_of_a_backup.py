"""Killed at any point of a back-up or a restoring: the old one or the new one, never a part."""

from __future__ import annotations

import pytest

from ocr_pipeline.review import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.backup import check_backup
from ocr_pipeline.store.commit_points import CommitPoint
from ocr_pipeline.store.workspace import Workspace
from tests.builders.backups import back_up
from tests.crash.office import DisturbedOffice
from tests.crash.where import BACKUP, RESTORE

POLICY = "policy.yaml"


def age(workspace, state: str) -> str:
    """Bring a workspace into a state that its trail and a file tell; returns the trail's head."""
    with workspace.transaction() as session:
        for _ in range(5):
            audit.append(session, "an", AuditAction.VIEWED, subject=state)
    (workspace.folder / POLICY).write_text(state)
    return audit.head(workspace)["hash"]


@pytest.fixture
def office(driver, scans, tmp_path, location):
    office = DisturbedOffice(driver, scans, tmp_path, location)
    yield office
    office.all_gone()


@pytest.mark.parametrize("point", BACKUP, ids=lambda point: point.name)
def test_a_back_up_killed_at_a_point(office, tmp_path, point):
    out = tmp_path / "backups"
    out.mkdir()
    with office.workspace() as workspace:
        age(workspace, "old")
    for name in ("first", "second"):
        office.killed_at(point.value, 1, "backup", backups=str(out / f"{name}.bak"))
        for path in out.glob("[!.]*"):
            check_backup(path)
    whole = {path.name for path in out.glob("[!.]*")}
    assert whole == ({"first.bak", "second.bak"} if point is CommitPoint.BACKUP_RENAMED else set())
    office.finish("backup", backups=str(out / "third.bak"))
    assert {path.name for path in out.iterdir()} == whole | {"third.bak"}
    assert check_backup(out / "third.bak").manifest.trail.lines >= 5


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("point", RESTORE, ids=lambda point: point.name)
def test_a_restoring_killed_at_a_point(office, tmp_path, location, point):
    with office.workspace() as workspace:
        old = age(workspace, "old")
        server = workspace.engine.dialect.name == "postgresql"
        backup = back_up(workspace, tmp_path / "backups").path
        new = age(workspace, "new")
    if point is CommitPoint.DATABASE_FILLED and not server:
        pytest.skip("a point of servers alone")
    office.killed_at(point.value, 1, "restore", backup=str(backup))
    with Workspace.open(location, create=False) as workspace:
        assert audit.verify(workspace) is None and audit.knows(workspace, old)
        restored = not audit.knows(workspace, new)
        told = (workspace.folder / POLICY).read_text()
    swapped = point is CommitPoint.WORKSPACE_SWAPPED
    assert told == ("old" if swapped else "new")
    assert restored is (swapped or (server and point is not CommitPoint.BACKUP_UNPACKED))
    office.finish("restore", backup=str(backup))
    with Workspace.open(location, create=False) as workspace:
        assert audit.verify(workspace) is None and not audit.knows(workspace, new)
        assert (workspace.folder / POLICY).read_text() == "old"
        beside = [path for path in tmp_path.iterdir() if path.name.startswith("ws.")]
    assert not [path for path in beside if "restoring" in path.name]
    assert "new" in [(path / POLICY).read_text() for path in beside]
    if not server:
        heads = []
        for path in beside:
            with Workspace.open(path, create=False) as one:
                assert audit.verify(one) is None
                heads.append(audit.knows(one, new))
        assert any(heads), "what was there before is gone"
