"""A reviewer who knows the truth and presses as few keys as the station lets him."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache

from sqlalchemy import select

from ocr_pipeline.bench.review_keys.fewest_keys import fewest_keys
from ocr_pipeline.bench.review_keys.key_sequence import KeySequence, Way, begins_bare
from ocr_pipeline.bench.review_keys.shown_input import shown_input
from ocr_pipeline.bench.review_keys.typed_forms import typed_forms
from ocr_pipeline.registers.fields import FieldKind, State
from ocr_pipeline.registers.values import normalise_value
from ocr_pipeline.review import queue
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.alike import decide_alike
from ocr_pipeline.review.decision import Decision, DecisionOutcome
from ocr_pipeline.review.field_items import FieldItem
from ocr_pipeline.review.queue import Order, QueueFilter
from ocr_pipeline.review.suggestions import suggest
from ocr_pipeline.review.value_check import check
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.keyings import fields_in_lanes
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.states import Action, Lane
from ocr_pipeline.store.workspace import Workspace

FieldPlace = tuple[str, str, int, str]
"""Book, page, position on the page, code."""

_REVIEWER = User("bench", Role.OPERATOR)
_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)  # any fixed time: the count must not hang on the clock
_LOW = 8  # items below which the browser asks for more
_MORE = 12  # items it asks for beyond those it holds


class Standing(StrEnum):
    """Where the value that had to be typed stood all along."""

    RECORD = "record"  # in another field of the record
    BOOK = "book"  # in a field of this kind elsewhere in the book
    INVENTORY = "inventory"  # in what the inventory says of the book
    NOWHERE = ""


@dataclass(frozen=True, slots=True)
class FieldKeys:
    """What one doubtful field cost.

    Attributes:
        place: which field.
        record: id of its record.
        kind: what it holds.
        sequence: the keys.
        retyped: the keys when a wrong value is never edited with the caret.
        value: the true value.
        shown: what stood in the input.
        standing: of a typed value, where else it stood.

    """

    place: FieldPlace
    record: int
    kind: FieldKind
    sequence: KeySequence
    retyped: KeySequence
    value: str
    shown: str
    standing: Standing = Standing.NOWHERE


class TruthReviewer:
    """Goes through the doubtful fields of books whose truth is known, as the browser would.

    Args:
        workspace: is changed: every doubtful field of these books is decided.
        truth: true value by field; a field of a known page without one is empty.

    """

    def __init__(self, workspace: Workspace, truth: Mapping[FieldPlace, str]) -> None:
        self.workspace, self.truth = workspace, truth
        self.pages = {(book, page) for book, page, _, _ in truth}
        with workspace.read_session() as session:
            known = {book for book, _ in self.pages}
            self.books = {one.id: one for one in load_books(session, None) if one.id in known}
        self.now = _BEGIN
        self.done: list[FieldKeys] = []

    def review(self, order: Order) -> list[FieldKeys]:
        """Decide what waits, one field after the other; returns all fields in their order."""
        for book in sorted(self.books):
            waiting = self._waiting(book)
            self._one_after_the_other(QueueFilter(book=book), order)
            self._note_settled(waiting, self._waiting(book))
        return self.done

    def _waiting(self, book: str) -> dict[int, FieldKeys]:
        """The doubtful fields of a book by id, as if each were settled without a key."""
        nothing = KeySequence(Way.SETTLED, ())
        with self.workspace.read_session() as session:
            found = fields_in_lanes(session, book, [Lane.DOUBT])
        return {
            row.id: FieldKeys(
                place=(book, record.page, record.position, row.code),
                record=record.id,
                kind=FieldKind(row.kind),
                sequence=nothing,
                retyped=nothing,
                value=row.value,
                shown=row.value,
            )
            for row, record in found
            if (book, record.page) in self.pages
        }

    def _note_settled(
        self, before: Mapping[int, FieldKeys], after: Mapping[int, FieldKeys]
    ) -> None:
        """Fields that waited and were settled by what was said of others."""
        decided = {one.place for one in self.done}
        self.done += [
            one for field, one in before.items() if field not in after and one.place not in decided
        ]

    def _one_after_the_other(self, filter: QueueFilter, order: Order) -> None:
        """Items as `supply.js` hands them out: taken in batches, dropped when settled meanwhile."""
        ready: list[FieldItem] = []
        passed: set[int] = set()  # decided, or on a page whose truth is not known
        held_back = 0
        while True:
            if len(ready) < _LOW:
                count = len(ready) + held_back + _MORE
                taken = queue.take(self.workspace, _REVIEWER, filter, order, count, self.now)
                known = passed | {item.field for item in ready}
                ready += [item for item in taken if item.field not in known]
            if not ready:
                return
            item = ready.pop(0)
            passed.add(item.field)
            if (item.book, item.page_name) in self.pages:
                ready = _rechecked(ready, item, self._decide(item))
            else:
                held_back += 1

    def _decide(self, item: FieldItem) -> DecisionOutcome:
        """Decide one field with the fewest keys, and note them."""
        sequence, retyped, value = self._sequences(item)
        decision = _decision(item, sequence, value)
        self.now += timedelta(seconds=1)
        [outcome] = decide_alike(self.workspace, _REVIEWER, [decision], self.now)
        if not outcome.ok or outcome.value != value:
            sequence = retyped = KeySequence(Way.MISSED, ())
        typed = sequence.way is Way.TYPED
        self.done.append(
            FieldKeys(
                place=(item.book, item.page_name, item.position, item.code),
                record=item.record,
                kind=item.kind,
                sequence=sequence,
                retyped=retyped,
                value=value,
                shown=item.value or item.as_written,
                standing=self._standing(item, value) if typed else Standing.NOWHERE,
            )
        )
        return outcome

    def _sequences(self, item: FieldItem) -> tuple[KeySequence, KeySequence, str]:
        """The cheapest keys for an item, with the caret and without, and its true value."""
        value = self.truth.get((item.book, item.page_name, item.position, item.code), "")
        shown = shown_input(item)
        codes = {label: code for code, label in shown.labels}

        def means(text: str) -> str:
            told = check(self.workspace, _REVIEWER, item.field, codes.get(text, text))
            return str(told["value"])

        @cache
        def completions(text: str) -> list[str]:
            if shown.labels:
                return [label for label in codes if begins_bare(label, text)]
            found = suggest(
                self.workspace, _REVIEWER, item.kind, text, item.book, now=self.now,
                field=item.field, wait_seconds=None,
            )  # fmt: skip
            return [one.value for one in found]

        @cache
        def forms() -> tuple[str, ...]:
            return typed_forms(item.kind, value, means)

        best = fewest_keys(shown, value, forms, completions)
        if best.way is not Way.TYPED:
            return best, best, value
        return best, fewest_keys(shown, value, forms, completions, caret=False), value

    def _standing(self, item: FieldItem, value: str) -> Standing:
        book = self.books[item.book]
        agency = book.agency
        if value in {book.volume, *astuple(agency), agency.full_name}:
            return Standing.INVENTORY
        if any(_says(other.value, item.kind, value) for other in item.siblings):
            return Standing.RECORD
        with self.workspace.read_session() as session:
            found = session.scalar(
                select(FieldRow.id)
                .where(FieldRow.book == book.id, FieldRow.kind == item.kind.value)
                .where(FieldRow.value == value, FieldRow.id != item.field)
                .limit(1)
            )
        return Standing.NOWHERE if found is None else Standing.BOOK


def _says(other: str, kind: FieldKind, value: str) -> bool:
    """Another field says this value; dates say their words, and words their date."""
    dates = kind in (FieldKind.DATE, FieldKind.DATE_WORDS)
    return bool(other) and (other == value or (dates and normalise_value(kind, other) == value))


def _decision(item: FieldItem, sequence: KeySequence, value: str) -> Decision:
    """What the browser sends for these keys."""
    if not value:
        action = Action.CONFIRM if sequence.way is Way.CONFIRMED else Action.BLANK
    else:
        action = Action.CONFIRM if value == item.value else Action.CORRECT
    return Decision(
        item.field, action, value, base=item.base, lane=item.lane, keys=sequence.telex,
        alike=item.once > 1,
    )  # fmt: skip


def _rechecked(
    ready: Sequence[FieldItem], item: FieldItem, outcome: DecisionOutcome
) -> list[FieldItem]:
    """The items that still have a doubt after another field of their record was decided."""
    states = outcome.record or {}
    ready = [other for other in ready if other.field not in outcome.alike]
    return [
        other
        for other in ready
        if other.record != item.record
        or other.code not in states
        or states[other.code].state is State.IN_REVIEW
    ]
