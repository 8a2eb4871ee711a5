"""Short ways to type a value that the station understands as that value."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ocr_pipeline.bench.review_keys.key_sequence import bare
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.values import read_as_date

_DATES = frozenset({FieldKind.DATE, FieldKind.DATE_WORDS})


def typed_forms(kind: FieldKind, value: str, means: Callable[[str], str]) -> tuple[str, ...]:
    """Texts that mean `value`, the value itself first where it does.

    Args:
        kind: what the field holds.
        value: the value of the Excel cell.
        means: what the station makes of a typed text.

    """
    forms = dict.fromkeys([value, *_candidates(kind, value)])
    return tuple(form for form in forms if form and means(form) == value)


def _candidates(kind: FieldKind, value: str) -> Iterator[str]:
    if kind in _DATES:
        yield from _dates(value)
    elif kind is FieldKind.NUMBER_YEAR:
        number, _, year = value.partition("/")
        short = number.lstrip("0")
        yield from (short, f"{short}/{year[-2:]}", number, f"{number}/{year[-2:]}")
    elif kind is FieldKind.TIME:
        yield from (value.replace(":", "").lstrip("0"), value.replace(":", ""))
    elif kind is FieldKind.ID_DOCUMENT:
        yield value.partition(" ")[2]
    yield value.lower()
    yield bare(value).lower()


def _dates(value: str) -> Iterator[str]:
    date = read_as_date(value)
    if date is None:
        return
    parts = date.dotted().split(".")
    *front, year = parts
    for short in (year[-2:], year):
        yield "".join([*front, short])
        yield "/".join([*(part.lstrip("0") for part in front), short])
