import json
import sqlite3

import pytest

from ocr_pipeline.cli.app import run_program
from ocr_pipeline.errors import ExitCode
from ocr_pipeline.store.workspace import DATABASE, Workspace


@pytest.fixture
def location(tmp_path):
    Workspace.open(tmp_path / "ws").close()
    return str(tmp_path / "ws")


def sohoa(*arguments, given="", monkeypatch=None):
    if monkeypatch is not None:
        import io

        monkeypatch.setattr("sys.stdin", io.StringIO(given))
    return run_program(arguments)


def add(location, name, role, monkeypatch):
    words = ("user", "add", name, "--role", role, "--password-stdin", "-w", location)
    return sohoa(*words, given="cay-da-ben-nuoc\n", monkeypatch=monkeypatch)


def test_people_are_added_listed_and_disabled(location, monkeypatch, capsys):
    assert add(location, "quan", "admin", monkeypatch) == ExitCode.DONE
    assert add(location, "quan", "operator", monkeypatch) == ExitCode.USAGE
    assert add(location, "an", "operator", monkeypatch) == ExitCode.DONE
    assert sohoa("user", "disable", "an", "-w", location) == ExitCode.DONE
    assert sohoa("user", "disable", "quan", "-w", location) == ExitCode.FAILURES
    assert "quản trị cuối cùng" in capsys.readouterr().err
    assert sohoa("user", "list", "--json", "-w", location) == ExitCode.DONE
    users = json.loads(capsys.readouterr().out)["users"]
    assert [(user["name"], user["role"], user["active"]) for user in users] == [
        ("an", "operator", False),
        ("quan", "admin", True),
    ]
    assert sohoa("user", "disable", "an", "--undo", "-w", location) == ExitCode.DONE
    words = ("user", "passwd", "an", "--password-stdin", "-w", location)
    assert sohoa(*words, given="short\n", monkeypatch=monkeypatch) == ExitCode.USAGE
    assert sohoa(*words, given="longer than that\n", monkeypatch=monkeypatch) == ExitCode.DONE


def test_the_trail_is_exported_and_verified(location, monkeypatch, capsys, tmp_path):
    add(location, "quan", "admin", monkeypatch)
    add(location, "an", "operator", monkeypatch)
    out = tmp_path / "an.jsonl"
    assert sohoa("audit", "export", "--person", "an", "--out", str(out), "-w", location) == 0
    [line] = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert (line["action"], line["subject"]) == ("user_added", "user:an")
    capsys.readouterr()
    assert sohoa("audit", "verify", "--json", "-w", location) == ExitCode.DONE
    head = json.loads(capsys.readouterr().out)["head"]
    assert sohoa("audit", "verify", "--head", head["hash"], "-w", location) == ExitCode.DONE
    with sqlite3.connect(f"{location}/{DATABASE}") as database:
        database.execute("DROP TRIGGER audit_not_deleted")
        database.execute("DELETE FROM audit WHERE id = 2")
    database.close()
    # the account has no line any more; what was cut off is known by the hash that was noted
    capsys.readouterr()
    assert sohoa("audit", "verify", "-w", location) == ExitCode.FAILURES
    assert "an: " in capsys.readouterr().err
    assert sohoa("audit", "verify", "--head", head["hash"], "-w", location) == ExitCode.FAILURES
