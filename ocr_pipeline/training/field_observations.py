"""What reading sees of books whose truth is known: the material that confidence is fitted on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.inventory import find_books
from ocr_pipeline.errors import BadInputError, ScanError, Text
from ocr_pipeline.imaging.flat_page import flatten
from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.field_crops import RecordCrops, cut
from ocr_pipeline.layout.loading import LoadedLayout, load_layouts
from ocr_pipeline.layout.registration import register
from ocr_pipeline.reading.confidence import Calibration
from ocr_pipeline.reading.field_observation import FieldObservation
from ocr_pipeline.reading.models import Model, SecondModel
from ocr_pipeline.reading.reader import Reader
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.values import normalise_value
from ocr_pipeline.scans.pages import PageRef, find_pages, load_page
from ocr_pipeline.text.short_dates import age_in, short_dates


@dataclass(frozen=True, slots=True)
class Sample:
    """One field with its truth.

    Attributes:
        book: id of the book, the unit of splitting.
        page: name of the page.
        kind: the field's kind.
        observation: what reading saw.
        value, as_written: the truth.

    """

    book: str
    page: str
    kind: FieldKind
    observation: FieldObservation
    value: str
    as_written: str = ""

    @property
    def right(self) -> bool:
        """Whether the value read is the true one (see `is_right`).

        A short year or an age has no value before its book is judged: there the writing counts.
        """
        reading = self.observation.reading
        if is_right(self.kind, reading.value, self.value, self.as_written):
            return True
        text = reading.n_best[0].text if reading.n_best else ""
        return not reading.value and _mean_the_same(text, self.as_written)


@dataclass(frozen=True, slots=True)
class CutPage:
    """A page that could be aligned: its records' crops, with their truth by position and code."""

    name: str
    layout: str
    crops: list[RecordCrops]
    truth: dict[int, dict[str, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class TrueBook:
    """A book whose truth is known, as the inventory beside it describes it."""

    id: str
    book: Book | None
    pages: list[CutPage]

    @property
    def home(self) -> tuple[str, ...]:
        """Units of its agency, smallest first; empty where no inventory names it."""
        return self.book.agency.units if self.book else ()


def is_right(kind: FieldKind, read: str, value: str, as_written: str) -> bool:
    """The value read is the true one, as far as the field itself can tell it."""
    return read == value or (bool(read) and read == normalise_value(kind, as_written))


def _mean_the_same(read: str, written: str) -> bool:
    """Whether both leave out the century of the same date, or state the same age."""
    dates, age = short_dates(written), age_in(written)
    return (dates != () and short_dates(read) == dates) or (age is not None and age_in(read) == age)


def collect(books: Iterable[Path], model: Model, second: Model | None = None) -> list[Sample]:
    """Read books whose truth is known.

    Args:
        books: folders with `truth.json` beside their scans.
        model: what reads.
        second: another network that reads, too, what the model is not sure of; all that is written
            while the model is not calibrated.

    Returns:
        One sample for each field of each page that could be aligned.

    Raises:
        BadInputError: a book has no truth.

    """
    both = None if second is None else SecondModel(second, Calibration())
    reader = Reader(model, second=both)
    out = []
    for book in true_books(books):
        for page in book.pages:
            for crops, seen in zip(page.crops, reader.observe(page.crops, book.home), strict=True):
                for code, told in page.truth.get(crops.position, {}).items():
                    if code in seen:
                        out.append(_sample(book.id, page.name, seen[code], told))
    return out


def true_books(folders: Iterable[Path]) -> Iterator[TrueBook]:
    """The pages of books whose truth is known, aligned and cut; one book at a time.

    Raises:
        BadInputError: a book has no truth.

    """
    layouts = {loaded.layout.id: loaded for loaded in load_layouts()}
    for folder in folders:
        path = folder / "truth.json"
        if not path.is_file():
            raise BadInputError(
                Text("Không có truth.json", "There is no truth.json"),
                where=str(folder),
                remedy=Text(
                    "Chỉ ra thư mục sổ có đáp án", "Name folders of books with known truth"
                ),
            )
        truth = json.loads(path.read_text("utf-8"))
        book = next((b for b in find_books(folder.parent)[0] if b.path == folder), None)
        records = {
            page["page"]: {int(r["position"]): r["fields"] for r in page["records"]}
            for page in truth["pages"]
            if page["kind"] == "record"
        }
        pages = []
        for ref in find_pages(folder)[0]:
            if ref.name in records:
                found = _cut(ref, layouts, truth.get("layout", ""))
                if found is not None:
                    pages.append(CutPage(ref.name, *found, records[ref.name]))
        yield TrueBook(str(truth["book"]), book, pages)


def _sample(book: str, page: str, seen: FieldObservation, told: dict[str, str]) -> Sample:
    return Sample(book, page, seen.reading.kind, seen, told["value"], told.get("as_written", ""))


def _cut(
    ref: PageRef, layouts: dict[str, LoadedLayout], prior: str
) -> tuple[str, list[RecordCrops]] | None:
    """Layout and crops of a page; None for one that cannot be aligned."""
    try:
        flat = flatten(load_page(ref))
    except ScanError:
        return None
    found = detect(flat.gray, list(layouts.values()), prior)
    if found.layout_id is None:
        return None
    loaded = layouts[found.layout_id]
    aligned = register(flat.gray, loaded, found.turn)
    return (found.layout_id, cut(flat, loaded, aligned)) if aligned.accepted else None
