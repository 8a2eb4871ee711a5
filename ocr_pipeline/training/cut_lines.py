"""Lines as they are cut out of drawn pages, with their texts, for the network to learn from.

`python -m ocr_pipeline.training.cut_lines OUT.zip BOOK …`: what is left of leaders, captions and
neighbouring lines in the crops of real pages stands in these, as no composed line has it.
"""

from __future__ import annotations

import argparse
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2

from ocr_pipeline.arrays import Gray
from ocr_pipeline.reading.line_texts import WritingRefusal, line_texts
from ocr_pipeline.reading.models import load_model
from ocr_pipeline.reading.reader import FieldInk, Reader
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.text.normalise import clean
from ocr_pipeline.training.field_observations import CutPage, true_books
from ocr_pipeline.training.scanned_lines import LABELS


def cut_lines(books: Iterable[Path], model: str) -> Iterator[tuple[Gray, str]]:
    """The lines that the network reads something in, of all pages that can be aligned.

    A field whose text is not seen in its ink (`line_texts`), or that was struck out, is left out.
    What stands in the crop of an empty field is a line without text.

    Args:
        books: folders with `truth.json` beside their scans.
        model: folder of the network that tells which part of a text stands on which line.

    Yields:
        A grey picture (H, W), uint8, and what is written on it; "" for nothing.

    Raises:
        BadInputError: a book has no truth.

    """
    reader = Reader(load_model(model))
    for book in true_books(books):
        for page in book.pages:
            yield from _of_page(page, reader)


def _of_page(page: CutPage, reader: Reader) -> Iterator[tuple[Gray, str]]:
    for record in page.crops:
        truth = page.truth.get(record.position, {})
        crops = [
            crop
            for crop in record.fields.values()
            if crop.kind is not FieldKind.TICK and crop.code in truth
        ]
        for seen in reader.ink(crops):
            if not seen.struck:
                told = truth[seen.code]
                text = clean(told.get("as_written", "") or told["value"])
                yield from _of_field(seen, text, reader.model.recogniser.alphabet)


def _of_field(seen: FieldInk, text: str, alphabet: str) -> Iterator[tuple[Gray, str]]:
    if not text:
        yield from ((image, "") for image in seen.images)
        return
    lines = line_texts(seen.writing, [text], alphabet)
    if not isinstance(lines, WritingRefusal):
        yield from ((seen.images[one.line], one.text) for one in lines)


def write_lines(lines: Iterable[tuple[Gray, str]], out: Path) -> int:
    """Write lines as a zip that `scanned_lines.read_zip` reads; returns how many there are."""
    labels = []
    with zipfile.ZipFile(out, "w") as archive:
        for number, (picture, text) in enumerate(lines):
            name = f"{number:06d}.png"
            archive.writestr(name, cv2.imencode(".png", picture)[1].tobytes())
            labels.append(f"{name}\t{text}")
        archive.writestr(LABELS, "\n".join(labels) + "\n")
    return len(labels)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="ocr_pipeline.training.cut_lines", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("out", type=Path, help="zip to write")
    parser.add_argument("books", type=Path, nargs="+", help="folders of drawn books")
    parser.add_argument("--model", default="htr")
    options = parser.parse_args(arguments)
    print(write_lines(cut_lines(options.books, options.model), options.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
