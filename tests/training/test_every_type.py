"""Every register type goes from drawn scans to a package that `sohoa check` passes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocr_pipeline.cli.app import run_program
from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.registers.fields import State
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.store.entries import Entry, add_entries
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.training.book_recipes import BookSpec, HandSpec, Recipe
from ocr_pipeline.training.drawn_books import DrawnBook, generate_books
from ocr_pipeline.training.hand_choice import HandChoice
from tests.training.conftest import FONT

NEW = {"CN-2016": 2019, "GH-2016": 2019, "TD-2016": 2019, "CDGH-2016": 2019, "KH-2006": 2009}


def drawn(out: Path, wardrobe: HandChoice) -> list[DrawnBook]:
    books = tuple(
        BookSpec(
            folder=layout.lower(), layout=layout, province="Bến Tre", year=year, pages=2,
            condition="flatbed-clean", hand=HandSpec(font=FONT), typed=True, dpi=150, seed=k,
        )
        for k, (layout, year) in enumerate(NEW.items())
    )  # fmt: skip
    return generate_books(Recipe(seed=3, books=books), out, wardrobe)


def truths(book: DrawnBook) -> Iterator[tuple[str, int, str, str]]:
    """Page, position, code and value of every field, as they truly are."""
    data = json.loads((book.folder / "truth.json").read_text(encoding="utf-8"))
    for page in data["pages"]:
        for position, record in enumerate(page["records"], 1):
            for code, truth in record["fields"].items():
                yield page["page"], position, code, truth["value"]


def confirm(ws: Workspace, book: DrawnBook) -> int:
    """Enter what truly stands in each field, as two people would; gives the number of records."""
    name = book.book.id
    with ws.transaction() as session:
        assert {r.page for r in load_records(session, name)} == set(book.maps), name
        entries = [
            Entry(page, at, code, value, State.CORRECTED if value else State.BLANK, "lan")
            for page, at, code, value in truths(book)
        ]
        add_entries(session, name, entries)
    judge_and_store(ws, name)
    with ws.read_session() as session:
        return len(load_records(session, name))


def test_each_type_has_a_layout() -> None:
    assert {item.layout.type for item in load_layouts()} == set(RegisterType)


@pytest.mark.long
def test_new_types_go_from_scan_to_a_package_that_passes(
    tmp_path: Path, wardrobe: HandChoice, capsys: pytest.CaptureFixture[str]
) -> None:
    scans, home, out = (tmp_path / part for part in ("scans", "ws", "goi"))
    books = drawn(scans, wardrobe)
    assert run_program(["run", str(scans), "--workspace", str(home), "--workers", "1"]) == 0
    with Workspace.open(str(home)) as ws:
        assert [confirm(ws, book) for book in books] == [2] * len(books)
    export = ["export", "--workspace", str(home), "--out", str(out), "--all", "--unapproved"]
    code = run_program(export)
    assert code == 0, capsys.readouterr()
    assert len(list(out.rglob("*.xls"))) >= len(books)
    assert run_program(["check", str(out)]) == 0, capsys.readouterr()
