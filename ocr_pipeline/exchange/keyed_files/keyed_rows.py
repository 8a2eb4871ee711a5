"""Rows of a keyed sheet: registration cases with values, and rows that are none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import islice

from ocr_pipeline.exchange.keyed_files.cell_mending import (
    MendedCell,
    SheetHabits,
    has_all_digits,
    mend_personal_number,
    person_columns,
)
from ocr_pipeline.exchange.keyed_files.cells import UnpackedRow
from ocr_pipeline.exchange.keyed_files.clean_cells import ANY_YEAR, MendedCells
from ocr_pipeline.exchange.keyed_files.findings import KeyedFault, Mending, RowKey, keyed_fault
from ocr_pipeline.exchange.keyed_files.keyed_dates import EventYears, order_of
from ocr_pipeline.exchange.keyed_files.keyed_header import KeyedHeader
from ocr_pipeline.exchange.keyed_files.known_headers import UNIT_PREFIX
from ocr_pipeline.exchange.keyed_files.set_aside import why_aside
from ocr_pipeline.exchange.keyed_files.unpacked import UnpackedSheet, read_rows
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.templates import Column, Template
from ocr_pipeline.text.dates import FIRST_YEAR, parse_date
from ocr_pipeline.text.legacy_encodings import LegacyEncoding, recognise
from ocr_pipeline.text.numbers import parse_number_year

REGISTRATION_DATE, NUMBER, BOOK_NUMBER = "ngayDangKy", "so", "quyenSo"
_FIRST_COLUMNS = (REGISTRATION_DATE, NUMBER, BOOK_NUMBER)
_NOTED_LATER = "GhiChu"  # part of columns with dates of notes made after the registration
_OLDEST_YEARS = 120  # of anybody whom a record names
_SERIAL_NUMBER = "STT"
_SAMPLE_ROWS = 5000  # from which the habits of a sheet are told
_SLIP_SHARE = 0.01  # of a column's dates may have the month first by mistake


@dataclass(frozen=True, slots=True)
class KeyedRow:
    """One registration case as others have keyed it.

    Attributes:
        key: where it stands.
        template: the template that its columns belong to; names the register type.
        values: by column, in the form of the template; "" where nothing stands or it is not
            understood.
        texts: by column, what a person sees in the cell, in right letters.
        cells: by heading, every cell of the row that holds anything, as it lies there.
        units: the unit that keyed the row, by level, where the file names it.
        mended: every change between `cells` and `values`.
        faults: what is not understood.
        double_of: the earlier row with the same content; None for none.

    """

    key: RowKey
    template: Template
    values: Mapping[str, str]
    texts: Mapping[str, str]
    cells: Mapping[str, str]
    units: Mapping[str, str] = field(default_factory=dict)
    mended: tuple[Mending, ...] = ()
    faults: tuple[KeyedFault, ...] = ()
    double_of: RowKey | None = None

    def written(self, column: str) -> str:
        """The value of a column; what stands in the cell where it is not understood."""
        if value := self.values.get(column, ""):
            return value
        understood = all(fault.column != column for fault in self.faults)
        return "" if understood else self.texts.get(column, "")

    def filled(self) -> dict[str, str]:
        """What `written` gives for all columns where it gives anything."""
        filled = {name: value for name, value in self.values.items() if value}
        for fault in self.faults:
            if text := self.texts.get(fault.column, ""):
                filled.setdefault(fault.column, text)
        return filled


@dataclass(frozen=True, slots=True)
class AsideRow:
    """A row of the file that is no registration case, or that cannot be taken apart.

    Attributes:
        key: where it stands.
        cells: its cells as they lie there.
        fault: why it is set aside, and what to do.

    """

    key: RowKey
    cells: tuple[str, ...]
    fault: KeyedFault


class SeenRows:
    """The content of all rows so far, as digests: 60 bytes for each row."""

    def __init__(self) -> None:
        self._first: dict[bytes, RowKey] = {}

    def earlier(self, key: RowKey, content: str) -> RowKey | None:
        """The first row with this content; None when `key` is the first."""
        digest = hashlib.blake2b(content.encode("utf-8", "replace"), digest_size=16).digest()
        first = self._first.setdefault(digest, key)
        return None if first is key else first


def keyed_rows(
    file: str, sheet: UnpackedSheet, header: KeyedHeader, seen: SeenRows
) -> Iterator[KeyedRow | AsideRow]:
    """Every row of the sheet but its header, each once, in the order of the file."""
    maker = _RowMaker(file, sheet, header)
    for row in read_rows(sheet):
        key = RowKey(file, sheet.name, row.number)
        if row.number in header.rows:
            continue
        if fault := maker.why_aside(key, row):
            yield AsideRow(key, row.texts, fault)
        else:
            yield maker.keyed_row(key, row, seen)


class _RowMaker:
    """Makes rows of one sheet."""

    def __init__(self, file: str, sheet: UnpackedSheet, header: KeyedHeader) -> None:
        self._sheet, self._header = sheet, header
        self._heading_width = len(header.titles)
        by_name = header.template.by_name
        columns = [(at, name) for at, name in header.columns.items() if name in by_name]
        order = {name: place for place, name in enumerate(_FIRST_COLUMNS)}
        columns.sort(key=lambda one: (order.get(one[1], len(order)), one[0]))
        self._columns = [(at, by_name[name]) for at, name in columns]
        self._units = [
            (at, name.removeprefix(UNIT_PREFIX))
            for at, name in header.columns.items()
            if name.startswith(UNIT_PREFIX)
        ]
        self._places = {name: at for at, name in header.columns.items()}
        self._persons = person_columns(tuple(name for _, name in columns))
        self._habits, self._pads = _habits(sheet, header)
        self._untitled = [at for at, title in enumerate(header.titles) if not title]
        self._has_plain_titles = len({*header.titles, ""}) == len(header.titles) + 1
        mender = MendedCells(self._habits)
        self._menders = [(at, column, mender.of_column(column)) for at, column in self._columns]
        self._blank = {column.name: "" for _, column in self._columns}
        self._mandatory = [column.name for _, column in self._columns if column.mandatory]

    def why_aside(self, key: RowKey, row: UnpackedRow) -> KeyedFault | None:
        """Why a row is no registration case; None when it is one."""
        if row.broken:
            return keyed_fault(key, "open_quote")
        if row.number < self._header.last:
            return keyed_fault(key, "above_header")
        if rule := why_aside(row, self._header):
            return keyed_fault(key, rule)
        if not self._sheet.is_text:
            return None
        columns = self._heading_width
        count = row.cells_of_line if self._pads else len(row.stored)
        if count > columns:
            return keyed_fault(key, "surplus_cells", count=count, columns=columns)
        if self._pads and row.cells_of_line < columns:
            return keyed_fault(key, "few_cells", count=row.cells_of_line, columns=columns)
        return None

    def keyed_row(self, key: RowKey, row: UnpackedRow, seen: SeenRows) -> KeyedRow:
        """The values of a row."""
        mended = self._mended(row)
        steps: list[Mending] = []
        faults: list[KeyedFault] = []
        content: list[str] = []
        values, texts = self._blank.copy(), self._blank.copy()
        for name, cell in mended.items():
            values[name], texts[name] = cell.value, cell.text
            steps += [Mending(name, before, after, rule) for rule, before, after in cell.steps]
            faults += [keyed_fault(key, rule, column=name, text=text) for rule, text in cell.faults]
            if name != _SERIAL_NUMBER and (text := cell.value or cell.text):
                content.append(f"{name}\x1e{text}")
        faults += [
            keyed_fault(key, "empty", column=name)
            for name in self._mandatory
            if not values[name] and not (name in mended and mended[name].faults)
        ]
        if stray := ", ".join(self._without_heading(row)):
            faults.append(keyed_fault(key, "no_heading", text=stray))
        units = {level: _text_at(row, at).strip() for at, level in self._units}
        said = (self._header.template.type, *units.values(), "\x1f".join(content))
        return KeyedRow(
            key,
            self._header.template,
            values,
            texts,
            self._raw(row),
            {level: text for level, text in units.items() if text},
            tuple(steps),
            tuple(faults),
            seen.earlier(key, "\x1d".join(said)),
        )

    def _without_heading(self, row: UnpackedRow) -> Iterator[str]:
        """What stands in columns that have no heading: nobody can say what it is."""
        width, titled = len(row.stored), len(self._header.titles)
        for at in (*self._untitled, *range(titled, width)):
            if at < width and (text := _text_at(row, at)).strip():
                yield text

    def _raw(self, row: UnpackedRow) -> dict[str, str]:
        titles, texts = self._header.titles, row.texts
        if self._has_plain_titles and len(texts) <= len(titles):
            return {title: text for title, text in zip(titles, texts, strict=False) if text}
        cells: dict[str, str] = {}
        for at, text in enumerate(texts):
            if text:
                title = titles[at] if at < len(titles) else ""
                name = title if title and title not in cells else f"{title}#{at + 1}"
                cells[name] = text
        return cells

    def _mended(self, row: UnpackedRow) -> dict[str, MendedCell]:
        mended: dict[str, MendedCell] = {}
        year: int | None = None
        stored, width = row.stored, len(row.stored)
        for at, column, mend in self._menders:
            if at >= width or not (one := stored[at]):
                continue
            cell = mend(one, partial(self._years, row, column, year))
            mended[column.name] = cell
            if column.name == REGISTRATION_DATE:
                year = _year_of(cell.value)
        for name, (sex, role, birth) in self._persons.items():
            if name not in mended or has_all_digits(mended[name].value):
                continue
            of = {n: c.value for n, c in mended.items() if n in (sex, birth)}
            mend_personal_number(
                mended[name], name, role or of.get(sex, ""), parse_date(of.get(birth, ""))
            )
        return mended

    def _years(self, row: UnpackedRow, column: Column, registered: int | None) -> EventYears:
        if column.kind is FieldKind.NUMBER_YEAR:
            return EventYears(sure=registered if column.name == NUMBER else None)
        if column.kind is not FieldKind.DATE:
            return ANY_YEAR
        if column.name == REGISTRATION_DATE:
            number, book = (self._number_at(row, name) for name in (NUMBER, BOOK_NUMBER))
            return EventYears(first=book or FIRST_YEAR, sure=number)
        if registered is None:
            return ANY_YEAR
        if _NOTED_LATER in column.name:
            return EventYears(first=registered)
        return EventYears(first=registered - _OLDEST_YEARS, last=registered)

    def _number_at(self, row: UnpackedRow, name: str) -> int | None:
        at = self._places.get(name)
        number = parse_number_year(_text_at(row, at)) if at is not None else None
        return number[1] if number else None


def _year_of(value: str) -> int | None:
    return int(value[-4:]) if value else None  # `dd.mm.yyyy`


def _text_at(row: UnpackedRow, at: int) -> str:
    stored = row.stored[at] if at < len(row.stored) else ""
    return stored if isinstance(stored, str) else stored[1]


def _habits(sheet: UnpackedSheet, header: KeyedHeader) -> tuple[SheetHabits, bool]:
    """How the sheet is written, from its first rows; and whether its lines end with blank cells."""
    by_name = header.template.by_name
    dates = [
        (at, name)
        for at, name in header.columns.items()
        if name in by_name and by_name[name].kind is FieldKind.DATE
    ]
    encodings: dict[LegacyEncoding, int] = {}
    orders: dict[str, list[int]] = {name: [0, 0] for _, name in dates}
    padded = 0
    for row in islice(read_rows(sheet), _SAMPLE_ROWS):
        if row.number <= header.last or row.broken:
            continue
        padded += row.cells_of_line == len(header.titles) > len(row.stored)
        for text in row.texts:
            if not text.isascii() and (encoding := _recognised(text)):
                encodings[encoding] = encodings.get(encoding, 0) + 1
        for at, name in dates:
            order = order_of(_text_at(row, at))
            if order is not None:
                orders[name][order] += 1
    likely = max(encodings, key=lambda kind: encodings[kind]) if encodings else None
    first = {name: _month_first(*counts) for name, counts in orders.items()}
    return SheetHabits(likely, first), padded > 0


_recognised = lru_cache(maxsize=1 << 16)(recognise)


def _month_first(day_first: int, month_first: int) -> bool | None:
    if month_first <= _SLIP_SHARE * day_first:
        return False
    return True if not day_first else None
