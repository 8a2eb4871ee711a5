"""What stands around a field: its record, the records before and after, its column, its book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ocr_pipeline.books.book import Book
from ocr_pipeline.registers.fields import Candidate, Field, FieldKind

#: Records before and after that are looked at.
NEIGHBOURS = 3


@dataclass(frozen=True, slots=True)
class StandingField:
    """A value as it stands in another field.

    Attributes:
        value: of the Excel cell, never "".
        sure: probability that it is right; 1 where a person decided or nobody doubts it.
        others: what else it may be, best first; none where a person decided.
        doubted: it waits for a person itself.

    """

    value: str
    sure: float
    others: tuple[Candidate, ...] = ()
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that is known where a field stands.

    Attributes:
        own: the field as it stands.
        book: its book, as the inventory has it.
        record: the other fields of its record by code; blank ones left out.
        kinds: kind of each field of the record by code.
        around: fields of the records before (−1, −2 …) and after (1, 2 …), by code.
        column: values of its column in the whole book, with the sum of how sure they are.
        places: the same of all columns of places.

    """

    own: Field
    book: Book
    record: Mapping[str, StandingField] = field(default_factory=dict)
    kinds: Mapping[str, FieldKind] = field(default_factory=dict)
    around: Mapping[int, Mapping[str, StandingField]] = field(default_factory=dict)
    column: Mapping[str, float] = field(default_factory=dict)
    places: Mapping[str, float] = field(default_factory=dict)

    @property
    def texts(self) -> tuple[str, ...]:
        """What may stand on the paper, best first: readings as written and as values."""
        found = [self.own.as_written, self.own.value]
        for one in self.own.n_best[:5]:
            found += [one.text, one.value]
        return tuple(dict.fromkeys(text for text in found if text.strip()))

    def of_kind(self, *kinds: FieldKind) -> Sequence[tuple[str, StandingField]]:
        """The record's other fields of these kinds, in reading order."""
        return [(code, own) for code, own in self.record.items() if self.kinds.get(code) in kinds]


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value that something else than the ink says.

    Attributes:
        value: in the form of the Excel cell.
        source: code of who says so, a key of `sources` in `offers.yaml`.
        sure: probability that what it was taken from is right.
        field: code of the field it was taken from, if it was one.

    """

    value: str
    source: str
    sure: float = 1.0
    field: str = ""
