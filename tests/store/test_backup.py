"""A back-up holds all of a workspace, and becomes one again elsewhere."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ocr_pipeline.errors import BadInputError, MachineError
from ocr_pipeline.review import audit
from ocr_pipeline.review.accounts import Role, authenticate, create_user
from ocr_pipeline.store import postgres_dump, schema
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.backup import SUFFIX, check_backup, make_backup
from ocr_pipeline.store.engine import connect
from ocr_pipeline.store.files import write_text
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.restore import restore
from ocr_pipeline.store.trail_key import KEY_FILE
from ocr_pipeline.store.workspace import DATABASE, Workspace
from tests.builders import postgres
from tests.builders.backups import AlteredBackup, back_up
from tests.builders.review_station import ReviewStation

BOTH = pytest.mark.databases("sqlite", "postgresql")
FILES = {
    "policy.yaml": "error_budget: 0.002\n",
    "notify.yaml": "mail_to: [lan@xa.example]\n",
    "server.key": "k" * 32,
    "pictures/ab/ab01-0.jpg": "a picture",
    "reports/2026-03-02-0800/report.txt": "báo cáo",
}
LEFT_BEHIND = {
    "run.lock": "", "logs/sohoa.log": "a line\n", "drafts/x/NHAP.xls": "x", "eval/eval.json": "{}",
    "pictures/ab/.sohoa-tmp-1.jpg": "half", "holders/gate": "",
    "before-update-0004-20260302T081500.db": "x",
}  # fmt: skip


def work(station: ReviewStation) -> None:
    """Have people work in a workspace, and put all into its folder that may lie there."""
    station.book([{"so": f"{62 + i}/2017", "?nksHoTen": 0.5} for i in range(3)])
    create_user(station.ws, "an", Role.OPERATOR, "một mật khẩu dài", now=station.now)
    for page in (1, 2, 3):
        station.decide(station.an, station.field(page, "nksHoTen"), value=f"Trần Thị Hoa {page}")
    for name, content in (FILES | LEFT_BEHIND).items():
        write_text(station.ws.folder / name, content)


@pytest.fixture(scope="module")
def finished_work(tmp_path_factory) -> Path:
    """The folder of a workspace on SQLite in which people have worked; to be copied."""
    station = ReviewStation(tmp_path_factory.mktemp("finished") / "ws")
    work(station)
    station.ws.close()
    return station.ws.folder


@pytest.fixture
def worked(location, request, tmp_path):
    """A workspace in which people have worked."""
    if location == str(tmp_path / "ws"):
        shutil.copytree(request.getfixturevalue("finished_work"), location)
        station = ReviewStation(location)
    else:
        station = ReviewStation(location)
        work(station)
    yield station
    station.ws.close()


@pytest.fixture
def elsewhere(request, worked, tmp_path):
    """The address of an empty workspace on another machine, on the same kind of database."""
    if worked.ws.engine.dialect.name == "sqlite":
        yield str(tmp_path / "máy khác" / "ws")
        return
    with request.getfixturevalue("postgres").database() as url:
        yield postgres.location(url, tmp_path / "máy khác" / "ws")


def entries(ws):
    with ws.read_session() as session:
        return session.execute(text("SELECT id, value, base FROM entries ORDER BY id")).all()


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(DATABASE)
    }


@BOTH
def test_everything_is_there_again_elsewhere(worked, elsewhere, tmp_path):
    before, kept = audit.head(worked.ws), entries(worked.ws)
    made = back_up(worked.ws, tmp_path / "out")
    assert made.path.name.startswith("ws-") and made.path.suffix == SUFFIX
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert list((tmp_path / "out").iterdir()) == [made.path], "something is left over"
    assert (made.manifest.trail.lines, made.manifest.trail.head) == (before["id"], before["hash"])
    assert made.manifest.counts == {"books": 1, "pages": 3, "records": 3, "entries": 3}
    assert check_backup(made.path).sha256 == made.sha256
    done = restore(made.path, elsewhere)
    key = (worked.ws.folder / KEY_FILE).read_text()
    assert contents(done.folder) == FILES | {KEY_FILE: key}
    assert stat.S_IMODE(done.folder.stat().st_mode) == 0o700
    assert not list(done.folder.parent.glob("*restoring*"))
    with Workspace.open(elsewhere, create=False) as ws:
        assert entries(ws) == kept
        assert audit.verify(ws) is None and audit.knows(ws, before["hash"])
        [last] = audit.recent(ws, count=1)
        assert last["action"] == AuditAction.BACKUP_RESTORED
        assert authenticate(ws, "an", "một mật khẩu dài", "127.0.0.1", worked.later(hours=1))
        with ws.transaction() as session, pytest.raises(Exception, match="only ever added"):
            session.execute(text("UPDATE entries SET value = 'x'"))


@BOTH
def test_the_trail_tells_of_it(worked, tmp_path):
    made = back_up(worked.ws, tmp_path / "out")
    [line] = audit.recent(worked.ws, count=1)
    assert line["action"] == AuditAction.BACKUP_MADE
    assert line["details"]["sha256"] == made.sha256
    assert line["details"]["head"] == line["previous"] == made.manifest.trail.head


@BOTH
def test_what_is_there_is_replaced_only_when_asked_and_moved_aside(worked, tmp_path):
    made = back_up(worked.ws, tmp_path / "out")
    old = entries(worked.ws)
    worked.decide(worked.an, worked.field(1, "so"), value="99/2017")
    newer = entries(worked.ws)
    worked.ws.close()
    with pytest.raises(BadInputError, match="--replace"):
        restore(made.path, worked.location)
    done = restore(made.path, worked.location, replace=True)
    with Workspace.open(worked.location, create=False) as ws:
        assert entries(ws) == old != newer
        assert audit.verify(ws) is None
        if done.aside_namespace:
            with ws.read_session() as session:
                query = f'SELECT id, value, base FROM "{done.aside_namespace}".entries ORDER BY id'
                assert session.execute(text(query)).all() == newer
    assert (done.aside / "policy.yaml").is_file()
    if not done.aside_namespace:
        with Workspace.open(done.aside, create=False) as ws:
            assert entries(ws) == newer


@BOTH
def test_a_run_that_goes_on_keeps_its_workspace(worked, tmp_path):
    made = back_up(worked.ws, tmp_path / "out")
    before = contents(worked.ws.folder)
    with run_lock(worked.ws), pytest.raises(MachineError, match="Another run"):
        restore(made.path, worked.location, replace=True)
    assert contents(worked.ws.folder) == before
    assert len(entries(worked.ws)) == 3


@BOTH
def test_whoever_has_the_workspace_open_keeps_it_and_is_named(worked, tmp_path):
    made = back_up(worked.ws, tmp_path / "out")
    with Workspace.open(worked.location, create=False, command="serve") as served:
        with pytest.raises(MachineError, match="sohoa serve"):
            restore(made.path, worked.location, replace=True)
        served.require_there()
    restore(made.path, worked.location, replace=True)


def test_pictures_can_stay_behind(worked, tmp_path):
    made = back_up(worked.ws, tmp_path / "out", pictures=False)
    done = restore(made.path, str(tmp_path / "new"))
    assert not (done.folder / "pictures").exists() and (done.folder / "server.key").is_file()


def test_links_are_named_not_followed(worked, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("x")
    (worked.ws.folder / "shelf").symlink_to(tmp_path / "outside")
    (worked.ws.folder / "one").symlink_to(tmp_path / "outside" / "secret")
    made = back_up(worked.ws, tmp_path / "out")
    assert made.manifest.left_out == ["one", "shelf"]
    assert not any("secret" in entry.name for entry in made.manifest.files)


def test_names_that_are_no_utf8_go_along(worked, tmp_path):
    odd = worked.ws.folder / "b\udce1o c\u00e1o\n.txt"
    odd.write_text("here")
    done = restore(back_up(worked.ws, tmp_path / "out").path, str(tmp_path / "new"))
    assert (done.folder / odd.name).read_text() == "here"


@pytest.mark.parametrize("place", ["ws", "ws/pictures", "ws/x.sohoa-backup"])
def test_no_back_up_lies_in_its_workspace(worked, tmp_path, place):
    with pytest.raises(BadInputError, match="must not lie in its workspace"):
        make(worked, tmp_path / place)


def make(worked, out: Path):
    return make_backup(worked.ws, out, software="sohoa test")


def test_nothing_is_written_over_and_no_folder_is_invented(worked, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadInputError, match="there already"):
        make(worked, tmp_path / "mine.txt")
    assert (tmp_path / "mine.txt").read_text() == "mine"
    with pytest.raises(BadInputError, match="no such folder"):  # a disk that is not mounted
        make(worked, tmp_path / "usb")
    assert not (tmp_path / "usb").exists()


def test_only_the_newest_are_kept_and_nothing_else_is_touched(worked, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    others = {"ws-notes.txt", "ws2-20200101-000000.sohoa-backup", "ws-20200101.sohoa-backup"}
    for name in others:
        (out / name).write_text("")
    made = [back_up(worked.ws, out, keep=2, now=worked.later(days=1)) for _ in range(4)]
    assert {path.name for path in out.iterdir()} == others | {m.path.name for m in made[2:]}
    assert made[3].removed == (made[1].path,)


def test_two_at_once_on_one_workspace_are_refused(worked, tmp_path, monkeypatch):
    from ocr_pipeline.store import database_copy

    copy = database_copy.copy_database

    def twice(workspace, target):
        with pytest.raises(MachineError, match="being backed up"):
            back_up(worked.ws, tmp_path / "out", now=worked.later(days=1))
        return copy(workspace, target)

    monkeypatch.setattr(database_copy, "copy_database", twice)
    made = back_up(worked.ws, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == [made.path]


def test_a_damaged_database_gives_no_back_up(worked, tmp_path):
    folder = worked.ws.folder
    worked.ws.close()
    with (folder / DATABASE).open("r+b") as file:
        size = file.seek(0, 2)
        for place in range(8192, size - 4096, 4096):
            file.seek(place + 100)
            file.write(b"\xff" * 300)
    spoilt = Workspace(folder, connect(worked.ws.engine.url))
    with pytest.raises(MachineError, match="sohoa restore"):
        back_up(spoilt, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    "harm",
    ["UPDATE audit SET user_name = 'chi' WHERE id = 2", "UPDATE entries SET value = 'x'"],
)
def test_a_broken_trail_is_copied_and_told(worked, tmp_path, harm):
    with sqlite3.connect(worked.ws.folder / DATABASE) as database:
        for table in ("audit", "entries"):
            database.execute(f"DROP TRIGGER {table}_not_changed")
        database.execute(harm)
    database.close()
    made = back_up(worked.ws, tmp_path / "out")
    assert not made.trail_holds
    assert not check_backup(made.path).trail_holds
    assert not restore(made.path, str(tmp_path / "new")).trail_holds


def test_a_trail_spoilt_in_the_back_up_is_told(worked, tmp_path):
    """Somebody alters a value in the archive, and all that its manifest says of it."""
    altered = AlteredBackup(back_up(worked.ws, tmp_path / "out").path)
    (tmp_path / "x.db").write_bytes(altered.members["database/sohoa.db"])
    with sqlite3.connect(tmp_path / "x.db") as database:
        database.execute("DROP TRIGGER entries_not_changed")
        database.execute("UPDATE entries SET value = 'x'")
    database.close()
    altered.members["database/sohoa.db"] = (tmp_path / "x.db").read_bytes()
    altered.list_all()
    path = altered.write(tmp_path / f"altered{SUFFIX}")
    assert not check_backup(path).trail_holds
    assert not restore(path, str(tmp_path / "new")).trail_holds


KILLED_WRITER = """
import os, sys
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.store.audit import append
from ocr_pipeline.store.audit_actions import AuditAction
ws = Workspace.open(sys.argv[1])
for _ in range(20):
    with ws.transaction() as session:
        append(session, "an", AuditAction.VIEWED, subject="x" * 200)
os._exit(9)
"""


def test_a_log_left_by_a_kill_never_meets_the_restored_database(worked, tmp_path):
    made, folder = back_up(worked.ws, tmp_path / "out"), worked.ws.folder
    worked.ws.close()
    done = subprocess.run([sys.executable, "-c", KILLED_WRITER, str(folder)], check=False)
    assert done.returncode == 9 and list(folder.glob(f"{DATABASE}-*"))
    restored = restore(made.path, str(folder), replace=True)
    assert [path.name for path in folder.glob(f"{DATABASE}*")] == [DATABASE]
    with Workspace.open(folder, create=False) as ws:
        assert audit.verify(ws) is None and audit.knows(ws, made.manifest.trail.head)
        assert len(entries(ws)) == 3
    with Workspace.open(restored.aside, create=False) as ws:  # whole, with its own log
        assert audit.verify(ws) is None and audit.head(ws)["id"] > 20


def test_a_workspace_that_cannot_be_opened_is_replaced(worked, tmp_path):
    made, folder = back_up(worked.ws, tmp_path / "out"), worked.ws.folder
    worked.ws.close()
    (folder / DATABASE).write_bytes(b"no database" * 1000)
    with pytest.raises(MachineError, match="sohoa restore"):
        Workspace.open(folder)
    restore(made.path, str(folder), replace=True)
    with Workspace.open(folder, create=False) as ws:
        assert len(entries(ws)) == 3


def test_an_older_back_up_is_brought_up_to_date(worked, tmp_path):
    from alembic import command
    from alembic.config import Config

    made = back_up(worked.ws, tmp_path / "out")
    shutil.copytree(worked.ws.folder, tmp_path / "old")
    with Workspace.open(tmp_path / "old") as old:
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        with schema.migrating(old.engine) as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0003")
        with old.read_session() as session:
            query = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1"
            lines, last = session.execute(text(query)).one()
    altered = AlteredBackup(made.path)
    altered.members["database/sohoa.db"] = (tmp_path / "old" / DATABASE).read_bytes()
    altered.manifest["database"]["revision"] = "0003"
    altered.manifest["trail"] |= {"lines": lines, "head": last}
    altered.list_all()
    path = altered.write(tmp_path / f"old{SUFFIX}")
    assert check_backup(path).manifest.database.revision == "0003"
    restore(path, str(tmp_path / "new"))
    with Workspace.open(tmp_path / "new", create=False) as ws:
        assert schema.revision(ws.engine) == schema.HEAD
        assert audit.verify(ws) is None and len(entries(ws)) == 3


@pytest.mark.databases("postgresql")
def test_kinds_of_databases_are_not_mixed(worked, tmp_path):
    made = back_up(worked.ws, tmp_path / "out")
    with pytest.raises(BadInputError, match="of PostgreSQL"):
        restore(made.path, str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
    with Workspace.open(tmp_path / "plain") as plain:
        other = back_up(plain, tmp_path / "out")
    with pytest.raises(BadInputError, match="of SQLite"):
        restore(other.path, worked.location, replace=True)
    assert len(entries(worked.ws)) == 3


@pytest.mark.databases("postgresql")
def test_missing_programs_of_postgresql_are_named(worked, tmp_path, monkeypatch):
    made = back_up(worked.ws, tmp_path / "out")
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(postgres_dump, "_SHARED", tmp_path)
    with pytest.raises(MachineError, match="apt-get install postgresql-client"):
        back_up(worked.ws, tmp_path / "out", now=worked.now + timedelta(days=1))
    with pytest.raises(MachineError, match="apt-get install postgresql-client"):
        restore(made.path, worked.location, replace=True)
    assert len(entries(worked.ws)) == 3
    assert [path for path in (tmp_path / "out").iterdir()] == [made.path]


@pytest.mark.databases("postgresql")
def test_a_server_that_refuses_keeps_what_it_had(worked, tmp_path, monkeypatch):
    made, before = back_up(worked.ws, tmp_path / "out"), contents(worked.ws.folder)
    monkeypatch.setattr(postgres_dump, "_require_head", lambda *_: "SELECT 1/0;")
    with pytest.raises(MachineError, match="division by zero"):
        restore(made.path, worked.location, replace=True)
    assert len(entries(worked.ws)) == 3 and audit.verify(worked.ws) is None
    assert contents(worked.ws.folder) == before
    assert [path.name for path in worked.ws.folder.parent.glob("ws*")] == ["ws"]


def test_a_lock_left_over_means_nothing(worked, tmp_path):
    made = back_up(worked.ws, tmp_path / "out")
    (tmp_path / ".new.restoring-lock").touch()
    restore(made.path, str(tmp_path / "new"))


def test_what_is_no_folder_yet_is_not_taken_for_a_file(worked, tmp_path):
    """The folder of a disk that is not mounted, or a slip: nothing is written beside it."""
    for out in (tmp_path / "bk", tmp_path / "bk" / "ho_so.sohoa-backup"):
        with pytest.raises(BadInputError, match="no such folder") as caught:
            make(worked, out)
        assert caught.value.where == str(tmp_path / "bk")
    assert not (tmp_path / "bk").exists()
