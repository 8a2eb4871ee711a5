"""Migrations: bring a database to the newest schema when it is opened (Alembic)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from ocr_pipeline.errors import EnvironmentProblem, Text

MIGRATIONS = Path(__file__).parent / "migrations"

#: The newest migration; a test compares it with the files, so that opening needs no Alembic.
HEAD = "0001"


def bring_up_to_date(engine: Engine) -> None:
    """Apply the migrations that `engine`'s database lacks; nothing happens when it is up to date.

    Raises:
        EnvironmentProblem: the database was made by a newer version of this software.

    """
    found = revision(engine)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise EnvironmentProblem(
            Text(
                "Không gian làm việc do phiên bản sohoa mới hơn tạo ra",
                "This workspace was made by a newer version of sohoa",
            ),
            where=engine.url.render_as_string(hide_password=True),
            remedy=Text("Nâng cấp sohoa", "Upgrade sohoa"),
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:  # one transaction: all of it or nothing
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revision(engine: Engine) -> str | None:
    """The migration the database is at; None for an empty one."""
    with engine.connect().execution_options(sohoa_readonly=True) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(found) if found else None
