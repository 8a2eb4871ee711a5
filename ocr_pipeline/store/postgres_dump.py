"""A database of PostgreSQL copied and put back by the programs of PostgreSQL itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from ocr_pipeline.errors import MachineError, Text

_SHARED = Path("/usr/lib/postgresql")  # where Debian keeps the programs of each version
_INSTALL = Text(
    "Cài đặt: apt-get install postgresql-client (không cũ hơn máy chủ)",
    "Run: apt-get install postgresql-client (not older than the server)",
)
_TOLD_LINES = 3

#: Everything that a job may have in its schema, but not what belongs to an extension.
_OBJECTS = """
SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                      WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
       c.oid::regclass::text AS name
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('e', 'a', 'i'))
UNION ALL
SELECT 'FUNCTION', p.oid::regprocedure::text
FROM pg_proc p
WHERE p.pronamespace = current_schema()::regnamespace AND p.prokind = 'f'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


def export_snapshot(session: Session) -> str:
    """Name of what the session sees; it may wait for hours without being ended by the server."""
    session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    return str(session.scalar(text("SELECT pg_export_snapshot()")))


def namespace(engine: Engine) -> str:
    """The schema of PostgreSQL that the tables lie in."""
    with engine.connect().execution_options(sohoa_readonly=True) as connection:
        return str(connection.scalar(text("SELECT current_schema()")))


def dump(engine: Engine, target: Path, snapshot: str) -> None:
    """Write all of the schema as it is in this snapshot, in the format of `pg_restore`.

    Raises:
        MachineError: `pg_dump` is missing, older than the server, or says why it failed.

    """
    _run(
        engine, "pg_dump", f"--dbname={_address(engine)}", "--no-password", "--format=custom",
        f"--snapshot={snapshot}", f"--schema={_quoted(namespace(engine))}", "--no-owner",
        "--no-privileges", f"--file={target}",
    )  # fmt: skip


def check_dump(path: Path) -> None:
    """Read all of a dump.

    Raises:
        MachineError: `pg_restore` is missing, or says what is wrong with the dump.

    """
    _run(None, "pg_restore", f"--file={os.devnull}", path)


def put_back(engine: Engine, path: Path, head: str, aside: str) -> None:
    """Fill the schema from a dump: all of it or nothing.

    Args:
        engine: of the database.
        path: of the dump.
        head: hash that the audit trail has to end with.
        aside: name of a new schema that takes what is there now; "" when nothing is.

    Raises:
        MachineError: a program is missing, or says why it failed; nothing has changed.

    """
    space = namespace(engine)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        before, script, after = (Path(folder) / name for name in ("before", "script", "after"))
        before.write_text(_move_aside(engine, aside) if aside else "", encoding="utf-8")
        _run(
            None, "pg_restore", f"--schema={space}", "--no-owner", "--no-privileges",
            f"--file={script}", path,
        )  # fmt: skip
        after.write_text(_require_head(space, head), encoding="utf-8")
        _run(
            engine, "psql", f"--dbname={_address(engine)}", "--no-password", "--no-psqlrc",
            "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--output={os.devnull}",
            f"--file={before}", f"--file={script}", f"--file={after}",
        )  # fmt: skip


def objects(engine: Engine) -> list[tuple[str, str]]:
    """What stands in the schema: kind and name of each, as SQL writes them."""
    with engine.connect().execution_options(sohoa_readonly=True) as connection:
        return [(kind, name) for kind, name in connection.execute(text(_OBJECTS))]


def _move_aside(engine: Engine, aside: str) -> str:
    into = _quoted(aside)
    moves = (f"ALTER {kind} {name} SET SCHEMA {into};\n" for kind, name in objects(engine))
    return "".join((f"CREATE SCHEMA {into};\n", *moves))


def _require_head(space: str, head: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", head):
        raise ValueError("a hash has 64 digits")
    last = f"SELECT hash FROM {_quoted(space)}.audit ORDER BY id DESC LIMIT 1"
    return (
        f"DO $$ BEGIN IF coalesce(({last}), repeat('0', 64)) <> '{head}' "
        "THEN RAISE EXCEPTION 'the audit trail ends otherwise'; END IF; END $$;\n"
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _address(engine: Engine) -> str:
    """The address for programs of PostgreSQL, without the password."""
    from psycopg.conninfo import make_conninfo

    _, options = engine.dialect.create_connect_args(engine.url)
    plain = {key: str(value) for key, value in options.items() if isinstance(value, str | int)}
    plain.pop("password", None)
    return make_conninfo("", **plain)


def _program(name: str) -> str:
    """The program of the newest PostgreSQL on this machine.

    Raises:
        MachineError: there is none.

    """
    versions = [path for path in _SHARED.glob(f"*/bin/{name}") if path.parts[-3].isdigit()]
    if versions:
        return str(max(versions, key=lambda path: int(path.parts[-3])))
    found = shutil.which(name)
    if found is None:
        raise MachineError(
            Text(f"Thiếu chương trình {name}", f"The program {name} is missing"), remedy=_INSTALL
        )
    return found


def _run(engine: Engine | None, name: str, *arguments: str | Path) -> None:
    """Run a program of PostgreSQL to its end.

    Raises:
        MachineError: it is missing, or it failed.

    """
    environment = os.environ | {"LC_ALL": "C"}
    if engine is not None and engine.url.password is not None:
        environment["PGPASSWORD"] = str(engine.url.password)
    done = subprocess.run(  # noqa: S603 - a fixed program, arguments of our own, no shell
        [_program(name), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _failed(name, " · ".join(told[:_TOLD_LINES]))


def _failed(name: str, told: str) -> MachineError:
    old = "server version mismatch" in told
    return MachineError(
        Text(f"Chương trình {name} không làm được", f"The program {name} failed"),
        where=told,
        remedy=_INSTALL
        if old
        else Text(
            "Xem thông báo của chương trình ở trên; chưa có gì thay đổi",
            "See what the program says above; nothing has changed",
        ),
    )
