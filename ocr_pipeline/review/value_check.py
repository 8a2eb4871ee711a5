"""What the rules say of a value while it is typed; nothing is kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.book_judgement import (
    book_row,
    book_rule_codes,
    codes_of,
    doubt_of,
    judge_again,
)
from ocr_pipeline.checks.book_rules import check_book
from ocr_pipeline.processing.judgement import policy_of
from ocr_pipeline.registers.fields import Doubt, Field, FieldKind, Script, Severity, State
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.captions import options
from ocr_pipeline.review.errors import no_such
from ocr_pipeline.review.hidden_values import hidden_lanes, hidden_values, masked_doubts
from ocr_pipeline.review.number_years import number_year
from ocr_pipeline.review.recheck import decided_codes
from ocr_pipeline.review.rights import require
from ocr_pipeline.review.typed_values import normalise_typed, unusable
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.browse_queries import pages_of_records
from ocr_pipeline.store.entries import apply_entries, latest_entries
from ocr_pipeline.store.keyings import fields_of_records, find_field, values_of
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.records import record_of
from ocr_pipeline.store.workspace import Workspace


def check(ws: Workspace, user: User, field: int, value: str) -> dict[str, Any]:
    """What would be kept for a typed value, and what the rules say of it.

    Returns:
        `{"value", "display", "doubts": [Doubt…], "others": {code: [Doubt…]}}`: the normalised value
        ("" when it cannot be understood), how to show it, doubts about it, and the doubts of other
        undecided fields of the record where they would change.

    Raises:
        NotFoundError: there is no such field.

    """
    require(user, "review")
    with ws.read_session() as session:
        row = find_field(session, field)
        if row is None:
            raise no_such("trường", "field", field)
        [book] = load_books(session, [row.book])
        return _checked(session, row, book, value, hidden_lanes(user))


def _checked(
    session: Session, row: FieldRow, book: Book, typed: str, hidden: Collection[str]
) -> dict[str, Any]:
    place = session.get_one(RecordRow, row.record)
    machine = record_of(place)
    entries = latest_entries(session, place.book, place.page, place.position)
    [shown] = apply_entries([machine], entries)
    kind = FieldKind(row.kind)
    odd = _of_letters(kind, typed)
    # Without a value the browser sends what was typed, and `decide` tells why it is refused.
    known = number_year(session, row, book) if kind is FieldKind.NUMBER_YEAR else None
    value = "" if odd else normalise_typed(kind, typed, book, known.year if known else None)
    tried = Field(
        row.code, kind, as_written=typed.strip(), value=value, confidence=1.0, state=State.READ,
        script=Script.BLANK if not typed.strip() else Script.HANDWRITTEN,
    )  # fmt: skip
    decided = decided_codes(machine, entries) - {row.code}
    with_it = replace(shown, fields={**shown.fields, row.code: tried})
    judged = judge_again(with_it, book, policy_of(session, row.book), decided)
    doubts = (
        *odd,
        *judged.fields[row.code].doubts,
        *_between_records(session, row, book, value),
    )
    others = {
        code: list(field.doubts)
        for code, field in judged.fields.items()
        if code != row.code and code not in decided and field.doubts != shown.fields[code].doubts
    }
    if row.lane in hidden:  # doubts of the others may tell what was keyed or read
        others = {}
    others_now = fields_of_records(session, [row.record]).values()
    unquoted = hidden_values((one for one in others_now if one.id != row.id), hidden)
    codes = options(book.type, row.code, kind)
    return {
        "value": value,
        "display": f"{value} {codes[value].vi}" if value in codes else value,
        "doubts": list({one.rule: one for one in masked_doubts(doubts, unquoted)}.values()),
        "others": {code: list(masked_doubts(own, unquoted)) for code, own in others.items()},
    }


def _of_letters(kind: FieldKind, typed: str) -> list[Doubt]:
    reason = unusable(kind, typed)
    return [Doubt("letters", Severity.HARD, reason)] if reason else []


def _between_records(session: Session, row: FieldRow, book: Book, value: str) -> list[Doubt]:
    """What the rules between records would say of the value."""
    codes = book_rule_codes(book.type)
    if row.code not in codes or not value:
        return []
    values = {record: dict(own) for record, own in values_of(session, book.id, codes).items()}
    order = list(values)
    values[row.record][row.code] = value
    at = order.index(row.record)
    rows = [book_row(values[record], book) for record in order]
    return [
        doubt_of(finding)
        for finding in check_book(rows, pages_of_records(session, book.id, order))
        if finding.row == at and row.code in codes_of(finding, book.type, values[row.record])
    ]
