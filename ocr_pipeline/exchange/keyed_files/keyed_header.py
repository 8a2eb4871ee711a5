"""The header of a keyed sheet: below title rows, in one row or in two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ocr_pipeline.exchange.keyed_files.cells import UnpackedRow
from ocr_pipeline.exchange.keyed_files.known_headers import NOT_TAKEN, ColumnNames
from ocr_pipeline.registers.templates import Template

ROWS_LOOKED_AT = 30
"""Rows among which the header is looked for."""
_FEWEST_KNOWN = 5
_LEAST_SHARE = 0.5  # of the headings must be known: a row of data knows none


@dataclass(frozen=True, slots=True)
class KeyedHeader:
    """Which column of a sheet is which.

    Attributes:
        names: the headings and the template they belong to.
        columns: index of a column in the rows (from 0) -> column of the template or `unit.…`.
        titles: the headings as they stand, by index.
        rows: numbers of the rows that make up the header.

    """

    names: ColumnNames
    columns: dict[int, str]
    titles: tuple[str, ...]
    rows: tuple[int, ...]

    @property
    def template(self) -> Template:
        """The template that the columns belong to."""
        return self.names.template

    @property
    def last(self) -> int:
        """Number of the last row of the header; data stand below it."""
        return self.rows[-1]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Headings that mean no column of the template."""
        return tuple(
            title for at, title in enumerate(self.titles) if title and at not in self.columns
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """Columns that a record cannot do without and that the sheet does not have."""
        found = set(self.columns.values())
        wanted = (column.name for column in self.template.columns if column.mandatory)
        return tuple(name for name in wanted if name not in found)


def find_keyed_header(
    rows: Sequence[UnpackedRow], known: Sequence[ColumnNames]
) -> KeyedHeader | None:
    """The best header among the first rows; None when no row is one.

    Args:
        rows: the first rows of a sheet.
        known: headings to look for.

    """
    best: tuple[tuple[int, int, int], KeyedHeader] | None = None
    for titles, numbers in _candidates(rows):
        filled = sum(map(bool, titles))
        for names in known:
            columns = _columns(titles, names)
            own = len(columns)
            fewest = min(_FEWEST_KNOWN, names.size)
            if own < fewest or own < filled * _LEAST_SHARE:
                continue
            score = (2 * own - filled, own - names.size, -len(numbers))
            if best is None or score > best[0]:
                taken = {at: name for at, name in columns.items() if name != NOT_TAKEN}
                best = score, KeyedHeader(names, taken, titles, numbers)
    return best[1] if best else None


def _candidates(
    rows: Sequence[UnpackedRow],
) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Each row as headings, and each with the row below it, in both orders of the words."""
    for at, row in enumerate(rows):
        upper = tuple(text.strip() for text in row.texts)
        yield upper, (row.number,)
        if at + 1 < len(rows) and rows[at + 1].number <= row.number + 2:
            lower = tuple(text.strip() for text in rows[at + 1].texts)
            numbers = (row.number, rows[at + 1].number)
            yield _joined(upper, lower, upper_first=False), numbers
            yield _joined(upper, lower, upper_first=True), numbers


def _joined(upper: Sequence[str], lower: Sequence[str], *, upper_first: bool) -> tuple[str, ...]:
    """`Cha` above `Họ tên`: a group's name reaches to the next one above filled cells below."""
    titles, group = [], ""
    for at in range(max(len(upper), len(lower))):
        above = upper[at] if at < len(upper) else ""
        below = lower[at] if at < len(lower) else ""
        group = above or (group if below else "")
        pair = (group, below) if upper_first else (below, group)
        titles.append(" ".join(filter(None, pair)))
    return tuple(titles)


def _columns(titles: Sequence[str], names: ColumnNames) -> dict[int, str]:
    """Known headings by index; one that stands there twice counts the first time."""
    found: dict[int, str] = {}
    for at, title in enumerate(titles):
        name = names.find(title) if title else ""
        if name and (name == NOT_TAKEN or name not in found.values()):
            found[at] = name
    return found
