"""The summary of a reconciliation as an Excel file: counts that add up, charts, the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from openpyxl.utils import get_column_letter

from ocr_pipeline.exchange.reconciling.compared_fields import compared_fields
from ocr_pipeline.exchange.reconciling.differences import AgreementRules
from ocr_pipeline.exchange.reconciling.list_cells import ListBook, bar_chart, height_of
from ocr_pipeline.exchange.reconciling.list_words import list_words
from ocr_pipeline.exchange.reconciling.listed_person import ListName, caption, title
from ocr_pipeline.exchange.reconciling.outcome import OutcomeKind
from ocr_pipeline.exchange.reconciling.reconcile_summary import (
    SIDES,
    ReconcileSummary,
    class_caption,
    unit_caption,
)
from ocr_pipeline.registers.types import RegisterType

_MOST_BARS = 15
_TO_VERIFY = tuple(kind for kind in OutcomeKind if kind is not OutcomeKind.AGREE)


def summary_bytes(summary: ReconcileSummary, rules: AgreementRules) -> bytes:
    """The `.xlsx` of a summary; the same counts give the same bytes."""
    book = ListBook()
    _fill_summary(book, summary)
    _fill_kinds(book, summary)
    _fill_causes(book, summary, rules)
    _fill_units(book, summary)
    _fill_rules(book, summary, rules)
    return book.bytes()


class _Table:
    """Rows of a sheet, with the number of the last one."""

    def __init__(self, book: ListBook, name: str, widths: Sequence[float]) -> None:
        self.book, self.row, self._widths = book, 0, widths
        self.sheet: Any = book.sheet(name, widths)

    def put(self, *values: str | int, look: str = "plain") -> int:
        """Add a row; numbers get the look of counts, in the row of a total that of a total."""
        cells = [
            self.book.cell(
                self.sheet, value, "count" if look == "plain" and isinstance(value, int) else look
            )
            for value in values
        ]
        self.row += 1
        if look in {"plain", "heading"}:
            texts = zip(map(str, values), self._widths, strict=False)
            self.sheet.row_dimensions[self.row].height = height_of(texts)
        self.sheet.append(cells)
        return self.row


def _fill_summary(book: ListBook, summary: ReconcileSummary) -> None:
    words = list_words().summary
    table = _Table(book, words.sheets.summary, [34, *[15.0] * 8])
    table.put(f"{words.title} ({summary.run})", look="title")
    for line in (words.matched, words.ours, words.not_official):
        table.put(line, look="remark")
    table.put()
    table.put(words.input_title, look="title")
    table.put(*words.input, look="heading")
    for side in SIDES:
        counts = summary.inputs[side]
        without = counts.records - summary.told_of[side]
        table.put(
            list_words().sides[side], counts.rows, counts.aside, counts.records, without,
            summary.persons[side],
        )  # fmt: skip
    charts = []
    for side in SIDES:
        table.put()
        table.put(words.side_title.format(side=list_words().sides[side]), look="title")
        heading = [class_caption(kind).vi for kind in OutcomeKind]
        head = table.put(words.type, *heading, words.total, look="heading")
        for type in summary.types:
            counts_of = [summary.count(side, kind, type) for kind in OutcomeKind]
            table.put(_type(type), *counts_of, summary.count(side, type=type))
        charts.append((side, head, table.row))
        totals = [summary.count(side, kind) for kind in OutcomeKind]
        table.put(words.total, *totals, summary.count(side), look="total")
    for number, (side, head, last) in enumerate(charts):
        bar_chart(
            table.sheet, f"A{table.row + 3 + number * 22}",
            f"{words.by_class}: {list_words().sides[side]}", (head, 2, 1 + len(OutcomeKind)),
            (head + 1, last), stacked=True,
        )  # fmt: skip


def _fill_kinds(book: ListBook, summary: ReconcileSummary) -> None:
    words = list_words().summary
    table = _Table(book, words.sheets.kinds, [34, *[14.0] * (len(summary.types) + 1)])
    counts = Counter[tuple[ListName, str]]()
    for (type, _, name), count in summary.listed.items():
        counts[name, type] += count
    head = table.put(words.kind, *map(_type, summary.types), words.total, look="heading")
    for name in sorted({name for name, _ in counts}, key=lambda one: one.order):
        row = [counts[name, type] for type in summary.types]
        table.put(name.sheet, *row, sum(row))
    last = table.row
    totals = [sum(counts[n, t] for n, t in counts if t == type) for type in summary.types]
    table.put(words.total, *totals, counts.total(), look="total")
    columns = (head, 2, 1 + len(summary.types))
    place = f"{get_column_letter(len(summary.types) + 4)}2"
    bar_chart(table.sheet, place, words.by_kind, columns, (head + 1, last), stacked=True)


def _fill_causes(book: ListBook, summary: ReconcileSummary, rules: AgreementRules) -> None:
    words = list_words().summary
    table = _Table(book, words.sheets.causes, [44, 20, 50, 12])
    table.put(words.difference, words.field, words.cause, words.count, look="heading")
    counts = Counter[tuple[str, str]]()
    for (_, field, kind), count in summary.differences.items():
        counts[field, kind] += count
    order = list(compared_fields())
    for (field, kind), count in sorted(
        counts.items(), key=lambda one: (-one[1], order.index(one[0][0]), one[0][1])
    ):
        entry = rules.kinds[kind]
        table.put(f"{title(field)}: {entry.vi}", caption(field), entry.cause_vi, count)
    last = min(table.row, 1 + _MOST_BARS)
    bar_chart(table.sheet, "F2", words.sheets.causes, (1, 4, 4), (2, last))


def _fill_units(book: ListBook, summary: ReconcileSummary) -> None:
    words = list_words().summary
    kinds = list(OutcomeKind)
    table = _Table(book, words.sheets.units, [44, 14, *[14.0] * len(kinds), 12, 40])
    heading = [class_caption(kind).vi for kind in kinds]
    table.put(
        words.unit, words.to_verify, *heading, words.total, words.folder, look="heading"
    )  # fmt: skip
    rows = []
    for unit, counts in summary.by_unit().items():
        to_verify = sum(counts[kind] for kind in _TO_VERIFY)
        rows.append((to_verify, unit, counts))
    rows.sort(key=lambda one: (-one[0], one[1]))
    for to_verify, unit, counts in rows:
        table.put(
            unit_caption(unit), to_verify, *(counts[kind] for kind in kinds), counts.total(),
            summary.folders.get(unit, ""),
        )  # fmt: skip
    totals = [sum(counts[kind] for _, _, counts in rows) for kind in kinds]
    table.put(
        words.total, sum(row[0] for row in rows), *totals, sum(totals), "", look="total"
    )  # fmt: skip
    table.sheet.freeze_panes = "B2"
    table.sheet.auto_filter.ref = f"A1:{get_column_letter(len(kinds) + 4)}{len(rows) + 1}"
    last = 1 + min(len(rows), _MOST_BARS)
    place = f"{get_column_letter(len(kinds) + 6)}2"
    bar_chart(table.sheet, place, words.top_units, (1, 2, 2), (2, last))


def _fill_rules(book: ListBook, summary: ReconcileSummary, rules: AgreementRules) -> None:
    words = list_words().summary
    table = _Table(book, words.sheets.rules, [50, 14, 44, 50, 12])
    table.put(
        words.difference, words.agrees, words.except_in, words.cause, words.count, look="heading"
    )
    counts = Counter[str]()
    for (_, kind), count in summary.passed.items():
        counts[kind] += count
    for kind, entry in rules.kinds.items():
        others = "; ".join(
            f"{caption(field)}: {words.counts if agrees else words.counts_not}"
            for field, agrees in entry.agrees_in.items()
        )
        agrees = words.counts if entry.agrees else words.counts_not
        table.put(entry.vi, agrees, others, entry.cause_vi, counts[kind])


def _type(type: str) -> str:
    return f"{RegisterType(type).label.vi} ({type})"
