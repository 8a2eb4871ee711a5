"""Keyed files opened: sheets with their headers, and all rows one after the other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from ocr_pipeline.errors import BadInputError, SohoaError, Text
from ocr_pipeline.exchange.keyed_files.findings import KeyedFault, RowKey, keyed_fault
from ocr_pipeline.exchange.keyed_files.keyed_header import (
    ROWS_LOOKED_AT,
    KeyedHeader,
    find_keyed_header,
)
from ocr_pipeline.exchange.keyed_files.keyed_rows import AsideRow, KeyedRow, SeenRows, keyed_rows
from ocr_pipeline.exchange.keyed_files.known_headers import ColumnNames, known_columns
from ocr_pipeline.exchange.keyed_files.passing_folder import passing_folder
from ocr_pipeline.exchange.keyed_files.unpacked import (
    UnpackedFile,
    UnpackedSheet,
    read_rows,
    unpack,
    unreadable,
)
from ocr_pipeline.os_errors import is_full, os_reason
from ocr_pipeline.plain_files import open_plain
from ocr_pipeline.processes.limited_calls import foreign_calls, seconds_for

#: Bytes of a file that are unpacked in a second: 80,000 of an `.xlsx` on a busy machine.
_BYTES_A_SECOND = 2e4
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class KeyedSheet:
    """A sheet whose rows are read.

    Attributes:
        unpacked: its rows.
        header: which column is which.

    """

    unpacked: UnpackedSheet
    header: KeyedHeader


@dataclass(frozen=True, slots=True)
class KeyedFile:
    """One keyed file that could be opened.

    Attributes:
        path: as it was given.
        digest: SHA-256 of its bytes.
        sheets: those whose rows are read.
        faults: of the file and its sheets: what is not read, columns that are missing or unknown.
        notices: what people should know of how it is read.
        rows_left: rows of sheets that are not read; each such sheet is among the faults.

    """

    path: Path
    digest: str
    sheets: tuple[KeyedSheet, ...]
    faults: tuple[KeyedFault, ...]
    notices: tuple[Text, ...]
    rows_left: int

    @property
    def count(self) -> int:
        """Rows that `KeyedFiles.rows` gives: all of the read sheets but those of their headers."""
        return sum(s.unpacked.count - len(s.header.rows) for s in self.sheets)


@dataclass(slots=True)
class KeyedFiles:
    """All keyed files of a job.

    Attributes:
        files: those that could be opened.
        refused: what is wrong with the others.

    """

    files: list[KeyedFile] = field(default_factory=list)
    refused: list[SohoaError] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Rows that `rows` gives."""
        return sum(file.count for file in self.files)

    def rows(self) -> Iterator[KeyedRow | AsideRow]:
        """Every row of every file but headers, each once; can be gone through again."""
        seen = SeenRows()
        for file in self.files:
            for sheet in file.sheets:
                yield from keyed_rows(str(file.path), sheet.unpacked, sheet.header, seen)


@contextmanager
def open_keyed(
    paths: Sequence[Path], mapped: ColumnNames | None = None, folder: Path | None = None
) -> Iterator[KeyedFiles]:
    """Open keyed files; one that cannot be opened does not hold up the others.

    Args:
        paths: `.xls`, `.xlsx` or text tables, whatever their names end in.
        mapped: headings of a mapping file; None for those known to us.
        folder: where the rows are unpacked while the block lasts; None for the system's place.

    Raises:
        DiskFullError: no room for the unpacked rows.
        MachineError: the limited processes cannot be started.

    """
    with passing_folder(folder) as name:
        keyed = KeyedFiles()
        for number, path in enumerate(paths):
            own = name / f"{number:04d}"
            own.mkdir(mode=0o700)
            try:
                keyed.files.append(_open(path, own, mapped))
            except BadInputError as error:
                keyed.refused.append(error)
            except OSError as error:
                if is_full(error):
                    raise
                keyed.refused.append(unreadable(path, os_reason(error)))
        yield keyed


@contextmanager
def open_keyed_sides(
    sides: Sequence[tuple[Sequence[Path], ColumnNames | None]],
) -> Iterator[list[KeyedFiles]]:
    """Open the keyed files of several sides at once.

    Args:
        sides: paths of each side, and the headings of its mapping file.

    Raises:
        DiskFullError: no room for the unpacked rows.
        MachineError: the limited processes cannot be started.

    """
    with ExitStack() as stack:
        with ThreadPoolExecutor(max(len(sides), 1)) as threads:
            opened = [
                threads.submit(stack.enter_context, open_keyed(paths, mapped))
                for paths, mapped in sides
            ]
        yield [one.result() for one in opened]


def _open(path: Path, folder: Path, mapped: ColumnNames | None) -> KeyedFile:
    digest = _digest(path)
    told = partial(unreadable, path)
    seconds = seconds_for(path, _BYTES_A_SECOND)
    unpacked = foreign_calls().do(unpack, UnpackedFile(path, folder), told, seconds)
    known = [mapped] if mapped else known_columns()
    sheets, faults, notices, left = [], list[KeyedFault](), list[Text](), 0
    for sheet in filter(lambda one: one.count, unpacked):
        key = RowKey(str(path), sheet.name, 0)
        if sheet.hidden:
            faults.append(keyed_fault(key, "hidden_sheet", rows=sheet.count))
            left += sheet.count
            continue
        header = find_keyed_header(list(islice(read_rows(sheet), ROWS_LOOKED_AT)), known)
        if header is None:
            faults.append(keyed_fault(key, "no_header", rows=sheet.count))
            left += sheet.count
            continue
        sheets.append(KeyedSheet(sheet, header))
        faults += [keyed_fault(key, "missing_column", column=name) for name in header.missing]
        faults += [keyed_fault(key, "unknown_column", title=title) for title in header.unknown]
        notices += _notices(key, sheet, header)
    if not sheets:
        raise BadInputError(
            Text(
                "Không trang tính nào có dòng tiêu đề đã biết",
                "No sheet has a header that is known",
            ),
            where=str(path),
            remedy=Text(
                "Dùng tên cột của mẫu Excel, hoặc viết tệp ánh xạ cột (--mapping)",
                "Use the column names of the template, or write a mapping file (--mapping)",
            ),
        )
    return KeyedFile(path, digest, tuple(sheets), tuple(faults), tuple(notices), left)


def _notices(key: RowKey, sheet: UnpackedSheet, header: KeyedHeader) -> Iterator[Text]:
    if sheet.page and not sheet.old_lines:
        yield Text(
            f"{key.shown}: không phải Unicode; được đọc theo {sheet.page.vi}",
            f"{key.shown}: it is not in Unicode; it is read as {sheet.page.en}",
        )
    elif sheet.page:
        lines = ", ".join(map(str, sheet.old_lines))
        yield Text(
            f"{key.shown}: các dòng {lines}… không phải Unicode; được đọc theo {sheet.page.vi}",
            f"{key.shown}: lines {lines}… are not in Unicode; they are read as {sheet.page.en}",
        )
    if sheet.hidden_rows:
        yield Text(
            f"{key.shown}: {sheet.hidden_rows} dòng bị ẩn, vẫn được đọc",
            f"{key.shown}: {sheet.hidden_rows} hidden rows are read, too",
        )
    if hidden := [name for at, name in header.columns.items() if at + 1 in sheet.hidden_columns]:
        names = ", ".join(hidden)
        yield Text(
            f"{key.shown}: cột bị ẩn vẫn được đọc: {names}",
            f"{key.shown}: hidden columns are read, too: {names}",
        )
    if header.last > 1:
        yield Text(
            f"{key.shown}: tiêu đề ở dòng {header.last}",
            f"{key.shown}: the header is in row {header.last}",
        )


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with open_plain(path) as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
