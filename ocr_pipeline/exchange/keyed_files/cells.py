"""Cells of a keyed file as they lie there, before anything is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class KeyedCellKind(StrEnum):
    """What a cell of the file is; the value is its sign in an unpacked sheet."""

    TEXT = "t"
    NUMBER = "n"
    DATE = "d"  # its text is dd.mm.yyyy
    FORMULA = "f"  # its text is the result that the file keeps, "" without one
    ERROR = "x"  # `#REF!`, or a cell that cannot be read
    MERGED = "m"  # empty by itself: the text stands in the first cell of a merged block


@dataclass(frozen=True, slots=True)
class KeyedCell:
    """One cell: its kind, and what a person sees in it."""

    kind: KeyedCellKind
    text: str


@dataclass(frozen=True, slots=True)
class UnpackedRow:
    """One row of a sheet that is not blank.

    Attributes:
        number: its row or line in the file, from 1.
        stored: from the first column to the last one filled: the text of a text cell, sign of its
            kind and text of any other.
        cells_of_line: cells in the file, blank ones at the end included.
        hidden: nobody sees it in Excel.
        broken: the line cannot be taken apart; its one cell holds all of it.

    """

    number: int
    stored: Sequence[str | Sequence[str]]
    cells_of_line: int = 0
    hidden: bool = False
    broken: bool = False

    @property
    def cells(self) -> tuple[KeyedCell, ...]:
        """Every cell with its kind."""
        return tuple(map(cell_of, self.stored))

    @property
    def texts(self) -> tuple[str, ...]:
        """What a person sees, cell by cell."""
        return tuple([one if isinstance(one, str) else one[1] for one in self.stored])


NO_CELL = KeyedCell(KeyedCellKind.TEXT, "")


def cell_of(stored: str | Sequence[str]) -> KeyedCell:
    """The cell that is kept as `UnpackedRow.stored` says."""
    if stored == "":
        return NO_CELL
    if isinstance(stored, str):
        return KeyedCell(KeyedCellKind.TEXT, stored)
    return KeyedCell(KeyedCellKind(stored[0]), stored[1])
