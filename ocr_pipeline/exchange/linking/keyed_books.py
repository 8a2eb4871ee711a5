"""Which keyed rows come into question for which books."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ocr_pipeline.books.book import Book
from ocr_pipeline.exchange.keyed_files.keyed_file import KeyedFiles
from ocr_pipeline.exchange.keyed_files.keyed_rows import BOOK_NUMBER, AsideRow, KeyedRow
from ocr_pipeline.exchange.keyed_files.keyed_tally import KeyedTally
from ocr_pipeline.processing.book_links import LinkRow, RowChange
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.numbers import parse_number_year

_AGENCY_COLUMNS = ("noiDangKy", "noiCap")
_UNIT_WORDS = ("thi tran", "thanh pho", "thi xa", "phuong", "xa", "quan", "huyen", "tinh")

Volume = tuple[RegisterType, int, int]
"""Register type, number and year of a book."""


@dataclass(slots=True)
class KeyedBooks:
    """Keyed rows by book.

    Attributes:
        rows: by id of the book, in the order of the files.
        tally: of all rows of the files.
        doubles: rows that say the same as an earlier one, with that one: places in their files.
        elsewhere: rows of no book of the workspace.

    """

    rows: dict[str, list[LinkRow]] = field(default_factory=dict)
    tally: KeyedTally = field(default_factory=KeyedTally)
    doubles: list[tuple[str, str]] = field(default_factory=list)
    elsewhere: int = 0


def keyed_books(
    keyed: KeyedFiles, books: Sequence[Book], advance: Callable[[], None] = lambda: None
) -> KeyedBooks:
    """Give each row to the books that it may belong to.

    A row belongs to the books of its register type and agency; of these, to the one of its volume
    number. Where no such book is there, or the row names no volume, all of them come into question:
    volume numbers are keyed wrongly, too.

    Args:
        keyed: the opened files.
        books: of the workspace.
        advance: called after each row.

    """
    found = KeyedBooks({book.id: [] for book in books})
    volumes = {(book.type, book.number, book.year_opened) for book in books}
    homes = {book.id: _home(book) for book in books}
    for row in keyed.rows():
        found.tally.add(row)
        advance()
        if isinstance(row, AsideRow):
            continue
        if row.double_of:
            found.doubles.append((row.key.shown, row.double_of.shown))
            continue
        taken = _books_of(row, books, homes, volumes)
        found.elsewhere += not taken
        for book in taken:
            found.rows[book.id].append(_link_row(row))
    return found


def _books_of(
    row: KeyedRow, books: Iterable[Book], homes: Mapping[str, str], volumes: set[Volume]
) -> list[Book]:
    type_ = RegisterType(row.template.type)
    agency = key(_agency(row), accents=False)
    own = [
        book
        for book in books
        if book.type is type_ and (not agency or f" {homes[book.id]} " in f" {agency} ")
    ]
    number = parse_number_year(row.values.get(BOOK_NUMBER, ""))
    if number is None or (type_, *number) not in volumes:
        return own
    exact = [book for book in own if (book.number, book.year_opened) == number]
    return exact or own


def _agency(row: KeyedRow) -> str:
    column = next((name for name in _AGENCY_COLUMNS if row.written(name)), "")
    return row.written(column) if column else row.units.get("commune", "")


def _home(book: Book) -> str:
    """The name of the smallest unit, without the word for its kind and without marks."""
    unit = key(book.agency.units[0], accents=False) if book.agency.units else ""
    for word in _UNIT_WORDS:
        rest = unit.removeprefix(f"{word} ")
        if rest != unit:
            return unit if rest.isdigit() else rest
    return unit


def _link_row(row: KeyedRow) -> LinkRow:
    values = {**row.values, **row.filled()}
    content = "\x1f".join(f"{name}\x1e{text}" for name, text in sorted(values.items()) if text)
    named = f"{row.template.type}\x1d{content}".encode()
    return LinkRow(
        hashlib.blake2b(named, digest_size=16).hexdigest(),
        Path(row.key.file).name,
        row.key.sheet,
        row.key.row,
        row.template.generation,
        row.template.variant,
        values,
        tuple(RowChange(m.column, m.before, m.after, m.message.vi) for m in row.mended),
        tuple((f.column, f.message.vi) for f in row.faults),
    )
