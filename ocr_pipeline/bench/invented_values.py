"""Invented values for the store that the queue is measured with."""

from __future__ import annotations

import random
from functools import cache

from ocr_pipeline.books.book import Book
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.text import lexicons
from ocr_pipeline.text.date_words import date_to_words
from ocr_pipeline.text.dates import PartialDate
from ocr_pipeline.text.numbers import format_number_year


def value_for(code: str, kind: FieldKind, place: int, book: Book, chance: random.Random) -> str:
    """A value as a field of this code might have it in the record at `place`."""
    year = book.year_opened
    if code == "so":
        return format_number_year(place + 1, year)
    if code == "nguoiKy":
        return f"Lê Văn {('Tám', 'Chín', 'Mười')[book.number % 3]}"
    if kind is FieldKind.PERSON_NAME:
        return _name(chance)
    if kind in (FieldKind.DATE, FieldKind.DATE_WORDS):
        date = PartialDate(year - chance.randrange(3), chance.randint(1, 12), chance.randint(1, 28))
        return date.dotted() if kind is FieldKind.DATE else date_to_words(date)
    if kind is FieldKind.PLACE:
        return f"ấp {chance.randint(1, 12)}, xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
    if kind is FieldKind.SEX:
        return chance.choice("12")
    return "Kinh" if kind is FieldKind.ETHNIC_GROUP else "Việt Nam"


def _name(chance: random.Random) -> str:
    return " ".join(chance.choices(*words)[0] for words in _words())


@cache
def _words() -> tuple[tuple[list[str], list[float]], ...]:
    lists = (lexicons.surnames(), lexicons.middle_names(), lexicons.given_names())
    return tuple((list(words), list(words.values())) for words in lists)
