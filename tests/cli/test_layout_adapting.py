"""`sohoa layout adapt`: a book of another printing house, from refused pages to pages read."""

import json

import cv2
import pytest

from ocr_pipeline.errors import ExitCode
from ocr_pipeline.layout.layout_draft import dump
from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.processing.office_layouts import keep_office_layout, retire_office_layout
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book, write_inventory
from tests.builders.other_house import (
    draw_print,
    house_page,
    house_style,
    other_house,
    write_death_book,
)

BOOK = "xalocthuan_hbd_tbt.KT.2016.01"


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "scans"
    write_death_book(folder / "kt1")
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


@pytest.fixture
def taught(tmp_path):
    """A workspace with a form of the office: the house 53 prints deaths its own way."""
    base = next(one.layout for one in load_layouts() if one.layout.id == "KT-2016")
    style = house_style(53)
    form = other_house(base, 53, style).model_copy(update={"id": "KT-1990", "title": "Mẫu lạ"})
    empty = cv2.imencode(".png", draw_print(form, style, form.reference_dpi))[1].tobytes()
    ws = tmp_path / "ws"
    Workspace.open(str(ws)).close()
    text = dump(form.model_dump(mode="json", exclude_defaults=True))
    keep_office_layout(ws, "KT-1990", text, empty)
    return ws, form, style


def save_page(path, form, style, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".jpg", house_page(form, style, seed).gray)[1].tobytes())
    return path


@pytest.mark.long
def test_a_form_of_the_office_is_seen_on_a_page_of_its_workspace_alone(sohoa, taught, tmp_path):
    ws, form, style = taught
    page = save_page(tmp_path / "trang.jpg", form, style, 5301)
    without = json.loads(sohoa("layout", "detect", page, "--json").out)
    assert without["layout"] is None
    seen = sohoa("layout", "detect", page, "-w", ws, "--json")
    assert seen.code == ExitCode.DONE and json.loads(seen.out)["layout"] == "KT-1990"
    retire_office_layout(ws, "KT-1990")
    retired = sohoa("layout", "detect", page, "-w", ws, "--json")
    assert retired.code == ExitCode.FAILURES and json.loads(retired.out)["layout"] is None


@pytest.mark.long
def test_a_book_is_learned_from_a_form_of_the_office(sohoa, taught, tmp_path):
    """Still another house printed it: the form of the office is nearer than any that is shipped."""
    ws, form, _ = taught
    style = house_style(55)
    house = other_house(form, 55, style)
    for number in range(1, 7):
        save_page(tmp_path / "scans" / "kt1" / f"{number}.jpg", house, style, 5500 + number)
    write_inventory(tmp_path / "scans", {"kt1": make_book("KT", 1, 2016)})
    sohoa("run", tmp_path / "scans", "-w", ws, "--workers", "1")
    done = sohoa("layout", "adapt", BOOK, "-w", ws, "--json")
    assert done.out, done.err
    assert json.loads(done.out)["like"] == "KT-1990"


def test_mistakes_are_explained(sohoa, tmp_path):
    ws = tmp_path / "ws"
    Workspace.open(str(ws)).close()
    done = sohoa("layout", "adapt", "khong.co", "-w", ws)
    assert done.code == ExitCode.BAD_INPUT and "sohoa book list" in done.err
    done = sohoa("layout", "adapt", BOOK, "-w", ws, "--forget")
    assert done.code == ExitCode.BAD_INPUT
