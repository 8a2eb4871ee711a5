"""`sohoa inventory`: what a person sees, what a program gets, the exit code."""

from __future__ import annotations

import json
import shutil

import pytest

from ocr_pipeline.books.inventory import read_inventory
from tests.builders.markdown import ROOT

SAMPLES = ROOT / "sample_scans"


def test_an_inventory_that_is_there_is_not_written_over(sohoa, tmp_path):
    (tmp_path / "books.xlsx").write_bytes(b"mine")
    done = sohoa("inventory", tmp_path)
    assert done.code == 2 and "không ghi đè" in done.err and "--out" in done.err
    assert (tmp_path / "books.xlsx").read_bytes() == b"mine"


def test_a_folder_without_scans_and_a_wrong_plan_are_told(sohoa, tmp_path):
    assert sohoa("inventory", tmp_path).code == 3
    done = sohoa("inventory", tmp_path, "--plan", "2031")
    assert done.code == 2 and "2025" in done.err


@pytest.mark.long
def test_a_book_with_a_cover_is_listed_as_a_run_accepts_it(sohoa, tmp_path):
    """The folder says book 2, the cover book 1: both are shown, and the cell is doubtful."""
    scans = tmp_path / "scans"
    (scans / "KS.2018.02").mkdir(parents=True)
    for page in range(1, 4):
        name = f"Trang {page}.jpg"
        shutil.copy(SAMPLES / "ks-2018" / name, scans / "KS.2018.02" / name)
    done = sohoa("inventory", scans, "--workers", 1, "--json")
    assert done.code == 1, done.err
    [book] = json.loads(done.out)["books"]
    assert book["pages"] == 3 and book["cover_page"] == "Trang 1.jpg"
    assert (book["type"], book["year_opened"], book["layout"]) == ("KS", "2018", "KS-2016")
    [doubt] = [one for one in book["doubts"] if one["column"] == "number"]
    assert doubt["said"] == {"cover": "1", "name": "2"}
    found = read_inventory(scans)
    assert not found.problems and found.books[0].agency.commune == "xã Phước Ngãi"
