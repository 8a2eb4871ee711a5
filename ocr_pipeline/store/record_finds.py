"""Records found by words of their names and numbers (`store.field_words`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from ocr_pipeline.store.field_words import LONGEST_WORD_LETTERS
from ocr_pipeline.store.lanes import UNDECIDED
from ocr_pipeline.store.models import FieldRow, FieldWordRow, RecordRow
from ocr_pipeline.text.normalise import key

Prefixes = tuple[str, ...]
"""Beginnings of one word, of which one has to fit."""

_COUNTED = 20_000  # of two words that more records have, it does not matter which is rarer
_MORE = 3  # candidates for each find: those with words in blind fields drop out
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

    What is keyed blind and undecided is not found: a find would give the reading away.

    Args:
        session: an open session.
        words: what each word may begin with; at least one word.
        books: only records of these books; of all when None.
        count: at most so many.

    """
    found: dict[int, None] = {}
    for whole in (True, False):
        if len(found) < count:
            query = _query(session, words, books, whole).limit(count * _MORE)
            ids = list(session.scalars(query))
            found |= dict.fromkeys(_visible(session, ids, words, whole))
    return list(found)[:count]


def _query(
    session: Session, words: Sequence[Prefixes], books: Collection[str] | None, whole: bool
) -> Select[Any]:
    """Records with the rarest word, and every other one besides: the table of words alone."""
    numbers = {word: _how_many(session, word, whole) for word in words}
    rarest, *others = sorted(words, key=lambda word: numbers[word])
    query = select(FieldWordRow.record).where(_fits(FieldWordRow.word, rarest, whole)).distinct()
    if books is not None:
        own = select(RecordRow.id).where(RecordRow.book.in_(books))
        query = query.where(FieldWordRow.record.in_(own))
    for word in others:
        other = aliased(FieldWordRow)
        has = select(other.record).where(
            other.record == FieldWordRow.record, _fits(other.word, word, whole)
        )
        if whole:
            has = has.where(other.field == FieldWordRow.field)
        query = query.where(has.exists())
    return query


def _visible(
    session: Session, records: Sequence[int], words: Sequence[Prefixes], whole: bool
) -> list[int]:
    """Those of the records that have the words in fields which may be seen, in the same order."""
    query = (
        select(FieldWordRow.record, FieldWordRow.field, FieldWordRow.word)
        .join(FieldRow, FieldRow.id == FieldWordRow.field)
        .where(FieldWordRow.record.in_(records), FieldRow.lane.not_in(UNDECIDED))
    )
    said: dict[int, dict[int, set[str]]] = {}
    for record, field, word in session.execute(query):
        said.setdefault(record, {}).setdefault(field if whole else 0, set()).add(word)
    return [
        record
        for record in records
        if any(
            all(any(_is(own, word, whole) for own in there) for word in words)
            for there in said.get(record, {}).values()
        )
    ]


def _is(own: str, word: Prefixes, whole: bool) -> bool:
    """As `_fits`, for a word that was read."""
    if not whole:
        return own.startswith(word)
    return own in word or any(one.isdigit() and own.startswith(f"{one}/") for one in word)


def _how_many(session: Session, word: Prefixes, whole: bool) -> int:
    some = select(FieldWordRow.record).where(_fits(FieldWordRow.word, word, whole)).limit(_COUNTED)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _fits(own: InstrumentedAttribute[str], word: Prefixes, whole: bool) -> ColumnElement[bool]:
    """The word itself (of a number: with any year), or any that begins so."""
    if not whole:
        return or_(*(_begins(own, one) for one in word))
    return or_(
        *(own == one for one in word),
        *(_begins(own, f"{one}/") for one in word if one.isdigit()),
    )


def _begins(own: InstrumentedAttribute[str], beginning: str) -> ColumnElement[bool]:
    return and_(own >= beginning, own < beginning + _LAST)
