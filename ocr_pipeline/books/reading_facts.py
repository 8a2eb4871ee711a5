"""What the inventory knows of a book before any of its pages is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ocr_pipeline.books.book import Book


@dataclass(frozen=True, slots=True)
class ReadingFacts:
    """Facts of a book that make some readings of its pages likelier than others.

    Attributes:
        home: units of its agency with their type words, smallest first (`Agency.units`): most
            places of a book lie there, and knowing it halves the errors in addresses.
        year: in which it was opened; 0 when unknown.
        number: of the book in that year; 0 when unknown.

    """

    home: tuple[str, ...] = ()
    year: int = 0
    number: int = 0

    @classmethod
    def of(cls, book: Book | None) -> Self:
        """The facts of a book; none of no book."""
        if book is None:
            return cls()
        return cls(book.agency.units, book.year_opened, book.number)

    def parts(self) -> tuple[str, ...]:
        """The facts as texts, for a fingerprint of what a page was read with."""
        return (*self.home, str(self.year), str(self.number))


NO_FACTS = ReadingFacts()
