"""`sohoa keyed check`, `sohoa split`: what a person sees, what a program gets, the exit code."""

import json

import pytest

from ocr_pipeline.errors import ExitCode
from tests.builders.keyed_files import HEADER, births, police_births, table, text_file, xlsx_file


def test_a_file_that_needs_nobody(sohoa, tmp_path):
    path = xlsx_file(tmp_path / "ca.xlsx", table(police_births(3)))
    done = sohoa("keyed", "check", path)
    assert done.code is ExitCode.DONE, done.out + done.err
    assert "3 dòng = 3 bản ghi + 0 dòng để riêng" in done.out
    assert "capitals\tnksHoTen\t3" in done.out


def test_faults_make_the_exit_code_and_stand_in_both_languages(sohoa, tmp_path):
    rows = table(births(2, nksNgaySinh="31/02/2005"), HEADER)
    done = sohoa("keyed", "check", text_file(tmp_path / "sai.csv", rows))
    assert done.code is ExitCode.FAILURES
    assert "not_a_date\tnksNgaySinh\t2\t2" in done.out
    assert "Không hiểu ngày" in done.out and "is not understood" in done.out


def test_json_has_a_line_for_each_change_and_a_summary(sohoa, tmp_path):
    path = xlsx_file(tmp_path / "ca.xlsx", table(police_births(2)))
    lines = [json.loads(line) for line in sohoa("keyed", "check", path, "--json").out.splitlines()]
    mended = [line["mended"] for line in lines if "mended" in line]
    summary = lines[-1]["summary"]
    assert summary["rows"] == summary["records"] == 2 and summary["rows_left"] == 0
    assert sum(n for one in summary["mended"].values() for n in one.values()) == len(mended)
    assert {"file", "sheet", "row", "column", "before", "after", "rule"} == set(mended[0])


@pytest.mark.parametrize("arguments", [("missing.xlsx",), ("missing.xlsx", "--json")])
def test_no_file_that_can_be_read_is_bad_input(sohoa, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    done = sohoa("keyed", "check", *arguments)
    assert done.code is ExitCode.BAD_INPUT and "missing.xlsx" in done.err
    assert "Traceback" not in done.err


def test_a_split_tells_its_counts_and_ends_with_0_when_all_is_placed(sohoa, tmp_path):
    path = xlsx_file(tmp_path / "tinh.xlsx", table(police_births(3)))
    done = sohoa("split", path, "--out", tmp_path / "tach")
    assert done.code is ExitCode.DONE, done.out + done.err
    assert "3 dòng = 3 dòng của 1 cơ quan (1 tệp .xls)" in done.out
    checked = sohoa("check", tmp_path / "tach", "--json")
    [package] = json.loads(checked.out)["packages"]
    assert package["rows"] == 3
    assert {f["rule"] for f in package["faults"] if f["level"] == "error"} == {"no_zip"}


def test_unknown_units_are_shown_and_make_the_exit_code(sohoa, tmp_path):
    rows = police_births(1, NOIDANGKY="UBND xã Không Có, huyện Ba Tri, tỉnh Bến Tre")
    path = text_file(tmp_path / "tinh.csv", table(rows))
    done = sohoa("split", path, "--out", tmp_path / "tach")
    assert done.code is ExitCode.FAILURES and "xã Không Có" in done.out
    told = json.loads(sohoa("split", path, "--out", tmp_path / "tach", "--json").out)
    assert (told["rows"], told["placed"], told["unknown"], told["aside"]) == (1, 0, 1, 0)
    assert told["unknown_agencies"][0]["rows"] == 1 and told["unknown_agencies"][0]["why"]["vi"]


def test_a_folder_that_holds_something_else_is_bad_input(sohoa, tmp_path):
    path = text_file(tmp_path / "tinh.csv", table(police_births(1)))
    done = sohoa("split", path, "--out", tmp_path)
    assert done.code is ExitCode.BAD_INPUT and "--out" in done.err
