import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from ocr_pipeline.errors import MachineError, UsageError
from ocr_pipeline.store import schema
from ocr_pipeline.store.models import TableBase
from ocr_pipeline.store.workspace import DATABASE, Workspace


def test_migrations_lead_to_the_models(tmp_path):
    with Workspace.open(tmp_path) as workspace, workspace.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), TableBase.metadata) == []
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_current_head() == schema.HEAD


def test_survives_power_cuts_by_its_settings(tmp_path):
    with Workspace.open(tmp_path) as workspace, workspace.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_url_names_the_folder_for_files(tmp_path):
    url = f"sqlite:///{tmp_path / 'x.db'}?files={tmp_path / 'files'}"
    with Workspace.open(url) as workspace:
        assert workspace.folder == tmp_path / "files"
    assert (tmp_path / "x.db").is_file()
    with pytest.raises(UsageError, match="files="):
        Workspace.open(f"sqlite:///{tmp_path / 'x.db'}")


def test_unusable_places_are_explained(tmp_path):
    with pytest.raises(UsageError):
        Workspace.open(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError):
        Workspace.open(tmp_path / "file")
    (tmp_path / DATABASE).write_text("this is not a database, only some text in its place")
    with pytest.raises(MachineError):
        Workspace.open(tmp_path)
    with pytest.raises(UsageError):
        Workspace.open("nonsense://")


def test_a_newer_workspace_is_left_alone(tmp_path):
    Workspace.open(tmp_path).close()
    with sqlite3.connect(tmp_path / DATABASE) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(MachineError, match="newer"):
        Workspace.open(tmp_path)


def test_vietnamese_paths_work(tmp_path):
    folder = Path(tmp_path) / "Hồ sơ số hóa"
    Workspace.open(folder).close()
    assert (folder / DATABASE).is_file()


def test_a_database_somebody_else_keeps_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("ocr_pipeline.store.engine.BUSY_SECONDS", 0.01)
    with Workspace.open(tmp_path) as one, Workspace.open(tmp_path) as other:
        with one.transaction() as session:
            session.connection()
            with pytest.raises(MachineError, match="busy"), other.transaction() as late:
                late.connection()


@pytest.mark.parametrize(
    "location",
    [
        "/", "~nobody.of.this.name/ws", "x\x00y", "postgresql://[::1", "postgresql://%zz@h", "://",
        "postgresql://h:99999/x?files=/", "postgresql://u:geheim@h:x/y",
    ],
)  # fmt: skip
def test_a_place_that_makes_no_sense_is_wrong_usage(location):
    with pytest.raises(UsageError) as caught:
        Workspace.open(location)
    assert "geheim" not in str(caught.value)
