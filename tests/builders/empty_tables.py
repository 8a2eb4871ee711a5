"""Empty tables for new workspaces on SQLite, made once and copied into each of them.

Migrations take 0.1 s of a processor, a copy of what they have made 0.003 s; the quick tests make a
thousand workspaces. PostgreSQL has its own template (`tests.builders.postgres`).
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, make_url

from ocr_pipeline.store import schema, sqlite_build
from ocr_pipeline.store.engine import connect


def bring_up_to_date(engine: Engine, folder: Path) -> None:
    """As `schema.bring_up_to_date`, which is left to tell what is wrong with a database."""
    if engine.dialect.name == "sqlite":
        template = _template(sqlite_build.driver, sqlite_build.journal_mode())
        with suppress(
            sqlite_build.driver.Error
        ):  # a full disk, a file nobody may write: told below
            _fill(engine, template)
    schema.bring_up_to_date(engine, folder)


def _fill(engine: Engine, template: Any) -> None:
    held = engine.raw_connection()
    try:
        own: Any = held.driver_connection
        if not own.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            template.backup(own)
    finally:
        held.close()


@cache
def _template(driver: ModuleType, journal: str) -> Any:
    """A connection to a database in memory with the tables of an empty workspace.

    Args:
        driver: the build of SQLite.
        journal: how it makes changes safe, which stands in the file.

    """
    made = driver.connect(":memory:", check_same_thread=False)
    with tempfile.TemporaryDirectory() as name:
        engine = connect(make_url(f"sqlite:///{name}/empty.db"))
        schema.bring_up_to_date(engine, Path(name))
        held = engine.raw_connection()
        own: Any = held.driver_connection
        own.backup(made)
        held.close()
        engine.dispose()
    return made
