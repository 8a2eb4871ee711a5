import json
import re
import subprocess
import sys

import pytest
import typer

from ocr_pipeline.cli.app import app
from ocr_pipeline.errors import ExitCode


def commands(group=None, path=()):
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))


def is_group(command) -> bool:
    return hasattr(command, "commands")


ALL = [pytest.param(path, command, id=" ".join(path)) for path, command in commands()]

#: Mere groups have none; their commands do.
WITH_EXAMPLES = [one for one in ALL if one.values[1].epilog or not is_group(one.values[1])]


@pytest.mark.parametrize(("path", "command"), WITH_EXAMPLES)
def test_every_command_has_an_example_and_two_languages(path, command):
    assert command.epilog and f"sohoa {path[0]}" in command.epilog
    vietnamese, english = command.help.strip().split("\n\n")
    assert re.search(r"[À-ỹ]", vietnamese) and not re.search(r"[À-ỹ]", english)
    for option in command.params:
        assert (
            not hasattr(option, "help")
            or not option.help
            or " / " in option.help
            or (option.name == "help")
        ), option.name


def test_help_loads_no_heavy_library():
    code = (
        "import sys\nfrom ocr_pipeline.cli.app import run_program\nrun_program(['--help'])\n"
        "heavy = {'cv2', 'numpy', 'sqlalchemy', 'onnxruntime', 'torch', 'pebble'}\n"
        "heavy &= set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--version"], ExitCode.DONE),
        (["run"], ExitCode.USAGE),
        (["nonsense"], ExitCode.USAGE),
        (["export", "-w", "WS", "--out", "x"], ExitCode.USAGE),
        (["status", "-w", "missing"], ExitCode.USAGE),
        (["run", "missing", "-w", "WS"], ExitCode.BAD_INPUT),
        (["results", "none", "-w", "WS"], ExitCode.BAD_INPUT),
        (["status", "-w", "WS"], ExitCode.DONE),
    ],
)
def test_exit_codes(arguments, code, sohoa, tmp_path, monkeypatch):
    from ocr_pipeline.store.workspace import Workspace

    monkeypatch.chdir(tmp_path)
    Workspace.open("WS").close()
    done = sohoa(*arguments)
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    if code is not ExitCode.DONE:
        assert len(done.err.strip().splitlines()) >= 2  # Vietnamese, then English


def test_no_traceback_reaches_a_user(sohoa, tmp_path, monkeypatch):
    from ocr_pipeline.reports import status
    from ocr_pipeline.store.workspace import Workspace

    Workspace.open(tmp_path).close()

    def bug(_):
        raise ZeroDivisionError("Nguyễn Văn A")

    monkeypatch.setattr(status, "status", bug)
    done = sohoa("status", "-w", tmp_path)
    assert done.code == ExitCode.FAILURES
    assert "Traceback" not in done.err and "Nguyễn" not in done.err
    [log] = (tmp_path / "logs").glob("sohoa-crash-*.log")
    assert "ZeroDivisionError" in log.read_text() and "Nguyễn" not in log.read_text()


def test_status_json_keeps_the_contract(sohoa, tmp_path):
    from ocr_pipeline.store.workspace import Workspace

    Workspace.open(tmp_path).close()
    assert json.loads(sohoa("status", "--json", "-w", tmp_path).out) == {
        "books": [],
        "problems": [],
        "run": None,
        "trail": {"lines": 0, "hash": ""},
        "samples": [
            {
                "book": "",
                "kind": "",
                "checked": 0,
                "wrong": 0,
                "counted": 0,
                "unfinished": 0,
                "at_most": 1.0,
                "budget": 0.005,
                "needed": 598,
                "waiting": 0,
                "pool": 0,
            }
        ],
        "raised": [],
    }


def test_doctor_says_what_it_looked_at(sohoa):
    done = sohoa("doctor", "--json")
    names = " ".join(finding["name"] for finding in json.loads(done.out)["findings"])
    for part in ("Python", "Tesseract", "poppler", "OpenCV", "model", "layouts", "fonts", "disk"):
        assert part in names


def test_a_missing_program_is_an_environment_problem(sohoa, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    done = sohoa("doctor")
    assert done.code == ExitCode.ENVIRONMENT
    assert "apt-get install tesseract-ocr" in done.out


def test_ctrl_c_is_no_crash(sohoa, tmp_path, monkeypatch):
    from ocr_pipeline.reports import status
    from ocr_pipeline.store.workspace import Workspace

    Workspace.open(tmp_path).close()

    def stopped(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(status, "status", stopped)
    done = sohoa("status", "-w", tmp_path)
    assert done.code == ExitCode.FAILURES
    assert "Stopped as you asked" in done.err
    assert not list((tmp_path / "logs").glob("sohoa-crash-*"))
