"""Fields as they are put before a person: reading, doubts, place on the page, neighbours."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import Box, Candidate, Doubt, Field, FieldKind, State
from ocr_pipeline.review.captions import caption, options
from ocr_pipeline.review.doubtful_words import doubtful_words
from ocr_pipeline.review.hidden_values import hidden_values, masked_doubts
from ocr_pipeline.review.number_years import NumberYear, number_year
from ocr_pipeline.review.offers.gathering import surroundings
from ocr_pipeline.review.offers.offer import Offer, preselected, readings
from ocr_pipeline.review.offers.ranking import offers_around
from ocr_pipeline.review.offers.weights import offer_settings
from ocr_pipeline.review.sheet_values import same_writing
from ocr_pipeline.review.typed_values import YearBounds, year_bounds
from ocr_pipeline.store.entries import ENTERED, enter
from ocr_pipeline.store.keyings import FieldContext, find_all
from ocr_pipeline.store.lanes import BLIND
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.queue import count_in_columns
from ocr_pipeline.store.states import Action, Lane
from ocr_pipeline.text.word_spans import Span


@dataclass(frozen=True, slots=True)
class KeyedValue:
    """What somebody keyed of a field that is to be arbitrated."""

    user: str
    value: str
    state: State


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a coded field, and what it means."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another field of the same record; `blind`: its value is hidden from who looks."""

    field: int
    code: str
    kind: FieldKind
    value: str
    state: State
    doubts: tuple[Doubt, ...] = ()
    blind: bool = False


@dataclass(frozen=True, slots=True)
class FieldItem:
    """A field to decide.

    Attributes:
        field: its id; `record` and `page` are ids too.
        page_name: name of the page in its book.
        position: 1-based position of the record on the page.
        caption: what the field is called.
        value: as it stands now; "" where it must not be seen (`blind`).
        doubts: why a person should look.
        box: where it stands on the upright page.
        lane: the queue it is in; None when it waits in none.
        base: id of the newest entry about it; None for the machine's reading.
        blind: the machine's value is not shown, nor that of a first person: second keyings,
            arbitration and samples, where a value shown would decide for whoever looks.
        keyed: what two people keyed (arbitration only).
        question: what somebody asked about it.
        options: its codes, if it has some.
        years: which years a typed date can mean; None for other kinds.
        number_year: the year of a number typed without it; None for other fields.
        doubtful: words of the value in which the readings differ; none: the whole, or nothing.
        siblings: the record's other fields in reading order.
        offers: values to pick, best first; none where it is blind.
        preselected: what Enter accepts; None when it accepts nothing.
        once: how many fields of its code wait in its book, or were read from the very same place
            of its page, where one answer can serve for all of them; else 0.

    """

    field: int
    record: int
    book: str
    page: int
    page_name: str
    position: int
    code: str
    kind: FieldKind
    caption: Text
    value: str
    as_written: str
    n_best: tuple[Candidate, ...]
    confidence: float
    state: State
    doubts: tuple[Doubt, ...]
    box: Box
    lane: Lane | None
    base: int | None
    blind: bool = False
    keyed: tuple[KeyedValue, ...] = ()
    question: str = ""
    options: tuple[Option, ...] = ()
    years: YearBounds | None = None
    number_year: NumberYear | None = None
    doubtful: tuple[Span, ...] = ()
    siblings: tuple[Sibling, ...] = ()
    offers: tuple[Offer, ...] = ()
    preselected: str | None = None
    once: int = 0


def make_items(
    session: Session,
    rows: Sequence[FieldRow],
    *,
    queue: bool = True,
    hidden: Collection[str] = BLIND,
) -> list[FieldItem]:
    """Items of these fields, in their order.

    Args:
        session: an open one.
        rows: the fields.
        queue: each is put before a person alone: with the other fields of its record, and blind
            where it is a sample. False: they are shown together, as a record.
        hidden: queues whose values who looks may not see (`hidden_values.hidden_lanes`).

    """
    found = find_all(session, rows)
    items = [_item(found, row, queue, hidden) for row in rows if row.record in found.records]
    items = [_with_number_year(session, found, item) for item in items]
    return _with_known(session, found, items, rows, hidden) if queue else items


def _with_known(
    session: Session,
    found: FieldContext,
    items: list[FieldItem],
    rows: Sequence[FieldRow],
    hidden: Collection[str],
) -> list[FieldItem]:
    """The items with what is known from elsewhere; none where nobody may see it."""
    known = known_offers(session, found, rows, hidden)
    once = {_column(i) for i in items if i.code in offer_settings().once_per_book}
    waits = count_in_columns(session, once) if once else {}
    apart = [row for row in rows if row.id in known and (row.book, row.code) not in once]
    shared = same_writing(session, found, apart)
    out = []
    for item in items:
        if item.field in known:
            offers, under_enter = known[item.field]
            others = shared.get(item.field)
            alike = len(others) + 1 if others else waits.get(_column(item), 0)
            item = replace(item, offers=offers, preselected=under_enter, once=alike)
        out.append(item)
    return out


def known_offers(
    session: Session, found: FieldContext, rows: Sequence[FieldRow], hidden: Collection[str]
) -> dict[int, tuple[tuple[Offer, ...], str | None]]:
    """What each of these fields is offered and what Enter accepts, by id of the field.

    What is keyed blind and what people decided is left out.

    Args:
        session: an open one.
        found: what belongs to the fields.
        rows: the fields.
        hidden: queues whose values who looks may not see (`hidden_values.hidden_lanes`).

    """
    asked = {
        row.id: (row, shown)
        for row in rows
        if row.record in found.records and row.lane not in BLIND
        if (shown := shown_field(found, row)).state not in ENTERED
    }
    known = surroundings(session, found, asked, hidden) if asked else {}
    return {field: offers_around(at) for field, at in known.items()}


def _column(item: FieldItem) -> tuple[str, str]:
    return item.book, item.code


def shown_field(found: FieldContext, row: FieldRow) -> Field:
    """A field as it stands now, with what people entered."""
    machine = found.machine(row)
    entry = found.entries.get(row.entry) if row.entry else None
    shown = enter(machine, entry)
    return replace(shown, n_best=machine.n_best)


def options_of(type: str, row: FieldRow) -> tuple[Option, ...]:
    """The codes a field may hold."""
    known = options(type, row.code, FieldKind(row.kind))
    return tuple(Option(value, label) for value, label in known.items())


def _item(found: FieldContext, row: FieldRow, queue: bool, hidden: Collection[str]) -> FieldItem:
    record, shown = found.records[row.record], shown_field(found, row)
    lane = Lane(row.lane) if row.lane else None
    item = FieldItem(
        field=row.id,
        record=row.record,
        book=row.book,
        page=found.pages.get((row.book, record.page), 0),
        page_name=record.page,
        position=record.position,
        code=row.code,
        kind=FieldKind(row.kind),
        caption=caption(row.code),
        value=shown.value,
        as_written=shown.as_written,
        n_best=shown.n_best,
        confidence=shown.confidence,
        state=shown.state,
        doubts=masked_doubts(shown.doubts, hidden_values(found.rows_of(row.record), hidden)),
        box=shown.box,
        lane=lane,
        base=row.entry,
        options=options_of(found.books[row.book].type, row),
        years=year_bounds(found.books[row.book]) if row.kind == FieldKind.DATE else None,
        doubtful=doubtful_words(shown.value, shown.n_best),
        siblings=tuple(_siblings(found, row, lane, hidden)) if queue else (),
        offers=() if lane in BLIND else readings(shown),
        preselected=preselected(shown, decided=shown.state in ENTERED or not queue),
    )
    opened = found.open.get(row.id, ())
    if lane is Lane.ARBITRATION:
        keyed = [d for d in opened if d.action != Action.ASK]
        values = tuple(KeyedValue(d.user, d.value, State(d.state)) for d in keyed)
        return replace(_blind(item), keyed=values)
    if lane in hidden or (queue and lane is Lane.SAMPLE):
        return _blind(item)
    if lane is Lane.SENIOR:
        asked = [d.note for d in opened if d.action == Action.ASK]
        return replace(item, question=asked[-1] if asked else "")
    return item


def _with_number_year(session: Session, found: FieldContext, item: FieldItem) -> FieldItem:
    if item.kind is not FieldKind.NUMBER_YEAR:
        return item
    row = next(row for row in found.rows_of(item.record) if row.id == item.field)
    return replace(item, number_year=number_year(session, row, found.books[item.book]))


def _blind(item: FieldItem) -> FieldItem:
    """Nothing that gives away what the machine or the first person made of it."""
    return replace(
        item, value="", as_written="", n_best=(), confidence=0.0, state=State.IN_REVIEW,
        doubts=(), doubtful=(), blind=True, offers=(), preselected=None,
    )  # fmt: skip


def _siblings(
    found: FieldContext, row: FieldRow, lane: Lane | None, hidden: Collection[str]
) -> Iterable[Sibling]:
    """The other fields; of a sample neither other samples nor what says the same in words.

    Whoever keys the samples of a record one after the other would have read their values before.
    """
    hide, sampled = lane in BLIND, lane is Lane.SAMPLE
    unquoted = hidden_values(found.rows_of(row.record), hidden)
    machine: Mapping[str, Field] = found.records[row.record].fields
    for other in found.rows_of(row.record):
        if other.id == row.id:
            continue
        own = machine.get(other.code)
        unseen = other.lane in hidden or (
            sampled and (other.lane == Lane.SAMPLE or _says_the_same(row, other))
        )
        yield Sibling(
            field=other.id,
            code=other.code,
            kind=FieldKind(other.kind),
            value="" if unseen else other.value,
            state=State.IN_REVIEW if unseen else State(other.state),
            doubts=() if hide or unseen or own is None else masked_doubts(own.doubts, unquoted),
            blind=unseen,
        )


def _says_the_same(row: FieldRow, other: FieldRow) -> bool:
    """A date and its words."""
    dates = {FieldKind.DATE.value, FieldKind.DATE_WORDS.value}
    return {row.kind, other.kind} == dates and (
        row.code.startswith(other.code) or other.code.startswith(row.code)
    )
