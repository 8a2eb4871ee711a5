"""One cell of a keyed file: from what lies there to the value of the template, each step listed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from ocr_pipeline.checks.identity import PersonalNumber
from ocr_pipeline.exchange.keyed_files.cells import KeyedCell, KeyedCellKind
from ocr_pipeline.exchange.keyed_files.keyed_dates import EventYears, keyed_date, month_and_year
from ocr_pipeline.exchange.keyed_files.row_words import says_no_value
from ocr_pipeline.export.xls import MAX_CHARS
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.templates import Column, code_list
from ocr_pipeline.registers.values import normalise_value
from ocr_pipeline.text.dates import PartialDate
from ocr_pipeline.text.legacy_encodings import LegacyEncoding, convert, recognise
from ocr_pipeline.text.letters import tidied
from ocr_pipeline.text.normalise import key
from ocr_pipeline.text.numbers import format_number_year, parse_number_year

_PLACES = frozenset({FieldKind.PLACE, FieldKind.AGENCY})
_LISTED = frozenset(
    {FieldKind.ETHNIC_GROUP, FieldKind.NATIONALITY, FieldKind.RELATION, FieldKind.POSITION}
)
_WORDED = _LISTED | _PLACES | {FieldKind.PERSON_NAME}
_CODED = frozenset({FieldKind.TICK, FieldKind.SEX, FieldKind.ID_TYPE})
_LOST = re.compile(r"[^\W\d_]\?[^\W\d_]|\ufffd")
_SCIENTIFIC = re.compile(r"^\d(?:[.,]\d+)?E\+?\d+$", re.IGNORECASE)
_WHOLE = re.compile(r"^(\d+)[.,]0+$")
_LETTER_BEHIND = re.compile(r"\d\s*[a-zđ]", re.IGNORECASE)
_SHORT_NUMBER_YEAR = re.compile(r"^(\d{1,6})\s*[/\\|-]\s*(\d{2})$")
_CODE_IN_FRONT = re.compile(r"^0*(\d{1,2})\s*[-–.:)]\s*\D")
MENDED_NAME = "capitals"
"""The rule by which a name gets its capitals."""
_MENDED_RULES = {
    FieldKind.PERSON_NAME: MENDED_NAME,
    FieldKind.DATE_WORDS: "date_words",
    FieldKind.PLACE: "address",
    FieldKind.AGENCY: "agency",
    FieldKind.ID_NUMBER: "id_form",
    FieldKind.NUMBER: "number_form",
    FieldKind.TIME: "number_form",
}
_FAULTS = {
    FieldKind.DATE_WORDS: "not_a_date",
    FieldKind.NUMBER: "not_a_number",
    FieldKind.ID_NUMBER: "not_an_id",
}
#: Digits that a number keeps once Excel has made a number of it: a căn cước has 12, a CMND 9.
_ID_DIGITS, _OLD_ID_DIGITS = 12, 9
_FEWEST_ID_DIGITS, _FEWEST_OLD_ID_DIGITS = 10, 8  # 001… loses two zeros, 0… of a CMND one
_OWN_NUMBERS = ("SoDinhDanh", "SoDinhDanhCaNhan")


@dataclass(slots=True)
class MendedCell:
    """A cell on its way to its value.

    Attributes:
        value: in the form of the template; "" when there is none or it is not understood.
        text: what a person sees, in right letters.
        steps: rule, text before, text after, for each change.
        faults: rule and text of what is not understood.

    """

    value: str = ""
    text: str = ""
    steps: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)

    def step(self, rule: str, after: str) -> None:
        """Change the text, if it changes."""
        if after != self.text:
            self.steps.append((rule, self.text, after))
            self.text = after


@dataclass(frozen=True, slots=True)
class SheetHabits:
    """How the cells of a sheet are written as a whole.

    Attributes:
        encoding: the old encoding of most of its words; None for Unicode.
        month_first: by column, whether dates are written with the month first; None for both ways.

    """

    encoding: LegacyEncoding | None = None
    month_first: Mapping[str, bool | None] = field(default_factory=dict)


def mend_cell(
    column: Column, cell: KeyedCell, habits: SheetHabits, years: EventYears
) -> MendedCell:
    """The value of a cell and how it came about.

    Args:
        column: what the cell ought to hold.
        cell: as it lies there.
        habits: of its sheet.
        years: what other cells of the row say of its year.

    """
    mended = MendedCell(text=cell.text)
    if not _mend_kind(mended, cell):
        return mended
    _mend_letters(mended, habits.encoding, lines=column.kind is FieldKind.FREE_TEXT)
    if len(mended.text) > MAX_CHARS:
        mended.faults.append(("too_long", mended.text))
        mended.text = ""
        return mended
    if mended.text and says_no_value(mended.text):
        mended.step("no_value", "")
    if not mended.text:
        return mended
    if _LOST.search(mended.text) and column.kind is not FieldKind.FREE_TEXT:
        mended.faults.append(("lost_letters", mended.text))
        return mended
    match column.kind:
        case FieldKind.DATE:
            _mend_date(mended, cell.kind, years, habits.month_first.get(column.name, False))
        case FieldKind.NUMBER_YEAR:
            _mend_number_year(mended, cell.kind, years)
        case FieldKind.ID_NUMBER:
            _mend_id(mended, cell.kind)
        case kind if kind in _CODED:
            _mend_code(mended, column)
        case _:
            _mend_by_kind(mended, column.kind)
    return mended


def _mend_kind(mended: MendedCell, cell: KeyedCell) -> bool:
    """What the kind of cell asks for; false when there is nothing to read."""
    if cell.kind is KeyedCellKind.ERROR:
        mended.faults.append(("error_cell", cell.text))
        return False
    if cell.kind is KeyedCellKind.FORMULA:
        if not cell.text:
            mended.faults.append(("formula_without_result", ""))
            return False
        mended.steps.append(("formula", "=…", cell.text))
    elif cell.kind is KeyedCellKind.MERGED:
        mended.steps.append(("merged", "", cell.text))
    return True


def _mend_letters(mended: MendedCell, likely: LegacyEncoding | None, *, lines: bool) -> None:
    text = mended.text
    if text.isascii() and text == text.strip() and "  " not in text and text.isprintable():
        return
    for rule, after in _letter_steps(text, likely, lines):
        mended.step(rule, after)


@lru_cache(maxsize=1 << 16)
def _letter_steps(
    text: str, likely: LegacyEncoding | None, lines: bool
) -> tuple[tuple[str, str], ...]:
    steps = []
    composed = unicodedata.normalize("NFC", text)
    if composed != text:
        steps.append(("decomposed", composed))
    encoding = recognise(composed, likely)
    if encoding:
        composed = convert(composed, encoding)
        steps.append(("old_encoding", composed))
    tidy = tidied(composed, lines=lines)
    if tidy and tidy != composed:
        steps.append(("letters", tidy))
    if not tidy and composed:
        steps.append(("no_value", ""))
    return tuple(steps)


def _mend_date(
    mended: MendedCell, kind: KeyedCellKind, years: EventYears, month_first: bool | None
) -> None:
    found = keyed_date(mended.text, kind, years, month_first=month_first)
    if found.fault:
        mended.faults.append((found.fault, mended.text))
    else:
        mended.value = found.value
        mended.step(found.rule or "date_form", found.value)


def _mend_number_year(mended: MendedCell, kind: KeyedCellKind, years: EventYears) -> None:
    text = mended.text
    made_of = month_and_year(text, kind)
    if made_of:
        if years.sure in (None, made_of[1]):
            mended.value = format_number_year(*made_of)
            mended.step("number_as_date", mended.value)
        else:
            mended.faults.append(("not_a_number", text))
        return
    if kind is KeyedCellKind.DATE:
        mended.faults.append(("not_a_number", text))
        return
    if whole := _WHOLE.match(text):
        mended.step("number_form", whole[1])
    short = _SHORT_NUMBER_YEAR.match(mended.text)
    if short and years.sure and int(short[2]) == years.sure % 100:
        mended.value = format_number_year(int(short[1]), years.sure)
        mended.step("short_year", mended.value)
        return
    number = parse_number_year(mended.text)
    if number is None or _LETTER_BEHIND.search(mended.text):
        mended.faults.append(("not_a_number", text))
    elif number[1] is None and years.sure is None:
        mended.faults.append(("number_has_no_year", text))
    else:
        mended.value = format_number_year(number[0], number[1] or years.sure)
        mended.step("number_form" if number[1] else "number_without_year", mended.value)


def _mend_id(mended: MendedCell, kind: KeyedCellKind) -> None:
    text = mended.text
    if _SCIENTIFIC.match(text):
        mended.faults.append(("lost_digits", text))
        return
    if whole := _WHOLE.match(text):
        mended.step("number_form", whole[1])
    mended.value = normalise_value(FieldKind.ID_NUMBER, mended.text)
    if not mended.value:
        mended.faults.append(("not_an_id", text))
        return
    mended.step("id_form", mended.value)
    was_number = kind is KeyedCellKind.NUMBER
    if was_number and mended.value.isdecimal() and (full := _with_zeros(mended.value)):
        mended.value = full
        mended.step("id_zeros", full)


def _with_zeros(digits: str) -> str:
    """The number with the zeros that Excel took away; "" when it cannot be one."""
    if _FEWEST_ID_DIGITS <= len(digits) < _ID_DIGITS:
        full = digits.zfill(_ID_DIGITS)
        return full if PersonalNumber(full).province_exists else ""
    if _FEWEST_OLD_ID_DIGITS <= len(digits) < _OLD_ID_DIGITS:
        return digits.zfill(_OLD_ID_DIGITS)
    return ""


def has_all_digits(number: str) -> bool:
    """The number has as many digits as a personal number."""
    return len(number) == _ID_DIGITS


def mend_personal_number(
    mended: MendedCell, column: str, sex: str, birth: PartialDate | None
) -> None:
    """Put zeros before a personal number that was kept as text, where its holder bears it out.

    Args:
        mended: the cell, after `mend_cell`.
        column: its column; numbers of other papers are left alone.
        sex: `1` or `2` of the person, "" when unknown.
        birth: date of birth; None when unknown.

    """
    if not column.endswith(_OWN_NUMBERS) or not mended.value or has_all_digits(mended.value):
        return
    full = _with_zeros(mended.value) if mended.value.isdecimal() else ""
    number = PersonalNumber(full) if len(full) == _ID_DIGITS else None
    if number and birth and sex == number.sex and birth.year == number.birth_year:
        mended.value = full
        mended.step("id_zeros", full)
        return
    mended.faults.append(("id_length", mended.value))
    mended.value = ""


def _mend_code(mended: MendedCell, column: Column) -> None:
    code = _code_of(column.kind, column.codes, mended.text)
    if code is None:
        mended.faults.append(("not_in_list", mended.text))
        return
    mended.value = code
    mended.step("number_form" if mended.text.strip("0. ") == code else "word_to_code", code)


@lru_cache(maxsize=4096)
def _code_of(kind: FieldKind, codes: str, text: str) -> str | None:
    """The code that a cell gives as itself, in words, or in both (`1 - Đúng hạn`)."""
    known = code_list(codes)
    if not known:
        return normalise_value(kind, text) or text
    bare = _WHOLE.sub(r"\1", text)
    bare = bare.lstrip("0") or "0" if bare.isdecimal() else bare
    if bare in known:
        return bare
    meanings = {key(meaning.vi): code for code, meaning in known.items()}
    if match := _CODE_IN_FRONT.match(text):
        said = key(text[match.end() - 1 :])
        if match[1] in known and meanings.get(said, match[1]) == match[1]:
            return match[1]
    found = meanings.get(key(text)) or normalise_value(kind, text)
    return found if found in known else None


def _mend_by_kind(mended: MendedCell, kind: FieldKind) -> None:
    if kind is FieldKind.NUMBER and (whole := _WHOLE.match(mended.text)):
        mended.step("number_form", whole[1])
    if kind is FieldKind.PERSON_NAME and any(map(str.isdecimal, mended.text)):
        mended.faults.append(("not_understood", mended.text))
        return
    value = _normalised(kind, mended.text)
    if value:
        if kind in _LISTED and value.isdecimal():
            mended.faults.append(("not_in_list", mended.text))
            return
        rule = "listed" if kind in _LISTED else _MENDED_RULES.get(kind, "letters")
        mended.value = value
        mended.step(rule, value)
    elif kind in _PLACES and not any(c.isalnum() for c in mended.text):
        mended.step("empty_address", "")
    elif kind in _WORDED or not any(c.isalnum() for c in mended.text):
        mended.step("no_value", "")  # `không rõ`, `-`
    else:
        mended.faults.append((_FAULTS.get(kind, "not_understood"), mended.text))


@lru_cache(maxsize=1 << 17)
def _normalised(kind: FieldKind, text: str) -> str:
    if kind is FieldKind.FREE_TEXT:
        return text
    return normalise_value(kind, _without_empty_parts(text) if kind in _PLACES else text)


def _without_empty_parts(address: str) -> str:
    """`, Xã A, , Tỉnh B` -> `Xã A, Tỉnh B`."""
    return ", ".join(part for part in map(str.strip, address.split(",")) if part)


@cache
def person_columns(names: tuple[str, ...]) -> Mapping[str, tuple[str, str, str]]:
    """Columns of personal numbers -> the person's column of sex, sex by role, and of birth."""
    return dict(_person_columns(names))


def _person_columns(names: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, str, str]]]:
    roles = {"me": "2", "vo": "2", "cha": "1", "chong": "1"}
    for name in names:
        if name.endswith(_OWN_NUMBERS):
            person = name.partition("SoDinhDanh")[0]
            yield name, (f"{person}GioiTinh", roles.get(person, ""), f"{person}NgaySinh")
