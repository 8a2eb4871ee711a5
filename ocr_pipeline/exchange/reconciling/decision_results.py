"""What people decided, as an Excel file: a sheet for each decision, and which units owe some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ocr_pipeline.exchange.reconciling.decision_log import DecisionLog, TakenDecision
from ocr_pipeline.exchange.reconciling.list_cells import ListBook, bar_chart
from ocr_pipeline.exchange.reconciling.list_words import list_words
from ocr_pipeline.exchange.reconciling.listed_person import cells_of, number_of
from ocr_pipeline.exchange.reconciling.outcome import PersonOutcome
from ocr_pipeline.exchange.reconciling.reconcile_summary import unit_caption
from ocr_pipeline.exchange.reconciling.reconciliation import Reconciliation

_OPEN = "open"
_BATCH = 5000
_WIDTHS = (
    16, 10, 30, 10, 10, 12, 26, 16, 16, 24, 26, 36, 20, 20, 16, 30, 10, 30, 30,
)  # fmt: skip
_MOST_BARS = 15


@dataclass(frozen=True, slots=True)
class DecisionCounts:
    """How far the decisions are.

    Attributes:
        listed: rows of all lists.
        by_decision: rows by decision; those not settled yet among them.
        assigned: IDs of the population side that go to civil-status rows.
        units: by unit: rows of its lists, and those that are settled.

    """

    listed: int
    by_decision: Counter[str]
    assigned: int
    units: dict[str, tuple[int, int]]

    @property
    def waiting(self) -> int:
        """Rows without a decision that settles them."""
        return self.listed - sum(n for one, n in self.by_decision.items() if one != _OPEN)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "listed": self.listed, "waiting": self.waiting, "assigned": self.assigned,
            "by_decision": dict(sorted(self.by_decision.items())),
            "units": [
                {"unit": unit, "listed": listed, "settled": settled}
                for unit, (listed, settled) in sorted(self.units.items())
            ],
        }  # fmt: skip


def decision_counts(result: Reconciliation, log: DecisionLog) -> DecisionCounts:
    """How far the decisions of a reconciliation are."""
    listed = dict(
        result.query("select unit, count(*) from outcomes where kind <> 'agree' group by unit")
    )
    settled = Counter[str]()
    for one, outcome in _decided(result, log.latest.values()):
        settled[outcome.unit] += one.decision != _OPEN
    return DecisionCounts(
        sum(listed.values()),
        Counter(one.decision for one in log.latest.values()),
        sum(bool(one.assigned) for one in log.latest.values()),
        {unit: (count, settled[unit]) for unit, count in listed.items()},
    )


def results_bytes(
    run: str, result: Reconciliation, log: DecisionLog, counts: DecisionCounts
) -> bytes:
    """The `.xlsx` of all decisions; the same decisions give the same bytes."""
    words = list_words()
    book = ListBook()
    _fill_front(book, counts)
    by_decision: dict[str, list[TakenDecision]] = {}
    for one in log.latest.values():
        by_decision.setdefault(one.decision, []).append(one)
    for decision in words.decisions:
        if not (chosen := by_decision.get(decision)):
            continue
        sheet = book.sheet(words.decisions[decision].vi, _WIDTHS, "H2")
        sheet.append(book.cells(sheet, words.results.columns, "heading"))
        for one, outcome in _decided(result, sorted(chosen, key=lambda one: one.key)):
            sheet.append(book.cells(sheet, _line(run, one, outcome)))
    return book.bytes()


def _fill_front(book: ListBook, counts: DecisionCounts) -> None:
    words = list_words()
    sheet = book.sheet(words.results.summary, [44, 14, 14, 14])
    sheet.append(book.cells(sheet, (words.columns["decision"], words.summary.count), "heading"))
    for decision, entry in words.decisions.items():
        if count := counts.by_decision[decision]:
            sheet.append([book.cell(sheet, entry.vi), book.cell(sheet, count, "count")])
    rows = sum(bool(counts.by_decision[decision]) for decision in words.decisions)
    sheet.append([])
    heading = (
        words.summary.unit, words.results.listed, words.results.settled, words.results.waiting
    )  # fmt: skip
    sheet.append(book.cells(sheet, heading, "heading"))
    head = rows + 3
    units = sorted(counts.units.items(), key=lambda one: (one[1][1] - one[1][0], one[0]))
    for unit, (listed, settled) in units:
        figures = (listed, settled, listed - settled)
        sheet.append([book.cell(sheet, unit_caption(unit)), *book.cells(sheet, figures, "count")])
    totals = (counts.listed, counts.listed - counts.waiting, counts.waiting)
    sheet.append(
        [book.cell(sheet, words.summary.total, "total"), *book.cells(sheet, totals, "total")]
    )
    last = head + min(len(units), _MOST_BARS)
    bar_chart(sheet, "F2", words.results.summary, (head, 3, 4), (head + 1, last), stacked=True)


def _decided(
    result: Reconciliation, decisions: Iterable[TakenDecision]
) -> Iterator[tuple[TakenDecision, PersonOutcome]]:
    """Decisions with the outcomes they are about, in the order given."""
    held = list(decisions)
    for start in range(0, len(held), _BATCH):
        part = held[start : start + _BATCH]
        numbers = [found[1] for one in part if (found := number_of(one.key))]
        chosen = "outcome in (select unnest(?::integer[]))"
        outcomes = {one.number: one for one in result.outcomes(chosen, numbers)}
        for one in part:
            found = number_of(one.key)
            if found and found[1] in outcomes:
                yield one, outcomes[found[1]]


def _line(run: str, one: TakenDecision, outcome: PersonOutcome) -> Sequence[str]:
    cells = cells_of(run, outcome)
    names = ("quyen_so", "so", "registered", "name", "role")
    return (
        one.key, outcome.type, unit_caption(outcome.unit),
        *(cells.get(name, "") for name in names),
        one.assigned, list_words().decisions[one.decision].vi, one.detail, one.justification,
        one.decided_by, one.taken_at, one.taken_by, one.file, f"{one.sheet} {one.row}",
        cells.get("source_a", ""), cells.get("source_b", ""),
    )  # fmt: skip
