"""A PostgreSQL server for the tests: its own files, on this machine only, gone with its owner.

`shared_server()` gives the server of this test run and starts it when nobody has yet. A keeper
(this file as a program) owns it and stops it as soon as the process that the tests belong to is
gone, however that ended; should the keeper be killed, the server dies with it.

`SOHOA_TEST_POSTGRES=postgresql+psycopg://user:password@host/database` names a server to use
instead; its user must be allowed to create databases.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from filelock import FileLock
from sqlalchemy import URL, create_engine, make_url, text

from tests.builders.ports import free_port

OWNER = "SOHOA_TEST_OWNER"
"""The process whose end is the end of the server; set by the process that starts the tests."""

_GIVEN = "SOHOA_TEST_POSTGRES"
_MARK = "sohoa-postgres-"
_USER = "sohoa"
_PATIENCE = 60.0  # seconds
_NUMBERS = itertools.count(1)

#: A power cut of the machine that runs the tests may lose their data.
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "120",
    "max_wal_size": "256MB",
    "log_min_messages": "fatal",
}


class NoServer(Exception):
    """This machine cannot run a server; the message says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server whose user may create databases.

    Attributes:
        url: of a database that is always there.

    """

    url: URL

    @contextlib.contextmanager
    def database(self, template: str = "template0") -> Iterator[URL]:
        """A fresh database, a copy of `template`; dropped in the end."""
        name = f"t{os.getpid()}_{next(_NUMBERS)}_{secrets.token_hex(3)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield self.url.set(database=name)
        finally:
            self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run a statement that belongs to no transaction."""
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def has(self, database: str) -> bool:
        """Whether there is such a database."""
        engine = create_engine(self.url)
        query = text("SELECT count(*) FROM pg_database WHERE datname = :name")
        with engine.connect() as connection:
            found = connection.scalar(query, {"name": database})
        engine.dispose()
        return bool(found)

    def template(self) -> str:
        """Name of a database with the tables of an empty workspace, made when first asked for."""
        from ocr_pipeline.store import schema
        from ocr_pipeline.store.engine import connect

        source = "".join(path.read_text() for path in sorted(schema.MIGRATIONS.rglob("*.py")))
        name = f"sohoa_{schema.HEAD}_{hash_of(source)}"
        with FileLock(_state_file().with_suffix(".lock")):
            if not self.has(name):
                self.execute(f'CREATE DATABASE "{name}_new" TEMPLATE template0')
                engine = connect(self.url.set(database=f"{name}_new"))
                schema.bring_up_to_date(engine, Path(tempfile.gettempdir()))  # nothing is there
                engine.dispose()
                self.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
        return name


def hash_of(source: str) -> str:
    """A short name for a text."""
    import hashlib

    return hashlib.sha256(source.encode()).hexdigest()[:10]


def location(url: URL, files: Path) -> str:
    """The address of a workspace with this database and this folder for files."""
    return url.update_query_dict({"files": str(files)}).render_as_string(hide_password=False)


def shared_server() -> Server:
    """The server of this test run.

    Raises:
        NoServer: there is none and none can be started.

    """
    if given := os.environ.get(_GIVEN, ""):
        return Server(make_url(given))
    state = _state_file()
    with FileLock(state.with_suffix(".lock")):
        told = json.loads(state.read_text()) if state.is_file() else {}
        if not told or not psutil.pid_exists(told.get("keeper", -1)):
            told = _start_keeper()
            state.write_text(json.dumps(told))
    if told["url"] is None:
        raise NoServer(told["why"])
    return Server(make_url(told["url"]))


def _owner() -> int:
    return int(os.environ.get(OWNER) or os.getpid())


def _state_file() -> Path:
    return Path(tempfile.gettempdir()) / f"{_MARK}of-{_owner()}.json"


def _start_keeper() -> dict[str, object]:
    """Start the keeper and wait until its server answers, or it says why it does not."""
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.builders.postgres", str(_owner()), str(_state_file())],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # Ctrl-C is for the tests; the keeper sees their end
    )
    keeper.returncode = 0  # it outlives us on purpose: nobody is to complain that it still runs
    assert keeper.stdout is not None
    with keeper.stdout as told:
        line = told.readline()
    return json.loads(line) if line else {"url": None, "why": "the keeper of PostgreSQL died"}


def programs() -> Path:
    """The folder of the newest server's programs.

    Raises:
        NoServer: no server is installed.

    """
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: float(path.parent.name))
    if elsewhere := shutil.which("initdb"):
        return Path(elsewhere).resolve().parent
    raise NoServer("PostgreSQL is not installed (Debian: apt-get install postgresql)")


class _Cluster:
    """The files of a server and the server itself."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self.programs = programs()
        self.password = secrets.token_urlsafe(18)
        self.process: subprocess.Popen[bytes] | None = None
        self.prefix = _as_nobody_special(folder)

    def initialise(self) -> None:
        """Make the files; texts are sorted as in Vietnamese where the server can."""
        (self.folder / "password").write_text(self.password)
        common = ["-D", str(self.data), "-U", _USER, "--pwfile", str(self.folder / "password")]
        common += ["--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"]
        sorting = (
            ["--locale-provider=icu", "--icu-locale=vi", "--locale=C.UTF-8"],
            ["--locale=C.UTF-8"],
        )
        for options in sorting:
            told = self._run("initdb", *common, *options)
            if told.returncode == 0:
                return
            shutil.rmtree(self.data, ignore_errors=True)
        raise NoServer(f"initdb: {told.stderr.decode(errors='replace')[-300:]}")

    def start(self) -> URL:
        """Start the server on a free port; the address when it answers."""
        for _ in range(5):  # somebody may take the port meanwhile
            port = free_port()
            settings = {**_SETTINGS, "port": str(port)}
            options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
            with (self.folder / "server.log").open("wb") as log:
                self.process = subprocess.Popen(
                    [*self.prefix, str(self.programs / "postgres"), "-D", str(self.data), *options],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                )  # fmt: skip
            url = URL.create(
                "postgresql+psycopg", _USER, self.password, "127.0.0.1", port, "postgres"
            )
            if self._answers(url):
                return url
            self.stop()
        raise NoServer((self.folder / "server.log").read_text(errors="replace")[-300:])

    def stop(self) -> None:
        """Stop the server, gently or not."""
        if self.process is None:
            return
        for way in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self.process.send_signal(way)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
                return

    def _answers(self, url: URL) -> bool:
        engine = create_engine(url)
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self.process and self.process.poll() is None:
            with contextlib.suppress(Exception):
                engine.connect().close()
                engine.dispose()
                return True
            time.sleep(0.05)
        return False

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [*self.prefix, str(self.programs / program), *arguments]
        return subprocess.run(command, cwd="/", capture_output=True, check=False)


def _as_nobody_special(folder: Path) -> list[str]:
    """What to put before a command so that it is not root's and dies with the keeper."""
    setpriv = shutil.which("setpriv")
    mortal = [setpriv, "--pdeathsig", "QUIT"] if setpriv else []
    if os.geteuid() != 0:
        return [*mortal, "--"] if mortal else []
    if not setpriv:
        raise NoServer("PostgreSQL does not run as root, and there is no setpriv")
    try:
        person = pwd.getpwnam("postgres")
    except KeyError:
        raise NoServer("PostgreSQL does not run as root, and there is no user postgres") from None
    os.chown(folder, person.pw_uid, person.pw_gid)
    return [*mortal, "--reuid=postgres", f"--regid={person.pw_gid}", "--init-groups", "--"]


def _remove_leftovers() -> None:
    """Folders of servers whose keepers were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_MARK}*/"):
        note = folder / "keeper"
        with contextlib.suppress(OSError, ValueError):
            if not psutil.pid_exists(int(note.read_text())):
                shutil.rmtree(folder, ignore_errors=True)


def keep(owner: int, state: Path) -> None:
    """Start a server, tell its address, and stop it when the owner is gone."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=_MARK))
    (folder / "keeper").write_text(str(os.getpid()))
    cluster: _Cluster | None = None
    told: dict[str, object] = {"url": None, "keeper": os.getpid()}
    try:
        try:
            person = psutil.Process(owner)
            cluster = _Cluster(folder)
            cluster.initialise()
            told["url"] = cluster.start().render_as_string(hide_password=False)
        except (NoServer, psutil.Error, OSError) as error:
            told["why"] = str(error)
        print(json.dumps(told), flush=True)
        while person.is_running() and person.status() != psutil.STATUS_ZOMBIE:
            if cluster and cluster.process and cluster.process.poll() is not None:
                break
            time.sleep(0.2)
    except psutil.NoSuchProcess:
        pass
    finally:
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
        state.unlink(missing_ok=True)
        state.with_suffix(".lock").unlink(missing_ok=True)


if __name__ == "__main__":
    keep(int(sys.argv[1]), Path(sys.argv[2]))
