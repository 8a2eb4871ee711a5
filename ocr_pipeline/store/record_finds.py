"""Records found by words of their names and numbers (`store.field_words`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from ocr_pipeline.store.field_words import LONGEST_WORD_LETTERS
from ocr_pipeline.store.lanes import UNDECIDED
from ocr_pipeline.store.models import FieldRow, FieldWordRow
from ocr_pipeline.text.normalise import key

Prefixes = tuple[str, ...]
"""Beginnings of one word, of which one has to fit."""

_COUNTED = 2000  # of two words that more records have, it does not matter which is rarer
_NUMBER = re.compile(r"0*([1-9][0-9]*(?:/[0-9]*)?)")
_LAST = "\U0010ffff"


def searched_words(text: str) -> list[Prefixes]:
    """What somebody looks for, word by word; a number fits with and without zeros before it."""
    found: dict[Prefixes, None] = {}
    for word in key(text, accents=False).split():
        own = word[:LONGEST_WORD_LETTERS]
        number = _NUMBER.fullmatch(own)
        found[(own, number[1]) if number and number[1] != own else (own,)] = None
    return list(found)


def find_records(
    session: Session, words: Sequence[Prefixes], books: Collection[str] | None, count: int
) -> list[int]:
    """Ids of records that have all the words, whole words of one name first, then their beginnings.

    Args:
        session: an open session.
        words: what each word may begin with; at least one word.
        books: only records of these books; of all when None.
        count: at most so many.

    """
    found: dict[int, None] = {}
    for whole in (True, False):
        if len(found) < count:
            query = _query(session, words, books, whole).limit(count)
            found |= dict.fromkeys(session.scalars(query))
    return list(found)[:count]


def _query(
    session: Session, words: Sequence[Prefixes], books: Collection[str] | None, whole: bool
) -> Select[Any]:
    """Records with the rarest word, and every other one besides."""
    numbers = {word: _how_many(session, word, whole) for word in words}
    rarest, *others = sorted(words, key=lambda word: numbers[word])
    query = (
        select(FieldWordRow.record)
        .join(FieldRow, FieldRow.id == FieldWordRow.field)
        .where(_fits(FieldWordRow, rarest, whole), FieldRow.lane.not_in(UNDECIDED))
        .distinct()
    )
    if books is not None:
        query = query.where(FieldRow.book.in_(books))
    for word in others:
        other, own = aliased(FieldWordRow), aliased(FieldRow)
        has = (
            select(other.record)
            .join(own, own.id == other.field)
            .where(other.record == FieldWordRow.record, _fits(other, word, whole))
            .where(own.lane.not_in(UNDECIDED))
        )
        if whole:
            has = has.where(other.field == FieldWordRow.field)
        query = query.where(has.exists())
    return query


def _how_many(session: Session, word: Prefixes, whole: bool) -> int:
    some = select(FieldWordRow.record).where(_fits(FieldWordRow, word, whole)).limit(_COUNTED)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _fits(row: type[FieldWordRow], word: Prefixes, whole: bool) -> ColumnElement[bool]:
    """The word itself (of a number: with any year), or any that begins so."""
    if not whole:
        return or_(*(_begins(row, own) for own in word))
    return or_(
        *(row.word == own for own in word),
        *(_begins(row, f"{own}/") for own in word if own.isdigit()),
    )


def _begins(row: type[FieldWordRow], beginning: str) -> ColumnElement[bool]:
    return and_(row.word >= beginning, row.word < beginning + _LAST)
