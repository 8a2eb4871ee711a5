"""A workspace made by the version before opens and goes on, with all that people decided in it.

`version_before/workspace.sql` is the dump of a workspace that the last version before the rooms
were rearranged (schema 0003) made of the scans beside it: two births and a blank page, invented;
`lan` corrected a name on page 2 and confirmed one on page 1.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import xlrd

from ocr_pipeline.batch.run import RunConditions, RunDependencies, RunSummary, run
from ocr_pipeline.errors import MachineError
from ocr_pipeline.export.book_exports import ExportChoices, export_books
from ocr_pipeline.registers.fields import State
from ocr_pipeline.reports.status import status
from ocr_pipeline.review import audit
from ocr_pipeline.store import migration_copy, sqlite_build
from ocr_pipeline.store.audit_check import trail_faults
from ocr_pipeline.store.entries import latest_entries
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.workspace import DATABASE, Workspace
from tests.builders import judges
from tests.builders.tampering import tampered
from tests.crash import stages

MADE = Path(__file__).parent / "version_before"
BOOK = "xalocthuan_hbd_tbt.KS.2017.01"
CORRECTED, CONFIRMED = ("2.jpg", 1, "nksHoTen"), ("1.jpg", 1, "meHoTen")
AS_BEFORE = RunDependencies(work=stages.work, fingerprint=lambda _: "f1", judge=judges.accept_all)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MADE / "scans", tmp_path / "scans"))


@pytest.fixture
def workspace(scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv(stages.CALLS, str(tmp_path / "calls"))
    make_workspace(scans, tmp_path)
    with Workspace.open(tmp_path / "ws", create=False) as workspace:
        yield workspace


def make_workspace(scans: Path, tmp_path: Path) -> None:
    (tmp_path / "ws").mkdir()
    dump = (MADE / "workspace.sql").read_text(encoding="utf-8").replace("@SCANS@", str(scans))
    with closing(sqlite3.connect(tmp_path / "ws" / DATABASE)) as database:
        database.executescript(dump)


def go_on(
    workspace: Workspace, scans: Path, dependencies: RunDependencies = AS_BEFORE
) -> RunSummary:
    conditions = RunConditions(workers=1, nice=0)
    return run(workspace, scans, conditions=conditions, dependencies=dependencies)


def exported_names(workspace: Workspace, out: Path) -> list[str]:
    """Names of the children in the official package."""
    [export] = export_books(workspace, None, ExportChoices(out, unapproved=True))
    assert export.error is None
    [excel] = out.rglob("*.xls")
    sheet = xlrd.open_workbook(str(excel)).sheet_by_index(0)
    titles = [title.strip() for title in sheet.row_values(0)]
    return sheet.col_values(titles.index("nksHoTen"))[1:]


def assert_decisions_count(workspace: Workspace) -> None:
    with workspace.read_session() as session:
        entries = latest_entries(session, BOOK)
        records = {record.page: record.fields for record in load_records(session, BOOK)}
    assert {key: entry.value for key, entry in entries.items()} == {
        CORRECTED: "Trần Thị Hoa", CONFIRMED: "Nguyễn Thị Mận",
    }  # fmt: skip
    corrected, confirmed = records["2.jpg"]["nksHoTen"], records["1.jpg"]["meHoTen"]
    assert (corrected.value, corrected.state) == ("Trần Thị Hoa", State.CORRECTED)
    assert (confirmed.value, confirmed.state) == ("Nguyễn Thị Mận", State.CONFIRMED)


def test_it_opens_and_is_told_as_it_was(workspace, tmp_path):
    told = status(workspace)
    [book] = told["books"]
    assert (book["id"], book["records"]) == (BOOK, 2)
    assert book["page_kinds"] == {"record": 2, "blank": 1} and book["failures"] == []
    assert_decisions_count(workspace)
    assert audit.verify(workspace) is None
    assert exported_names(workspace, tmp_path / "out") == ["Trần Thị Hòa", "Trần Thị Hoa"]


def test_what_it_read_is_not_read_again(workspace, scans, tmp_path):
    done = go_on(workspace, scans)
    assert (done.read, done.known) == (0, 3)
    assert not (tmp_path / "calls").exists(), "no worker has begun a page"
    assert_decisions_count(workspace)


def test_read_anew_by_other_code_it_keeps_what_people_decided(workspace, scans, tmp_path):
    done = go_on(workspace, scans, replace(AS_BEFORE, fingerprint=lambda _: "f2"))
    assert (done.read, done.known) == (3, 0)
    assert_decisions_count(workspace)
    read_now = stages.birth("1.jpg", "1").fields["nksHoTen"].value
    assert read_now != "Trần Thị Hòa", "this code reads another name than the one before"
    assert exported_names(workspace, tmp_path / "out") == [read_now, "Trần Thị Hoa"]
    assert audit.verify(workspace) is None


def test_what_people_decided_there_goes_with_the_scan_to_another_name(workspace, scans):
    [first] = scans.rglob("1.jpg")
    first.rename(first.with_name("3x.jpg"))
    second = first.with_name("2.jpg")
    second.rename(first)
    done = go_on(workspace, scans)
    assert (done.read, done.known) == (0, 3)
    with workspace.read_session() as session:
        records = {record.page: record.fields for record in load_records(session, BOOK)}
    corrected, confirmed = records["1.jpg"]["nksHoTen"], records["3x.jpg"]["meHoTen"]
    assert (corrected.value, corrected.state) == ("Trần Thị Hoa", State.CORRECTED)
    assert (confirmed.value, confirmed.state) == ("Nguyễn Thị Mận", State.CONFIRMED)
    assert audit.verify(workspace) is None


def test_what_was_there_before_the_update_is_kept(workspace: Workspace) -> None:
    [copy] = workspace.folder.glob("before-update-0003-*.db")
    with closing(sqlite_build.driver.connect(copy)) as database:
        [found] = database.execute("SELECT version_num FROM alembic_version").fetchone()
        assert found == "0003"
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        values = {row[0] for row in database.execute("SELECT value FROM entries")}
    assert values == {"Trần Thị Hoa", "Nguyễn Thị Mận"}
    workspace.folder.chmod(0o755)
    Workspace.open(workspace.folder).close()  # nothing is copied where nothing changes
    assert workspace.folder.stat().st_mode & 0o777 == 0o700, "the copy is one of our files"
    assert len(list(workspace.folder.glob("before-update-*"))) == 1


def test_without_room_for_a_copy_nothing_is_updated(
    scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_workspace(scans, tmp_path)

    def full(engine: object, part: Path) -> None:
        raise OSError(errno.ENOSPC, "no space", str(part))

    monkeypatch.setattr(migration_copy, "_copy_file", full)
    with pytest.raises(MachineError, match="no copy can be kept") as caught:
        Workspace.open(tmp_path / "ws", create=False)
    assert "đầy" in caught.value.cause.vi
    with closing(sqlite_build.driver.connect(tmp_path / "ws" / DATABASE)) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == ("0003",)
    assert not list((tmp_path / "ws").glob("before-update-*"))


@pytest.mark.parametrize(
    ("statement", "book"),
    [
        ("UPDATE entries SET value = 'Trần Thị Mới' WHERE id = 1", BOOK),
        ("UPDATE decisions SET user_name = 'chi' WHERE id = 1", BOOK),
        ("DELETE FROM decisions WHERE id = 1", BOOK),
    ],
)
def test_what_it_held_is_taken_over_and_changes_are_found_from_then_on(workspace, statement, book):
    adopted = [line for line in audit.export(workspace) if line["action"] == "adopted"]
    [line] = adopted
    assert line["details"]["adopted"]["entries"][book][0] == 2
    with tampered(workspace, statement) as session:
        found = [(fault.line, fault.where) for fault in trail_faults(session)]
    assert (line["id"], book) in found
    assert audit.verify(workspace) is None
