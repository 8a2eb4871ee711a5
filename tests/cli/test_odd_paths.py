"""No command takes a path that the system refuses, or a name that is no UTF-8, for a bug."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ocr_pipeline.cli.app import run_program
from ocr_pipeline.errors import ExitCode
from ocr_pipeline.processing.failure import bug
from ocr_pipeline.store.workspace import Workspace
from tests.builders.long_cases import long_after

COMMANDS = {
    "check": ("check", "{path}"),
    "keyed": ("keyed", "check", "{path}"),
    "split": ("split", "{path}", "--out", "{folder}/tach"),
    "read": ("read", "{path}", "--kind", "free_text", "--out", "{folder}/o.tsv"),
    "doctor": ("doctor", "--workspace", "{path}"),
    "run": ("run", "{path}", "--workspace", "{folder}/ws"),
    "status": ("status", "--workspace", "{path}"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe.xls")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "file").write_bytes(b"x")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "path", long_after(1, ["circle", "x" * 300, "d/" * 2100, "pipe.xls", "file/a"])
)
def test_an_odd_path_is_no_bug(
    command: str, path: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = [
        word.format(path=folder / path, folder=folder).replace("//", "/")
        for word in COMMANDS[command]
    ]
    code = run_program(words)
    told = capfd.readouterr()
    assert "A bug" not in told.err + told.out
    if command != "doctor":
        assert code in {ExitCode.FAILURES, ExitCode.USAGE, ExitCode.BAD_INPUT}
        assert path[:100] in told.err
        assert "→" in told.err


def test_check_names_what_it_cannot_open_and_goes_on(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    name = os.fsdecode(b"g\xf3i.xls")
    (folder / name).write_bytes(b"x")
    (folder / "gone.zip").symlink_to("/mnt/none")
    assert run_program(["check", str(folder / "circle"), str(folder), "--json"]) == 1
    packages = json.loads(capfd.readouterr().out)["packages"]
    files = {Path(fault["file"]).name for one in packages for fault in one["faults"]}
    assert files == {"circle", "pipe.xls", "gone.zip", "g<F3>i.xls"}


def test_what_the_system_says_of_a_file_is_no_bug_of_a_book() -> None:
    assert "no permission" in bug(PermissionError(13, "Permission denied", "/a")).cause.en
    assert "bug" in bug(ValueError("Nguyễn Văn Tám")).cause.en


@pytest.mark.parametrize(
    "words",
    [
        ("user", "disable", "\udcff", "-w", "{folder}/ws"),
        ("results", "\udcff", "-w", "{folder}/ws"),
        ("export", "\udcff", "-w", "{folder}/ws", "--out", "{folder}/out"),
        ("audit", "export", "-w", "{folder}/ws", "--book", "\udcff"),
    ],
)
def test_a_name_that_is_no_text_is_wrong_usage_or_unknown(
    words: tuple[str, ...], folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Workspace.open(folder / "ws").close()
    code = run_program([word.format(folder=folder) for word in words])
    said = capfd.readouterr()
    assert code in (ExitCode.USAGE, ExitCode.BAD_INPUT), said
    assert "A bug" not in said.err + said.out
