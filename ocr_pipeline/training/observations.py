"""What reading sees of books whose truth is known: the material that confidence is fitted on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.books.inventory import find_books
from ocr_pipeline.errors import BadInputError, ScanError, Text
from ocr_pipeline.imaging.page import flatten
from ocr_pipeline.layout.cutting import cut
from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.loading import LoadedLayout, load_layouts
from ocr_pipeline.layout.registration import register
from ocr_pipeline.reading.models import Model
from ocr_pipeline.reading.reader import Observation, Reader
from ocr_pipeline.registers.fields import Kind
from ocr_pipeline.registers.values import normalise_value
from ocr_pipeline.scans.pages import PageRef, find_pages, load_page


@dataclass(frozen=True, slots=True)
class Sample:
    """One field with its truth.

    Attributes:
        book: id of the book, the unit of splitting.
        kind: the field's kind.
        observation: what reading saw.
        value, as_written: the truth.

    """

    book: str
    kind: Kind
    observation: Observation
    value: str
    as_written: str = ""

    @property
    def right(self) -> bool:
        """The value read is the true one, as far as the field itself can tell it."""
        read = self.observation.reading.value
        return read == self.value or (
            bool(read) and read == normalise_value(self.kind, self.as_written)
        )


def collect(books: Iterable[Path], model: Model) -> list[Sample]:
    """Read books whose truth is known.

    Args:
        books: folders with `truth.json` beside their scans.
        model: what reads.

    Returns:
        One sample for each field of each page that could be aligned.

    Raises:
        BadInputError: a book has no truth.

    """
    layouts = {loaded.layout.id: loaded for loaded in load_layouts()}
    reader = Reader(model)
    return [sample for book in books for sample in _of_book(book, reader, layouts)]


def _of_book(folder: Path, reader: Reader, layouts: dict[str, LoadedLayout]) -> list[Sample]:
    path = folder / "truth.json"
    if not path.is_file():
        raise BadInputError(
            Text("Không có truth.json", "There is no truth.json"),
            where=str(folder),
            remedy=Text("Chỉ ra thư mục sổ có đáp án", "Name folders of books with known truth"),
        )
    truth = json.loads(path.read_text("utf-8"))
    home = next((b.agency.units for b in find_books(folder.parent)[0] if b.path == folder), ())
    pages = {page["page"]: page for page in truth["pages"] if page["kind"] == "record"}
    out = []
    for ref in find_pages(folder)[0]:
        if ref.name in pages:
            for position, seen in _observed(ref, reader, layouts, truth.get("layout", ""), home):
                records = {r["position"]: r["fields"] for r in pages[ref.name]["records"]}
                for code, told in records.get(position, {}).items():
                    if code in seen:
                        out.append(_sample(truth["book"], seen[code], told))
    return out


def _sample(book: str, seen: Observation, told: dict[str, str]) -> Sample:
    return Sample(book, seen.reading.kind, seen, told["value"], told.get("as_written", ""))


def _observed(
    ref: PageRef,
    reader: Reader,
    layouts: dict[str, LoadedLayout],
    prior: str,
    home: tuple[str, ...],
) -> list[tuple[int, dict[str, Observation]]]:
    """Fields of a page by record; nothing for a page that cannot be aligned."""
    try:
        flat = flatten(load_page(ref))
    except ScanError:
        return []
    found = detect(flat.gray, list(layouts.values()), prior)
    if found.layout_id is None:
        return []
    loaded = layouts[found.layout_id]
    aligned = register(flat.gray, loaded, found.turn)
    if not aligned.accepted:
        return []
    crops = cut(flat, loaded, aligned)
    return [(c.position, seen) for c, seen in zip(crops, reader.observe(crops, home), strict=True)]
