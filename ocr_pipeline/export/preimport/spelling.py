"""Texts that a file can hold but nobody can use: odd letters, old encodings, odd case, agencies.

An import takes them; a search for the person, or for the office, does not find them afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ocr_pipeline.books.naming import StemName, unit_word
from ocr_pipeline.checks.place_rules import unknown_unit
from ocr_pipeline.errors import Text
from ocr_pipeline.export.faults import PackageFault, fault
from ocr_pipeline.export.preimport.header import HeaderMatch
from ocr_pipeline.export.preimport.rows import DataRow
from ocr_pipeline.export.rule_faults import AGENCY
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.text.legacy_encodings import convert, recognise
from ocr_pipeline.text.letters import OddKind, odd_letters, tidied
from ocr_pipeline.text.normalise import place_tones
from ocr_pipeline.text.places import Gazetteer, Unit, split_address

# With one of these it is another value than the one meant; the others only spoil its looks.
_WRONG = frozenset(
    {OddKind.LOOK_ALIKE, OddKind.DIGIT, OddKind.LOST, OddKind.INVISIBLE, OddKind.APOSTROPHE}
)
_OFFICE = re.compile(r"^(?:(?:ủy|uỷ) ban nhân dân|ubnd|(?:sở|phòng) tư pháp)\s+", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_PLACEHOLDERS = frozenset({"30.12.1899", "31.12.1899", "01.01.1900", "01.01.1970"})
"""Day zero and day one of Excel, of other office programs and of Unix."""
_DATES = frozenset({FieldKind.DATE})


def spelling_faults(
    match: HeaderMatch, data: Sequence[DataRow], stem: StemName | None, file: str
) -> Iterator[PackageFault]:
    """Cells whose text is odd, and agencies that the list of units does not have.

    Args:
        match: the sheet and its template.
        data: rows below the header.
        stem: what the file's name says; None when it follows no rule.
        file: named in the faults.

    """
    for row in data:
        for name, text in row.typed.items():
            kind = match.template.by_name[name].kind
            yield from _cell_faults(text, kind, file, row.excel_row, name)
    yield from _agency_faults(data, stem, file)


def _cell_faults(
    text: str, kind: FieldKind, file: str, row: int, column: str
) -> Iterator[PackageFault]:
    if encoding := recognise(text):
        yield fault(
            "other_encoding", file, row=row, column=column, text=text, encoding=encoding.named,
            meant=convert(text, encoding),
        )  # fmt: skip
        return
    lines = kind is FieldKind.FREE_TEXT
    remedy = _remedy(text, lines)
    for odd in odd_letters(text, lines=lines):
        if odd.kind is not OddKind.DECOMPOSED:  # told as `not_nfc` with the kind of cell
            rule = "letters_wrong" if odd.kind in _WRONG else "letters_odd"
            yield fault(
                rule, file, row=row, column=column, id=f"letters_{odd.kind}", what=odd.message,
                remedy=remedy,
            )  # fmt: skip
    if kind in _DATES and text.strip() in _PLACEHOLDERS:
        yield fault("placeholder_date", file, row=row, column=column, text=text.strip())
    words = _WORD.findall(text)
    mixed = any(word[0].islower() and not word.islower() for word in words)
    if mixed and column != AGENCY:  # told once a book, with the right spelling
        yield fault("letter_case", file, row=row, column=column, text=text)
    elif kind is FieldKind.PERSON_NAME and any(word[0].islower() for word in text.split()):
        yield fault("name_case", file, row=row, column=column, text=text)


def _remedy(text: str, lines: bool) -> Text:
    tidy = tidied(text, lines=lines).lstrip("'")
    if tidy != text and not any(odd.kind is OddKind.LOST for odd in odd_letters(tidy)):
        return Text(f"Gõ lại: “{tidy}”", f"Type it again: “{tidy}”")
    return Text("Gõ lại theo sổ", "Type it again after the book")


def _agency_faults(
    data: Sequence[DataRow], stem: StemName | None, file: str
) -> Iterator[PackageFault]:
    told: set[str] = set()
    for row in data:
        text = row.texts.get(AGENCY, "")
        if text and text not in told:
            told.add(text)
            yield from _faults_of_agency(text, row, stem, file)


def _faults_of_agency(
    text: str, row: DataRow, stem: StemName | None, file: str
) -> Iterator[PackageFault]:
    year = row.date.year if row.date else None
    address = _OFFICE.sub("", tidied(text))
    unit, nearest = unknown_unit(address, year)
    if unit:
        rule = "agency_resembles" if nearest else "agency_unknown"
        yield fault(
            rule, file, row=row.excel_row, column=AGENCY, id="agency_unknown", unit=unit,
            nearest=nearest,
        )  # fmt: skip
        return
    units = Gazetteer.load().match(address, year=year).units
    parts = split_address(address)
    for part, known in zip(parts, units, strict=False):
        if not _spelled(part, known):
            yield fault(
                "agency_spelling", file, row=row.excel_row, column=AGENCY, unit=part,
                expected=known.name,
            )  # fmt: skip
    if stem and units and len(units) == len(parts):
        if stem.unit.split("_")[0] != unit_word(units[0].name):
            yield fault(
                "stem_agency", file, row=row.excel_row, column=AGENCY, named=stem.unit,
                expected=units[0].address,
            )  # fmt: skip


def _spelled(part: str, unit: Unit) -> bool:
    """Written as the list has it, but for the type word and for old or new tone placement."""
    if unit.short == unit.name:  # a number (`Phường 5`): nothing to misspell
        return True
    return place_tones(part).endswith(place_tones(unit.short))
