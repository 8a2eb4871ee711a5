"""Ids of books, unique by agency: file names have no marks, so two agencies can share them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count

from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.places import short_name

_MARK = "~"


def with_own_ids(books: Iterable[Book], known: Sequence[Book]) -> list[Book]:
    """The books, those whose id a book of another agency has already with an id of their own.

    A book keeps the id that it had: the first to come has the plain one (the stem of its package),
    the next `<stem>~2`.

    Args:
        books: as the inventory has them, each with the stem of its package as id.
        known: books with the ids given to them before.

    """
    taken = {book.id: book.agency for book in known}
    found = []
    for book in books:
        own = next(id for id in ids_of(book.id) if same_agency(book.agency, taken.get(id)))
        taken[own] = book.agency
        found.append(replace(book, id=own))
    return found


def shared_stem(book: Book) -> str:
    """The stem that a book shares with another one; "" for a book that has it for itself."""
    stem = stem_of(book.id)
    return stem if stem != book.id else ""


def stem_of(id: str) -> str:
    """The stem of a book's id: `….KS.2018.01~2` has `….KS.2018.01`."""
    return id.partition(_MARK)[0]


def same_agency(agency: Agency, other: Agency | None) -> bool:
    """Both are the same agency, however its type words, case and blanks are written.

    None stands for an id that nobody has.
    """
    return other is None or _key(agency) == _key(other)


def _key(agency: Agency) -> tuple[str, ...]:
    units = (agency.commune, agency.district, agency.province)
    return (*(key(short_name(unit)) for unit in units), key(agency.name))


def ids_of(stem: str) -> Iterator[str]:
    """All ids that books of one stem can have: the stem, then `<stem>~2` and so on."""
    yield stem
    for number in count(2):
        yield f"{stem}{_MARK}{number}"
