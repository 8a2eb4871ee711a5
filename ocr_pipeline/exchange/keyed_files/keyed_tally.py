"""What the rows of keyed files come to: counts by kind, each with an example."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ocr_pipeline.exchange.keyed_files.findings import KeyedFault, Mending, RowKey
from ocr_pipeline.exchange.keyed_files.keyed_rows import AsideRow, KeyedRow


@dataclass(slots=True)
class KeyedTally:
    """Counts of rows, of what was mended and of what is not understood.

    Every row given to `add` is a record or set aside, so that `records` and `aside` add up to the
    rows of the files.

    Attributes:
        records: registration cases, doubles among them.
        doubles: rows with the same content as an earlier one.
        aside: rows that are no record, by rule.
        mended: changes by rule and column.
        faults: faults by rule and column, those of rows set aside among them.

    """

    records: int = 0
    doubles: int = 0
    aside: Counter[str] = field(default_factory=Counter)
    mended: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    _examples: dict[tuple[str, str], tuple[RowKey, Mending]] = field(default_factory=dict)
    _first: dict[tuple[str, str], KeyedFault] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """All rows."""
        return self.records + self.aside.total()

    @property
    def to_mend(self) -> int:
        """Faults for which somebody has to do something, and doubles."""
        harmful = (n for kind, n in self.faults.items() if not self._first[kind].harmless)
        return sum(harmful) + self.doubles

    def add(self, row: KeyedRow | AsideRow) -> None:
        """Count a row."""
        if isinstance(row, AsideRow):
            self.aside[row.fault.rule] += 1
            self.add_fault(row.fault)
            return
        self.records += 1
        self.doubles += row.double_of is not None
        for mending in row.mended:
            kind = mending.rule, mending.column
            self.mended[kind] += 1
            self._examples.setdefault(kind, (row.key, mending))
        for fault in row.faults:
            self.add_fault(fault)

    def add_fault(self, fault: KeyedFault) -> None:
        """Count a fault of a row, a sheet or a file."""
        kind = fault.rule, fault.column
        self.faults[kind] += 1
        self._first.setdefault(kind, fault)

    def example(self, kind: tuple[str, str]) -> tuple[RowKey, Mending]:
        """The first change of a rule and column, and its row."""
        return self._examples[kind]

    def first_fault(self, kind: tuple[str, str]) -> KeyedFault:
        """The first fault of a rule and column."""
        return self._first[kind]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "rows": self.rows,
            "records": self.records,
            "doubles": self.doubles,
            "aside": dict(sorted(self.aside.items())),
            "mended": _nested(self.mended),
            "faults": _nested(self.faults),
        }


def _nested(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (rule, column), count in sorted(counts.items()):
        found.setdefault(rule, {})[column] = count
    return found
