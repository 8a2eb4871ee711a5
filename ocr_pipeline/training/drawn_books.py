"""Drawn books: whole books with known truth, after a recipe.

`python -m ocr_pipeline.training.drawn_books recipe.yaml OUT` draws them.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.data_files import load_data
from ocr_pipeline.errors import SohoaError
from ocr_pipeline.layout.form_drawing import FormStyle
from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.layout.schema import Layout
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.training import cover_pages, scan_files
from ocr_pipeline.training.book_recipes import BookSpec, Recipe, load_recipe
from ocr_pipeline.training.clerk_conventions import ClerkConventions
from ocr_pipeline.training.data_schema import DATA, FillingHabitsFile
from ocr_pipeline.training.drawn_pages import FilledPage, FillingHabits, empty_page, fill_page
from ocr_pipeline.training.font_files import ensure_fonts
from ocr_pipeline.training.font_hands import Hand
from ocr_pipeline.training.hand_choice import HandChoice
from ocr_pipeline.training.invented_cases import InventedCase, Register
from ocr_pipeline.training.invented_people import Place, Society, pick
from ocr_pipeline.training.scanner import DrawnScan, PageMap, book_paper, conditions, draw, scan
from ocr_pipeline.training.seals import stamped

_OVER = 1.3  # pages are drawn finer than they are scanned
_INVENTORY = (
    "folder", "type", "commune", "district", "province", "year opened", "book number", "layout",
    "condition",
)  # fmt: skip


@dataclass
class DrawnLeaf:
    """One page of a book on its way into files.

    Attributes:
        truth: its entry in `truth.json`, but for the name.
        scan: its picture; None when the file holds none.
        file: bytes that replace the picture's own file.
        suffix: of the file name, when it is not the book's.
        turns: quarters by which the camera stored it turned.

    """

    truth: dict[str, Any]
    scan: DrawnScan | None = None
    file: bytes | None = None
    suffix: str = ""
    turns: int = 0


@dataclass(frozen=True)
class DrawnBook:
    """A finished book: its identity, the folder, and the true mapping of each page by name."""

    book: Book
    folder: Path
    maps: dict[str, PageMap] = field(default_factory=dict)


@cache
def filling_habits() -> FillingHabitsFile:
    """Contents of `data/filling_habits.yaml`."""
    return load_data(DATA / "filling_habits.yaml", FillingHabitsFile)


def generate_books(
    recipe: Recipe, out: Path, wardrobe: HandChoice, layouts: Sequence[Layout] = ()
) -> list[DrawnBook]:
    """Draw all books of a recipe.

    Args:
        recipe: what to draw.
        out: folder to write into; gets one folder a book, and `books.csv`.
        wardrobe: where hands come from.
        layouts: forms by id; the shipped ones if empty.

    """
    known = {m.id: m for m in layouts} or {m.layout.id: m.layout for m in load_layouts()}
    out.mkdir(parents=True, exist_ok=True)
    drawn = [_Drawing(spec, recipe, known, wardrobe).into(out) for spec in recipe.books]
    rows = [
        _inventory_line(b, spec)
        for b, spec in zip(drawn, recipe.books, strict=True)
        if not spec.own_inventory
    ]
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerows([_INVENTORY, *rows])
    (out / "books.csv").write_bytes(("\ufeff" + table.getvalue()).encode("utf-8"))
    return drawn


def _inventory_line(drawn: DrawnBook, spec: BookSpec) -> list[str]:
    book = drawn.book
    units = book.agency
    return [
        spec.folder, book.type.value, units.commune, units.district, units.province,
        str(book.year_opened), str(book.number), book.layout, book.condition,
    ]  # fmt: skip


class _Drawing:
    """One book while it is drawn."""

    def __init__(
        self, spec: BookSpec, recipe: Recipe, layouts: dict[str, Layout], wardrobe: HandChoice
    ) -> None:
        self.spec, self.layouts = spec, layouts
        self.layout = layouts[spec.layout]
        self.rng = rng = np.random.default_rng([recipe.seed, spec.seed])
        self.society = Society(spec.province, rng, recipe.unseen, recipe.strange)
        self.commune: Place = self.society.place()
        self.paper = book_paper(spec.condition, rng)
        condition = conditions()[spec.condition]
        self.style = FormStyle(
            family=pick(rng, ["serif", "serif", "sans"]),
            darkness=draw(rng, condition.print.darkness),
            caption_shift_mm=draw(rng, condition.print.shift),
            stretch=float(rng.uniform(0.97, 1.04)),
            leader=pick(rng, ["dots", "dots", "dashes", "line"]),
            seed=int(rng.integers(1 << 30)),
        )
        self.hand: Hand = wardrobe.hand(spec.hand, rng)
        self.manner = self._manner(wardrobe, draw(rng, condition.ink.faded))
        self.previous: FilledPage | None = None
        self.forms: dict[str, FilledPage] = {}

    def into(self, out: Path) -> DrawnBook:
        """Draw, and write the files."""
        folder = out / self.spec.folder
        folder.mkdir(parents=True, exist_ok=True)
        book = self._book(folder)
        leaves = list(self._leaves(book))
        names = self._write(folder, leaves)
        entries = [{"page": n, **leaf.truth} for n, leaf in zip(names, leaves, strict=True)]
        truth = {"book": book.id, "layout": self.layout.id, "pages": entries}
        text = json.dumps(truth, ensure_ascii=False, indent=1) + "\n"
        (folder / "truth.json").write_text(text, encoding="utf-8")
        if self.spec.own_inventory:
            (folder / "book.yaml").write_text(_book_yaml(book), encoding="utf-8")
        found = zip(names, leaves, strict=True)
        return DrawnBook(book, folder, {n: m.scan.map for n, m in found if m.scan is not None})

    def _manner(self, wardrobe: HandChoice, faded: float) -> FillingHabits:
        spec, rng = self.spec, self.rng
        ink = filling_habits().inks[spec.ink]
        size = spec.hand.x_height or float(rng.uniform(2.1, 2.9))
        manner = FillingHabits(
            self.hand,
            ink=ink.colour,
            darkness=ink.darkness * (1 - faded),
            x_height=size,
            slope=float(rng.normal(0, 0.003)),
            ticks=pick(rng, ["cross", "check", "cross", "fill"]),
            typed=wardrobe.typed(rng) if spec.typed else None,
            correction=0.005 if spec.condition.endswith("clean") else 0.015,
            ditto=len(self.layout.records.offsets) > 1 and bool(rng.random() < 0.7),
            unsteady=float(rng.uniform(0.2, 0.5)),
        )
        if not spec.conventions:
            return manner
        conventions = ClerkConventions.drawn(rng)
        return replace(manner, correction=conventions.struck, conventions=conventions)

    def _book(self, folder: Path) -> Book:
        spec, c = self.spec, self.commune
        agency = Agency(c.commune, c.district, c.province)
        common = (folder, RegisterType(self.layout.type), agency, spec.year, spec.number)
        stem = NamingRule().stem(Book("", *common))
        return Book(stem, *common, layout=spec.layout, condition=spec.condition)

    def _leaves(self, book: Book) -> Iterator[DrawnLeaf]:
        if self.spec.cover:
            yield self._cover(book)
        faults = {f.page: f for f in self.spec.faults}
        per_page = len(self.layout.records.offsets)
        cases = self._cases(per_page)
        leaves: list[DrawnLeaf] = []
        for page in range(1, self.spec.pages + 1):
            some = cases[(page - 1) * per_page : page * per_page]
            fault = faults.get(page)
            if fault is not None and fault.fault == "duplicate" and leaves:
                leaf = leaves[-1]
                leaves.append(DrawnLeaf({**leaf.truth, "fault": "duplicate"}, leaf.scan, leaf.file))
            elif fault is not None and fault.fault == "blank":
                leaves.append(self._blank(page))
            elif fault is not None and fault.fault == "other-register":
                leaves.append(self._stranger(fault.layout, page))
            else:
                leaves.append(self._spoilt(self._leaf(some, page), fault.fault if fault else ""))
        yield from leaves

    def _cases(self, per_page: int) -> list[InventedCase]:
        spec = self.spec
        by_year = any(f.lexicon == "year" for f in self.layout.fields)
        register = Register(
            self.layout.type, self.society, self.commune, spec.year, spec.number, self.rng, by_year
        )
        gaps = {f.page for f in spec.faults if f.fault == "gap"}
        repeated = {f.page for f in spec.faults if f.fault == "repetition"}
        recordless = ("blank", "other-register", "duplicate")
        absent = {f.page for f in spec.faults if f.fault in recordless}
        numbers, number = [], spec.first
        for page in range(1, spec.pages + 1):
            if page in gaps:
                number += 1
            if page in repeated:
                number -= 1
            for _ in range(per_page):
                numbers.append(number)
                number += page not in absent
        if spec.records:
            numbers = numbers[: spec.records]
        return list(register.cases(numbers, per_page))

    def _form(self, layout: Layout) -> FilledPage:
        if layout.id not in self.forms:
            self.forms[layout.id] = empty_page(layout, round(self.spec.dpi * _OVER), self.style)
        return self.forms[layout.id]

    def _leaf(self, cases: Sequence[InventedCase], page: int) -> DrawnLeaf:
        filled = fill_page(self._form(self.layout), self.layout, cases, self.manner, self.rng)
        filled = self._stamped(filled)
        leaf = DrawnLeaf({"kind": "record", "records": filled.truth}, self._scan(filled, page))
        if self.spec.camera_turns:
            leaf.turns = int(pick(self.rng, [0, 0, 1, 3, 2]))
        return leaf

    def _scan(self, page: FilledPage, number: int) -> DrawnScan:
        taken = scan(
            page,
            self.spec.condition,
            self.paper,
            self.rng,
            self.spec.dpi,
            back=self.previous,
            beside=self.previous,
            right_page=number % 2 == 1,
        )
        self.previous = page
        return taken

    def _stamped(self, page: FilledPage) -> FilledPage:
        if self.rng.random() >= conditions()[self.spec.condition].stamp:
            return page
        return stamped(page, self.layout, self.commune, self.rng)

    def _spoilt(self, leaf: DrawnLeaf, fault: str) -> DrawnLeaf:
        """The leaf with a fault that concerns its file or its position."""
        if fault:
            leaf.truth["fault"] = fault
        if fault in ("upside-down", "sideways") and leaf.scan is not None:
            quarters = 2 if fault == "upside-down" else 1
            leaf.scan = leaf.scan.turned(quarters)
        if fault in ("empty-file", "truncated", "encrypted-pdf") and leaf.scan is not None:
            picture = scan_files.jpeg(leaf.scan)
            leaf.file = b""
            if fault == "truncated":
                leaf.file = scan_files.truncated(picture)
            elif fault == "encrypted-pdf":
                leaf.file = scan_files.encrypted_pdf(picture)
            leaf.suffix = ".pdf" if fault == "encrypted-pdf" else ""
            leaf.truth = {"kind": "broken", "fault": fault, "records": []}
            leaf.scan = None
        return leaf

    def _blank(self, page: int) -> DrawnLeaf:
        size = self.layout.page
        sheet = cover_pages.empty_sheet(size.width, size.height, round(self.spec.dpi * _OVER))
        return DrawnLeaf(
            {"kind": "blank", "fault": "blank", "records": []}, self._scan(sheet, page)
        )

    def _stranger(self, layout_id: str, page: int) -> DrawnLeaf:
        """A page of another register bound into this book."""
        other = self.layouts[layout_id]
        year = self.spec.year
        register = Register(other.type, self.society, self.commune, year, 1, self.rng, True)
        cases = list(register.cases([17]))
        filled = fill_page(self._form(other), other, cases, self.manner, self.rng)
        truth = {"kind": "other", "fault": "other-register", "layout": layout_id, "records": []}
        return DrawnLeaf(truth, self._scan(filled, page))

    def _cover(self, book: Book) -> DrawnLeaf:
        size = self.layout.page
        sheet = cover_pages.empty_sheet(size.width, size.height, round(self.spec.dpi * _OVER))
        facts = cover_pages.CoverFacts(book.type, book.agency, book.number, book.year_opened)
        printed = cover_pages.cover_prints()["label"]
        page = cover_pages.cover(sheet, printed, facts, self.hand, self.manner.ink, self.rng)
        return DrawnLeaf({"kind": "cover", "records": []}, self._scan(page, 1))

    def _write(self, folder: Path, leaves: Sequence[DrawnLeaf]) -> list[str]:
        """Write the files of all pages; their names as `scans.find_pages` gives them."""
        scans = [leaf.scan for leaf in leaves if leaf.scan is not None]
        if self.spec.container == "jpeg":
            return [self._write_page(folder, n, leaf) for n, leaf in enumerate(leaves, 1)]
        if self.spec.container == "pdf":
            name, data = "so.pdf", scan_files.pdf([scan_files.jpeg(s) for s in scans])
        else:
            name, data = "so.tif", scan_files.tiff(scans, self.spec.container.partition("-")[2])
        (folder / name).write_bytes(data)
        return [f"{name}#{n}" for n in range(1, len(leaves) + 1)]

    def _write_page(self, folder: Path, number: int, leaf: DrawnLeaf) -> str:
        name = self.spec.names.format(n=number)
        if leaf.suffix:
            name = Path(name).with_suffix(leaf.suffix).name
        data = leaf.file
        if data is None:
            data = b"" if leaf.scan is None else scan_files.jpeg(leaf.scan, leaf.turns)
        (folder / name).write_bytes(data)
        return name


def _book_yaml(book: Book) -> str:
    units = book.agency
    data = {
        "type": book.type.value,
        "commune": units.commune,
        "district": units.district,
        "province": units.province,
        "year_opened": book.year_opened,
        "number": book.number,
        "layout": book.layout,
        "condition": book.condition,
    }
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="ocr_pipeline.training.drawn_books", description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fonts", type=Path, help="folder with the TTF files; else npm is asked")
    parser.add_argument("--strokes", type=Path, help="folder with the stroke files of real writers")
    parser.add_argument("--verifier", type=Path, help="model folder that refuses words drawn badly")
    parser.add_argument("--cache", type=Path, help="folder where the letters found are kept")
    parser.add_argument(
        "--training", action="store_true", help="the writers that networks learn from write"
    )
    options = parser.parse_args(arguments)
    try:
        recipe = load_recipe(options.recipe)
        stems = [b.hand.font for b in recipe.books if b.hand.font]
        fonts = ensure_fonts(stems, options.fonts)
        found = (options.strokes, options.verifier, options.cache)
        hands = HandChoice(fonts, *found, validation=not options.training)
        for drawn in generate_books(recipe, options.out, hands):
            folder = drawn.folder.relative_to(options.out)
            print(f"{folder}: {drawn.book.id}, {len(drawn.maps)} pages")
    except SohoaError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
