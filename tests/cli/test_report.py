"""`sohoa report`: what a person sees, what a program gets, the exit code."""

import json

import openpyxl
import pytest

from ocr_pipeline.errors import ExitCode
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book
from tests.builders.drawn_pages import fill_book

TIME = ("--made", "2026-11-27T10:30")
NAME = "baocao.xalocthuan_huyenbinhdai_tinhbentre.2026-11-27"


@pytest.fixture
def workspace(tmp_path):
    with Workspace.open(tmp_path / "ws", create=True) as opened:
        fill_book(opened, make_book(), tmp_path / "scans", 2)
    return tmp_path / "ws"


def test_a_report_is_written_once_and_never_over_another(sohoa, workspace, tmp_path):
    call = ("report", "-w", workspace, "--out", tmp_path / "bc", *TIME)
    done = sohoa(*call)
    assert done.code is ExitCode.DONE, done.err
    assert "Bản ghi đã đọc\t2" in done.out
    assert {path.name for path in (tmp_path / "bc").iterdir()} == {f"{NAME}.xlsx", f"{NAME}.html"}
    assert sohoa(*call).code is ExitCode.DONE  # the same bytes
    path = tmp_path / "bc" / f"{NAME}.xlsx"
    book = openpyxl.load_workbook(path)
    book["Làm ngoài phần mềm"]["G5"] = 8
    book.save(path)
    typed = path.read_bytes()
    refused = sohoa(*call, "--outside", path)
    assert refused.code is ExitCode.BAD_INPUT and "--replace" in refused.err
    assert path.read_bytes() == typed
    done = sohoa(*call, "--outside", path, "--replace")
    assert done.code is ExitCode.DONE and "Bản ghi đã đọc\t10" in done.out


def test_every_typed_fault_is_told_and_nothing_is_written(sohoa, workspace, tmp_path):
    sohoa("report", "-w", workspace, "--out", tmp_path / "bc", *TIME)
    path = tmp_path / "bc" / f"{NAME}.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Làm ngoài phần mềm"]
    sheet["G5"], sheet["H5"] = "nhiều", -1
    book.save(path)
    out = tmp_path / "moi"
    done = sohoa("report", "-w", workspace, "--outside", path, "--out", out, *TIME)
    assert done.code is ExitCode.BAD_INPUT and not out.exists()
    assert "!G5" in done.err and "!H5" in done.err and "Traceback" not in done.err


def test_a_roll_up_names_who_is_missing_and_ends_with_1(sohoa, workspace, tmp_path):
    sohoa("report", "-w", workspace, "--out", tmp_path / "bc", *TIME)
    units = tmp_path / "dv.txt"
    home = "xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
    units.write_text(f"{home}\nxã Vắng, tỉnh Bến Tre\n", encoding="utf-8")
    path = tmp_path / "bc" / f"{NAME}.xlsx"
    call = ("report", "--roll-up", path, "--units", units, "--unit", "tỉnh Bến Tre", *TIME)
    done = sohoa(*call, "--out", tmp_path / "tinh")
    assert done.code is ExitCode.FAILURES and "xã Vắng, tỉnh Bến Tre\tChưa nộp" in done.out
    told = json.loads(sohoa(*call, "--json").out)
    assert [state for _, state, _, _ in told["units"]] == ["in_time", "missing"]
    assert told["totals"]["records_read"] == {"value": 2, "lacking": 1}
    units.write_text(f"{home}\n", encoding="utf-8")
    assert sohoa(*call, "--json").code is ExitCode.DONE


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--out"),
        (("--json",), "--workspace"),
        (("a.xlsx", "--json"), "--roll-up"),
        (("--roll-up", "a.xlsx", "--json"), "--units"),
        (("-w", "ws", "--json", "--week", "thứ sáu"), "thứ sáu"),
        (("-w", "ws", "--json", "--made", "sáng"), "sáng"),
    ],
)
def test_options_that_do_not_fit_are_wrong_usage(sohoa, monkeypatch, options, said):
    monkeypatch.delenv("SOHOA_WORKSPACE", raising=False)
    done = sohoa("report", *options)
    assert done.code is ExitCode.USAGE and said in done.err
