"""Find the books under a folder of scans: from books.xlsx, books.csv, or a book.yaml per book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from ocr_pipeline.books import inventory_faults as faults
from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.books.book_folders import BookFolders, FolderMissingError, unnamed_books
from ocr_pipeline.books.folder_walk import files_below
from ocr_pipeline.books.inventory_files import InventoryFile, find_inventory, open_inventory
from ocr_pipeline.books.inventory_table import cell_text
from ocr_pipeline.books.inventory_words import column_of, is_ticked, register_type_of
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.books.typed_agency import (
    COLUMNS,
    TypedAgency,
    choose_units,
    readable,
    same_spelling,
    typed_agency,
)
from ocr_pipeline.books.volume_cells import VolumeCells, read_volume
from ocr_pipeline.data_files import load_data
from ocr_pipeline.errors import InventoryError, Text
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.text.normalise import clean
from ocr_pipeline.text.places import starts_with_type

BOOK_FILE = "book.yaml"
_AS_WRITTEN = frozenset({"folder", "commune", "district", "province", "agency"})
_LOST_APART = 20
_PROBLEMS_OF_A_FILE = 500  # a province has as many registers of a kind in a decade
_LOST_SHOWN = 5
_LONGEST_SHOWN = 60


BookFile = dict[str, object]
"""A `book.yaml`: values by header; `agency` may hold headers of its own."""


@dataclass(frozen=True, slots=True)
class InventoryNotice:
    """What was understood otherwise than it is written: nothing is wrong, people should know.

    Attributes:
        where: file and line, e.g. `books.csv:3`.
        text: what is written there, and how it is understood.
        path: scans of the book concerned; None for the whole file.

    """

    where: str
    text: Text
    path: Path | None = None


@dataclass(slots=True)
class Inventory:
    """The books under a folder of scans.

    Attributes:
        books: those that can be read.
        problems: what is wrong or missing with the others, each naming the line to correct.
        notices: what was understood otherwise than it is written.
        lines: where each book is listed, as `books.csv:3`, by its scans.

    """

    books: list[Book] = field(default_factory=list)
    problems: list[InventoryError] = field(default_factory=list)
    notices: list[InventoryNotice] = field(default_factory=list)
    lines: dict[Path, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of an inventory: its values by our column names, and where it stands."""

    values: Mapping[str, str]
    where: str


def find_books(scans: Path) -> tuple[list[Book], list[InventoryError]]:
    """Books under `scans`, and what is wrong or missing with the others (see `read_inventory`)."""
    inventory = read_inventory(scans)
    return inventory.books, inventory.problems


def read_inventory(
    scans: Path, table: Path | None = None, passed_over: Collection[Path] = ()
) -> Inventory:
    """The books under `scans`.

    An inventory stands at the top (`books.xlsx` or `books.csv`, headers in Vietnamese or English);
    a `book.yaml` in a book's folder (keys as the headers) goes before it. Every fault names the
    line to add or correct; the other books are returned all the same.

    Args:
        scans: the folder of scans.
        table: a file to take for the inventory at the top; the one that lies there when None.
        passed_over: `book.yaml` files that do not count.

    """
    found = Inventory()
    folders = BookFolders(scans)
    named: set[Path] = set()
    lost: list[FolderMissingError] = []
    entries = _Entries(scans, found, table, passed_over)
    for entry in entries:
        try:
            with foreign_file(partial(faults.damaged, entry.where)):
                _take_entry(entry, entries, folders, named, found)
        except FolderMissingError as error:
            if len(entry.values) == 1:  # a remark below the table
                found.notices.append(_remark(entry))
            else:
                lost.append(error)
        except InventoryError as error:
            found.problems.append(error)
    found.problems = _bounded(found.problems) + _together(lost)
    found.problems += unnamed_books(scans, named, entries.table_name)
    return found


def _take_entry(
    entry: _Entry, entries: _Entries, folders: BookFolders, named: set[Path], found: Inventory
) -> None:
    path = _path(folders, entry)
    if path in entries.own and not entry.where.endswith(BOOK_FILE):
        return  # a book.yaml goes before the line of the table
    if path in named:
        raise faults.fault(
            Text("Thư mục được khai hai lần", "The folder is listed twice"),
            entry.where,
            Text("Xóa một trong hai dòng", "Delete one of the two lines"),
        )
    named.add(path)
    found.books.append(_book(path, entry, found.notices))
    found.lines[path] = entry.where


class _Entries:
    """The lines of all inventories of a folder of scans; a book.yaml comes before the table."""

    def __init__(
        self, scans: Path, found: Inventory, table: Path | None, passed_over: Collection[Path]
    ) -> None:
        self._scans, self._found, self._table = scans, found, table
        self._passed_over = passed_over
        self.own: set[Path] = set()
        self.table_name = "books.csv"

    def __iter__(self) -> Iterator[_Entry]:
        own = {p for p in files_below(self._scans) if p.name == BOOK_FILE}
        for path in sorted(own.difference(self._passed_over)):
            self.own.add(path.parent)
            where = path.relative_to(self._scans).as_posix()
            try:
                with foreign_file(partial(faults.damaged, where)):
                    entry = _from_yaml(self._scans, path)
                yield entry
            except InventoryError as error:
                self._found.problems.append(error)
        used = self._used()
        if used is None:
            return
        self.table_name = used.path.name
        self._found.notices += [InventoryNotice(where, text) for where, text in used.notices]
        yield from self._lines(used)

    def _used(self) -> InventoryFile | None:
        if self._table is None:
            return find_inventory(self._scans, self._found.problems)
        try:
            return open_inventory(self._table)
        except InventoryError as error:
            self._found.problems.append(error)
            return None

    def _lines(self, used: InventoryFile) -> Iterator[_Entry]:
        name, rows = used.path.name, used.table.rows
        for at in range(used.header.first, len(rows)):
            where = f"{name}:{at + 1}"
            if reason := used.table.broken.get(at + 1):
                self._found.problems.append(faults.broken_line(reason, where))
            elif values := _values(zip(used.header.columns, rows[at], strict=False)):
                entry = _Entry(values, where)
                if len(values) == 1 and "folder" not in values:
                    self._found.notices.append(_remark(entry))
                else:
                    yield entry


def described_book(
    path: Path, values: Mapping[str, str], where: str
) -> tuple[Book, list[InventoryNotice]]:
    """The book that one line of an inventory describes, and what was understood otherwise.

    Args:
        path: the book's scans.
        values: cells by our column names (`data/inventory.yaml`); empty ones may be there.
        where: the line, for messages.

    Raises:
        InventoryError: something is missing or contradicts itself.

    """
    notices: list[InventoryNotice] = []
    with foreign_file(partial(faults.damaged, where)):
        return _book(path, _Entry(_values(values.items()), where), notices), notices


def _from_yaml(scans: Path, path: Path) -> _Entry:
    where = path.relative_to(scans).as_posix()
    data = load_data(path, BookFile, InventoryError, where=where)
    agency = data.pop("agency", {})
    if isinstance(agency, dict):
        data.update({"agency" if name == "name" else str(name): v for name, v in agency.items()})
    else:
        data["agency"] = agency
    unknown = [name for name in data if not column_of(name)]
    if unknown:
        raise faults.unknown_keys(unknown, where)
    several = [name for name, value in data.items() if isinstance(value, dict | list)]
    if several:
        raise faults.no_single_value(several[0], where)
    values = _values((column_of(name), cell_text(value)) for name, value in data.items())
    return _Entry({**values, "folder": path.parent.relative_to(scans).as_posix()}, where)


def _values(cells: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Cells by column, in right letters; folders and agencies as they are, for they are told."""
    found = {}
    for name, cell in cells:
        text = cell.strip("\r\n\t") if name in _AS_WRITTEN else readable(cell)
        if name and text.strip():
            found[name] = text
    return found


def _path(folders: BookFolders, entry: _Entry) -> Path:
    if formula := next((c for c in entry.values.values() if c.startswith("=")), ""):
        raise faults.no_result(formula, entry.where)
    if not entry.values.get("folder"):
        raise faults.missing_values(entry.values, ["folder"], entry.where)
    return folders.find(entry.values["folder"], entry.where)


def _remark(entry: _Entry) -> InventoryNotice:
    text = clean(next(iter(entry.values.values())))[:_LONGEST_SHOWN]
    return InventoryNotice(
        entry.where,
        Text(
            f"Dòng “{text}” không khai sổ nào; bỏ qua",
            f"The line “{text}” names no book; it is passed over",
        ),
    )


def _bounded(problems: list[InventoryError]) -> list[InventoryError]:
    """The problems, and one for those of a file that are too many for anybody to read."""
    kept: list[InventoryError] = []
    further: dict[str, list[InventoryError]] = {}
    counts: Counter[str] = Counter()
    for one in problems:
        name, _, line = one.where.partition(":")
        counts[name] += bool(line)
        if line and counts[name] > _PROBLEMS_OF_A_FILE:
            further.setdefault(name, []).append(one)
        else:
            kept.append(one)
    return kept + [faults.more_like_it(some, name) for name, some in further.items()]


def _together(lost: list[FolderMissingError]) -> list[InventoryError]:
    """Faults of lines without a folder; a wrong folder of scans makes one of very many."""
    if len(lost) <= _LOST_APART:
        return list(lost)
    first = ", ".join(one.where.partition(":")[2] for one in lost[:_LOST_SHOWN])
    return [
        faults.fault(
            Text(
                f"{len(lost)} dòng ghi thư mục hoặc tệp không có (dòng {first}, …)",
                f"{len(lost)} lines name folders or files that are not there (lines {first}, …)",
            ),
            lost[0].where.partition(":")[0],
            Text(
                "Kiểm tra danh mục sổ này có đúng của thư mục ảnh quét này không",
                "Check whether this inventory belongs to this folder of scans",
            ),
        )
    ]


def _book(path: Path, entry: _Entry, notices: list[InventoryNotice]) -> Book:
    values, where = dict(entry.values), entry.where
    typed = _typed(values)
    volume = read_volume(values.get("year_opened", ""), values.get("number", ""))
    missing = [name for name in ("type",) if not values.get(name)]
    if not typed.cells["province"]:
        missing.append("province")
    if not values.get("year_opened") and volume.year is None:
        missing.append("year_opened")
    if not values.get("number") and volume.number is None:
        missing.append("number")
    if missing:
        raise faults.missing_values(values, missing, where)
    kind = register_type_of(values["type"])
    found = {"type": kind, "year_opened": volume.year, "number": volume.number}
    wrong = [name for name, value in found.items() if value is None and values.get(name)]
    if kind is None or volume.year is None or volume.number is None:
        raise faults.wrong_values(values, wrong, where)
    agency, told = _agency(values, typed, volume.year, where)
    if told:
        notices.append(InventoryNotice(where, told, path))
    if volume.told:
        notices.append(InventoryNotice(where, _volume_told(values, volume), path))
    layout, condition = values.get("layout", ""), values.get("condition", "")
    book = Book("", path, kind, agency, volume.year, volume.number, layout, condition)
    return replace(book, id=NamingRule().stem(book))


def _volume_told(values: Mapping[str, str], volume: VolumeCells) -> Text:
    cells = ", ".join(f"“{values[n]}”" for n in ("year_opened", "number") if values.get(n))
    return Text(
        f"Năm và số quyển {cells} được hiểu là quyển {volume.number} năm {volume.year}",
        f"Year and number {cells} are taken as book {volume.number} of {volume.year}",
    )


# --- The agency


def _typed(values: dict[str, str]) -> TypedAgency:
    """The units of a line; where no column names them, those in the name of the agency."""
    units = [values.get(column, "") for column in COLUMNS]
    if not any(units):
        units[0] = values.pop("agency", "")
    return typed_agency(*units)


def _agency(
    values: Mapping[str, str], typed: TypedAgency, year: int, where: str
) -> tuple[Agency, Text | None]:
    """The agency in its official spelling, and what of it was not typed so."""
    name_text = readable(values.get("agency", ""))
    if is_ticked(values.get("as_typed", "")):
        return _as_typed(typed, name_text, year, where)
    choice = choose_units(typed, year)
    if len(choice.agencies) != 1:
        raise faults.unknown_agency(typed, choice, year, where)
    [found] = choice.agencies
    official = zip(COLUMNS, (found.commune, found.district, found.province), strict=True)
    commune, district, province = (
        typed.cells[column] if same_spelling(typed.cells[column], unit) else unit
        for column, unit in official
    )
    agency = Agency(commune, district, province, name_text)
    written = ", ".join(clean(cell) for column in COLUMNS if (cell := values.get(column, "")))
    if len(agency.units) == 1 and not name_text:
        return agency, _province_alone(agency)
    if ", ".join(agency.units) in (written, typed.text if not written else ""):
        return agency, None
    return agency, _taken_as(written or values.get("agency", "") or typed.text, agency, typed)


def _taken_as(written: str, agency: Agency, typed: TypedAgency) -> Text:
    units = ", ".join(agency.units)
    vi = "".join(f" ({kind.named.vi})" for kind in typed.encodings)
    en = "".join(f" ({kind.named.en})" for kind in typed.encodings)
    return Text(
        f"Đơn vị “{written}”{vi} được hiểu là “{units}”",
        f"The unit “{written}”{en} is taken as “{units}”",
    )


def _province_alone(agency: Agency) -> Text:
    return Text(
        f"Dòng này không ghi xã, huyện: cơ quan đăng ký là {agency.full_name}",
        f"This line names no commune and no district: the agency is “{agency.full_name}”",
    )


def _as_typed(typed: TypedAgency, name: str, year: int, where: str) -> tuple[Agency, Text | None]:
    """The units as somebody insists that they are; told when no list has them."""
    cells = typed.cells
    agency = Agency(cells["commune"], cells["district"], cells["province"], name)
    if not all(map(starts_with_type, agency.units)):
        raise faults.no_type_words(typed, where)
    if agency.units in [one.units for one in choose_units(typed, year).agencies]:
        return agency, None
    return agency, Text(
        f"Danh sách đơn vị hành chính không có “{typed.text}”; dùng đúng như đã ghi",
        f"The list of administrative units has no “{typed.text}”; it is used as typed",
    )
