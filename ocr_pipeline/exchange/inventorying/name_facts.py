"""What the names of folders and files say of a book."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ocr_pipeline.books.book_folders import has_page_suffix
from ocr_pipeline.books.inventory_words import inventory_words
from ocr_pipeline.books.naming import parse_record_pdf
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.text.normalise import key
from ocr_pipeline.written_paths import written

_SIGNS = re.compile(r"[._\-]+")
_YEAR = re.compile(
    r"(?:(?<![a-z\d])|(?<=ks)|(?<=kt)|(?<=kh)|(?<=nam))(19\d{2}|20\d{2})(?!\d)"  # not DSC2018
)
_NUMBER = re.compile(r"(?<![a-z])(?:quyen(?: so)?|q|so quyen|tap) ?0*([1-9]\d{0,2})(?!\d)")
_CODED = re.compile(r"(?<![a-z])(?P<type>[a-z]{2,3}) (?P<year>\d{4}) (?P<number>\d{1,3})(?!\d)")


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What names say; "" where they say nothing, or several things.

    Attributes:
        type: code of the register type.
        year: year opened.
        number: of the book.

    """

    type: str = ""
    year: str = ""
    number: str = ""


def read_names(path: Path, first_file: str = "") -> NameFacts:
    """What the name of a book's folder or file says, else that of a record's PDF in it.

    Args:
        path: of the book.
        first_file: name of its first page's file.

    """
    record = parse_record_pdf(first_file)
    if record is not None:
        return NameFacts(record.type.value, str(record.year_opened), str(record.book))
    name = path.stem if has_page_suffix(path) else path.name
    text = " ".join(_SIGNS.sub(" ", key(written(name), accents=False)).split())
    if (coded := _CODED.search(text)) and coded["type"].upper() in RegisterType.__members__:
        return NameFacts(coded["type"].upper(), coded["year"], str(int(coded["number"])))
    types = {code for word, code in _type_words() if re.search(rf"(?<![a-z]){word}(?![a-z])", text)}
    years, numbers = set(_YEAR.findall(text)), set(_NUMBER.findall(text))
    return NameFacts(*(one.pop() if len(one) == 1 else "" for one in (types, years, numbers)))


@cache
def _type_words() -> tuple[tuple[str, str], ...]:
    words = [(code.lower(), code.value) for code in RegisterType]
    for code, names in inventory_words().types.items():
        words += [(re.escape(key(name, accents=False)), RegisterType(code).value) for name in names]
    return tuple(words)
