"""What is told of keyed files: kinds of changes and kinds of faults, with examples."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_pipeline.errors import Text
from ocr_pipeline.exchange.keyed_files.findings import mending_file
from ocr_pipeline.exchange.keyed_files.keyed_tally import KeyedTally


@dataclass(frozen=True, slots=True)
class MendedKind:
    """One kind of change.

    Attributes:
        rule: id in `mending.yaml`.
        column: column of the template.
        count: cells.
        before: an example, before the change.
        after: the same after it.
        row: of the example.
        meaning: what the rule does.

    """

    rule: str
    column: str
    count: int
    before: str
    after: str
    row: int
    meaning: Text


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind of fault.

    Attributes:
        rule: id in `mending.yaml`.
        column: column of the template; "" when it concerns rows or sheets.
        count: how many.
        place: the first one: file, sheet and row.
        row: of the first one; 0 for a sheet or file.
        message: what is wrong with the first one.
        remedy: what to do.
        harmless: nobody has to do anything.

    """

    rule: str
    column: str
    count: int
    place: str
    row: int
    message: Text
    remedy: Text
    harmless: bool


def mended_kinds(tally: KeyedTally) -> list[MendedKind]:
    """The kinds of changes, those of most cells first."""
    found = []
    for kind, count in _by_count(tally.mended):
        key, mending = tally.example(kind)
        meaning = mending_file().mended[kind[0]].message
        found.append(MendedKind(*kind, count, mending.before, mending.after, key.row, meaning))
    return found


def fault_kinds(tally: KeyedTally) -> list[FaultKind]:
    """The kinds of faults, the most frequent ones first."""
    found = []
    for kind, count in _by_count(tally.faults):
        one = tally.first_fault(kind)
        found.append(
            FaultKind(
                *kind, count, one.key.shown, one.key.row, one.message, one.remedy, one.harmless
            )
        )
    return found


def _by_count(counts: dict[tuple[str, str], int]) -> list[tuple[tuple[str, str], int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))
