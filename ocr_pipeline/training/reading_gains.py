"""What each step of reading brings: greedy, language model, grammars and lexicons, home, book.

`python -m ocr_pipeline.training.reading_gains BOOKS… [--model NAME]` reads books whose truth is
known once for every step and prints the share of values right, overall and by kind.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ocr_pipeline.checks.book_context import rerank
from ocr_pipeline.layout.field_crops import RecordCrops
from ocr_pipeline.reading.decoding import LINE
from ocr_pipeline.reading.field_observation import FieldObservation
from ocr_pipeline.reading.models import Model, load_model
from ocr_pipeline.reading.reader import Reader
from ocr_pipeline.registers.fields import FieldKind, Record
from ocr_pipeline.registers.values import normalise_value
from ocr_pipeline.training.field_observations import (
    CutPage,
    TrueBook,
    is_right,
    true_books,
)
from ocr_pipeline.usual_options import USUAL

STEPS = ("greedy", "+ syllables", "+ grammars, lists", "+ home", "+ book")
"""Each step holds the ones before it."""

Place = tuple[str, int, str]
"""Page, position on it, field code."""

Counts = dict[str, list[int]]
"""By kind ("" for all): filled fields, then how many have the right value after each step."""


def measure(folders: Iterable[Path], model: Model) -> Counts:
    """Count right values after each step, over all filled fields but tick boxes.

    Args:
        folders: of books with `truth.json`; their inventory lies one level up.
        model: what reads.

    """
    counts: Counts = defaultdict(lambda: [0] * (1 + len(STEPS)))
    reader = Reader(model)
    for book in true_books(folders):
        steps = _steps(book, reader)
        for page in book.pages:
            kinds = {c: f.kind for r in page.crops for c, f in r.fields.items()}
            for position, fields in page.truth.items():
                for code, told in fields.items():
                    kind = kinds.get(code, FieldKind.TICK)
                    if not told["value"] or kind is FieldKind.TICK:
                        continue
                    place = (page.name, position, code)
                    right = [is_right(kind, s.get(place, ""), told["value"], told["as_written"])
                             for s in steps]  # fmt: skip
                    for name in ("", str(kind)):
                        row = counts[name]
                        counts[name] = [a + b for a, b in zip(row, [1, *right], strict=True)]
    return counts


def _steps(book: TrueBook, reader: Reader) -> list[dict[Place, str]]:
    """The values of a book after each step."""
    values: list[dict[Place, str]] = [{} for _ in STEPS]
    records: list[Record] = []
    for page in book.pages:
        open_ = reader.observe([_without_grammar(r) for r in page.crops])
        _put(values[0], page, open_, raw=True)
        _put(values[1], page, open_)
        _put(values[2], page, reader.observe(page.crops))
        records += reader.read_page(page.crops, page.name, page.layout, book.home)
    values[3] = _values(records)
    values[4] = _values(rerank(records, book.book) if book.book else records)
    return values


def _values(records: Sequence[Record]) -> dict[Place, str]:
    return {(r.page, r.position, c): f.value for r in records for c, f in r.fields.items()}


def _without_grammar(record: RecordCrops) -> RecordCrops:
    """The same crops, decoded with the open model of syllables alone."""
    fields = {
        code: replace(crop, field=crop.field.model_copy(update={"lexicon": LINE}))
        for code, crop in record.fields.items()
    }
    return replace(record, fields=fields)


def _put(
    values: dict[Place, str],
    page: CutPage,
    seen: Sequence[Mapping[str, FieldObservation]],
    raw: bool = False,
) -> None:
    for crops, fields in zip(page.crops, seen, strict=True):
        for code, one in fields.items():
            read = one.reading
            value = normalise_value(read.kind, read.as_written) if raw else read.value
            values[page.name, crops.position, code] = value


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: one line a kind, tab-separated."""
    parser = argparse.ArgumentParser(prog="ocr_pipeline.training.reading_gains")
    parser.add_argument("books", type=Path, nargs="+", help="folders with truth.json below them")
    parser.add_argument("--model", default=USUAL.model)
    options = parser.parse_args(arguments)
    folders = sorted({p.parent for book in options.books for p in book.rglob("truth.json")})
    counts = measure(folders, load_model(options.model))
    print("kind", "fields", *STEPS, sep="\t")
    for kind, (fields, *right) in sorted(counts.items()):
        print(kind or "all", fields, *(f"{100 * r / fields:.1f} %" for r in right), sep="\t")
    return 0


if __name__ == "__main__":
    sys.exit(main())
