"""The header of an inventory's table: below title rows, in one row or in two merged ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr_pipeline.books.inventory_words import column_of, inventory_words

ROWS_LOOKED_AT = 30
"""Rows among which the header is looked for."""
_AGENCY_COLUMNS = frozenset({"commune", "district", "province", "agency"})


@dataclass(frozen=True, slots=True)
class InventoryHeader:
    """Which column of a table is which.

    Attributes:
        columns: our name for each column of the table; "" for those we do not know.
        first: index of the first row below the header.

    """

    columns: tuple[str, ...]
    first: int

    @property
    def missing(self) -> list[str]:
        """Columns that no book can do without and that are not there; empty when it is whole."""
        missing: list[str] = [c for c in inventory_words().required if c not in self.columns]
        if "number" in self.columns and "year_opened" in missing:
            missing.remove("year_opened")  # `02/2018` gives both
        if not _AGENCY_COLUMNS.intersection(self.columns):
            missing.append("province")
        return missing


def find_header(rows: Sequence[Sequence[str]]) -> InventoryHeader:
    """The first whole header among the first rows; else the row that comes nearest to one.

    A header in two rows names groups above and columns below: the lower name counts, where we know
    it.
    """
    best = InventoryHeader((), 0)
    for at, row in enumerate(rows[:ROWS_LOOKED_AT]):
        if not any(row):
            continue
        upper = _known(row)
        single = InventoryHeader(tuple(_once(upper)), at + 1)
        candidates = [single]
        if at + 1 < len(rows) and any(upper):
            double = _merged(upper, _known(rows[at + 1]))
            candidates.append(InventoryHeader(tuple(_once(double)), at + 2))
        whole = [header for header in candidates if not header.missing]
        if whole:
            return max(whole, key=_count)  # the first of those with most columns
        best = max(best, *candidates, key=_count)
    return best


def _known(row: Sequence[str]) -> list[str]:
    return [column_of(cell) for cell in row]


def _merged(upper: list[str], lower: list[str]) -> list[str]:
    width = max(len(upper), len(lower))
    pairs = zip(_padded(upper, width), _padded(lower, width), strict=True)
    return [below or above for above, below in pairs]


def _padded(row: list[str], width: int) -> list[str]:
    return row + [""] * (width - len(row))


def _once(columns: list[str]) -> list[str]:
    """A name that stands there twice counts the first time."""
    return [name if name not in columns[:at] else "" for at, name in enumerate(columns)]


def _count(header: InventoryHeader) -> int:
    return len(set(header.columns) - {""})
