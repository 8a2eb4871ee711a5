"""Keyed rows made from the known truth of drawn books, with trouble planted in them on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ocr_pipeline.books.book import Book
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.rows import compose_row
from ocr_pipeline.registers.templates import Template, load_template
from ocr_pipeline.text.numbers import format_number_year, parse_number_year

Place = tuple[str, int]
"""Page and position."""

_NUMBER = "so"
_TONES = ("aáàảãạ", "eéèẻẽẹ", "oóòỏõọ", "uúùủũụ", "iíìỉĩị", "âấầẩẫậ", "ôốồổỗộ", "êếềểễệ")
_GROUPS = ("Kinh", "Tày", "Thái", "Mường", "Khơ Me", "Nùng")


@dataclass(frozen=True, slots=True)
class TroubleRates:
    """How much trouble is planted.

    Attributes:
        pages: share of pages that are missing.
        rows: share of rows that are missing.
        numbers: share of rows with a wrong number.
        fields: share of filled fields in which the row differs from its page.

    """

    pages: float = 0.05
    rows: float = 0.05
    numbers: float = 0.03
    fields: float = 0.03


@dataclass(slots=True)
class PlantedBook:
    """What was planted in one book.

    Attributes:
        rows: cells by column, in the order of the numbers on the pages.
        row_of: index in `rows` of the row of each record; absent where it has none.
        pages: records whose pages are there, in the order in which they were scanned.
        differences: (record, column) in which the row differs from the page.
        template: of the columns.

    """

    template: Template
    rows: list[dict[str, str]] = field(default_factory=list)
    row_of: dict[Place, int] = field(default_factory=dict)
    pages: list[Place] = field(default_factory=list)
    differences: set[tuple[Place, str]] = field(default_factory=set)


def planted(
    book: Book,
    truth: Mapping[str, Any],
    rng: np.random.Generator,
    rates: TroubleRates = TroubleRates(),  # noqa: B008 (frozen)
) -> PlantedBook:
    """Rows of a drawn book as an office may have keyed them.

    Names are in capitals and dates have strokes, as in exports of the population platform.

    Args:
        book: the book.
        truth: its `truth.json`.
        rng: another seed plants other trouble.
        rates: how much.

    """
    done = PlantedBook(load_template(book.type))
    for page in truth["pages"]:
        lost = rng.random() < rates.pages
        for record in page["records"]:
            place = (str(page["page"]), int(record["position"]))
            if not lost:
                done.pages.append(place)
            if rng.random() < rates.rows:
                continue
            values = {code: str(one.get("value", "")) for code, one in record["fields"].items()}
            cells = compose_row(done.template, values, book)
            changed = _changed(cells, values, done.template, rng, rates)
            done.differences |= {(place, column) for column in changed}
            done.row_of[place] = len(done.rows)
            done.rows.append(_as_keyed(cells | changed, done.template))
    _swap(done.pages, rng)
    return done


def _swap(pages: list[Place], rng: np.random.Generator) -> None:
    """Two pages change their places in the pile."""
    if len(pages) > 3:
        one, other = rng.choice(len(pages), 2, replace=False)
        pages[one], pages[other] = pages[other], pages[one]


def _changed(
    cells: Mapping[str, str],
    values: Mapping[str, str],
    template: Template,
    rng: np.random.Generator,
    rates: TroubleRates,
) -> dict[str, str]:
    """Cells of a row that say something else than the page."""
    out: dict[str, str] = {}
    if rng.random() < rates.numbers:
        out[_NUMBER] = _other_number(cells[_NUMBER], rng)
    for column in template.columns:
        name, text = column.name, cells.get(column.name, "")
        if name == _NUMBER or name not in values or not text or rng.random() >= rates.fields:
            continue
        other = _OTHERS[column.kind](text, rng) if column.kind in _OTHERS else text
        if other != text:
            out[name] = other
    return out


def _other_number(text: str, rng: np.random.Generator) -> str:
    number = parse_number_year(text) or (1, None)
    return format_number_year(max(1, number[0] + int(rng.choice([-10, -1, 1, 2, 10]))), number[1])


def _other_name(text: str, rng: np.random.Generator) -> str:
    """Another tone, a middle name left out, or another given name."""
    words = text.split()
    way = rng.integers(3)
    if way == 0 and len(words) > 3:
        del words[int(rng.integers(1, len(words) - 1))]
        return " ".join(words)
    if way == 1:
        return " ".join([*words[:-1], str(rng.choice([w for w in _GIVEN if w != words[-1]]))])
    return _other_tone(text, rng)


def _other_tone(text: str, rng: np.random.Generator) -> str:
    at = [n for n, sign in enumerate(text) if any(sign in row for row in _TONES)]
    if not at:
        return text
    place = int(rng.choice(at))
    row = next(row for row in _TONES if text[place] in row)
    return text[:place] + str(rng.choice([s for s in row if s != text[place]])) + text[place + 1 :]


def _other_date(text: str, rng: np.random.Generator) -> str:
    """Day and month changed over, or a day, month or year off."""
    parts = text.split(".")
    if len(parts) == 3 and int(parts[0]) <= 12 and parts[0] != parts[1] and rng.random() < 0.3:
        return ".".join([parts[1], parts[0], parts[2]])
    at = int(rng.integers(len(parts)))
    least, most = ((1900, 2030), (1, 12), (1, 28))[len(parts) - 1 - at]
    moved = int(parts[at]) + int(rng.choice([-2, -1, 1, 2]))
    parts[at] = str(min(max(moved, least), most)).zfill(len(parts[at]))
    return ".".join(parts)


def _other_place(text: str, rng: np.random.Generator) -> str:
    """Another name of its smallest unit."""
    parts = text.split(", ")
    words = parts[0].split()
    parts[0] = " ".join([*words[:-1], str(rng.choice([w for w in _GIVEN if w != words[-1]]))])
    return ", ".join(parts)


def _other_of(values: Sequence[str], text: str, rng: np.random.Generator) -> str:
    return str(rng.choice([value for value in values if value != text]))


_GIVEN = ("An", "Bình", "Châu", "Dũng", "Hạnh", "Khánh", "Lâm", "Mỹ", "Phúc", "Quý", "Sơn", "Tuyết")
_OTHERS: Mapping[FieldKind, Callable[[str, np.random.Generator], str]] = {
    FieldKind.PERSON_NAME: _other_name,
    FieldKind.DATE: _other_date,
    FieldKind.PLACE: _other_place,
    FieldKind.SEX: lambda text, rng: _other_of(("1", "2"), text, rng),
    FieldKind.ETHNIC_GROUP: lambda text, rng: _other_of(_GROUPS, text, rng),
}


def _as_keyed(cells: Mapping[str, str], template: Template) -> dict[str, str]:
    out = {}
    for column in template.columns:
        text = cells.get(column.name, "")
        if column.kind is FieldKind.PERSON_NAME:
            text = text.upper()
        out[column.name] = text.replace(".", "/") if column.kind is FieldKind.DATE else text
    return out
