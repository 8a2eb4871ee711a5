"""How right links and found differences are: drawn books, rows with planted trouble."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from ocr_pipeline.bench.planted_rows import Place, PlantedBook, TroubleRates, planted
from ocr_pipeline.books.book import Book
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.exchange.keyed_files.keyed_file import open_keyed
from ocr_pipeline.exchange.linking.ink_fit import RecordInk
from ocr_pipeline.exchange.linking.keyed_books import keyed_books
from ocr_pipeline.exchange.linking.link import linked, records_of
from ocr_pipeline.exchange.linking.link_rules import LinkRules, link_rules
from ocr_pipeline.processing.book_links import LinkRow, RecordLink, Verdict
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.training.evaluation.field_pairs import load_truths


@dataclass(frozen=True, slots=True)
class LinkTrial:
    """One drawn book with rows planted for it.

    Attributes:
        book: the book.
        planted: what is true.
        records: those whose pages are there, in the order in which they were scanned.
        rows: the rows as they were read back from their file.

    """

    book: Book
    planted: PlantedBook
    records: Sequence[RecordInk]
    rows: Sequence[LinkRow]

    def right_row(self, place: Place) -> str:
        """Id of the row of a record; "" for none. Row n of the file is row n - 2 of the list."""
        at = self.planted.row_of.get(place)
        return next((row.id for row in self.rows if row.row - 2 == at), "")


@dataclass(slots=True)
class LinkFigures:
    """Counts over all books.

    Attributes:
        records: records on pages that are there.
        linkable: of these, those that have a row.
        accepted: links that need no person.
        right: of these, those that are right.
        best_right: records whose likeliest row, or none, is right.
        compared: fields of rightly accepted links that were compared with their row.
        verdicts: these by (planted difference, verdict).
        by_kind: the same by kind of field.
        wrong: accepted links that are wrong: book, page, position.

    """

    records: int = 0
    linkable: int = 0
    accepted: int = 0
    right: int = 0
    best_right: int = 0
    compared: int = 0
    verdicts: Counter[tuple[bool, Verdict]] = field(default_factory=Counter)
    by_kind: dict[str, Counter[tuple[bool, Verdict]]] = field(default_factory=dict)
    wrong: list[tuple[str, str, int]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Counts and shares for JSON."""
        return {
            "records": self.records,
            "records_with_row": self.linkable,
            "accepted": self.accepted,
            "accepted_share": _share(self.accepted, self.linkable),
            "accepted_right": self.right,
            "accepted_right_share": _share(self.right, self.accepted),
            "likeliest_right_share": _share(self.best_right, self.records),
            "wrong": [list(place) for place in self.wrong],
            "fields": _verdicts(self.verdicts),
            "kinds": {kind: _verdicts(counts) for kind, counts in sorted(self.by_kind.items())},
        }


def _verdicts(counts: Mapping[tuple[bool, Verdict], int]) -> dict[str, Any]:
    judged = {
        planted: counts.get((planted, Verdict.AGREES), 0)
        + counts.get((planted, Verdict.DIFFERS), 0)
        for planted in (True, False)
    }
    found, false = counts.get((True, Verdict.DIFFERS), 0), counts.get((False, Verdict.DIFFERS), 0)
    return {
        "compared": sum(counts.values()),
        "judged_share": _share(sum(judged.values()), sum(counts.values())),
        "planted": sum(n for (planted, _), n in counts.items() if planted),
        "planted_judged": judged[True],
        "found": found,
        "recall": _share(found, judged[True]),
        "precision": _share(found, found + false),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def link_trials(
    ws: Workspace,
    truth: Path,
    seed: int,
    rates: TroubleRates = TroubleRates(),  # noqa: B008 (frozen)
    advance: Callable[[], None] = lambda: None,
) -> list[LinkTrial]:
    """The drawn books of a workspace with rows planted for them.

    Args:
        ws: the workspace; the books have been read.
        truth: folder with their `truth.json`.
        seed: another one plants other trouble.
        rates: how much.
        advance: called after each page.

    Raises:
        BadInputError: no book of the workspace has its truth there.

    """
    with ws.read_session() as session:
        books = {book.id: book for book in load_books(session)}
    trials = []
    for number, one in enumerate(load_truths(truth)):
        book = books.get(str(one["book"]))
        if book is None:
            continue
        made = planted(book, one, np.random.default_rng([seed, number]), rates)
        found = {(r.page, r.position): r for r in records_of(ws, book, advance)}
        records = [found[place] for place in made.pages if place in found]
        trials.append(LinkTrial(book, made, records, _read_back(made, book)))
    if not trials:
        raise BadInputError(
            Text("Không có sổ nào có truth.json", "No book has its truth.json"),
            where=str(truth),
            remedy=Text(
                "Chạy `sohoa run` với các sổ này trước", "Run `sohoa run` over these books first"
            ),
        )
    return trials


def _read_back(made: PlantedBook, book: Book) -> list[LinkRow]:
    """The planted rows through the door that all keyed files come in by."""
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        path = Path(folder) / "rows.xlsx"
        workbook = openpyxl.Workbook()
        sheet = workbook.active
        assert isinstance(sheet, Worksheet)
        sheet.append(made.template.headers())
        for row in made.rows:
            sheet.append([row[column.name] for column in made.template.columns])
        workbook.save(path)
        with open_keyed([path]) as keyed:
            return keyed_books(keyed, [book]).rows[book.id]


def link_figures(trials: Sequence[LinkTrial], rules: LinkRules | None = None) -> LinkFigures:
    """How right the links of these books are, and the differences found in them."""
    figures = LinkFigures()
    for trial in trials:
        links = linked(trial.book, trial.records, trial.rows, rules or link_rules())
        for record, link in zip(trial.records, links, strict=True):
            _count(figures, trial, record, link)
    return figures


def _count(figures: LinkFigures, trial: LinkTrial, record: RecordInk, link: RecordLink) -> None:
    right = trial.right_row(link.place)
    figures.records += 1
    figures.linkable += bool(right)
    figures.best_right += link.row == right
    if not link.accepted:
        return
    figures.accepted += 1
    if link.row != right:
        figures.wrong.append((trial.book.id, *link.place))
        return
    figures.right += 1
    for check in link.checks:
        kind = str(record.fields[check.code].field.kind)
        said = ((link.place, check.code) in trial.planted.differences, check.verdict)
        figures.compared += 1
        figures.verdicts[said] += 1
        figures.by_kind.setdefault(kind, Counter())[said] += 1
