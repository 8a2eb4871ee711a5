"""The rows that look like any record of a book: a cheap first step where thousands are possible.

Whole values and single words of the names, dates and numbers that were read are looked up among
those of the rows; a word counts the more, the fewer rows have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from scipy import sparse

from ocr_pipeline.exchange.linking.ink_fit import ComparedInk, RecordInk
from ocr_pipeline.exchange.linking.row_values import comparable, row_value
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.text.normalise import key

_LOOKED_UP = frozenset(
    {
        FieldKind.PERSON_NAME, FieldKind.DATE, FieldKind.NUMBER_YEAR, FieldKind.ID_NUMBER,
        FieldKind.ID_DOCUMENT,
    }
)  # fmt: skip
_WITH_YEAR = frozenset({FieldKind.DATE, FieldKind.NUMBER_YEAR})
_READINGS = 4  # of a field, the most probable ones
_COMMON = 0.2  # share of rows from which a word tells nothing

Kinds = Mapping[str, FieldKind]


def near_rows(
    records: Sequence[RecordInk],
    rows: Sequence[Mapping[str, str]],
    type: RegisterType,
    most: int,
) -> list[int]:
    """The rows most like each record.

    Args:
        records: of a book.
        rows: values by column.
        type: of the register.
        most: rows for each record.

    Returns:
        Indices in `rows`, ascending, each once.

    """
    kinds = {
        code: ink.field.kind
        for record in records
        for code, ink in record.fields.items()
        if ink.field.kind in _LOOKED_UP
    }
    wanted = [set(_words_of_record(record, kinds)) for record in records]
    places = {word: at for at, word in enumerate(sorted(set().union(*wanted)))}
    found = _table((_words_of_row(row, type, kinds) for row in rows), places)
    having = np.asarray(found.sum(axis=0)).ravel()
    telling = having <= max(_COMMON * len(rows), most)
    worth = np.where(telling, np.log((len(rows) + 1) / (having + 1)), 0.0)
    asked = _table(wanted, places).multiply(worth).tocsr()
    near: set[int] = set()
    for at in range(len(records)):
        likeness = (asked[at] @ found.T).tocoo()
        best = np.argsort(-likeness.data, kind="stable")[:most]
        near.update(int(row) for row in likeness.col[best])
    return sorted(near)


def _table(lines: Iterable[Iterable[str]], places: Mapping[str, int]) -> sparse.csr_matrix:
    """(lines, words) 1 where a line has a word that is known."""
    columns: list[int] = []
    ends = [0]
    for words in lines:
        columns += {places[word] for word in words if word in places}
        ends.append(len(columns))
    shape = (len(ends) - 1, len(places))
    return sparse.csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=shape)


def _words_of_record(record: RecordInk, kinds: Kinds) -> Iterator[str]:
    for code, ink in record.fields.items():
        if code in kinds and ink.is_telling:
            for text in _readings(ink):
                yield from _words(code, kinds[code], text)


def _readings(ink: ComparedInk) -> Iterator[str]:
    yield ink.raw
    yield ink.field.value
    yield from (one.value for one in ink.field.n_best[:_READINGS])


def _words_of_row(row: Mapping[str, str], type: RegisterType, kinds: Kinds) -> Iterator[str]:
    for code, kind in kinds.items():
        if value := row_value(row, type, code):
            yield from _words(code, kind, value)


def _words(code: str, kind: FieldKind, text: str) -> Iterator[str]:
    whole = key(comparable(kind, text), accents=False)
    if not whole:
        return
    yield f"{code}={whole}"
    words = whole.split()
    if kind is FieldKind.PERSON_NAME:
        yield from (f"{code}:{word}" for word in words)
    elif kind in _WITH_YEAR and len(words) > 1:
        yield f"{code}:{' '.join(words[:-1])}"
        yield f"{code}:{words[-1]}"
