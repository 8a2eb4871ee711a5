"""A back-up that somebody has altered, cut off or invented is refused, and nothing is unpacked."""

from __future__ import annotations

import os
import sqlite3
import stat
import zipfile

import pytest

from ocr_pipeline.errors import BadInputError, MachineError, SohoaError
from ocr_pipeline.store import backup_archive
from ocr_pipeline.store.backup import check_backup
from ocr_pipeline.store.restore import restore
from ocr_pipeline.store.workspace import Workspace
from tests.builders.backups import AlteredBackup, back_up


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A small back-up."""
    folder = tmp_path_factory.mktemp("good")
    with Workspace.open(folder / "ws") as ws:
        (ws.folder / "policy.yaml").write_text("error_budget: 0.002\n" * 50)
        return back_up(ws, folder / "out").path


def refused(path, tmp_path, kind=BadInputError, match="."):
    """Neither checked nor restored; no file is left, here or beside."""
    (tmp_path / "place").mkdir()
    for attempt in (lambda: check_backup(path), lambda: restore(path, str(tmp_path / "place/ws"))):
        with pytest.raises(kind, match=match) as told:
            attempt()
        assert isinstance(told.value, SohoaError) and told.value.remedy
        assert path.name in told.value.where
    assert list((tmp_path / "place").rglob("*")) == []


NAMES = [
    "files/../../outside", "files/..", "files//etc/passwd", "/etc/passwd", "../outside",
    "files/a/../../b", "files/./x", "files/", "database/other.db", "database/../sohoa.db", "other",
    "files/sohoa.db", "files/sohoa.db-wal", "files/SOHOA.DB-wal", "files/sohoa.db-journal",
    "files/run.lock", "files/.sohoa-tmp-1", "files/logs/sohoa.log", "files/a<00>b",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_that_lead_elsewhere(good, tmp_path, name):
    altered = AlteredBackup(good)
    altered.members[name] = b"mine"
    altered.list_all()
    refused(altered.write(tmp_path / "x.sohoa-backup"), tmp_path, match="such a name")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_what_is_no_ordinary_file(good, tmp_path, kind):
    altered = AlteredBackup(good)
    altered.members["files/policy.yaml"] = b"/etc/passwd"
    altered.list_all()

    def describe(info):
        if info.filename == "files/policy.yaml":
            info.external_attr = (kind | 0o777) << 16

    path = altered.write(tmp_path / "x.sohoa-backup", describe)
    refused(path, tmp_path, match="such a name or kind")


def a_byte(altered):
    altered.members["files/policy.yaml"] = altered.members["files/policy.yaml"][:-1] + b"\r"


def longer(altered):
    altered.members["files/policy.yaml"] += b"more"


def not_listed(altered):
    altered.members["files/more.yaml"] = b"more"


def not_there(altered):
    del altered.members["files/policy.yaml"]


def no_database(altered):
    del altered.members["database/sohoa.db"]
    altered.list_all()


def another_database(altered):
    altered.members["database/sohoa.db"] = b"SQLite format 3\0" + b"\0" * 8000
    altered.list_all()


def spoilt_database(altered):
    data = bytearray(altered.members["database/sohoa.db"])
    for page in range(4096, len(data), 4096):
        data[page : page + 100] = b"\xff" * 100
    altered.members["database/sohoa.db"] = bytes(data)
    altered.list_all()


def another_head(altered):
    altered.manifest["trail"]["head"] = "0" * 63 + "1"


def other_counts(altered):
    altered.manifest["counts"]["entries"] = 7


def twice_in_the_manifest(altered):
    altered.manifest["files"] *= 2


def a_file_that_is_a_folder(altered):
    altered.members["files/policy.yaml/x"] = b"x"
    altered.list_all()


def misspelt(altered):
    altered.manifest["databse"] = altered.manifest.pop("database")


def no_format(altered):
    altered.manifest["format"] = ["sohoa-backup/1"]


def negative(altered):
    altered.manifest["files"][0]["bytes"] = -1


ALTERATIONS = [
    a_byte, longer, not_listed, not_there, no_database, another_database, spoilt_database,
    another_head, other_counts, twice_in_the_manifest, misspelt, no_format, negative,
]  # fmt: skip


@pytest.mark.parametrize("alter", ALTERATIONS, ids=lambda alter: alter.__name__)
def test_what_does_not_fit_its_manifest(good, tmp_path, alter):
    altered = AlteredBackup(good)
    alter(altered)
    refused(altered.write(tmp_path / "x.sohoa-backup"), tmp_path)


def test_a_file_that_is_a_folder_too(good, tmp_path):
    altered = AlteredBackup(good)
    a_file_that_is_a_folder(altered)
    path = altered.write(tmp_path / "x.sohoa-backup")
    with pytest.raises(BadInputError, match="twice"):
        restore(path, str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("part", [0, 10, 0.5, 0.99])
def test_a_part_of_a_file(good, tmp_path, part):
    data, path = good.read_bytes(), tmp_path / "x.sohoa-backup"
    path.write_bytes(data[: int(part * len(data) if part < 1 else part)])
    refused(path, tmp_path)


def test_a_byte_that_the_disk_has_turned(good, tmp_path):
    data, path = bytearray(good.read_bytes()), tmp_path / "x.sohoa-backup"
    for place in (60, len(data) // 2):
        data[place] ^= 0x10
    path.write_bytes(data)
    refused(path, tmp_path)


def test_a_bomb_is_refused_before_it_is_unpacked(good, tmp_path, monkeypatch):
    """What the manifest admits must fit the disk; what it does not admit is no back-up."""
    altered = AlteredBackup(good)
    altered.members["files/zeros"] = bytes(50_000_000)
    altered.list_all()
    path = altered.write(tmp_path / "x.sohoa-backup")
    assert path.stat().st_size < 1_000_000
    monkeypatch.setattr(
        backup_archive.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 60_000_000})
    )
    with pytest.raises(MachineError, match="too little room"):
        restore(path, str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_a_member_that_is_longer_than_the_archive_says(good, tmp_path):
    altered = AlteredBackup(good)
    altered.members["files/zeros"] = bytes(9_000_000)
    altered.list_all()
    path = altered.write(tmp_path / "x.sohoa-backup")
    data = path.read_bytes()
    size = (9_000_000).to_bytes(4, "little")
    assert data.count(size) == 2  # before the member, and in the directory
    path.write_bytes(data.replace(size, (9_000).to_bytes(4, "little")))
    altered.manifest["files"][-1]["bytes"] = 9_000
    refused(path, tmp_path)


def test_versions_to_come(good, tmp_path):
    for change in ({"format": "sohoa-backup/2"}, {"database": {"revision": "9999"}}):
        altered = AlteredBackup(good)
        for key, value in change.items():
            if isinstance(value, dict):
                altered.manifest[key] |= value
            else:
                altered.manifest[key] = value
        path = altered.write(tmp_path / "x.sohoa-backup")
        with pytest.raises(MachineError, match="newer version"):
            check_backup(path)
        with pytest.raises(MachineError, match="newer version"):
            restore(path, str(tmp_path / "new"))
        assert not (tmp_path / "new").exists()


def test_a_member_twice(good, tmp_path):
    path = AlteredBackup(good).write(tmp_path / "x.sohoa-backup")
    with pytest.warns(UserWarning), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("files/policy.yaml", "error_budget: 1")
    refused(path, tmp_path, match="twice")


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b"\xff\xfe", b"null", b'"x"'])
def test_manifests_that_are_none(good, tmp_path, content):
    path = tmp_path / "x.sohoa-backup"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", content)
    refused(path, tmp_path)


def test_any_other_archive(tmp_path):
    path = tmp_path / "scans.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.jpg", "x")
    refused(path, tmp_path)


VIEW = """
ALTER TABLE books RENAME TO true_books;
CREATE VIEW books AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)
SELECT * FROM n;
"""
TRIGGER = """
CREATE TRIGGER long AFTER INSERT ON audit BEGIN
INSERT INTO problems (scans) WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)
SELECT id FROM n; END;
"""


@pytest.mark.timeout(60)
@pytest.mark.parametrize("code", [VIEW, TRIGGER])
def test_a_database_that_never_ends(good, tmp_path, code):
    altered = AlteredBackup(good)
    (tmp_path / "x.db").write_bytes(altered.members["database/sohoa.db"])
    with sqlite3.connect(tmp_path / "x.db") as database:
        database.executescript("PRAGMA legacy_alter_table=ON;" + code)
    database.close()
    altered.members["database/sohoa.db"] = (tmp_path / "x.db").read_bytes()
    altered.list_all()
    refused(altered.write(tmp_path / "x.sohoa-backup"), tmp_path)


@pytest.mark.timeout(60)
def test_a_pipe_in_its_place(tmp_path):
    os.mkfifo(tmp_path / "x.sohoa-backup")
    refused(tmp_path / "x.sohoa-backup", tmp_path)


def test_a_directory_too_large_to_hold(good, tmp_path, monkeypatch):
    """Millions of members fit into a small file; none of them is looked at."""
    monkeypatch.setattr(backup_archive, "_DIRECTORY_BYTES", 100)
    refused(good, tmp_path, match="no back-up")


@pytest.mark.long
def test_a_directory_of_more_members_than_the_short_form_counts(tmp_path):
    path = tmp_path / "x.sohoa-backup"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(65_600):
            archive.writestr(f"{number}", b"")
    with path.open("rb") as file:
        size = backup_archive._directory_bytes(file)
    assert size > 65_600 * 46
    refused(path, tmp_path)
