"""Words of names and numbers, by which records are found: without marks, word order free.

A table of words serves SQLite and PostgreSQL alike: a million records have some 14 million of them,
and the rarest word of a search leaves few records to look at.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.store.models import FieldRow, FieldWordRow
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.numbers import parse_number_year

#: Kinds of fields that people look for.
SEARCHED_KINDS = frozenset({FieldKind.PERSON_NAME, FieldKind.NUMBER_YEAR, FieldKind.ID_NUMBER})

LONGEST_WORD_LETTERS = 40

_SAME_IN_THE_WHOLE_BOOK = frozenset({"quyenSo", "nguoiKy", "nguoiThucHien"})  # they find no record
_AT_ONCE = 500  # databases limit the number of parameters


def is_searched(kind: str, code: str) -> bool:
    """Whether a field's words are kept."""
    return kind in SEARCHED_KINDS and code not in _SAME_IN_THE_WHOLE_BOOK


def words_of(kind: str, value: str) -> set[str]:
    """The words of a value: `Đặng Thị Hòa` -> dang, thi, hoa; `07/2018` -> 7/2018, 2018."""
    words = {word[:LONGEST_WORD_LETTERS] for word in key(value, accents=False).split()}
    if kind == FieldKind.NUMBER_YEAR and (number := parse_number_year(value)):
        year = str(number[1] or "")
        own = {f"{number[0]}/{year}", year} if year else {str(number[0])}
        return own | {word for word in words if not word.replace("/", "").isdigit()}
    return words


def rewrite_words(session: Session, records: Iterable[int]) -> None:
    """Make the words of these records (ids) those of their fields as they stand now."""
    ids = sorted(records)
    for start in range(0, len(ids), _AT_ONCE):
        here = ids[start : start + _AT_ONCE]
        session.execute(delete(FieldWordRow).where(FieldWordRow.record.in_(here)))
        query = select(FieldRow.id, FieldRow.record, FieldRow.kind, FieldRow.code, FieldRow.value)
        query = query.where(FieldRow.record.in_(here), FieldRow.kind.in_(SEARCHED_KINDS))
        rows = [
            {"word": word, "record": row.record, "field": row.id}
            for row in session.execute(query)
            if is_searched(row.kind, row.code)
            for word in words_of(row.kind, row.value)
        ]
        if rows:
            session.execute(insert(FieldWordRow), rows)
