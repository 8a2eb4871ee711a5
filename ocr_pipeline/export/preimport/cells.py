"""Cells and sheets of a workbook made by anyone: what each cell really is, and what hides it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class CellKind(StrEnum):
    """What a cell holds; only text is right."""

    TEXT = "text"
    EMPTY = "empty"
    NUMBER = "number_cell"
    DATE = "date_cell"
    OTHER = "other_cell"
    FORMULA = "formula_cell"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its kind, and what a person sees in it."""

    kind: CellKind
    text: str


@dataclass(frozen=True, slots=True)
class MergedCell:
    """Cells merged into one, all but the first of which are empty; rows and columns from 0.

    Attributes:
        top: first row; `bottom`: the row after the last.
        left: first column; `right`: the column after the last.

    """

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet; rows start at Excel row 1 and may differ in length.

    Attributes:
        name: its name.
        rows: cells of each row.
        merged: blocks of merged cells.
        hidden_rows: rows that nobody sees, from 0.
        hidden_columns: the same for columns.

    """

    name: str
    rows: list[list[Cell]]
    merged: tuple[MergedCell, ...] = ()
    hidden_rows: frozenset[int] = field(default=frozenset())
    hidden_columns: frozenset[int] = field(default=frozenset())


EMPTY = Cell(CellKind.EMPTY, "")
