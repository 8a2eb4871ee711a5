"""`sohoa backup` and `sohoa restore` as a user calls them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from ocr_pipeline.errors import ExitCode
from ocr_pipeline.review import audit
from ocr_pipeline.review.accounts import Role, create_user
from ocr_pipeline.store import backup
from ocr_pipeline.store.workspace import DATABASE, Workspace
from tests.builders.backups import back_up
from tests.crash.small_disk import fill, mounting, remount, small_disk


@pytest.fixture
def workspace(tmp_path):
    """A workspace that somebody has an account in."""
    with Workspace.open(tmp_path / "ws") as opened:
        create_user(opened, "an", Role.OPERATOR, "một mật khẩu dài")
        (opened.folder / "policy.yaml").write_text("error_budget: 0.002\n")
    return tmp_path / "ws"


def test_there_and_back(sohoa, workspace, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    done = sohoa("backup", out, "-w", workspace)
    [made] = out.iterdir()
    assert done.code == ExitCode.DONE and str(made) in done.out
    with Workspace.open(workspace) as opened:
        head = audit.recent(opened, count=1)[0]["details"]["head"]
    assert head in done.out
    assert sohoa("backup", "--check", made).code == ExitCode.DONE
    assert sohoa("restore", made, "-w", workspace).code == ExitCode.BAD_INPUT
    done = sohoa("restore", made, "-w", tmp_path / "new")
    assert done.code == ExitCode.DONE and head in done.out
    assert sohoa("audit", "verify", "--head", head, "-w", tmp_path / "new").code == ExitCode.DONE
    done = sohoa("restore", made, "-w", workspace, "--replace")
    assert done.code == ExitCode.DONE and "before-restore" in done.out
    assert sohoa("status", "-w", workspace).code == ExitCode.DONE


def test_programs_are_told_the_same(sohoa, workspace, tmp_path):
    done = sohoa("backup", tmp_path, "-w", workspace, "--json")
    told = json.loads(done.out)
    checked = json.loads(sohoa("backup", "--check", told["file"], "--json").out)
    assert {**checked, "removed": []} == told
    assert told["audit"]["holds"] is True and told["audit"]["lines"] == 1
    assert set(told) == {
        "file", "bytes", "sha256", "made", "workspace", "database", "audit", "counts", "files",
        "left_out", "removed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["backup", "x"], ExitCode.USAGE),  # of what?
        (["backup", "x", "-w", "nowhere"], ExitCode.USAGE),
        (["backup", "nowhere/x.bak", "-w", "ws"], ExitCode.BAD_INPUT),
        (["backup", "ws/x.bak", "-w", "ws"], ExitCode.BAD_INPUT),
        (["backup", "--check", "nowhere"], ExitCode.BAD_INPUT),
        (["backup", "--check", "ws"], ExitCode.BAD_INPUT),
        (["backup", "--check", "ws/policy.yaml"], ExitCode.BAD_INPUT),
        (["restore", "nowhere", "-w", "new"], ExitCode.BAD_INPUT),
        (["restore", "ws/policy.yaml", "-w", "new"], ExitCode.BAD_INPUT),
        (["restore", "good", "-w", "ws/policy.yaml"], ExitCode.USAGE),
        (["restore", "good", "-w", "ws/policy.yaml/x"], ExitCode.ENVIRONMENT),
        (["restore", "good", "-w", "sqlite:///other.db?files=new"], ExitCode.USAGE),
        (["restore", "good", "-w", "nonsense://x?files=new"], ExitCode.BAD_INPUT),
    ],
)
def test_what_cannot_be_is_explained(sohoa, workspace, tmp_path, monkeypatch, arguments, code):
    monkeypatch.chdir(tmp_path)
    with Workspace.open(workspace) as opened:
        back_up(opened, tmp_path / "out").path.rename(tmp_path / "good")
    done = sohoa(*arguments)
    assert done.code == code, done.err
    assert "Traceback" not in done.err and "A bug" not in done.err
    assert len(done.err.strip().splitlines()) >= 2 and "→" in done.err
    assert not (tmp_path / "new").exists() and not (tmp_path / "nowhere").exists()


def test_a_broken_trail_is_told_each_time(sohoa, workspace, tmp_path):
    import sqlite3

    with sqlite3.connect(workspace / DATABASE) as database:
        database.execute("DROP TRIGGER audit_not_changed")
        database.execute("UPDATE audit SET user_name = 'chi'")
    database.close()
    done = sohoa("backup", tmp_path / "x.bak", "-w", workspace)
    assert done.code == ExitCode.FAILURES and "audit verify" in done.err
    for arguments in (["backup", "--check", tmp_path / "x.bak"],
                      ["restore", tmp_path / "x.bak", "-w", tmp_path / "new"]):  # fmt: skip
        done = sohoa(*arguments)
        assert done.code == ExitCode.FAILURES and "audit verify" in done.err


WRITER = """
import os, sys
from ocr_pipeline.store.audit import append
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.workspace import Workspace
ws = Workspace.open(sys.argv[1])
for _ in range(5):
    with ws.transaction() as session:
        for _ in range(60):
            append(session, "an", AuditAction.VIEWED, subject="x" * 200)
if sys.argv[2] == "killed":
    os._exit(9)
ws.close()
"""


def test_a_database_copied_by_hand_over_a_log_names_the_way_out(sohoa, workspace, tmp_path):
    """Yesterday's `sohoa.db` beside the log of a run that was killed today."""
    made = tmp_path / "made.bak"
    sohoa("backup", made, "-w", workspace)
    shutil.copy(workspace / DATABASE, tmp_path / "yesterday")
    for end in ("closed", "killed"):
        subprocess.run([sys.executable, "-c", WRITER, workspace, end], check=False)
    assert (workspace / f"{DATABASE}-wal").stat().st_size > 50_000
    shutil.copy(tmp_path / "yesterday", workspace / DATABASE)
    done = sohoa("audit", "verify", "-w", workspace)
    assert done.code == ExitCode.ENVIRONMENT
    assert "sohoa restore" in done.err and "-wal" in done.err
    assert sohoa("restore", made, "-w", workspace, "--replace").code == ExitCode.DONE
    assert sohoa("audit", "verify", "-w", workspace).code == ExitCode.DONE


@mounting
@pytest.mark.parametrize("moment", ["at once", "in the copy", "in the archive"])
def test_a_full_disk_gets_no_part_of_a_back_up(sohoa, workspace, tmp_path, monkeypatch, moment):
    (workspace / "large").write_bytes(bytes(range(256)) * 4000 if moment != "at once" else b"")
    (workspace / "large.jpg").write_bytes(bytes(1_500_000))
    if moment != "at once":
        monkeypatch.setattr(backup, "require_room", lambda *_: None)
    with small_disk(tmp_path / "usb", "4m") as disk:
        ballast = fill(disk, {"at once": 1_000_000, "in the copy": 40_000}.get(moment, 1_000_000))
        done = sohoa("backup", disk, "-w", workspace)
        assert done.code == ExitCode.ENVIRONMENT, done.out + done.err
        assert str(disk) in done.err and "ổ đĩa" in done.err.lower(), done.err
        assert list(disk.iterdir()) == [ballast]
    with Workspace.open(workspace) as opened:
        assert audit.verify(opened) is None and audit.head(opened)["id"] == 1


@mounting
@pytest.mark.parametrize("moment", ["at once", "while unpacking"])
def test_a_full_disk_gets_no_part_of_a_workspace(sohoa, workspace, tmp_path, monkeypatch, moment):
    (workspace / "large.jpg").write_bytes(bytes(2_500_000))
    assert sohoa("backup", tmp_path / "made.bak", "-w", workspace).code == ExitCode.DONE
    if moment != "at once":
        monkeypatch.setattr("ocr_pipeline.store.backup_archive.require_room", lambda *_: None)
    with small_disk(tmp_path / "usb", "4m") as disk:
        shutil.copytree(workspace, disk / "ws")
        before = sorted(path.name for path in disk.rglob("*") if path.name != "holders")
        done = sohoa("restore", tmp_path / "made.bak", "-w", disk / "ws", "--replace")
        assert done.code == ExitCode.ENVIRONMENT, done.out + done.err
        assert "ổ đĩa" in done.err.lower() and str(disk) in done.err
        left = {path.name for path in disk.rglob("*")} - {"holders", "gate", "run.lock"}
        assert left == set(before) - {"run.lock", "gate"}
        with Workspace.open(disk / "ws", create=False) as opened:
            assert audit.verify(opened) is None


@mounting
def test_where_a_disk_is_mounted_nothing_is_renamed(sohoa, workspace, tmp_path):
    assert sohoa("backup", tmp_path / "made.bak", "-w", workspace).code == ExitCode.DONE
    with small_disk(tmp_path / "disk", "80m") as disk:
        for content in (None, "x"):
            if content:
                (disk / "x").write_text(content)
            done = sohoa("restore", tmp_path / "made.bak", "-w", disk, "--replace")
            assert done.code == ExitCode.ENVIRONMENT and "mounted" in done.err, done.err
        assert (disk / "x").read_text() == "x"
        assert not [path for path in tmp_path.iterdir() if "restor" in path.name]
        assert sohoa("restore", tmp_path / "made.bak", "-w", disk / "ws").code == ExitCode.DONE


@mounting
def test_a_disk_that_can_only_be_read_any_more_is_backed_up(sohoa, workspace, tmp_path):
    """What a disk that fails becomes; its trail takes no line, which is told."""
    with small_disk(tmp_path / "old", "20m") as disk:
        shutil.copytree(workspace, disk / "ws")
        remount(disk, "ro")
        done = sohoa("backup", tmp_path / "made.bak", "-w", disk / "ws")
        assert done.code == ExitCode.FAILURES and "no line" in done.err, done.err
    assert sohoa("restore", tmp_path / "made.bak", "-w", tmp_path / "new").code == ExitCode.DONE
    with Workspace.open(tmp_path / "new", create=False) as opened:
        assert audit.verify(opened) is None
