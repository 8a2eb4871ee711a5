from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from ocr_pipeline.books.inventory import find_books
from ocr_pipeline.errors import BadInputError, ScanError
from ocr_pipeline.scans.pages import find_pages, load_page
from ocr_pipeline.training.book_recipes import (
    BookSpec,
    DrawnFault,
    HandSpec,
    Recipe,
    load_recipe,
    random_recipe,
)
from ocr_pipeline.training.drawn_books import DrawnBook, generate_books
from ocr_pipeline.training.hand_choice import HandChoice
from tests.training.conftest import FONT

HAND = HandSpec(font=FONT)


def spec(folder: str, **changes: object) -> BookSpec:
    base = {
        "folder": folder, "layout": "KH-2016", "province": "Nam Định", "year": 2018, "pages": 2,
        "condition": "flatbed-clean", "hand": HAND, "dpi": 90, "seed": 3,
    }  # fmt: skip
    return BookSpec.model_validate(base | changes)


FAULTY = spec(
    "faulty",
    pages=10,
    first=20,
    cover=True,
    names="Trang {n}.jpg",
    faults=[
        DrawnFault(page=1, fault="empty-file"),
        DrawnFault(page=2, fault="truncated"),
        DrawnFault(page=3, fault="encrypted-pdf"),
        DrawnFault(page=4, fault="other-register", layout="KT-2016"),
        DrawnFault(page=5, fault="blank"),
        DrawnFault(page=7, fault="duplicate"),
        DrawnFault(page=8, fault="upside-down"),
        DrawnFault(page=9, fault="gap"),
        DrawnFault(page=10, fault="repetition"),
    ],
)
RECIPE = Recipe(
    seed=9,
    books=(
        spec("pdf", container="pdf"),
        spec("tiff", container="tiff-jpeg"),
        spec("g4", container="tiff-g4", typed=True, own_inventory=True),
        spec("phone", condition="phone-bad", camera_turns=True, pages=3),
        FAULTY,
    ),
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, wardrobe: HandChoice) -> dict[str, DrawnBook]:
    out = tmp_path_factory.mktemp("books")
    return {b.folder.name: b for b in generate_books(RECIPE, out, wardrobe)}


def truth(book: DrawnBook) -> dict:
    return json.loads((book.folder / "truth.json").read_text(encoding="utf-8"))


@pytest.mark.long
def test_the_inventory_names_the_books_as_they_were_drawn(drawn: dict[str, DrawnBook]) -> None:
    books, errors = find_books(drawn["pdf"].folder.parent)
    assert not errors
    assert {b.id for b in books} == {d.book.id for d in drawn.values()}
    for found in books:
        assert truth(drawn[found.path.name])["book"] == found.id


def test_pages_bear_the_names_the_truth_gives_them(drawn: dict[str, DrawnBook]) -> None:
    for name in ("pdf", "tiff", "g4", "phone"):
        pages, errors = find_pages(drawn[name].folder)
        assert not errors
        assert [p.name for p in pages] == [e["page"] for e in truth(drawn[name])["pages"]]
        for page in pages:
            pixels = load_page(page).pixels
            corners = drawn[name].maps[page.name].to_scan(np.array([[15.0, 15], [195, 280]]))
            assert (corners > 0).all()
            assert (corners < pixels.shape[1::-1]).all()


def test_faults_are_what_they_are_called(drawn: dict[str, DrawnBook]) -> None:
    book = drawn["faulty"]
    entries = {e.get("fault", ""): e for e in truth(book)["pages"]}
    pages, _ = find_pages(book.folder)
    refs = {p.name: p for p in pages}

    def readable(fault: str) -> bool:
        name = entries[fault]["page"]
        if name not in refs:
            return False
        try:
            load_page(refs[name])
        except ScanError:
            return False
        return True

    assert not any(map(readable, ("empty-file", "truncated", "encrypted-pdf")))
    assert all(map(readable, ("other-register", "blank", "duplicate", "upside-down")))
    names = [e["page"] for e in truth(book)["pages"]]
    assert [n for n in names if n in refs] == [p.name for p in pages]  # Trang 2 before Trang 10
    twin = names[names.index(entries["duplicate"]["page"]) - 1]
    here = book.folder / entries["duplicate"]["page"]
    assert here.read_bytes() == (book.folder / twin).read_bytes()
    numbers = [
        r["fields"]["so"]["value"] for e in truth(book)["pages"] for r in e["records"]
        if e.get("fault") != "duplicate"
    ]  # fmt: skip
    # Three broken pages hide 20, 21, 22; then a gap before the ninth page and a repetition.
    assert numbers == [f"{n}/2018" for n in (23, 24, 26, 26)]


def test_camera_turns_are_undone_by_exif(drawn: dict[str, DrawnBook]) -> None:
    book = drawn["phone"]
    for entry in truth(book)["pages"]:
        with Image.open(book.folder / entry["page"]) as picture:
            upright = ImageOps.exif_transpose(picture)
        size = book.maps[entry["page"]].to_scan(np.array([[0.0, 0], [210, 0], [0, 297]]))
        assert size[1, 0] > size[0, 0] and size[2, 1] > size[0, 1]
        assert upright.height > upright.width


@pytest.mark.long
def test_the_same_recipe_draws_the_same_bytes(
    drawn: dict[str, DrawnBook], tmp_path: Path, wardrobe: HandChoice
) -> None:
    generate_books(RECIPE, tmp_path, wardrobe)
    first = drawn["pdf"].folder.parent
    files = sorted(p.relative_to(first) for p in first.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    for file in files:
        assert (first / file).read_bytes() == (tmp_path / file).read_bytes(), file


def test_random_recipes_differ_and_use_every_hand() -> None:
    hands = [HandSpec(font=f"font-{k}") for k in range(4)]
    one = random_recipe(1, hands, ["KS-2016", "KS-2006", "KS-before-1999"], pages=2)
    assert one == random_recipe(1, hands, ["KS-2016", "KS-2006", "KS-before-1999"], pages=2)
    assert one != random_recipe(2, hands, ["KS-2016", "KS-2006", "KS-before-1999"], pages=2)
    assert {b.hand.font for b in one.books} == {h.font for h in hands}
    assert all(b.year < 1999 for b in one.books if b.layout == "KS-before-1999")


def test_a_recipe_with_a_slip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("seed: 1\nbuks: []\n", encoding="utf-8")
    with pytest.raises(BadInputError):
        load_recipe(path)
