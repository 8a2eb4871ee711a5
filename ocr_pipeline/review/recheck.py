"""After an edit: the record's rules anew, and those between records that depend on the field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.book_judgement import (
    book_row,
    book_rule_codes,
    codes_of,
    doubt_of,
    judge_again,
    with_doubts,
)
from ocr_pipeline.checks.book_rules import check_book
from ocr_pipeline.checks.findings import rules
from ocr_pipeline.checks.sheet_writing import as_said, same_place
from ocr_pipeline.processing.former_values import FormerValues
from ocr_pipeline.processing.judgement import policy_of
from ocr_pipeline.registers.ditto_marks import fill_dittos
from ocr_pipeline.registers.fields import Doubt, Field, Record, State
from ocr_pipeline.review.decision import FieldState
from ocr_pipeline.store.browse_queries import pages_of_records
from ocr_pipeline.store.entries import (
    ENTERED,
    Entry,
    apply_entries,
    entries_by_worth,
    latest_entries,
)
from ocr_pipeline.store.keyings import (
    FieldNow,
    Key,
    fields_of_records,
    fields_under_rules,
    values_of,
)
from ocr_pipeline.store.models import RecordRow
from ocr_pipeline.store.records import (
    record_below,
    record_of,
    records_beside,
    rewrite_record,
)


def recheck_record(
    session: Session,
    row: RecordRow,
    book: Book,
    machine: Record | None = None,
    above: Mapping[str, Field] | None = None,
) -> dict[str, FieldState]:
    """Judge one record again with what people entered, and keep doubts, states and queues.

    Args:
        session: of the workspace.
        row: the record.
        book: its book.
        machine: the record without what people entered, where it is not as it was kept.
        above: fields of the record above that its ditto marks stand for, where they changed.

    Returns:
        The fields that nobody has decided, by code.

    """
    machine = record_of(row) if machine is None else machine
    place = (row.page, row.position)
    worth = entries_by_worth(session, row.book, *place)
    entries = worth.counting
    decided = decided_codes(machine, entries)
    [shown] = apply_entries([machine], entries)
    judged = judge_again(shown, book, policy_of(session, row.book), decided, above)
    former = FormerValues.of(session, row.book, worth, *place)
    [judged] = former.offer([judged])
    fields = {c: machine.fields[c] if c in decided else f for c, f in judged.fields.items()}
    rewrite_record(session, row, replace(machine, fields=fields))
    return {
        code: FieldState(field.state, field.doubts)
        for code, field in fields.items()
        if code not in decided
    }


def follow(
    session: Session, row: RecordRow, codes: Collection[str], book: Book
) -> dict[int, FieldNow]:
    """Let fields of other records that stand for some fields of this one follow these.

    They are the same writing, or ditto marks below it. What people decided stays.

    Args:
        session: of the workspace; its transaction holds the lock of the book.
        row: the record in which something was decided, or taken back.
        codes: of the fields.
        book: its book.

    Returns:
        The fields of the records that changed as they stood before, by id.

    """
    entries = latest_entries(session, row.book, row.page, row.position)
    [shown] = apply_entries([record_of(row)], entries)
    told = {code: shown.fields[code] for code in codes if code in shown.fields}
    beside = _follow_sheet(session, row, told, book)
    return _follow_dittos(session, row, told, book) | beside


def _follow_dittos(
    session: Session, row: RecordRow, above: Mapping[str, Field], book: Book
) -> dict[int, FieldNow]:
    """Give the ditto marks below some fields the values that stand above them now.

    Each record below is judged again; the chain ends at the first one without such a mark.
    """
    before: dict[int, FieldNow] = {}
    while above and (below := record_below(session, row)) is not None:
        machine = record_of(below)
        entries = latest_entries(session, below.book, below.page, below.position)
        decided = decided_codes(machine, entries)
        marks = {
            code: own
            for code, own in machine.fields.items()
            if code in above and code not in decided
        }
        changed = _changed(machine, fill_dittos(marks, above))
        if not changed:
            break
        before |= fields_of_records(session, {below.id})
        machine = replace(machine, fields={**machine.fields, **changed})
        recheck_record(session, below, book, machine, above)
        judged = record_of(below)
        row, above = below, {code: judged.fields[code] for code in changed}
    return before


def _follow_sheet(
    session: Session, row: RecordRow, told: Mapping[str, Field], book: Book
) -> dict[int, FieldNow]:
    """Let fields read from the same place of the sheet say what is said of one of them.

    What waits for a person stays: the deed that answers one answers these, too (`alike`).
    """
    before: dict[int, FieldNow] = {}
    for other in records_beside(session, row):
        machine = record_of(other)
        shared = {
            code: own
            for code, own in machine.fields.items()
            if code in told and same_place(own, told[code])
        }
        if not shared:
            continue
        entries = latest_entries(session, other.book, other.page, other.position)
        stood = fields_of_records(session, {other.id})
        waiting = {now.code for now in stood.values() if now.lane}
        kept = waiting | decided_codes(machine, entries)
        said = {code: as_said(own, told[code]) for code, own in shared.items() if code not in kept}
        changed = _changed(machine, said)
        if changed:
            before |= stood
            fields = {**machine.fields, **changed}
            recheck_record(session, other, book, replace(machine, fields=fields))
    return before


def _changed(machine: Record, fields: Mapping[str, Field]) -> dict[str, Field]:
    """Those of the fields that stand otherwise than in the record, to be judged anew."""
    return {
        code: replace(own, state=State.READ, doubts=())
        for code, own in fields.items()
        if (own.value, own.confidence)
        != (machine.fields[code].value, machine.fields[code].confidence)
    }


def recheck_book(session: Session, book: Book) -> None:
    """Apply the rules between records again (repeated numbers, gaps, order); the rest stays.

    Looks only at the few columns these rules need, and rewrites only records whose doubts change.
    """
    codes = book_rule_codes(book.type)
    values = values_of(session, book.id, codes)
    order = list(values)
    wanted: dict[int, dict[str, list[Doubt]]] = {}
    rows = [book_row(values[record], book) for record in order]
    for finding in check_book(rows, pages_of_records(session, book.id, order)):
        record = order[finding.row or 0]
        for code in codes_of(finding, book.type, values[record]):
            wanted.setdefault(record, {}).setdefault(code, []).append(doubt_of(finding))
    ids = book_rules()
    concerned = {*wanted, *fields_under_rules(session, book.id, sorted(ids))}
    for record in sorted(concerned):
        _set_book_doubts(session, record, wanted.get(record, {}))


def book_rules() -> frozenset[str]:
    """Ids of the rules between records."""
    return frozenset(rule.id for rule in rules("book"))


def decided_codes(record: Record, entries: Mapping[Key, Entry]) -> set[str]:
    """Codes of a record's fields that people have decided."""
    return {
        code
        for code in record.fields
        if (entry := entries.get((record.page, record.position, code))) and entry.state in ENTERED
    }


def _set_book_doubts(session: Session, record: int, wanted: Mapping[str, list[Doubt]]) -> None:
    row = session.get_one(RecordRow, record)
    machine = record_of(row)
    decided = decided_codes(machine, latest_entries(session, row.book, row.page, row.position))
    ids, fields = book_rules(), dict(machine.fields)
    for code, own in machine.fields.items():
        if code in decided:
            continue
        kept = [doubt for doubt in own.doubts if doubt.rule not in ids]
        doubts = (*kept, *wanted.get(code, ()))
        if set(doubts) != set(own.doubts):
            fields[code] = with_doubts(own, doubts)
    if fields != machine.fields:
        rewrite_record(session, row, replace(machine, fields=fields))
