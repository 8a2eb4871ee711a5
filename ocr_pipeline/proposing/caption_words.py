"""The captions that registers are known to have, and the columns that they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.layout_codes import paper_codes
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.text.normalise import strip_marks

_FILE = Path(__file__).parent / "data" / "captions.yaml"
DATE_PARTS = ("ngày", "tháng", "năm")
"""What captions between the blanks of a date say, in their order."""

Words = tuple[str, ...]


class CaptionPerson(Strict):
    """A person of a register type.

    Attributes:
        prefix: of the person's columns.
        first: whom a page speaks of before any heading.
        heads: headings of the part of the page about the person.
        after: words that follow a caption's own ("Họ và tên cha").

    """

    prefix: str
    first: bool = False
    heads: Words
    after: Words


class PersonCaption(Strict):
    """Captions of a person: endings of the column, the first that the type has is taken."""

    columns: Words
    words: Words


class CaptionWords(Strict):
    """`captions.yaml`; its head says what each key means."""

    persons: dict[RegisterType, tuple[CaptionPerson, ...]]
    of_person: tuple[PersonCaption, ...]
    years: Words
    fixed: dict[RegisterType | Literal["*"], dict[str, Words]]
    more: dict[str, Words]
    below: Words
    splits: dict[str, tuple[str, str]]
    lexicons: dict[str, str]
    ticks: dict[RegisterType, dict[str, dict[str, Words]]]
    print: Words


class CaptionRole(StrEnum):
    """What printed words are for."""

    FIELD = "field"
    HEAD = "head"  # a part of the page about a person begins
    MORE = "more"  # a further blank of the field before
    TICK = "tick"
    DATE_PART = "date_part"  # ngày, tháng, năm, giờ, phút between blanks
    PRINT = "print"  # no column


@dataclass(frozen=True, slots=True)
class KnownCaption:
    """One wording of a caption.

    Attributes:
        role: what it is for.
        wording: as `captions.yaml` has it.
        code: column (FIELD, TICK), ending of a column (MORE), or part of a date; "" otherwise.
        endings: columns of a person without their prefix; the person decides which it is.
        person: prefix of the person that it names itself.
        value: what the tick box means.
        year: it asks for a year alone.

    """

    role: CaptionRole
    wording: str
    code: str = ""
    endings: Words = ()
    person: str = ""
    value: str = ""
    year: bool = False


def letters_of(text: str) -> str:
    """Letters and digits alone, without marks and case: what is compared."""
    return re.sub(r"[^a-z0-9]", "", strip_marks(text.lower()).replace("đ", "d"))


@cache
def caption_words() -> CaptionWords:
    """The content of `captions.yaml`."""
    return load_data(_FILE, CaptionWords)


def narrower_lexicon(code: str, kind: FieldKind, *, year: bool) -> str:
    """What a layout names beside the kind of a field (`schema.LayoutField.lexicon`); "" for none.

    Args:
        code: of its column.
        kind: of the field.
        year: its caption asks for a year alone.

    """
    if year and kind is FieldKind.DATE:
        return "year"
    return caption_words().lexicons.get(code, "")


@cache
def known_captions(type: RegisterType | str) -> tuple[KnownCaption, ...]:
    """Every wording that a register of this type may have; one meaning for the same letters."""
    words, kind = caption_words(), RegisterType(type)
    codes = paper_codes(kind)
    parts = (*DATE_PARTS, "giờ", "phút")
    found = [KnownCaption(CaptionRole.DATE_PART, part, part) for part in parts]
    for columns in (words.fixed["*"], words.fixed.get(kind, {})):
        found += [
            KnownCaption(CaptionRole.FIELD, text, code)
            for code, wordings in columns.items()
            if code in codes
            for text in wordings
        ]
    found += _of_persons(words, words.persons.get(kind, ()))
    for code, options in words.ticks.get(kind, {}).items():
        for value, wordings in options.items():
            found += [KnownCaption(CaptionRole.TICK, text, code, value=value) for text in wordings]
    for ending, wordings in words.more.items():
        found += [KnownCaption(CaptionRole.MORE, text, ending) for text in wordings]
    found += [KnownCaption(CaptionRole.PRINT, text) for text in words.print]
    return tuple({letters_of(known.wording): known for known in reversed(found)}.values())


def _of_persons(words: CaptionWords, persons: tuple[CaptionPerson, ...]) -> list[KnownCaption]:
    found = []
    for caption in words.of_person:
        for text in caption.words:
            year = text in words.years
            found.append(KnownCaption(CaptionRole.FIELD, text, endings=caption.columns, year=year))
            found += [
                KnownCaption(
                    CaptionRole.FIELD,
                    f"{text} {after}",
                    endings=caption.columns,
                    person=person.prefix,
                    year=year,
                )
                for person in persons
                for after in person.after
            ]
    found += [
        KnownCaption(CaptionRole.HEAD, head, person=person.prefix)
        for person in persons
        for head in person.heads
    ]
    return found


def person_code(type: RegisterType | str, prefix: str, endings: Words) -> str:
    """The column of a person; "" when the register has none of these."""
    codes = paper_codes(type)
    return next((prefix + ending for ending in endings if prefix + ending in codes), "")


def column_of(known: KnownCaption, person: str, type: RegisterType | str) -> str:
    """The column that a caption asks for; "" for none.

    Args:
        known: the caption; a heading stands for the name of its person.
        person: prefix of the person spoken of where the caption names none; "" where nobody is.
        type: register type code.

    """
    if known.role is CaptionRole.HEAD:
        return person_code(type, known.person, ("HoTen",))
    if known.role is not CaptionRole.FIELD:
        return ""
    return known.code or person_code(type, known.person or person, known.endings)


def first_person(type: RegisterType | str) -> str:
    """Prefix of the person that a page speaks of before any heading; "" when there is none."""
    persons = caption_words().persons.get(RegisterType(type), ())
    return next((person.prefix for person in persons if person.first), "")
