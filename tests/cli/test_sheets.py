"""`sohoa sheets`: what a person sees, what a program gets, the exit code."""

import json

import pytest

from ocr_pipeline.errors import ExitCode
from ocr_pipeline.layout.half_forms import SheetHalf
from ocr_pipeline.layout.loading import load_layout
from ocr_pipeline.resources import shipped
from tests.builders.half_scans import half_scan, scanned


@pytest.fixture(scope="module")
def halves():
    layout = load_layout(shipped("layouts") / "KT" / "before-1999").layout
    return {half: half_scan(layout, half) for half in SheetHalf}


def test_joined_sheets_are_counted_and_told_to_programs(sohoa, tmp_path, halves):
    book = scanned(tmp_path / "so", *halves.values())
    done = sohoa("sheets", book, "--out", tmp_path / "to")
    assert done.code is ExitCode.DONE, done.out + done.err
    assert "2 ảnh → 1 tờ ghép, 0 ảnh giữ nguyên" in done.out and "1 sheets joined" in done.out
    told = sohoa("sheets", book, "--out", tmp_path / "to-json", "--json")
    [file] = json.loads(told.out)["files"]
    assert file["scans"] == ["001.png", "002.png"] and file["kind"] == "joined"
    assert (tmp_path / "to-json" / file["file"]).is_file()


def test_a_half_alone_is_named_and_makes_the_exit_code(sohoa, tmp_path, halves):
    book = scanned(tmp_path / "so", halves[SheetHalf.LEFT])
    done = sohoa("sheets", book, "--out", tmp_path / "to")
    assert done.code is ExitCode.FAILURES
    assert "001.png" in done.out and "left half of a sheet KT-before-1999" in done.out


def test_no_folder_is_bad_input(sohoa, tmp_path):
    done = sohoa("sheets", tmp_path / "missing", "--out", tmp_path / "to")
    assert done.code is ExitCode.BAD_INPUT and "missing" in done.err
    assert "Traceback" not in done.err
