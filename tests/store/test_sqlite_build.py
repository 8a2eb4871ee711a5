"""The build of SQLite: no log where it loses commits; many writers lose nothing."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from ocr_pipeline.store import audit_check, engine, sqlite_build
from ocr_pipeline.store.review_models import AuditRow
from ocr_pipeline.store.workspace import Workspace

SOUND, OLD = (3, 53, 4), (3, 40, 1)
WRITER = """
import sys, time
from sqlalchemy import func, select
from ocr_pipeline.store import audit, sqlite_build
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.review_models import AuditRow
from ocr_pipeline.store.workspace import Workspace
location, name, seconds, *version = sys.argv[1:]
sqlite_build.version = tuple(map(int, version))
with Workspace.open(location) as ws:
    print("ready", flush=True)
    sys.stdin.readline()
    until, number = time.monotonic() + float(seconds), 0
    while time.monotonic() < until:
        number += 1
        with ws.transaction() as session:
            audit.append(session, name, AuditAction.VIEWED, subject=f"{name} {number}")
        print(name, number, flush=True)
        with ws.read_session() as session:
            assert session.scalar(select(func.max(AuditRow.id))) >= number
"""


@pytest.mark.parametrize(
    ("version", "loses"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 34, 1), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 46, 1), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 0), True),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 4), False),
        ((4, 0, 0), False),
    ],
)
def test_a_build_whose_log_loses_commits_gets_none(tmp_path, monkeypatch, version, loses):
    assert sqlite_build.loses_commits(version) is loses
    monkeypatch.setattr(sqlite_build, "version", version)
    with Workspace.open(tmp_path / "ws") as workspace:
        assert mode_of(workspace) == ("truncate" if loses else "wal")


def test_a_database_with_a_log_is_taken_out_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite_build, "version", SOUND)
    with Workspace.open(tmp_path / "ws") as workspace:
        assert mode_of(workspace) == "wal"
    monkeypatch.setattr(sqlite_build, "version", OLD)
    with Workspace.open(tmp_path / "ws") as workspace:
        assert mode_of(workspace) == "truncate"
        assert not list(workspace.folder.glob("*-wal"))
    monkeypatch.setattr(sqlite_build, "version", SOUND)
    with Workspace.open(tmp_path / "ws") as workspace:
        assert mode_of(workspace) == "wal"


def test_another_journal_waits_for_whoever_has_the_database_open(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite_build, "version", SOUND)
    with Workspace.open(tmp_path / "ws") as workspace:
        reader = sqlite_build.driver.connect(str(workspace.folder / "sohoa.db"))
    reader.execute("BEGIN").execute("SELECT count(*) FROM audit").fetchone()
    monkeypatch.setattr(sqlite_build, "version", OLD)
    waits = []
    monkeypatch.setattr(engine, "sleep", lambda _: waits.append(reader.close()))
    with Workspace.open(tmp_path / "ws") as workspace:
        assert mode_of(workspace) == "truncate" and len(waits) == 1


def test_what_is_deleted_is_overwritten(tmp_path):
    """Of a deleted row no byte stays in the file, whichever build keeps it."""
    with Workspace.open(tmp_path / "ws") as workspace, workspace.engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1


@pytest.mark.long
@pytest.mark.parametrize("version", [SOUND, OLD], ids=["log", "journal"])
def test_several_writers_lose_nothing(tmp_path, version):
    write_together(tmp_path / "ws", version, writers=3, seconds=1.5)


@pytest.mark.long
@pytest.mark.parametrize("version", [SOUND, OLD], ids=["log", "journal"])
def test_several_writers_lose_nothing_for_long(tmp_path, version):
    write_together(tmp_path / "ws", version, writers=4, seconds=40)


def write_together(folder: Path, version, writers: int, seconds: float) -> None:
    """Several processes commit as fast as they can; all that was told as kept is there."""
    Workspace.open(folder).close()
    command = [sys.executable, "-c", WRITER, str(folder)]
    processes = [
        subprocess.Popen(
            [*command, f"w{number}", str(seconds), *map(str, version)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(writers)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    with ThreadPoolExecutor(writers) as pool:  # they start together, and nobody waits to be read
        told = [said for said, _ in pool.map(lambda one: one.communicate("\n", 300), processes)]
    assert [process.returncode for process in processes] == [0] * writers
    kept = {line for said in told for line in said.splitlines()}
    with Workspace.open(folder) as workspace, workspace.read_session() as session:
        found = list(session.scalars(select(AuditRow.subject)))
        assert audit_check.verify(session) is None
        check = session.connection().exec_driver_sql("PRAGMA integrity_check").scalar()
    assert check == "ok"
    assert len(found) == len(set(found)) and kept == set(found) and len(kept) > 3 * writers


def mode_of(workspace: Workspace) -> str:
    with workspace.engine.connect() as connection:
        return connection.exec_driver_sql("PRAGMA journal_mode").scalar()
