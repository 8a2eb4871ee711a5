"""What a reconciliation comes to: counts by class, kind of difference and unit that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ocr_pipeline.errors import Text
from ocr_pipeline.exchange.keyed_files.keyed_tally import KeyedTally
from ocr_pipeline.exchange.reconciling.list_words import list_words
from ocr_pipeline.exchange.reconciling.listed_person import ListName
from ocr_pipeline.exchange.reconciling.outcome import OutcomeKind
from ocr_pipeline.exchange.reconciling.reconciliation import Reconciliation

SIDES = ("a", "b")


@dataclass(frozen=True, slots=True)
class InputCounts:
    """What was read of one side.

    Attributes:
        rows: all rows of the files but headers.
        aside: rows that are no record; each stands in the list of what was put aside.
        to_mend: cells and rows that are not understood.

    """

    rows: int
    aside: int
    to_mend: int

    @property
    def records(self) -> int:
        """Rows that tell of a registration case."""
        return self.rows - self.aside


@dataclass(slots=True)
class ReconcileSummary:
    """All counts of a reconciliation.

    Attributes:
        run: the code with which the row keys of its lists begin.
        inputs: what was read, by side.
        told_of: rows that tell of a person who can be compared, by side.
        persons: such persons, by side; a marriage tells of two.
        classes: persons by side, register type and class.
        agreeing: persons that agree, by register type and unit; nobody has to do anything.
        listed: rows of the lists by register type, unit and list.
        differences: fields that differ, by register type, field and kind of difference.
        passed: fields that count as equal although they differ, by field and kind.
        folders: where the lists of a unit lie, below the folder of the reconciliation.

    """

    run: str
    inputs: Mapping[str, InputCounts]
    told_of: Mapping[str, int]
    persons: Mapping[str, int]
    classes: Counter[tuple[str, str, OutcomeKind]]
    agreeing: Counter[tuple[str, str]]
    differences: Counter[tuple[str, str, str]]
    passed: Counter[tuple[str, str]]
    listed: Counter[tuple[str, str, ListName]] = field(default_factory=Counter)
    folders: dict[str, str] = field(default_factory=dict)

    @property
    def types(self) -> list[str]:
        """Register types of either side."""
        return sorted({type for _, type, _ in self.classes})

    def count(self, side: str, kind: OutcomeKind | None = None, type: str = "") -> int:
        """Persons of one side; of one class and register type where these are given."""
        return sum(
            count
            for (of_side, of_type, of_kind), count in self.classes.items()
            if of_side == side and kind in (None, of_kind) and type in ("", of_type)
        )

    def by_unit(self) -> dict[str, Counter[OutcomeKind]]:
        """Persons by unit and class: those on lists, and those who agree."""
        units: dict[str, Counter[OutcomeKind]] = {}
        for (_, unit), count in self.agreeing.items():
            units.setdefault(unit, Counter())[OutcomeKind.AGREE] += count
        for (_, unit, name), count in self.listed.items():
            units.setdefault(unit, Counter())[name.words.kind] += count
        return units

    def must_add_up(self) -> None:
        """Every person stands in one class, and each that needs somebody on one list.

        Raises:
            ArithmeticError: they do not; nothing may be handed over then.

        """
        for side in SIDES:
            if (found := self.count(side)) != self.persons[side]:
                raise ArithmeticError(f"side {side}: {found} of {self.persons[side]} persons")
        outcomes = self.count("a") + self.count("b") - self._matched()
        found = self.listed.total() + self.agreeing.total()
        if found != outcomes:
            raise ArithmeticError(f"{found} of {outcomes} outcomes are listed or agree")

    def _matched(self) -> int:
        pairs = (OutcomeKind.AGREE, OutcomeKind.AGREE_ID_MISSING, OutcomeKind.DIFFER)
        return sum(self.count("a", kind) for kind in pairs)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "run": self.run,
            "sides": {side: self._side(side) for side in SIDES},
            "lists": [
                {
                    "type": type, "unit": unit, "folder": self.folders.get(unit, ""),
                    "list": name.entry, "field": name.field, "rows": count,
                }
                for (type, unit, name), count in sorted(
                    self.listed.items(), key=lambda one: (*one[0][:2], one[0][2].order)
                )
            ],
            "agreeing": [
                {"type": type, "unit": unit, "persons": count}
                for (type, unit), count in sorted(self.agreeing.items())
            ],
            "differences": [
                {"type": type, "field": field, "kind": kind, "count": count}
                for (type, field, kind), count in sorted(self.differences.items())
            ],
            "passed": [
                {"field": field, "kind": kind, "count": count}
                for (field, kind), count in sorted(self.passed.items())
            ],
        }  # fmt: skip

    def _side(self, side: str) -> dict[str, Any]:
        counts = self.inputs[side]
        return {
            "rows": counts.rows, "aside": counts.aside, "records": counts.records,
            "to_mend": counts.to_mend,
            "records_without_person": counts.records - self.told_of[side],
            "persons": self.persons[side],
            "classes": {
                type: {kind.value: self.count(side, kind, type) for kind in OutcomeKind}
                for type in self.types
            },
        }  # fmt: skip


def input_counts(tally: KeyedTally) -> InputCounts:
    """What a tally comes to."""
    return InputCounts(tally.rows, tally.aside.total(), tally.to_mend)


def summary_of(
    run: str, result: Reconciliation, inputs: Mapping[str, InputCounts]
) -> ReconcileSummary:
    """The counts that the tables give; lists are counted as they are written."""
    classes = Counter[tuple[str, str, OutcomeKind]]()
    for side in SIDES:
        there = f"from outcomes where person_{side} is not null group by all"
        for type, kind, count in result.query(f"select type, kind, count(*) {there}"):
            classes[side, type, OutcomeKind(kind)] = count
    told = "select side, count(distinct (file, sheet, row)), count(*) from persons group by side"
    by_side = {side: (rows, persons) for side, rows, persons in result.query(told)}
    agree = OutcomeKind.AGREE.value
    agreeing = "select type, unit, count(*) from outcomes where kind = ? group by all"
    differences = (
        "select outcomes.type, field, comparisons.kind, count(*) from comparisons "
        "join outcomes using (outcome) where verdict = 'differs' group by all"
    )
    passed = "select field, kind, count(*) from comparisons where verdict = ? group by all"
    return ReconcileSummary(
        run,
        inputs,
        {side: by_side.get(side, (0, 0))[0] for side in SIDES},
        {side: by_side.get(side, (0, 0))[1] for side in SIDES},
        classes,
        Counter({(type, unit): count for type, unit, count in result.query(agreeing, agree)}),
        Counter({tuple(row[:3]): row[3] for row in result.query(differences)}),
        Counter({tuple(row[:2]): row[2] for row in result.query(passed, "counts_as_equal")}),
    )


def unit_caption(unit: str) -> str:
    """A unit as it stands in lists."""
    return unit or list_words().summary.no_unit


def class_caption(kind: OutcomeKind) -> Text:
    """What a class is called."""
    return list_words().classes[kind].message
