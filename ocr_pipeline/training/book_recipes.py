"""Recipes: what books to draw, as data; and recipes drawn at random for calibration and tests.

`python -m ocr_pipeline.training.book_recipes SEED > recipe.yaml` draws one with the fonts of a
group.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import yaml
from pydantic import Field

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.errors import BadInputError
from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.training.font_files import fonts_of
from ocr_pipeline.training.invented_people import pick, regions

Container = Literal["jpeg", "pdf", "tiff-jpeg", "tiff-g4"]
FaultName = Literal[
    "empty-file", "truncated", "encrypted-pdf", "other-register", "blank", "duplicate",
    "upside-down", "sideways", "gap", "repetition",
]  # fmt: skip


class HandSpec(Strict):
    """Who writes: a font (file stem), or a real writer (number among the validation writers)."""

    font: str = ""
    writer: int = -1
    slant: float | None = None
    weight: float | None = None
    x_height: float | None = None


class DrawnFault(Strict):
    """A fault made on purpose at a page (1-based among the record pages)."""

    page: int
    fault: FaultName
    layout: str = ""
    """The other register's layout, for `other-register`."""


class BookSpec(Strict):
    """One book to draw.

    Attributes:
        folder: of the book, relative to the output.
        layout: id of the form.
        province: bare name; the commune is drawn.
        year: of the registrations, and in which the book was opened.
        number: of the book in the year.
        first: number of its first record.
        pages: record pages.
        records: on them, if the last sheet is not full; 0 fills all.
        condition: key of `conditions.yaml`.
        hand: who writes.
        typed: filled in by machine but for numbers, signatures and notes.
        ink: key of `inks` in `filling_habits.yaml`.
        dpi: of the pictures.
        container: how pages are kept.
        names: file names; `{n}` is the page number.
        cover: begin with a cover page.
        own_inventory: a `book.yaml` instead of a line in books.csv.
        camera_turns: phone pictures carry EXIF orientations.
        calibration: may confidence be fitted on it.
        conventions: its clerk keeps to conventions (short years, ages, ditto marks …).
        faults: on purpose.
        seed: of this book.

    """

    folder: str
    layout: str
    province: str
    year: Annotated[int, Field(ge=1956, le=2025)]
    number: int = 1
    first: int = 1
    pages: Annotated[int, Field(ge=1, le=500)]
    records: int = 0
    condition: str
    hand: HandSpec
    typed: bool = False
    ink: str = "blue"
    dpi: Annotated[int, Field(ge=80, le=400)] = 150
    container: Container = "jpeg"
    names: str = "{n:03d}.jpg"
    cover: bool = False
    own_inventory: bool = False
    camera_turns: bool = False
    calibration: bool = False
    conventions: bool = False
    faults: tuple[DrawnFault, ...] = ()
    seed: int = 0


class Recipe(Strict):
    """A set of books.

    Attributes:
        seed: of the whole set.
        unseen: use words that no language model is built from.
        strange: share (0–1) of the syllables after surnames that stand in no list of names.
        books: in order.

    """

    seed: int = 1
    unseen: bool = True
    strange: Annotated[float, Field(ge=0, le=1)] = 0.0
    books: tuple[BookSpec, ...]


def load_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        BadInputError: no YAML, or not of this form.

    """
    return load_data(path, Recipe, BadInputError)


def random_recipe(
    seed: int,
    hands: Sequence[HandSpec],
    layouts: Sequence[str],
    pages: int = 8,
    books: int = 10,
    conditions: Sequence[str] = (
        "flatbed-clean", "flatbed-office", "flatbed-office",
        "flatbed-bad", "phone-good", "phone-bad",
    ),
    typed: float = 0.12,
    dpi: Sequence[int] = (150, 200),
    strange: float = 0.0,
    conventions: bool = False,
) -> Recipe:  # fmt: skip
    """Books of every kind, drawn by chance.

    Args:
        seed: another seed gives other people, places, papers and scans.
        hands: who may write; taken in turn, so that each comes up.
        layouts: ids of forms; taken in turn.
        pages: record pages a book.
        books: how many.
        conditions: keys of `conditions.yaml`, one drawn a book.
        typed: share of books filled in by machine.
        dpi: resolutions, one drawn a book.
        strange: see `Recipe`.
        conventions: all clerks keep to conventions.

    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(hands))
    specs = []
    for k in range(books):
        layout = layouts[k % len(layouts)]
        condition = pick(rng, list(conditions))
        inks = ["blue", "blue", "black", "violet", "dark-blue"]
        specs.append(
            BookSpec(
                folder=f"book-{k + 1:02d}",
                layout=layout,
                province=pick(rng, regions()),
                year=_year_of(layout, rng),
                number=int(rng.integers(1, 4)),
                first=int(rng.integers(1, 150)),
                pages=pages,
                condition=condition,
                hand=hands[int(order[k % len(hands)])],
                typed=bool(rng.random() < typed),
                ink=pick(rng, inks),
                dpi=int(pick(rng, list(dpi))),
                calibration=True,
                conventions=conventions,
                seed=int(rng.integers(1 << 30)),
            )
        )
    return Recipe(seed=seed, strange=strange, books=tuple(specs))


def _year_of(layout: str, rng: np.random.Generator) -> int:
    """A year in which the form was in use; ids end in the era."""
    era = layout.partition("-")[2]
    if era.startswith("before"):
        return int(rng.integers(1978, 1999))
    if era == "1999":
        return int(rng.integers(1999, 2006))
    if era == "2006":
        return int(rng.integers(2006, 2016))
    return int(rng.integers(2016, 2024))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: a random recipe on standard output."""
    parser = argparse.ArgumentParser(prog="ocr_pipeline.training.book_recipes")
    parser.add_argument("seed", type=int)
    parser.add_argument("--group", default="calibration", help="of fonts; see hand_fonts.yaml")
    parser.add_argument("--writers", type=int, nargs="*", help="real writers instead, by number")
    parser.add_argument("--books", type=int, default=12)
    parser.add_argument("--pages", type=int, default=6)
    parser.add_argument("--strange", type=float, default=0.0, help="unlisted syllables in names")
    parser.add_argument("--conventions", action="store_true", help="short years, ages, dittos …")
    options = parser.parse_args(arguments)
    hands = [HandSpec(font=f) for f in fonts_of(options.group)]
    if options.writers:
        hands = [HandSpec(writer=w) for w in options.writers]
    layouts = [item.layout.id for item in load_layouts()]
    recipe = random_recipe(
        options.seed,
        hands,
        layouts,
        options.pages,
        options.books,
        strange=options.strange,
        conventions=options.conventions,
    )
    data = recipe.model_dump(mode="json", exclude_defaults=True)
    yaml.safe_dump(data, sys.stdout, allow_unicode=True, sort_keys=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
