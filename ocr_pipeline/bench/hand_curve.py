"""What a book's own hand is worth after so many corrected fields, on books whose truth is known.

Every third page is held back. On the other pages fields are corrected one after the other as people
do it: those that the machine sends to them, in the order of the book, then the rest. The pages held
back are judged with the network alone and with the hand, the book knowing in both cases what people
corrected. Whether the gate would keep the hand is told beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ocr_pipeline.checks.book_judgement import judge_book
from ocr_pipeline.processing.confirmed_writing import SURE, KnownField, KnownLine, known_texts
from ocr_pipeline.processing.hand_trial import (
    FittedHand,
    HandJob,
    divided_lines,
    fit_and_test,
    pictured,
)
from ocr_pipeline.reading.book_hand import BookHand
from ocr_pipeline.reading.line_texts import WritingRefusal
from ocr_pipeline.reading.models import Model, load_model
from ocr_pipeline.reading.reader import FieldInk, Reader
from ocr_pipeline.registers.fields import Field, FieldKind, Record, State
from ocr_pipeline.training.field_observations import CutPage, TrueBook, is_right, true_books

Place = tuple[str, int, str]
"""Page, position of the record on it, code of the field."""

COUNTS = (0, 16, 64, 256)
_HELD_BACK = 3  # every third page


@dataclass(frozen=True, slots=True)
class HeldBackCounts:
    """Filled fields of the pages held back: right, accepted without a person, wrong among these."""

    fields: int = 0
    right: int = 0
    accepted: int = 0
    wrong: int = 0

    def plus(self, other: HeldBackCounts) -> HeldBackCounts:
        """Both together."""
        return HeldBackCounts(
            self.fields + other.fields, self.right + other.right,
            self.accepted + other.accepted, self.wrong + other.wrong,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What so many corrected fields are worth.

    Attributes:
        corrected: fields corrected in each book at most.
        books: in which there are so many; a book with fewer counts with all that it has.
        lines: lines with a known text that the hands were learnt from.
        kept: books whose hand the gate keeps.
        alone: the network alone; `hand`: with the hands, kept or not.

    """

    corrected: int
    books: int = 0
    lines: int = 0
    kept: int = 0
    alone: HeldBackCounts = HeldBackCounts()
    hand: HeldBackCounts = HeldBackCounts()

    def plus(self, other: CurvePoint) -> CurvePoint:
        """The same point of two books."""
        return CurvePoint(
            self.corrected, self.books + other.books, self.lines + other.lines,
            self.kept + other.kept, self.alone.plus(other.alone), self.hand.plus(other.hand),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class HandCurve:
    """The curve over all books.

    Attributes:
        books: ids.
        sure: also the machine's sure readings taught.
        points: one for each number of corrected fields.

    """

    books: tuple[str, ...] = ()
    sure: bool = False
    points: tuple[CurvePoint, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """As JSON holds it."""
        return asdict(self)


def measure_hands(
    folders: Iterable[Path],
    model: str,
    counts: Sequence[int] = COUNTS,
    *,
    sure: bool = False,
    told: Callable[[], None] = lambda: None,
) -> HandCurve:
    """The curve of books with known truth.

    Args:
        folders: of books, each with its `truth.json`.
        model: name or folder of the network.
        counts: numbers of corrected fields.
        sure: the machine's sure readings of all pages teach, too.
        told: called after each point of each book.

    Raises:
        BadInputError: a book has no truth.
        MachineError: the model is missing.

    """
    base = load_model(model)
    names: list[str] = []
    points = {count: CurvePoint(count) for count in counts}
    for book in true_books(folders):
        seen = _SeenBook.of(book, base)
        names.append(book.id)
        for count in counts:
            points[count] = points[count].plus(seen.point(model, count, sure))
            told()
    return HandCurve(tuple(names), sure, tuple(points.values()))


@dataclass(slots=True)
class _SeenBook:
    """A book as the network alone reads it, with all that its truth says."""

    book: TrueBook
    base: Model
    records: list[Record]
    ink: dict[Place, FieldInk] = field(default_factory=dict)

    @classmethod
    def of(cls, book: TrueBook, base: Model) -> _SeenBook:
        reader, records = Reader(base), list[Record]()
        ink: dict[Place, FieldInk] = {}
        for page in book.pages:
            records += reader.read_page(page.crops, page.name, page.layout, book.home)
            for one in page.crops:
                crops = [crop for crop in one.fields.values() if crop.kind is not FieldKind.TICK]
                for seen in reader.ink(crops):
                    ink[page.name, one.position, seen.code] = seen
        return cls(book, base, records, ink)

    @property
    def held_back(self) -> set[str]:
        """Names of pages."""
        return {page.name for page in self.book.pages[_HELD_BACK - 1 :: _HELD_BACK]}

    def truth(self) -> Iterator[tuple[Place, str, str]]:
        """Each field with its true value, and what stands on paper."""
        for page in self.book.pages:
            for position, fields in page.truth.items():
                for code, told in fields.items():
                    yield (page.name, position, code), told["value"], told.get("as_written", "")

    def point(self, model: str, count: int, sure: bool) -> CurvePoint:
        """The figures after `count` corrected fields."""
        corrected = self._corrected(count)
        alone = self._judged(self.records, corrected)
        lines = self._lines(corrected) + (self._sure_lines(alone, corrected) if sure else [])
        fitted = _fitted(model, lines)
        point = CurvePoint(
            count, int(len(corrected) >= count), len(lines),
            int(fitted is not None and fitted.is_better), self._counts(alone),
        )  # fmt: skip
        if fitted is None:
            return replace(point, hand=point.alone)
        again = self._judged(self._read_with(model, fitted.hand), corrected)
        return replace(point, hand=self._counts(again))

    def _corrected(self, count: int) -> dict[Place, tuple[str, str]]:
        """Value and writing of the fields that people have said something about."""
        judged = {
            (record.page, record.position, code): one.state
            for record in self._judged(self.records, {})
            for code, one in record.fields.items()
        }
        known = [
            (place, value, written)
            for place, value, written in self.truth()
            if place in judged and place[0] not in self.held_back and value
        ]
        known.sort(key=lambda one: judged[one[0]] is not State.IN_REVIEW)  # stable: doubts first
        return {place: (value, written) for place, value, written in known[:count]}

    def _judged(
        self, records: Sequence[Record], corrected: Mapping[Place, tuple[str, str]]
    ) -> list[Record]:
        if self.book.book is None:
            return list(records)
        said = [_with_said(record, corrected) for record in records]
        return judge_book(self.book.book, said)

    def _lines(self, corrected: Mapping[Place, tuple[str, str]]) -> list[KnownLine]:
        fields = {(r.page, r.position, c): f for r in self.records for c, f in r.fields.items()}
        out: list[KnownLine] = []
        for place, (value, _) in corrected.items():
            one = fields[place]
            texts = tuple(c.text for c in one.n_best if c.value == value)
            out += self._known(place, KnownField(place[1:], one.kind, value, texts))
        return out

    def _sure_lines(
        self, judged: Sequence[Record], corrected: Mapping[Place, tuple[str, str]]
    ) -> list[KnownLine]:
        out: list[KnownLine] = []
        for record in judged:
            for code, one in record.fields.items():
                place = (record.page, record.position, code)
                accepted = one.state is State.ACCEPTED and one.confidence >= SURE
                if accepted and one.value and one.special is None and place not in corrected:
                    texts = tuple(c.text for c in one.n_best if c.value == one.value)
                    known = KnownField(place[1:], one.kind, one.value, texts, sure=True)
                    out += self._known(place, known)
        return out

    def _known(self, place: Place, known: KnownField) -> list[KnownLine]:
        seen = self.ink.get(place)
        if seen is None or known.kind is FieldKind.TICK:
            return []
        found = known_texts(known, seen, self.base.recogniser.alphabet)
        if isinstance(found, WritingRefusal):
            return []
        return [
            KnownLine(seen.images[t.line], t.text, t.loss, place[0], place[1:], t.line, known.sure)
            for t in found
        ]

    def _read_with(self, model: str, hand: BookHand) -> list[Record]:
        """The records, those of the pages held back read with a hand."""
        reader = Reader(load_model(model, hand=hand), before=(self.base,))
        again: dict[tuple[str, int], Record] = {}
        for page in self.book.pages:
            if page.name in self.held_back:
                for record in self._page(reader, page):
                    again[record.page, record.position] = record
        return [again.get((record.page, record.position), record) for record in self.records]

    def _page(self, reader: Reader, page: CutPage) -> Sequence[Record]:
        return reader.read_page(page.crops, page.name, page.layout, self.book.home)

    def _counts(self, judged: Sequence[Record]) -> HeldBackCounts:
        fields = {(r.page, r.position, c): f for r in judged for c, f in r.fields.items()}
        counts = HeldBackCounts()
        for place, value, written in self.truth():
            one = fields.get(place)
            if one is None or place[0] not in self.held_back or not (value or one.value):
                continue
            right = is_right(one.kind, one.value, value, written)
            accepted = one.state in (State.ACCEPTED, State.BLANK)
            counts = counts.plus(
                HeldBackCounts(1, int(right), int(accepted), int(accepted and not right))
            )
        return counts


def _with_said(record: Record, corrected: Mapping[Place, tuple[str, str]]) -> Record:
    def said(code: str, one: Field) -> Field:
        known = corrected.get((record.page, record.position, code))
        return one if known is None else replace(one, value=known[0], state=State.CORRECTED)

    return replace(record, fields={code: said(code, one) for code, one in record.fields.items()})


def _fitted(model: str, lines: Sequence[KnownLine]) -> FittedHand | None:
    """The hand that these lines give; None where there is nothing to learn from."""
    taught, tested = divided_lines(lines)
    if not taught:
        return None
    return fit_and_test(HandJob(model, pictured(taught), pictured(tested)))
