"""The surroundings of many fields at once: a handful of queries a book, none a field."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy.orm import Session

from ocr_pipeline.checks.context_settings import context_settings
from ocr_pipeline.registers.fields import Field, FieldKind, State
from ocr_pipeline.review.offers.field_surroundings import NEIGHBOURS, StandingField, Surroundings
from ocr_pipeline.store.entries import ENTERED
from ocr_pipeline.store.keyings import FieldContext
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.standing_values import DOUBTED, column_sums, ordinals, values_at

_PLACE = FieldKind.PLACE.value


def surroundings(
    session: Session,
    found: FieldContext,
    fields: Mapping[int, tuple[FieldRow, Field]],
    hidden: Collection[str],
) -> dict[int, Surroundings]:
    """What stands around each of these fields.

    Args:
        session: an open one.
        found: what belongs to the fields.
        fields: row and field as it stands, by field id.
        hidden: queues whose fields say nothing: who looks may not see their values.

    """
    by_book: dict[str, list[tuple[FieldRow, Field]]] = {}
    for row, own in fields.values():
        by_book.setdefault(row.book, []).append((row, own))
    places = ordinals(session, {row.record for row, _ in fields.values()})
    out: dict[int, Surroundings] = {}
    for book, pairs in by_book.items():
        out |= _of_book(session, found, book, pairs, places, hidden)
    return out


def _of_book(
    session: Session,
    found: FieldContext,
    book: str,
    pairs: Sequence[tuple[FieldRow, Field]],
    places: Mapping[int, int],
    hidden: Collection[str],
) -> dict[int, Surroundings]:
    settings = context_settings()
    codes = {row.code for row, _ in pairs}
    of_places = {r.code for rows in found.rows.values() for r in rows if r.kind == _PLACE}
    columns = codes | of_places if codes & of_places else codes
    # By their codes: asked for by kind, all fields of the book are looked through, not its columns.
    sums = column_sums(session, book, columns, hidden)
    all_places = _together(sums, of_places)
    at = {places[row.record] for row, _ in pairs}
    near = {place + step for place in at for step in _steps()}
    around: dict[int, dict[str, StandingField]] = {}
    wanted = sorted({*codes, settings.numbers.code, settings.dates.code})
    for one in values_at(session, book, near, wanted, hidden):
        around.setdefault(one.ordinal, {})[one.code] = StandingField(
            one.value, one.sure, doubted=one.doubted
        )
    out = {}
    for row, own in pairs:
        place = places[row.record]
        out[row.id] = Surroundings(
            own=own,
            book=found.books[book],
            record=dict(_record(found, row, hidden)),
            kinds={other.code: FieldKind(other.kind) for other in found.rows_of(row.record)},
            around={step: around[place + step] for step in _steps() if place + step in around},
            column=_without(sums.get(row.code, {}), row),
            places=_without(all_places, row) if row.kind == _PLACE else {},
        )
    return out


def _steps() -> Iterator[int]:
    yield from (step for step in range(-NEIGHBOURS, NEIGHBOURS + 1) if step)


def _record(
    found: FieldContext, row: FieldRow, hidden: Collection[str]
) -> Iterator[tuple[str, StandingField]]:
    """The other fields of a record as they stand, those that may be seen."""
    machine = found.records[row.record].fields
    for other in found.rows_of(row.record):
        if other.id == row.id or not other.value or other.lane in hidden:
            continue
        own = machine.get(other.code)
        if other.state in ENTERED or own is None:
            yield other.code, StandingField(other.value, 1.0)
        else:
            doubted = other.state != State.ACCEPTED
            yield other.code, StandingField(other.value, other.confidence, own.n_best, doubted)


def _together(sums: Mapping[str, Mapping[str, float]], codes: set[str]) -> dict[str, float]:
    """The columns as one, the surest value first: of two that look alike the ink, it is offered."""
    out: dict[str, float] = {}
    for code in sorted(codes & set(sums)):
        for value, weight in sums[code].items():
            out[value] = out.get(value, 0.0) + weight
    return dict(sorted(out.items(), key=lambda one: (-one[1], one[0])))


def _without(sums: Mapping[str, float], row: FieldRow) -> Mapping[str, float]:
    """The column without what this field itself adds to it."""
    if row.value not in sums:
        return sums
    own = row.confidence * (1.0 if row.state == State.ACCEPTED else DOUBTED)
    rest = {**sums, row.value: sums[row.value] - own}
    return {value: weight for value, weight in rest.items() if weight > 0.01}
