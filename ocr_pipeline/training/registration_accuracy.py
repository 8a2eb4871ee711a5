"""How well pages are found and aligned: registration against the true mapping of drawn books.

`python -m ocr_pipeline.training.registration_accuracy RECIPE.yaml OUT [--fonts FOLDER]` draws the
books and prints a line for every page. A page that is refused costs a person's time; a page that is
accepted with a field more than `WRONG` millimetres off would be cut up wrongly in silence.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ocr_pipeline.arrays import Points
from ocr_pipeline.errors import SohoaError
from ocr_pipeline.imaging.flat_page import FlatPage, flatten
from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.loading import LoadedLayout, load_layouts
from ocr_pipeline.layout.registration import Registration, register
from ocr_pipeline.layout.schema import Layout
from ocr_pipeline.scans.pages import find_pages, load_page
from ocr_pipeline.training.book_recipes import load_recipe
from ocr_pipeline.training.drawn_books import DrawnBook, generate_books
from ocr_pipeline.training.font_files import ensure_fonts
from ocr_pipeline.training.hand_choice import HandChoice
from ocr_pipeline.training.scanner import PageMap

#: Millimetres by which a field may be off and still be read; half the distance of two lines.
WRONG = 3.0


@dataclass(frozen=True)
class Alignment:
    """What became of one page.

    Attributes:
        page: name.
        expected: id of its layout; "" for pages that no layout fits.
        found: id that was detected; "" if none.
        accepted: whether the registration may be cut with.
        errors: distance of every field's centre from where it truly is, mm; empty if not found.

    """

    page: str
    expected: str
    found: str
    accepted: bool
    errors: Points

    @property
    def silently_wrong(self) -> bool:
        """Accepted though the layout is another one or a field lies elsewhere."""
        astray = self.errors.size > 0 and float(self.errors.max()) > WRONG
        return self.accepted and (self.found != self.expected or astray)


def measure(book: DrawnBook, layouts: Sequence[LoadedLayout]) -> Iterator[Alignment]:
    """Detect and register the record pages of a drawn book."""
    loaded = {item.layout.id: item for item in layouts}
    expected = book.book.layout
    pages, _ = find_pages(book.folder)
    for ref in pages:
        if ref.name not in book.maps:
            continue
        flat = flatten(load_page(ref))
        found = detect(flat.gray, layouts)
        if found.layout_id is None:
            yield Alignment(ref.name, expected, "", False, np.empty(0))
            continue
        result = register(flat.gray, loaded[found.layout_id], found.turn)
        errors: Points = np.empty(0)
        if found.layout_id == expected:
            errors = field_errors(result, flat, book.maps[ref.name], loaded[expected].layout)
        yield Alignment(ref.name, expected, found.layout_id, result.accepted, errors)


def field_errors(result: Registration, flat: FlatPage, mapping: PageMap, layout: Layout) -> Points:
    """(N,) distances in mm of all fields' centres from where they truly are."""
    centres = field_centres(layout)
    return _distance(_on_picture(result, flat, centres), mapping.to_scan(centres), centres)


def field_centres(layout: Layout) -> Points:
    """(N, 2) centres in mm of all lines and tick boxes, of every record of the sheet."""
    boxes = [
        (x + dx + width / 2, y + dy + height / 2)
        for f in layout.fields
        for dx, dy in layout.offsets_of(f.scope)
        for x, y, width, height in (*f.lines, *(o.box for o in f.options))
    ]
    return np.array(boxes)


def _on_picture(result: Registration, flat: FlatPage, centres: Points) -> Points:
    """Pixels of the picture as it was taken, for points in mm."""
    found = result.to_page(centres)
    height, width = flat.gray.shape[:2]
    for _ in range(result.turn // 90):  # undo clockwise turns of the flat page
        height, width = width, height
    for _ in range((360 - result.turn) % 360 // 90):
        found = np.stack([height - 1 - found[:, 1], found[:, 0]], axis=1)
        height, width = width, height
    homogeneous = np.column_stack([found, np.ones(len(found))]) @ np.asarray(flat.to_original).T
    pixels: Points = homogeneous[:, :2] / homogeneous[:, 2:]
    return pixels


def _distance(here: Points, there: Points, centres: Points) -> Points:
    """Distances in mm; the picture's scale is taken from the points themselves."""
    spread = float(np.ptp(there, axis=0).max()) / float(np.ptp(centres, axis=0).max())
    distance: Points = np.linalg.norm(here - there, axis=1) / spread
    return distance


def _line(a: Alignment) -> str:
    state = "accepted" if a.accepted else "refused"
    if not a.errors.size:
        return f"{a.page}: {a.found or 'no layout'}, {state}"
    middle, high = np.percentile(a.errors, [50, 95])
    return (
        f"{a.page}: {state}, off by {middle:.2f} mm (95 %: {high:.2f}, most: {a.errors.max():.2f})"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; exit code 1 if a page was silently wrong."""
    parser = argparse.ArgumentParser(prog="ocr_pipeline.training.registration_accuracy")
    parser.add_argument("recipe", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fonts", type=Path)
    parser.add_argument("--strokes", type=Path)
    options = parser.parse_args(arguments)
    try:
        recipe = load_recipe(options.recipe)
        fonts = ensure_fonts([b.hand.font for b in recipe.books if b.hand.font], options.fonts)
        layouts = load_layouts()
        done: list[Alignment] = []
        for book in generate_books(recipe, options.out, HandChoice(fonts, options.strokes)):
            print(f"{book.folder.name} ({book.book.layout}, {book.book.condition})")
            for alignment in measure(book, layouts):
                done.append(alignment)
                print(f"  {_line(alignment)}", flush=True)
    except SohoaError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    accepted = sum(a.accepted for a in done)
    wrong = [a for a in done if a.silently_wrong]
    print(f"{len(done)} pages, {accepted} accepted, {len(wrong)} silently wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
