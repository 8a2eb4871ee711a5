"""What a power cut needs: files and folders reach the disk in the order that is claimed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest
from sqlalchemy import text

from ocr_pipeline.store.workspace import Workspace

strace = pytest.mark.skipif(
    shutil.which("strace") is None
    or subprocess.run(["strace", "-e", "trace=fsync", "true"], capture_output=True).returncode != 0,
    reason="strace is not installed, or may not watch programs here",
)
_CALL = re.compile(r"(fsync|fdatasync|rename\w*|unlink\w*)\((.*)\) = 0")


def calls(tmp_path, script: str) -> list[str]:
    """What a script asks of the disk under `tmp_path`, in order: `fsync a`, `rename a b` …"""
    log = tmp_path.with_suffix(".strace")
    traced = "fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat"
    subprocess.run(
        ["strace", "-f", "-y", "-e", f"trace={traced}", "-o", log, sys.executable, "-c", script],
        check=True,
    )
    found = []
    for call, arguments in _CALL.findall(log.read_text()):
        paths = [one or two for one, two in re.findall(r'<([^>]*)>|"([^"]*)"', arguments)]
        names = [path.removeprefix(str(tmp_path)) or "." for path in paths if str(tmp_path) in path]
        if names:
            found.append(" ".join(["fsync" if "sync" in call else call[:6], *names]))
    return found


@strace
def test_a_file_is_flushed_before_it_is_renamed_and_its_folder_after(tmp_path):
    made = calls(
        tmp_path,
        "from ocr_pipeline.store.files import write_text; from pathlib import Path; "
        f"write_text(Path({str(tmp_path)!r}) / 'run.json', '1')",
    )
    first, second, third = made
    temporary = first.removeprefix("fsync ")
    assert temporary.startswith("/.sohoa-tmp-")
    assert second == f"rename {temporary} /run.json"
    assert third == "fsync ."


@strace
def test_a_package_reaches_the_disk_in_the_order_that_keeps_the_rule(tmp_path):
    script = (
        "from ocr_pipeline.export.file_pair import published_pair; from pathlib import Path\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "(folder / 'b.xls').write_text('old'); (folder / 'b.zip').write_text('old')\n"
        "with published_pair(folder, 'b') as (excel, archive):\n"
        "    excel.write_text('new'); archive.write_text('new')\n"
    )
    made = [re.sub(r"/\.b\.[^/ ]*\.part", "/PART", line) for line in calls(tmp_path, script)]
    assert made[:11] == [
        "fsync /PART/b.xls",
        "fsync /PART/b.zip",
        "fsync /PART",
        "rename /PART /.b.ready",
        "fsync .",
        "unlink /b.xls",
        "fsync .",
        "rename /.b.ready/b.zip /b.zip",
        "fsync .",
        "rename /.b.ready/b.xls /b.xls",
        "fsync .",
    ]


@strace
def test_a_kept_transaction_is_on_the_disk_when_it_ends(tmp_path):
    Workspace.open(tmp_path / "ws").close()
    script = (
        "from ocr_pipeline.store.workspace import Workspace; from sqlalchemy import text\n"
        f"with Workspace.open({str(tmp_path / 'ws')!r}) as workspace:\n"
        "    for n in range(3):\n"
        "        with workspace.transaction() as session:\n"
        "            session.execute(text(f'CREATE TABLE t{n} (x)'))\n"
    )
    made = calls(tmp_path, script)
    assert made.count("fsync /ws/sohoa.db-wal") >= 3, "each transaction is flushed by itself"


def test_sqlite_is_told_to_flush_everything(tmp_path):
    with Workspace.open(tmp_path / "ws") as workspace, workspace.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2  # FULL
