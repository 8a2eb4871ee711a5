"""Hands on a form that was proposed from its empty page, and the same hands on the shipped form.

`python -m tests.builders.taught_form_reading OUT --fonts DIR --strokes DIR` draws both, reads them
with `sohoa run`, and prints the share of right values by kind. The clerk writes where the truth of
the foreign form says that its blanks are; the machine cuts where it proposes fields.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any
from unittest import mock

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from ocr_pipeline.layout.form_drawing import FormStyle
from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.layout.schema import Layout, Leader
from ocr_pipeline.training import drawn_books
from ocr_pipeline.training.book_recipes import Recipe
from ocr_pipeline.training.drawn_pages import FilledPage
from ocr_pipeline.training.hand_choice import HandChoice
from tests.builders import foreign_forms as foreign
from tests.e2e.station import sohoa

MODEL = Path(__file__).parents[2] / "models" / "htr"
FORMS = {
    "KS": (foreign.birth_form, "KS-2016"),
    "KT": (foreign.death_form, "KT-2016"),
    "KH": (foreign.marriage_form, "KH-2016"),
}


def told_by(*arguments: object) -> str:
    """What a command prints; it may end with 1: something is left to people."""
    done = sohoa(*arguments)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    return done.stdout


def taught(form: foreign.ForeignForm, folder: Path) -> Layout:
    """The layout that the terminal proposes from the form's empty page."""
    scan, layouts = folder / "empty.png", folder / "layouts"
    gray, _ = foreign.scanned(form.picture, 1)
    Image.fromarray(gray).save(scan, dpi=(foreign.DPI, foreign.DPI))
    size = "x".join(f"{side:g}" for side in form.size)
    name = f"{form.type}-foreign"
    told_by(
        "layout", "new", layouts / name, scan, "--id", name, "--type", form.type, "--size", size
    )
    return next(one.layout for one in load_layouts(layouts) if one.layout.id == name)


def written_layout(form: foreign.ForeignForm, proposed: Layout) -> Layout:
    """The proposed layout with fields and lines where the truth says: a clerk writes by this one.

    The proposal's own measures are those of its scan, up to 2 mm off those of the picture.
    """
    true = {blank.code: tuple(blank.lines) for blank in form.blanks}
    fields = [
        field.model_copy(update={"lines": true[field.code]})
        for field in proposed.fields
        if field.code in true
    ]
    leaders = [
        Leader(x1=x, x2=x + width, y=y + foreign.LINE_MM)
        for blank in form.blanks
        for x, y, width, _ in blank.lines
    ]
    return proposed.model_copy(
        update={"fields": fields, "leaders": tuple(leaders), "captions": (), "rules": ()}
    )


def draw(
    recipe: dict[str, Any],
    out: Path,
    hands: HandChoice,
    layout: Layout,
    picture: npt.NDArray[np.uint8] | None,
) -> None:
    """Draw a book on a form of the generator, or on the picture of an empty one."""

    def printed(_: Layout, dpi: float, style: FormStyle) -> FilledPage:
        assert picture is not None
        side = dpi / foreign.DPI
        sheet = cv2.resize(picture, None, fx=side, fy=side, interpolation=cv2.INTER_AREA)
        return FilledPage(cv2.cvtColor(sheet, cv2.COLOR_GRAY2RGB).astype(np.uint8), dpi)

    books = Recipe.model_validate(recipe)
    if picture is None:
        drawn_books.generate_books(books, out, hands, [layout])
        return
    with mock.patch("ocr_pipeline.training.drawn_books.empty_page", printed):
        drawn_books.generate_books(books, out, hands, [layout])


def recipe_of(type: str, layout: str, writer: int, pages: int, seed: int) -> dict[str, Any]:
    book = {
        "folder": f"{type}-{writer}", "layout": layout, "pages": pages, "year": 2018, "number": 1,
        "first": 20, "province": "Bến Tre", "condition": "flatbed-office", "dpi": 200,
        "ink": "blue", "hand": {"writer": writer}, "seed": seed + writer,
    }  # fmt: skip
    return {"seed": seed, "unseen": True, "books": [book]}


def count(counts: Counter[tuple[str, str]], told: dict[str, Any]) -> None:
    """Add what `sohoa eval --json` tells of a book: by kind, and of all that was accepted."""
    for kind, own in told["by_kind"].items():
        right = own["exact"]["value"] or 0.0
        counts[kind, "fields"] += own["fields"]
        counts[kind, "right"] += round(right * own["fields"])
    counts["all", "fields"] += told["overall"]["fields"]
    counts["all", "right"] += round(told["overall"]["exact"]["value"] * told["overall"]["fields"])
    counts["all", "missing"] += told["overall"]["missing"]
    counts["all", "accepted"] += told["overall"]["accepted_fields"]
    counts["all", "accepted wrongly"] += told["overall"]["accepted_errors"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("--strokes", type=Path, required=True)
    parser.add_argument("--writers", default="2,5,14")
    parser.add_argument("--pages", type=int, default=6)
    parser.add_argument("--seed", type=int, default=9001)
    asked = parser.parse_args()
    hands = HandChoice(asked.fonts, asked.strokes, MODEL, asked.out)
    asked.out.mkdir(parents=True, exist_ok=True)
    known = {one.layout.id: one.layout for one in load_layouts()}
    for type, (make, shipped) in FORMS.items():
        form, folder = make(), asked.out / type
        folder.mkdir(exist_ok=True)
        proposed = taught(form, folder)
        for side, layout, picture, options in (
            ("taught", written_layout(form, proposed), np.asarray(form.picture),
             ["--layouts", folder / "layouts"]),
            ("shipped", known[shipped], None, []),
        ):  # fmt: skip
            scans, job = folder / side, folder / f"{side}-job"
            counts: Counter[tuple[str, str]] = Counter()
            for writer in map(int, asked.writers.split(",")):
                recipe = recipe_of(type, layout.id, writer, asked.pages, asked.seed)
                draw(recipe, scans / str(writer), hands, layout, picture)
                place = scans / str(writer)
                told_by("run", place, "--workspace", f"{job}-{writer}", "--workers", 1, *options)
                told = json.loads(
                    told_by("eval", place, "--workspace", f"{job}-{writer}", "--json")
                )
                count(counts, told)
            print(type, side, *(f"{n} {kind} {what}" for (kind, what), n in sorted(counts.items())),
                  sep="; ", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
