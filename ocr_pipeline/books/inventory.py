"""Find the books under a folder of scans: from books.xlsx, books.csv, or a book.yaml per book."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import openpyxl

from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.books.folder_walk import files_below, listed
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.errors import InventoryError, Text
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.text.normalise import clean, key
from ocr_pipeline.written_paths import unwritten, written

INVENTORIES = ("books.xlsx", "books.csv")
BOOK_FILE = "book.yaml"


BookFile = dict[str, object]
"""A `book.yaml`: values by header; `agency` may hold headers of its own."""

ColumnName = Literal[
    "folder", "type", "commune", "district", "province", "year_opened", "number", "layout",
    "condition", "agency",
]  # fmt: skip


class ScanSuffixes(Strict):
    """Files that make a folder a book, or are a book by themselves (`single`)."""

    pages: tuple[str, ...]
    single: tuple[str, ...]


class InventoryWords(Strict):
    """`inventory.yaml`: how inventories name their columns and register types.

    Attributes:
        columns: spellings of each, the English and the Vietnamese one of our messages first.
        required: columns that no book can do without.
        types: names of each register type beside its code.
        scans: suffixes of files.

    """

    columns: dict[ColumnName, tuple[str, ...]]
    required: tuple[ColumnName, ...]
    types: dict[RegisterType, tuple[str, ...]]
    scans: ScanSuffixes


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of an inventory: its values by our column names, and where it stands."""

    values: Mapping[str, str]
    where: str


def find_books(scans: Path) -> tuple[list[Book], list[InventoryError]]:
    """Books under `scans`, and what is wrong or missing with the others.

    An inventory stands at the top (`books.xlsx` or `books.csv`, headers in Vietnamese or English);
    a `book.yaml` in a book's folder (keys as the headers) goes before it. Every fault names the
    line to add or correct; the other books are returned all the same.
    """
    books: list[Book] = []
    errors: list[InventoryError] = []
    named: set[Path] = set()
    for entry in _entries(scans, errors):
        try:
            path = _path(scans, entry)
            if path in named:
                raise _error(
                    Text("Thư mục được khai hai lần", "The folder is listed twice"), entry.where
                )
            named.add(path)
            books.append(_book(path, entry))
        except InventoryError as error:
            errors.append(error)
    errors += [_unlisted(scans, path) for path in _unnamed(scans, named)]
    return books, errors


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
    unknown = [name for name in data if not _column(name)]
    if unknown:
        raise _unknown_keys(unknown, where)
    values = {_column(name): _cell(value) for name, value in data.items()}
    return _Entry({**values, "folder": path.parent.relative_to(scans).as_posix()}, where)


def _lines(path: Path) -> Iterator[_Entry]:
    try:
        table = _read_xlsx(path) if path.suffix == ".xlsx" else _read_csv(path)
    except Exception as error:  # openpyxl raises many kinds for a damaged file
        raise _error(
            Text(f"Không đọc được danh mục sổ: {error}", f"The inventory cannot be read: {error}"),
            path.name,
        ) from error
    header: list[str] = []
    for number, row in enumerate(table, start=1):
        if not any(row):
            continue
        if not header:
            header = [_column(cell) for cell in row]
            missing: list[str] = [name for name in _data().required if name not in header]
            if missing:
                raise _missing_columns(path.name, missing)
            continue
        values = {name: cell for name, cell in zip(header, row, strict=False) if name}
        yield _Entry(values, f"{path.name}:{number}")


def _read_xlsx(path: Path) -> list[list[str]]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        return [[_cell(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    finally:
        book.close()


def _read_csv(path: Path) -> list[list[str]]:
    text = path.read_bytes().decode("utf-8-sig")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    return [[_cell(c) for c in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else clean(str(value))


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
        raise _error(
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
        raise _error(
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
        raise _error(
            Text(f"Không có thư mục hoặc tệp “{folder}”", f"There is no folder or file “{folder}”"),
            entry.where,
            Text("Sửa cột “thư mục”", "Correct the column “folder”"),
        )
    return path


def _book(path: Path, entry: _Entry) -> Book:
    values = dict(entry.values)
    _split_volume(values)
    missing: list[str] = [name for name in _data().required if not values.get(name)]
    if missing:
        raise _missing_values(values, missing, entry.where)
    kind = _types().get(key(values["type"], accents=False))
    wrong = [name for name in ("year_opened", "number") if not values[name].isdecimal()]
    if kind is None or wrong or not 1850 <= int(values["year_opened"]) <= 2100:
        names = [*wrong] or ["type" if kind is None else "year_opened"]
        raise _wrong_values(values, names, entry.where)
    agency = Agency(
        values.get("commune", ""), values.get("district", ""), values["province"],
        values.get("agency", ""),
    )  # fmt: skip
    book = Book(
        "", path, kind, agency, int(values["year_opened"]), int(values["number"]),
        values.get("layout", ""), values.get("condition", ""),
    )  # fmt: skip
    return Book(
        NamingRule().stem(book), path, kind, agency, book.year_opened, book.number, book.layout,
        book.condition,
    )  # fmt: skip


def _split_volume(values: dict[str, str]) -> None:
    """`02/2018` in the column of the number gives number and year."""
    number, stroke, year = values.get("number", "").partition("/")
    if stroke:
        values["number"] = number.strip()
        values["year_opened"] = values.get("year_opened") or year.strip()


def _unnamed(scans: Path, named: set[Path]) -> Iterator[Path]:
    """Folders and files with scans that no inventory names and that lie in no book."""
    known = {path for book in named for path in (book, *book.parents)}
    suffixes = _data().scans

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
    return path.suffix.lower() in _data().scans.pages


def _unlisted(scans: Path, path: Path) -> InventoryError:
    place = written(path.relative_to(scans))
    return _error(
        Text("Sổ chưa có trong danh mục sổ", "The book is not in the inventory"),
        place,
        _line_to_add({"folder": place}, "books.csv"),
    )


def _unknown_keys(names: list[str], where: str) -> InventoryError:
    known, keys = _columns().values(), ", ".join(f"“{name}”" for name in names)
    return _error(
        Text(f"Không có khóa nào tên {keys}", f"There is no key {keys}"),
        where,
        Text(
            f"Dùng một trong: {', '.join(spellings[1] for spellings in known)}",
            f"Use one of: {', '.join(spellings[0] for spellings in known)}",
        ),
    )


def _missing_columns(where: str, missing: list[str]) -> InventoryError:
    vi, en = _titles(missing)
    return _error(
        Text(f"Danh mục sổ thiếu cột: {vi}", f"The inventory lacks the columns: {en}"),
        where,
        Text(f"Thêm các cột: {vi}", f"Add the columns: {en}"),
    )


def _missing_values(values: Mapping[str, str], names: list[str], where: str) -> InventoryError:
    vi, en = _titles(names)
    return _error(Text(f"Thiếu: {vi}", f"Missing: {en}"), where, _line_to_add(values, where))


def _wrong_values(values: Mapping[str, str], names: list[str], where: str) -> InventoryError:
    vi, en = _titles(names)
    found = ", ".join(f"“{values[name]}”" for name in names)
    return _error(
        Text(f"Giá trị sai ở {vi}: {found}", f"Wrong value in {en}: {found}"),
        where,
        _line_to_add({**values, **dict.fromkeys(names, "")}, where),
    )


def _line_to_add(values: Mapping[str, str], where: str) -> Text:
    """The line as it ought to stand in the inventory, with `?` for what a person must fill in."""
    names = ["folder", "type", "commune", "district", "province", "year_opened", "number"]
    optional = ("commune", "district")
    cells = [
        values.get(name) or ("" if "type" in values and name in optional else "?") for name in names
    ]
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(cells)
    line, header = stream.getvalue(), ",".join(_columns()[name][0] for name in names)
    file = where.partition(":")[0]
    return Text(
        f"Ghi vào {file} (cột {header}): {line}", f"Write into {file} (columns {header}): {line}"
    )


def _error(cause: Text, where: str, remedy: Text | None = None) -> InventoryError:
    return InventoryError(cause, where=where, remedy=remedy)


def _titles(names: list[str]) -> tuple[str, str]:
    columns = _columns()
    return ", ".join(columns[n][1] for n in names), ", ".join(columns[n][0] for n in names)


def _column(header: str) -> str:
    """Our name for a header cell; "" for columns we do not know."""
    return _headers().get(key(header.replace("_", " "), accents=False), "")


@cache
def _columns() -> Mapping[str, tuple[str, ...]]:
    return {str(name): spellings for name, spellings in _data().columns.items()}


@cache
def _headers() -> Mapping[str, str]:
    spellings = _columns().items()
    return {key(s.replace("_", " "), accents=False): name for name, all_ in spellings for s in all_}


@cache
def _types() -> Mapping[str, RegisterType]:
    found = {code.lower(): RegisterType(code) for code in RegisterType}
    for code, words in _data().types.items():
        found.update({key(word, accents=False): RegisterType(code) for word in words})
    return found


@cache
def _data() -> InventoryWords:
    return load_data(Path(__file__).parent / "data" / "inventory.yaml", InventoryWords)
