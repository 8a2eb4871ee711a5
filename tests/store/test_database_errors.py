"""What goes wrong with a database is told with cause, place and remedy; nothing half-done stays."""

import socket
import sqlite3

import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError

from ocr_pipeline.errors import DatabaseUnreachableError, DiskFullError, MachineError
from ocr_pipeline.store import database_errors
from ocr_pipeline.store.models import ProblemRow
from ocr_pipeline.store.workspace import Workspace

both = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def workspace(location):
    with Workspace.open(location) as workspace:
        yield workspace


def add(session, place="x", size=1):
    row = ProblemRow(scans="/scans", place=place, cause_vi="c" * size, cause_en="c")
    session.add(row)
    session.flush()


def places(workspace):
    with workspace.read_session() as session:
        return list(session.scalars(text("SELECT place FROM problems ORDER BY id")))


def told(error):
    assert error.cause.vi and error.cause.en and error.remedy.vi and error.remedy.en and error.where
    return f"{error}"


@both
def test_a_writer_that_waited_too_long_is_told_that_others_are_busy(location, monkeypatch):
    monkeypatch.setattr("ocr_pipeline.store.engine.BUSY_SECONDS", 0.05)
    with Workspace.open(location) as one, Workspace.open(location) as other:
        with one.transaction() as session:
            add(session)
            with (
                pytest.raises(DatabaseUnreachableError, match="busy") as caught,
                other.transaction() as late,
            ):
                add(late)
            told(caught.value)
            assert places(other) == []  # who only looks waits for nobody
        with other.transaction() as session:
            add(session, "y")
        assert places(one) == ["x", "y"]


@both
def test_reading_shows_one_state_and_cannot_write(workspace):
    with workspace.read_session() as session:
        assert session.scalar(text("SELECT count(*) FROM problems")) == 0
        with workspace.transaction() as other:
            add(other)
        assert session.scalar(text("SELECT count(*) FROM problems")) == 0
    assert places(workspace) == ["x"]


def test_a_full_disk_under_sqlite(workspace):
    with workspace.transaction() as session:
        add(session)

    def shrink(connection):
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # no page more than there are

    event.listen(workspace.engine, "begin", shrink)
    with pytest.raises(DiskFullError, match="full") as caught, workspace.transaction() as late:
        add(late, "y", 10**6)
    assert not isinstance(caught.value, DatabaseUnreachableError)
    assert "sohoa.db" in told(caught.value) and "MB" in caught.value.where
    event.remove(workspace.engine, "begin", shrink)
    assert places(workspace) == ["x"]
    with workspace.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1073741823")
    with workspace.transaction() as session:
        add(session, "z")
    assert places(workspace) == ["x", "z"]


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize(
    "code, kind, word",
    [
        ("53100", DiskFullError, "full"),
        ("58030", MachineError, "fails to read"),
        ("40P01", DatabaseUnreachableError, "busy"),
        ("40001", DatabaseUnreachableError, "busy"),
        ("53300", DatabaseUnreachableError, "busy"),
    ],
)
def test_what_a_server_says_by_its_codes(workspace, code, kind, word):
    raising = text(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$")
    with (
        pytest.raises(MachineError, match=word) as caught,
        workspace.transaction() as session,
    ):
        add(session)
        session.execute(raising)
    assert type(caught.value) is kind
    password = workspace.engine.url.password
    assert password and password not in told(caught.value) and "127.0.0.1" in caught.value.where
    assert places(workspace) == []


@pytest.mark.databases("postgresql")
def test_a_connection_that_breaks_in_the_middle(workspace):
    with pytest.raises(DatabaseUnreachableError, match="lost"), workspace.transaction() as session:
        add(session)
        number = session.scalar(text("SELECT pg_backend_pid()"))
        with workspace.read_session() as other:
            other.execute(text(f"SELECT pg_terminate_backend({number}, 5000)"))
        add(session)
    assert places(workspace) == []  # and the next one has a connection again
    with workspace.transaction() as session:
        add(session, "y")
    assert places(workspace) == ["y"]


@both
def test_a_database_that_can_only_be_read(workspace):
    word = (
        "PRAGMA query_only=ON"
        if workspace.engine.dialect.name == "sqlite"
        else "SET TRANSACTION READ ONLY"
    )
    with pytest.raises(MachineError, match="not written to") as caught:
        with workspace.transaction() as session:
            session.execute(text(word))
            add(session)
    assert not isinstance(caught.value, DatabaseUnreachableError)
    told(caught.value)


def test_a_server_that_is_not_there(tmp_path):
    with socket.socket() as probe:  # a port nobody listens on
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        url = f"postgresql+psycopg://sohoa:bimat@127.0.0.1:{port}/x?files={tmp_path}"
        with pytest.raises(DatabaseUnreachableError, match="cannot be reached") as caught:
            Workspace.open(url)
    assert "bimat" not in told(caught.value) and str(port) in caught.value.where


def test_bugs_of_ours_stay_bugs(workspace):
    with pytest.raises(DBAPIError), workspace.transaction() as session:
        session.execute(text("SELECT nothing FROM nowhere"))


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "sohoa.db").write_text("this is not a database, only some text in its place")
    with pytest.raises(MachineError, match="damaged") as caught:
        Workspace.open(tmp_path)
    assert "sohoa.db" in told(caught.value)


def test_a_failed_write_on_a_disk_without_room_is_a_full_disk(tmp_path, monkeypatch):
    """SQLite says "disk I/O error" where it cannot make its index of the log larger."""
    error = DBAPIError("INSERT", None, _io_error())
    known = database_errors.explained(error, make_url("sqlite:////x/sohoa.db"), tmp_path)
    assert known is not None and "fails" in known.cause.en
    monkeypatch.setattr(database_errors, "_free", lambda folder: 0)
    known = database_errors.explained(error, make_url("sqlite:////x/sohoa.db"), tmp_path)
    assert known is not None and "full" in known.cause.en


def _io_error():
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    return error
