"""`sohoa layout adapt`: a book of another printing house, from refused pages to pages read."""

import json

import cv2
import pytest

from ocr_pipeline.errors import ExitCode
from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book, write_inventory
from tests.builders.other_house import house_page, house_style, other_house

BOOK = "xalocthuan_hbd_tbt.KT.2016.01"


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "scans"
    base = next(one.layout for one in load_layouts() if one.layout.id == "KT-2016")
    style = house_style(13)
    house = other_house(base, 13, style)
    (folder / "kt1").mkdir(parents=True)
    for number in range(1, 7):
        page = house_page(house, style, 1300 + number)
        (folder / "kt1" / f"{number}.jpg").write_bytes(cv2.imencode(".jpg", page.gray)[1].tobytes())
    write_inventory(folder, {"kt1": make_book("KT", 1, 2016)})
    return folder


def kinds(sohoa, workspace):
    [book] = json.loads(sohoa("status", "-w", workspace, "--json").out)["books"]
    return book


@pytest.mark.long
def test_a_book_is_refused_learned_and_read(sohoa, scans, tmp_path):
    ws = tmp_path / "ws"
    sohoa("run", scans, "-w", ws, "--workers", "1")
    assert len(kinds(sohoa, ws)["failures"]) == 6
    done = sohoa("layout", "adapt", BOOK, "-w", ws, "--json")
    assert done.out, done.err
    told = json.loads(done.out)
    assert done.code == ExitCode.DONE, told
    assert (told["like"], told["version"], told["holds"]) == ("KT-2016", 1, True)
    assert told["pages"]["before"] == 0
    assert told["pages"]["accepted"] == told["pages"]["checked"]
    assert max(field["moved_mm"] for field in told["fields"]) > 2
    assert (ws / told["folder"] / "comparison.png").stat().st_size > 10_000
    assert sohoa("run", scans, "-w", ws, "--workers", "1").code == ExitCode.DONE
    assert not kinds(sohoa, ws)["failures"]
    back = sohoa("layout", "adapt", BOOK, "-w", ws, "--forget")
    assert back.code == ExitCode.DONE and BOOK in back.out + back.err
    sohoa("run", scans, "-w", ws, "--workers", "1")
    assert len(kinds(sohoa, ws)["failures"]) == 6


def test_mistakes_are_explained(sohoa, tmp_path):
    ws = tmp_path / "ws"
    Workspace.open(str(ws)).close()
    done = sohoa("layout", "adapt", "khong.co", "-w", ws)
    assert done.code == ExitCode.BAD_INPUT and "sohoa book list" in done.err
    done = sohoa("layout", "adapt", BOOK, "-w", ws, "--forget")
    assert done.code == ExitCode.BAD_INPUT
