"""From what is written to the value of the Excel cell, one function per kind of field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.text import lexicons
from ocr_pipeline.text.date_words import date_to_words, words_to_date
from ocr_pipeline.text.dates import PartialDate, parse_date
from ocr_pipeline.text.lexicons import Lexicon
from ocr_pipeline.text.names import title_case_name
from ocr_pipeline.text.normalise import clean, key, strip_marks
from ocr_pipeline.text.numbers import (
    format_number_year,
    parse_number_year,
    word_tokens,
    words_to_number,
)
from ocr_pipeline.text.places import official_writing

_NOTHING = frozenset(
    "khong|khong co|khong ro|khong biet|chua ro|chua xac dinh|chua xac dinh duoc|khong xac dinh|"
    "khong co thong tin|de trong|bo trong|trong|ko|k co|x|xx|xxx|nt".split("|")
)
WORDS_OF_NOTHING = frozenset(word for text in _NOTHING for word in text.split())
"""Words, without marks, that writings consist of which say that nothing is known."""
_ID_NUMBER = re.compile(
    r"(?<![\w/])(?:[A-Z]{1,3}|[A-Z]\s)?\d(?:[ .-]?\d){5,13}(?![\w/])", re.IGNORECASE
)
_CLOCK = re.compile(
    r"^(?:luc|vao|hoi|:|\s)*(\d{1,2})\s*(?:h|g|gio|:|\.|,)\s*(\d{1,2})?\s*(?:p|ph|phut|')?[\s,.]*"
    r"(sang|trua|chieu|toi|dem|khuya)?\W*$"
)


def normalise_value(
    kind: FieldKind, text: str, *, year: int | None = None, century: int | None = None
) -> str:
    """The value of the Excel cell for a writing.

    Args:
        kind: what the field holds.
        text: as written.
        year: year to add to a bare record number (kind `number_year`).
        century: what two-digit years belong to, e.g. 1900; None refuses them.

    Returns:
        The value in the form described at `FieldKind`; "" when nothing is written, the writing says
        that nothing is known, or it cannot be understood. Words outside a lexicon (an unlisted
        ethnic group, nation, relation, office) are kept as written: the checks ask about them.

    """
    tidy = clean(text)
    if not any(character.isalnum() for character in tidy):
        return ""
    if kind is FieldKind.DATE:
        return _date(tidy, century)
    if kind is FieldKind.DATE_WORDS:
        date = _read_date(tidy, century)
        return date_to_words(date) if date else ""
    if kind is FieldKind.NUMBER_YEAR:
        number = parse_number_year(tidy)
        return format_number_year(number[0], number[1] or year) if number else ""
    value = _FUNCTIONS[kind](tidy)
    # The capital of a foreign small letter may look like one of ours: "µ" becomes the Greek "Μ".
    return value if value == tidy else clean(value)


def read_as_date(value: str) -> PartialDate | None:
    """The date of a cell: digits (`dd.mm.yyyy`) or words."""
    return _read_date(value, None)


def says_nothing(text: str) -> bool:
    """The writing is empty or only says that nothing is known (`không rõ`, `///`)."""
    bare = key(text, accents=False)
    return not any(c.isalnum() for c in bare) or bare in _NOTHING


def split_id_document(value: str) -> tuple[str, str]:
    """Type code and number of an `id_document` value; ("", "") for an empty one."""
    code, _, number = value.partition(" ")
    return (code, number) if number else ("", "")


@lru_cache(maxsize=65536)
def _read_date(text: str, century: int | None) -> PartialDate | None:
    return parse_date(text, century=century) or words_to_date(text, century=century)


def _date(text: str, century: int | None) -> str:
    date = _read_date(text, century)
    return date.dotted() if date else ""


def _name(text: str) -> str:
    name = "" if says_nothing(text) else title_case_name(text)
    return "" if says_nothing(name) else name  # a name has no digits: nothing is left of "1)"


def _time(text: str) -> str:
    bare = key(text, accents=False) if not re.search(r"\d", text) else _unmarked(text)
    match = _CLOCK.match(bare)
    if match:
        hour, minute, part = int(match[1]), int(match[2] or 0), match[3]
    else:
        hour, minute, part = _time_in_words(text)
    if part in ("chieu", "toi") and hour < 12:
        hour += 12
    if part in ("dem", "khuya", "trua") and hour not in (11, 12, 22, 23, 0, 1, 2, 3, 4):
        return ""  # "tám giờ đêm" could be 8 or 20 o'clock
    if part in ("dem", "khuya") and hour == 12:
        return ""  # the end of which day?
    return f"{hour:02d}:{minute:02d}" if 0 <= hour < 24 and 0 <= minute < 60 else ""


def _time_in_words(text: str) -> tuple[int, int, str]:
    tokens = word_tokens(text)
    part = tokens.pop() if tokens and tokens[-1] in ("sang", "trua", "chieu", "toi", "dem") else ""
    if "gio" not in tokens:
        return -1, 0, ""
    at = tokens.index("gio")
    rest = [t for t in tokens[at + 1 :] if t != "phut"]
    hour = words_to_number(tokens[:at])
    minute = 30 if rest == ["ruoi"] else words_to_number(rest) if rest else 0
    return (-1 if hour is None else hour), (-1 if minute is None else minute), part


def _unmarked(text: str) -> str:
    return strip_marks(text).lower()


def _number(text: str) -> str:
    digits = re.sub(r"[\s.]", "", text)
    return str(int(digits)) if digits.isdecimal() else ""


def _sex(text: str) -> str:
    return _SEXES.get(key(text, accents=False), "")


_SEXES: Mapping[str, str] = {
    **dict.fromkeys(("1", "nam", "trai", "con trai", "nam gioi"), "1"),
    **dict.fromkeys(("2", "nu", "gai", "con gai", "nu gioi"), "2"),
    **dict.fromkeys(("3", "khong xac dinh", "chua xac dinh", "khac"), "3"),
}


def _listed(lexicon: Callable[[], Lexicon]) -> Callable[[str], str]:
    def find(text: str) -> str:
        return "" if says_nothing(text) else lexicon().find(text) or _capital(text)

    return find


def _capital(text: str) -> str:
    tidy = text.strip(" .,;:-")
    return tidy[:1].upper() + tidy[1:]


def _id_type(text: str) -> str:
    if re.fullmatch(r"[0-8]", text):
        return text
    return id_type_in(text)


def id_type_in(text: str) -> str:
    """Code of the kind of identity paper a text names; "" when it names none."""
    bare = f" {key(text, accents=False)} "
    for word, code in _id_words():
        if f" {word} " in bare:
            return code
    return ""


@cache
def _id_words() -> list[tuple[str, str]]:
    return sorted(lexicons.id_type_codes().items(), key=lambda item: -len(item[0]))


def _id_number(text: str) -> str:
    match = _ID_NUMBER.search(text)
    if match:
        return re.sub(r"[ .-]", "", match.group()).upper()
    bare = re.sub(r"[ .-]", "", re.sub(r"(?i)^s[ốo]\s*:?", "", text)).upper()
    return bare if re.fullmatch(r"(?=.*\d)[A-ZĐ0-9/]{3,20}", bare) else ""


def _id_document(text: str) -> str:
    coded = re.fullmatch(r"([1-8]) (\S+)", text)
    if coded and _id_number(coded[2]) == coded[2]:
        return text
    number = _id_number(match.group()) if (match := _ID_NUMBER.search(text)) else ""
    code = (id_type_in(_ID_NUMBER.sub(" ", text)) or _type_by_shape(number)) if number else ""
    return f"{code} {number}" if code else ""


def _type_by_shape(number: str) -> str:
    """Shapes that belong to one kind of paper: 9 digits CMND, 12 căn cước, B1234567 passport."""
    if re.fullmatch(r"\d{9}", number):
        return "1"
    if re.fullmatch(r"\d{12}", number):
        return "4"
    return "2" if re.fullmatch(r"[A-Z]{1,2}\d{7}", number) else ""


def _free_text(text: str) -> str:
    """As written, but for blanks around the stroke of a number: `07 / 2015` is `07/2015`."""
    return re.sub(r"(?<=\d) */ *(?=[\dA-ZĐ])", "/", text)


def _place(text: str) -> str:
    return "" if says_nothing(text) else official_writing(text)


_FUNCTIONS: Mapping[FieldKind, Callable[[str], str]] = {
    FieldKind.PERSON_NAME: _name,
    FieldKind.TIME: _time,
    FieldKind.NUMBER: _number,
    FieldKind.SEX: _sex,
    FieldKind.ETHNIC_GROUP: _listed(lexicons.ethnic_groups),
    FieldKind.NATIONALITY: _listed(lexicons.nationalities),
    FieldKind.RELATION: _listed(lexicons.relations),
    FieldKind.POSITION: _listed(lexicons.positions),
    FieldKind.ID_TYPE: _id_type,
    FieldKind.ID_NUMBER: _id_number,
    FieldKind.ID_DOCUMENT: _id_document,
    FieldKind.PLACE: _place,
    FieldKind.AGENCY: _place,
    FieldKind.FREE_TEXT: _free_text,
    FieldKind.TICK: lambda text: text,
}
