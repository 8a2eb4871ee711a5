"""Rows sorted into groups on disk, so that a file of any size is divided in little memory."""

from __future__ import annotations

import heapq
import json
from collections.abc import Hashable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from ocr_pipeline.exchange.keyed_files.keyed_rows import KeyedRow
from ocr_pipeline.registers.templates import Template

#: Rows held before they are written to their groups: 40 MB.
_MOST_HELD = 20_000
_SERIAL_NUMBER = "STT"


@dataclass(frozen=True, slots=True)
class SplitRow:
    """A row on its way to its file.

    Attributes:
        number: its position among all rows of the input, from 0.
        source: file, sheet and row that it stands in.
        cells: by column, what goes into the file.
        changes: column, text before, text after and rule of each change.
        faults: column, rule, message and remedy (Vietnamese) of what is not understood.

    """

    number: int
    source: tuple[str, str, int]
    cells: dict[str, str]
    changes: list[tuple[str, str, str, str]]
    faults: list[tuple[str, str, str, str]]


def split_row(number: int, row: KeyedRow) -> SplitRow:
    """What is kept of a row: cells that are not understood stay as they were written."""
    cells = row.filled()
    cells.pop(_SERIAL_NUMBER, None)
    return SplitRow(
        number,
        (Path(row.key.file).name, row.key.sheet, row.key.row),
        cells,
        [(m.column, m.before, m.after, m.message.vi) for m in row.mended],
        [(f.column, f.rule, f.message.vi, f.remedy.vi) for f in row.faults],
    )


class SortedRows:
    """Groups of rows, each in a file of its own.

    Args:
        folder: an empty private folder.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[Hashable, list[str]] = {}
        self._count = 0
        self._paths: dict[Hashable, Path] = {}
        self.sizes: dict[Hashable, int] = {}

    def add(self, group: Hashable, row: SplitRow) -> None:
        """Put a row into a group."""
        stored = [row.number, row.source, row.cells, row.changes, row.faults]
        self._held.setdefault(group, []).append(json.dumps(stored, ensure_ascii=False))
        self.sizes[group] = self.sizes.get(group, 0) + 1
        self._count += 1
        if self._count >= _MOST_HELD:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        for group, lines in self._held.items():
            path = self._paths.setdefault(group, self._folder / f"{len(self._paths)}.jsonl")
            with path.open("a", encoding="utf-8", newline="\n") as file:
                file.writelines(line + "\n" for line in lines)
        self._held.clear()
        self._count = 0

    def rows(self, groups: Iterable[Hashable]) -> Iterator[SplitRow]:
        """The rows of some groups, in the order of the input."""
        with ExitStack() as stack:
            files = [
                stack.enter_context(self._paths[group].open(encoding="utf-8")) for group in groups
            ]
            yield from heapq.merge(*map(_read, files), key=lambda row: row.number)


def _read(file: TextIO) -> Iterator[SplitRow]:
    for line in file:
        number, source, cells, changes, faults = json.loads(line)
        yield SplitRow(number, tuple(source), cells, changes, faults)


def cells_of(row: SplitRow, template: Template, position: int) -> list[str]:
    """The cells of a row in the order of the template; its serial number is its position."""
    own: dict[str, Any] = {**row.cells, _SERIAL_NUMBER: str(position)}
    return [own.get(column.name, "") for column in template.columns]
