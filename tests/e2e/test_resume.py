"""A run killed in the middle goes on with the next one, and ends with the same packages."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ocr_pipeline.resources import shipped
from ocr_pipeline.store.workspace import DATABASE
from tests.e2e.station import COMMAND, sohoa

PAGES = 8


def pages_read(workspace: Path) -> int:
    """Pages of the one book that the ledger holds; 0 while there is no store yet."""
    told = sohoa("status", "--workspace", workspace, "--json")
    books = json.loads(told.stdout)["books"] if told.returncode == 0 else []
    return sum(sum(book["page_kinds"].values()) for book in books)


def ledger_rows(workspace: Path) -> int:
    """What the store's ledger holds; asked of the file itself, faster than pages are read."""
    try:
        address = f"{(workspace / DATABASE).as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as store:
            return int(store.execute("SELECT count(*) FROM ledger").fetchone()[0])
    except sqlite3.Error:  # no store, or no table yet
        return 0


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """The first pages of a sample book."""
    sample = shipped("sample_scans") / "kt-2019"
    folder = tmp_path / "sổ quét"
    book = folder / "kt-2019"
    book.mkdir(parents=True)
    for scan in sorted(sample.glob("*.jpg"))[:PAGES]:
        shutil.copy(scan, book)
    inventory = (shipped("sample_scans") / "books.csv").read_text("utf-8-sig").splitlines()
    lines = [inventory[0], *(line for line in inventory if line.startswith("kt-2019,"))]
    (folder / "books.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def killed(scans: Path, tmp_path: Path) -> Iterator[Path]:
    """A workspace whose run was killed with its whole process group after the first pages."""
    workspace = tmp_path / "bị ngắt"
    run = subprocess.Popen(
        [*COMMAND, "run", str(scans), "--workspace", str(workspace), "--workers", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 240
    while ledger_rows(workspace) < 2 and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    yield workspace


def drafts(workspace: Path, out: Path) -> dict[str, bytes]:
    exported = sohoa("export", "--all", "--draft", "--workspace", workspace, "--out", out)
    assert exported.returncode in (0, 1), exported.stdout + exported.stderr
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}


@pytest.mark.long
def test_an_interrupted_run_goes_on_and_ends_the_same(
    scans: Path, killed: Path, tmp_path: Path
) -> None:
    before = pages_read(killed)
    assert 2 <= before < PAGES, "the run was to be killed in the middle"
    again = sohoa("run", scans, "--workspace", killed, "--workers", "1")
    assert again.returncode == 0, again.stdout + again.stderr
    left = PAGES - before
    assert f"{left} pages read, {before} read before" in again.stdout + again.stderr
    assert pages_read(killed) == PAGES

    calm = tmp_path / "yên ổn"
    assert sohoa("run", scans, "--workspace", calm, "--workers", "1").returncode == 0
    assert drafts(killed, tmp_path / "a") == drafts(calm, tmp_path / "b") != {}
