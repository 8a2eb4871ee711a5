"""A job is deleted by one who has it to himself; what the certificate says is true afterwards."""

import json
import os
import platform
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import inspect, make_url

from ocr_pipeline.cli.app import run_program as sohoa
from ocr_pipeline.errors import ExitCode, MachineError, UsageError, WorkspaceGoneError
from ocr_pipeline.review import deletion
from ocr_pipeline.store import commit_points, holders, locks
from ocr_pipeline.store.approvals import ApprovalStep, add_step
from ocr_pipeline.store.books import find_page, save_book
from ocr_pipeline.store.holders import FOLDER, held_on_server
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.models import PageRow, TableBase
from ocr_pipeline.store.workspace import Workspace, database_of, going_folder
from tests.builders.books import make_book
from tests.crash.where import DELETION

BOOK = "xalocthuan_hbd_tbt.KS.2016.01"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
both = pytest.mark.databases("sqlite", "postgresql")
_HOLD = """
import sys, time
from ocr_pipeline.store.workspace import Workspace
workspace = Workspace.open(sys.argv[1], create=False, command="serve")
print("open", flush=True)
time.sleep(60)
"""


class PowerCutError(BaseException):
    """Nothing in the software catches it."""


class Job:
    """A job with a book that was handed over."""

    def __init__(self, location: str) -> None:
        self.location = location
        with Workspace.open(location) as workspace:
            self.folder = workspace.folder
            with workspace.transaction() as session:
                save_book(session, make_book(year=2016))
                session.flush()
                session.add(PageRow(book=BOOK, name="1.png", ordinal=0, path="/1.png"))
                add_step(session, BOOK, ApprovalStep.HAND_OVER, "minh", NOW)

    def open(self, **options) -> Workspace:
        return Workspace.open(self.location, create=False, **options)


@pytest.fixture
def job(location):
    return Job(location)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Nobody waits for long, and points are only watched within a test."""
    for module in (holders, locks):
        monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.1)
    yield
    commit_points.hook = lambda _point: None


def delete(job) -> ExitCode:
    return sohoa(["delete", "--workspace", job.location, "--confirm", job.folder.name])


def told(job):
    path = deletion.certificate_path(job.folder)
    return json.loads(path.read_text(encoding="utf-8"))


def is_whole(job) -> bool:
    """Whether the job can be opened, with its book."""
    with job.open() as workspace, workspace.read_session() as session:
        return find_page(session, BOOK, "1.png") is not None


def nothing_left(job) -> bool:
    folder = job.folder
    if "://" in job.location:
        with database_of(job.location) as engine:
            names = set(inspect(engine).get_table_names())
        assert not names & {*TableBase.metadata.tables, "alembic_version"}
    return not folder.exists() and not going_folder(folder).exists()


@both
def test_a_station_keeps_its_job_until_it_ends(job, capsys):
    command = [sys.executable, "-c", _HOLD, job.location]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as station:
        try:
            assert station.stdout.readline() == "open\n"
            assert delete(job) is ExitCode.ENVIRONMENT
            said = capsys.readouterr().err
            assert f"serve (pid {station.pid}, {platform.node()}" in said and "Ctrl-C" in said
            assert is_whole(job) and not deletion.certificate_path(job.folder).exists()
        finally:
            station.send_signal(signal.SIGKILL)  # whoever is killed is in nobody's way
    assert delete(job) is ExitCode.DONE
    assert nothing_left(job) and told(job)["finished"]


@pytest.mark.databases("postgresql")
def test_a_station_on_another_machine_keeps_its_job(job, capsys):
    elsewhere = make_url(job.location).set(host="localhost")  # another name of the server
    with Workspace.open(elsewhere.render_as_string(hide_password=False)) as other:
        with held_on_server(other.engine, "serve"):
            assert delete(job) is ExitCode.ENVIRONMENT
            assert f"serve (pid {os.getpid()}" in capsys.readouterr().err
        assert is_whole(job)
        with job.open() as here, run_lock(here), pytest.raises(MachineError), run_lock(other):
            raise AssertionError("two runs have one database")


@both
def test_a_run_keeps_its_job(job, capsys):
    with job.open(command="run"):
        assert delete(job) is ExitCode.ENVIRONMENT
        assert f"sohoa run (pid {os.getpid()}" in capsys.readouterr().err
    with job.open() as workspace, run_lock(workspace):  # called as a function
        assert delete(job) is ExitCode.ENVIRONMENT
        assert "Another run" in capsys.readouterr().err
    assert is_whole(job)


@both
@pytest.mark.parametrize("point", DELETION, ids=lambda point: point.name)
def test_a_deletion_killed_at_a_point_is_finished(job, point, capsys):
    def cut(reached):
        if reached is point:
            raise PowerCutError

    commit_points.hook = cut
    with pytest.raises(PowerCutError):
        delete(job)
    commit_points.hook = lambda _point: None
    folder = job.folder
    if folder.exists():
        assert told(job)["finished"] is None and is_whole(job)
    else:
        for command in (
            ["run", "/scans", "-w", job.location],
            ["status", "-w", job.location],
            ["user", "list", "-w", job.location],
        ):
            assert sohoa(command) in (ExitCode.ENVIRONMENT, ExitCode.USAGE)
        assert not folder.exists()
    assert delete(job) is ExitCode.DONE
    assert nothing_left(job)
    assert told(job)["finished"] and told(job)["books"][0]["id"] == BOOK
    capsys.readouterr()


@both
def test_opening_makes_nothing_of_what_was_deleted(job):
    assert delete(job) is ExitCode.DONE
    with pytest.raises(UsageError):
        Workspace.open(job.location, create=False, command="status")
    assert nothing_left(job)


def test_what_is_written_meanwhile_is_told(job):
    """A program of another version, which holds nothing, writes a picture back."""
    folder = job.folder

    def write_back(reached):
        if reached is commit_points.CommitPoint.JOB_EMPTIED:
            (folder / "pictures").mkdir(parents=True)
            (folder / "pictures" / "a.jpg").write_bytes(b"a citizen's page")

    commit_points.hook = write_back
    assert delete(job) is ExitCode.ENVIRONMENT
    assert told(job)["finished"] is None
    commit_points.hook = lambda _point: None
    assert delete(job) is ExitCode.ENVIRONMENT and (folder / "pictures" / "a.jpg").is_file()
    (folder / "pictures" / "a.jpg").unlink()
    assert delete(job) is ExitCode.DONE and nothing_left(job) and told(job)["finished"]


def test_a_database_beside_the_folder_goes_too(tmp_path):
    location = f"sqlite:///{tmp_path / 'x.db'}?files={tmp_path / 'files'}"
    with Workspace.open(location) as workspace:
        deletion.delete_job(workspace)
    assert [path.name for path in tmp_path.iterdir()] == ["files.deletion.json"]


def test_files_of_killed_holders_are_taken_away(tmp_path):
    with Workspace.open(tmp_path / "ws", command="serve") as workspace:
        with Workspace.open(tmp_path / "ws", command="serve"):  # several stations of one job
            assert len(list((workspace.folder / FOLDER).glob("serve~*"))) == 2
        left = workspace.folder / FOLDER / "serve~99~20260302T080000Z~ab~host"
        left.touch()
        with Workspace.open(tmp_path / "ws", command="export"):
            assert not left.exists()
    assert {path.name for path in (tmp_path / "ws" / FOLDER).iterdir()} == {"gate"}


@pytest.mark.parametrize("way", ["moved", "replaced", "emptied"])
def test_a_workspace_that_vanished_takes_nothing(tmp_path, way):
    with Workspace.open(tmp_path / "ws") as workspace:
        with workspace.transaction() as session:
            add_step(session, BOOK, ApprovalStep.APPROVE, "minh", NOW)
        (tmp_path / "ws").rename(tmp_path / "elsewhere")
        if way == "replaced":
            Workspace.open(tmp_path / "ws").close()
        elif way == "emptied":
            (tmp_path / "ws").mkdir()
        for door in (workspace.transaction, workspace.read_session):
            with pytest.raises(WorkspaceGoneError), door():
                raise AssertionError("the block is never entered")
        if way == "moved":
            with pytest.raises(WorkspaceGoneError):
                workspace.logs  # noqa: B018
            assert not (tmp_path / "ws").exists()


def test_what_vanishes_while_it_is_written_is_not_called_kept(tmp_path):
    with Workspace.open(tmp_path / "ws") as workspace:
        with pytest.raises(WorkspaceGoneError), workspace.transaction() as session:
            add_step(session, BOOK, ApprovalStep.APPROVE, "minh", NOW)
            (tmp_path / "ws").rename(tmp_path / "elsewhere")
