"""Which file at the top of a folder of scans is its inventory, and what is said of the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ocr_pipeline.books.folder_walk import listed
from ocr_pipeline.books.inventory_faults import (
    beyond_limits,
    broken_line,
    damaged,
    fault,
    missing_columns,
)
from ocr_pipeline.books.inventory_header import ROWS_LOOKED_AT, InventoryHeader, find_header
from ocr_pipeline.books.inventory_table import InventoryTable, read_tables
from ocr_pipeline.books.inventory_words import inventory_words
from ocr_pipeline.errors import InventoryError, Text
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.processes.limited_calls import foreign_calls
from ocr_pipeline.text.normalise import key

_LOST_LETTER = re.compile(r"[^\W\d_]\?|\?[^\W\d_]")
INVENTORIES = ("books.xlsx", "books.csv")


@dataclass(slots=True)
class InventoryFile:
    """An inventory that is used.

    Attributes:
        path: the file.
        table: its sheet with the books.
        header: the columns of that sheet.
        notices: what people should know of the choice, each with the file it is about.

    """

    path: Path
    table: InventoryTable
    header: InventoryHeader
    notices: list[tuple[str, Text]] = field(default_factory=list)


def find_inventory(scans: Path, problems: list[InventoryError]) -> InventoryFile | None:
    """The inventory of a folder of scans: books.xlsx, books.csv, or one of another usual name.

    Args:
        scans: any folder.
        problems: gets what is wrong with files that ought to be inventories.

    """
    named, others = inventories_in(scans)
    used: InventoryFile | None = None
    for path in (*named, *others):
        official = path in named
        if used is not None:
            _tell_unused(used, path, official, problems)
            continue
        try:
            used = open_inventory(path)
        except InventoryError as error:
            problems.append(error)
            continue
        if not official:
            used.notices.append((path.name, _used_under_its_name(path.name)))
    return used


def inventories_in(scans: Path) -> tuple[list[Path], list[Path]]:
    """Files with the names of an inventory, in the order in which they count; and lookalikes."""
    words = inventory_words().files
    names = {key(name, accents=False).replace(" ", "") for name in words.names}
    files = [path for path in listed(scans)[1] if not path.name.startswith((".", "~"))]
    named = [p for name in INVENTORIES for p in files if p.name.casefold() == name]
    others = [
        path
        for path in files
        if path not in named
        and path.name.casefold().endswith(words.suffixes)
        and key(path.name.partition(".")[0], accents=False).replace(" ", "") in names
    ]
    return named, others


def open_inventory(path: Path) -> InventoryFile:
    """The sheet of the file that lists books; opened within limits.

    Raises:
        InventoryError: there is none, or the file cannot be read.

    """
    return foreign_calls().do(read_inventory_file, path, partial(beyond_limits, path.name))


def read_inventory_file(path: Path) -> InventoryFile:
    """The sheet of the file that lists books.

    Raises:
        InventoryError: there is none, or the file cannot be read.

    """
    with foreign_file(lambda: damaged(path.name)):
        return _read(path)


def _read(path: Path) -> InventoryFile:
    tables = read_tables(path)
    headers = [find_header(table.rows) for table in tables]
    whole = [at for at, header in enumerate(headers) if not header.missing]
    if not whole:
        broken = [(line, reason) for table in tables for line, reason in table.broken.items()]
        if broken and broken[0][0] <= ROWS_LOOKED_AT:  # it may be the header itself
            raise broken_line(broken[0][1], f"{path.name}:{broken[0][0]}")
        raise _no_header(path.name, tables, headers)
    table = tables[whole[0]]
    used = InventoryFile(path, table, headers[whole[0]])
    used.notices += [(path.name, text) for text in table.notices]
    unused = [other.sheet for other in tables if other is not table]
    if not table.broken and not any(map(any, table.rows[used.header.first :])):
        raise _no_lines(path.name, table.sheet, unused)
    if unused:
        names = ", ".join(f"“{name}”" for name in unused)
        used.notices.append(
            (
                path.name,
                Text(
                    f"Chỉ dùng trang tính “{table.sheet}”; không dùng {names}",
                    f"Only the sheet “{table.sheet}” is used; {names} is not",
                ),
            )
        )
    return used


def _no_header(
    where: str, tables: Sequence[InventoryTable], headers: Sequence[InventoryHeader]
) -> InventoryError:
    cells = [cell for table in tables for row in table.rows[:5] for cell in row]
    if sum(map(bool, map(_LOST_LETTER.search, cells))) > 1:
        return fault(
            Text(
                "Chữ trong tệp đã mất khi lưu: có dấu ? thay cho chữ có dấu",
                "Letters were lost when the file was saved: there are ? in their places",
            ),
            where,
            Text(
                "Mở tệp gốc bằng Excel và lưu lại dạng “CSV UTF-8” hoặc “books.xlsx”",
                "Open the original file in Excel and save it as “CSV UTF-8” or “books.xlsx”",
            ),
        )
    best = max(headers, key=lambda header: len(set(header.columns)))
    return missing_columns(where, best.missing)


def _no_lines(where: str, sheet: str, others: Sequence[str]) -> InventoryError:
    names = ", ".join(f"“{name}”" for name in others)
    return fault(
        Text(
            f"Dưới dòng tiêu đề không có sổ nào (trang tính “{sheet}”)",
            f"There is no book below the header (sheet “{sheet}”)",
        )
        if sheet
        else Text("Dưới dòng tiêu đề không có sổ nào", "There is no book below the header"),
        where,
        Text(
            "Ghi mỗi sổ một dòng" + (f"; chuyển các dòng ở {names} sang đây" if names else ""),
            "Write one line for each book" + (f"; move the lines of {names} here" if names else ""),
        ),
    )


def _used_under_its_name(name: str) -> Text:
    return Text(
        f"Dùng “{name}” làm danh mục sổ, vì không có books.xlsx hoặc books.csv",
        f"“{name}” is used as the inventory, because there is no books.xlsx or books.csv",
    )


def _tell_unused(
    used: InventoryFile, path: Path, official: bool, problems: list[InventoryError]
) -> None:
    """A second inventory is passed over; it is a fault when it says something else."""
    cause = Text(
        f"Không dùng tệp này, vì đã dùng “{used.path.name}” làm danh mục sổ",
        f"This file is not used, because “{used.path.name}” is the inventory",
    )
    try:
        other = open_inventory(path)
    except InventoryError as error:
        if official:
            problems.append(error)
        else:
            used.notices.append((path.name, cause))
        return
    if _lines(other) == _lines(used):
        used.notices.append((path.name, cause))
        return
    problems.append(
        fault(
            Text(f"{cause.vi}; nội dung khác nhau", f"{cause.en}; the two differ"),
            path.name,
            Text(
                "Gộp hai danh mục sổ làm một, rồi xóa hoặc đổi tên tệp này",
                "Make one inventory of the two, then delete or rename this file",
            ),
        )
    )


def _lines(used: InventoryFile) -> list[Sequence[tuple[str, str]]]:
    """What the lines say, whatever the order of the columns."""
    rows = used.table.rows[used.header.first :]
    return [
        sorted((n, c) for n, c in zip(used.header.columns, row, strict=False) if n and c)
        for row in rows
        if any(row)
    ]
