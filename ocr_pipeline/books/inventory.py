"""Find the books under a folder of scans: from books.xlsx, books.csv, or a book.yaml per book."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ocr_pipeline.books import inventory_faults as faults
from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.books.folder_walk import files_below, listed
from ocr_pipeline.books.inventory_table import cell_text, read_table
from ocr_pipeline.books.inventory_words import (
    column_of,
    inventory_words,
    is_ticked,
    register_type_of,
)
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.books.typed_agency import (
    COLUMNS,
    TypedAgency,
    choose_units,
    readable,
    same_spelling,
    typed_agency,
)
from ocr_pipeline.data_files import load_data
from ocr_pipeline.errors import InventoryError, Text
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.text.normalise import clean
from ocr_pipeline.text.places import starts_with_type
from ocr_pipeline.written_paths import unwritten, written

INVENTORIES = ("books.xlsx", "books.csv")
BOOK_FILE = "book.yaml"
_AGENCY_COLUMNS = frozenset({"commune", "district", "province", "agency"})


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

    """

    books: list[Book] = field(default_factory=list)
    problems: list[InventoryError] = field(default_factory=list)
    notices: list[InventoryNotice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of an inventory: its values by our column names, and where it stands."""

    values: Mapping[str, str]
    where: str


def find_books(scans: Path) -> tuple[list[Book], list[InventoryError]]:
    """Books under `scans`, and what is wrong or missing with the others (see `read_inventory`)."""
    inventory = read_inventory(scans)
    return inventory.books, inventory.problems


def read_inventory(scans: Path) -> Inventory:
    """The books under `scans`.

    An inventory stands at the top (`books.xlsx` or `books.csv`, headers in Vietnamese or English);
    a `book.yaml` in a book's folder (keys as the headers) goes before it. Every fault names the
    line to add or correct; the other books are returned all the same.
    """
    found = Inventory()
    named: set[Path] = set()
    for entry in _entries(scans, found.problems):
        try:
            path = _path(scans, entry)
            if path in named:
                raise faults.fault(
                    Text("Thư mục được khai hai lần", "The folder is listed twice"), entry.where
                )
            named.add(path)
            found.books.append(_book(path, entry, found.notices))
        except InventoryError as error:
            found.problems.append(error)
    found.problems += [_unlisted(scans, path) for path in _unnamed(scans, named)]
    return found


def _entries(scans: Path, errors: list[InventoryError]) -> Iterator[_Entry]:
    own = sorted(path for path in files_below(scans) if path.name == BOOK_FILE)
    for path in own:
        try:
            yield _from_yaml(scans, path)
        except InventoryError as error:
            errors.append(error)
    folders = {path.parent for path in own}
    for name in INVENTORIES:
        if not (scans / name).is_file():
            continue
        try:
            lines = list(_lines(scans / name))
        except InventoryError as error:
            errors.append(error)
            continue
        for entry in lines:
            if scans / entry.values.get("folder", "") not in folders:
                yield entry


def _from_yaml(scans: Path, path: Path) -> _Entry:
    where = path.relative_to(scans).as_posix()
    data = load_data(path, BookFile, InventoryError, where=where)
    agency = data.pop("agency", {})
    if isinstance(agency, dict):
        data.update({"agency" if name == "name" else name: v for name, v in agency.items()})
    else:
        data["agency"] = agency
    unknown = [name for name in data if not column_of(name)]
    if unknown:
        raise faults.unknown_keys(unknown, where)
    values = _values((column_of(name), cell_text(value)) for name, value in data.items())
    return _Entry({**values, "folder": path.parent.relative_to(scans).as_posix()}, where)


def _lines(path: Path) -> Iterator[_Entry]:
    try:
        table = read_table(path)
    except Exception as error:  # openpyxl raises many kinds for a damaged file
        raise faults.fault(
            Text(f"Không đọc được danh mục sổ: {error}", f"The inventory cannot be read: {error}"),
            path.name,
        ) from error
    header: list[str] = []
    for number, row in enumerate(table, start=1):
        if not any(map(clean, row)):
            continue
        if not header:
            header = [column_of(cell) for cell in row]
            if missing := _missing_columns(header):
                raise faults.missing_columns(path.name, missing)
            continue
        yield _Entry(_values(zip(header, row, strict=False)), f"{path.name}:{number}")


def _values(cells: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Cells by column, in right letters; those of the agency as they are, for they are told."""
    return {
        name: cell.strip() if name in _AGENCY_COLUMNS else readable(cell)
        for name, cell in cells
        if name
    }


def _missing_columns(header: list[str]) -> list[str]:
    missing: list[str] = [name for name in inventory_words().required if name not in header]
    if not _AGENCY_COLUMNS.intersection(header):
        missing.append("province")
    return missing


def _path(scans: Path, entry: _Entry) -> Path:
    folder = entry.values.get("folder", "").replace("\\", "/").strip("/") or "."
    path = scans / folder
    if not os.path.lexists(path):  # a name as we have written it
        path = scans / unwritten(folder)
    try:
        there = ".." not in Path(folder).parts and bool(path.stat())
    except (FileNotFoundError, ValueError):  # ValueError: a zero byte in the name
        there = False
    except OSError as error:
        reason = os_reason(error)
        raise faults.fault(
            Text(
                f"Không mở được “{folder}”: {reason.vi}",
                f"“{folder}” cannot be opened: {reason.en}",
            ),
            entry.where,
            Text(
                "Kiểm tra quyền đọc, ổ mạng và cột “thư mục”",
                "Check the rights, the network share and the column “folder”",
            ),
        ) from error
    if not there and path.is_symlink():
        raise faults.fault(
            Text(
                f"“{folder}” là liên kết hỏng: không có đích {path.readlink()}",
                f"“{folder}” is a broken link: its target {path.readlink()} is not there",
            ),
            entry.where,
            Text(
                "Gắn ổ đĩa của thư mục đích rồi chạy lại",
                "Mount the disk of the target, and run again",
            ),
        )
    if not there:
        raise faults.fault(
            Text(f"Không có thư mục hoặc tệp “{folder}”", f"There is no folder or file “{folder}”"),
            entry.where,
            Text("Sửa cột “thư mục”", "Correct the column “folder”"),
        )
    return path


def _book(path: Path, entry: _Entry, notices: list[InventoryNotice]) -> Book:
    values = dict(entry.values)
    _split_volume(values)
    typed = _typed(values)
    missing: list[str] = [name for name in inventory_words().required if not values.get(name)]
    if not typed.cells["province"]:
        missing.append("province")
    if missing:
        raise faults.missing_values(values, missing, entry.where)
    kind = register_type_of(values["type"])
    wrong = [name for name in ("year_opened", "number") if not values[name].isdecimal()]
    if kind is None or wrong or not 1850 <= int(values["year_opened"]) <= 2100:
        names = [*wrong] or ["type" if kind is None else "year_opened"]
        raise faults.wrong_values(values, names, entry.where)
    year, number = int(values["year_opened"]), int(values["number"])
    agency, told = _agency(values, typed, year, entry.where)
    if told:
        notices.append(InventoryNotice(entry.where, told, path))
    layout, condition = values.get("layout", ""), values.get("condition", "")
    book = Book("", path, kind, agency, year, number, layout, condition)
    return replace(book, id=NamingRule().stem(book))


def _split_volume(values: dict[str, str]) -> None:
    """`02/2018` in the column of the number gives number and year."""
    number, stroke, year = values.get("number", "").partition("/")
    if stroke:
        values["number"] = number.strip()
        values["year_opened"] = values.get("year_opened") or year.strip()


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
    if written == ", ".join(agency.units):
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


# --- Scans that no line names


def _unnamed(scans: Path, named: set[Path]) -> Iterator[Path]:
    """Folders and files with scans that no inventory names and that lie in no book."""
    known = {path for book in named for path in (book, *book.parents)}
    suffixes = inventory_words().scans

    def books_in(folder: Path) -> Iterator[Path]:
        folders, files = listed(folder)
        books = {path for path in files if path.suffix.lower() in suffixes.single}
        for path in sorted(books.union(folders) - named):
            if path.name.startswith("."):
                continue
            if path in known:
                yield from books_in(path)
            elif path in books or _holds_pages(path):
                yield path

    if scans not in named:
        yield from books_in(scans)


def _holds_pages(folder: Path) -> bool:
    return any(map(has_page_suffix, files_below(folder)))


def has_page_suffix(path: Path) -> bool:
    """Whether the name ends like that of a page: a folder with such a file is taken for a book."""
    return path.suffix.lower() in inventory_words().scans.pages


def _unlisted(scans: Path, path: Path) -> InventoryError:
    return faults.unlisted(written(path.relative_to(scans)), "books.csv")
