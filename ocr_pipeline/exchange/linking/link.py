"""Pages of books linked to keyed rows, one to one: what `sohoa link` does after reading."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ocr_pipeline.arrays import Floats
from ocr_pipeline.books.book import Book
from ocr_pipeline.exchange.linking.assignment import assign
from ocr_pipeline.exchange.linking.evidence import RowColumns, evidence
from ocr_pipeline.exchange.linking.field_checks import field_checks
from ocr_pipeline.exchange.linking.ink_fit import ComparedInk, RecordInk
from ocr_pipeline.exchange.linking.link_rules import LinkCalibration, LinkRules, link_rules
from ocr_pipeline.exchange.linking.near_rows import near_rows
from ocr_pipeline.export.cases import without_empty_places
from ocr_pipeline.processing.book_links import BookLinks, LinkRow, RecordLink, save_links
from ocr_pipeline.processing.field_scores import PageScores
from ocr_pipeline.processing.stored_scores import book_scores
from ocr_pipeline.reading.decoding import LineScores
from ocr_pipeline.registers.fields import FieldKind, Record
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.commit_points import CommitPoint, reached
from ocr_pipeline.store.dropped_records import Position
from ocr_pipeline.store.link_decisions import LinkDecision, link_decisions
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.states import FAILURES, PageKind
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.text.numbers import parse_number_year

NUMBER = "so"
_LEAST_SHARE = 1e-12


def link_book(
    ws: Workspace,
    book: Book,
    rows: Sequence[LinkRow],
    rules: LinkRules | None = None,
    advance: Callable[[], None] = lambda: None,
) -> BookLinks:
    """Link the records of a book to keyed rows, compare their fields, and keep the result.

    Args:
        ws: the workspace; the book has been read.
        book: the book.
        rows: that come into question.
        rules: how; the shipped ones when None.
        advance: called after each page.

    Raises:
        MachineError: the model or the layouts are missing.

    """
    rules = rules or link_rules()
    records = records_of(ws, book, advance)
    with ws.read_session() as session:
        said = link_decisions(session, book.id)
        unread = [
            row.name
            for row in book_pages(session, book.id)
            if row.kind in FAILURES or row.kind == PageKind.PENDING
        ]
    near = rows_in_question(book, records, rows, rules, said)
    links = linked(book, records, near, rules, said, total=len(rows))
    done = BookLinks(book.id, tuple(near), tuple(links), tuple(unread), len(rows) - len(near))
    with ws.transaction() as session:
        save_links(session, done)
    reached(CommitPoint.LINKS_COMMITTED)
    return done


def records_of(
    ws: Workspace, book: Book, advance: Callable[[], None] = lambda: None
) -> list[RecordInk]:
    """The records of a book with the frame scores of their fields, in the order of the book."""
    with ws.read_session() as session:
        records = without_empty_places(load_records(session, book.id))
    by_page: dict[str, list[Record]] = {}
    for record in records:
        by_page.setdefault(record.page, []).append(record)
    found: dict[Position, RecordInk] = {}
    for page, scores in book_scores(ws, book.id, advance=advance):
        for record in by_page.get(page, ()):
            found[page, record.position] = _ink_of(record, scores)
    empty = PageScores("", {})
    return [
        found.get((one.page, one.position)) or _ink_of(one, empty) for one in records
    ]  # a page that cannot be opened any more still has its readings


def _ink_of(record: Record, scores: PageScores) -> RecordInk:
    fields = {}
    for code, field in record.fields.items():
        if field.kind is FieldKind.TICK:
            continue
        nothing = LineScores(field.kind, ())
        writing = scores.fields.get((record.position, code), nothing)
        fields[code] = ComparedInk(field, writing, scores.alphabet)
    return RecordInk(record.page, record.position, record.layout, fields)


def rows_in_question(
    book: Book,
    records: Sequence[RecordInk],
    rows: Sequence[LinkRow],
    rules: LinkRules,
    said: Mapping[Position, LinkDecision],
) -> Sequence[LinkRow]:
    """The rows that are compared with the ink: all of them, or of very many those like a record.

    A row that a person gave to a record stays among them.
    """
    if len(rows) <= rules.rows_at_once:
        return rows
    near = set(near_rows(records, [row.values for row in rows], book.type, rules.rows_each))
    given = {one.row for one in said.values()}
    return [row for at, row in enumerate(rows) if at in near or row.id in given]


def linked(
    book: Book,
    records: Sequence[RecordInk],
    rows: Sequence[LinkRow],
    rules: LinkRules,
    said: Mapping[Position, LinkDecision] | None = None,
    total: int = 0,
) -> list[RecordLink]:
    """The links of the records of a book, with their fields compared; needs no workspace.

    Args:
        book: the book.
        records: in its order.
        rows: that are compared with them.
        rules: how.
        said: what people decided.
        total: rows that came into question before these were picked out; 0: no more than these.

    """
    said, by_id = said or {}, {row.id: row for row in rows}
    weighed = evidence_of(book, records, rows, rules, total)
    found = assign(weighed, ranks_of(rows), rules, total)
    links = []
    for record, row, shares in zip(records, found.rows, found.probabilities, strict=True):
        link = _link(record, int(row), shares, rows, rules)
        decision = said.get(link.place)
        shown = by_id.get(decision.row if decision else link.row)
        if shown is not None:
            checks = field_checks(record, shown.values, book.type, rules)
            link = replace(link, checks=tuple(checks))
        links.append(link)
    return links


def evidence_of(
    book: Book,
    records: Sequence[RecordInk],
    rows: Sequence[LinkRow],
    rules: LinkRules,
    total: int = 0,
) -> Floats:
    """(records, rows) log-odds of all fields together; arguments are those of `linked`."""
    columns: dict[str, RowColumns] = {}
    found = np.zeros((len(records), len(rows)))
    for number, record in enumerate(records if rows else ()):
        if record.layout not in columns:
            values = [row.values for row in rows]
            columns[record.layout] = RowColumns.of(values, book.type, list(record.fields), total)
        found[number] = evidence(record, columns[record.layout], rules)
    return found


def ranks_of(rows: Iterable[LinkRow]) -> list[float]:
    """Where each row stands in the order of years and numbers, from 0; nan without a number."""
    numbers = [parse_number_year(row.values.get(NUMBER, "")) for row in rows]
    known = sorted({(n[1] or 0, n[0]) for n in numbers if n})
    place = {number: float(at) for at, number in enumerate(known)}
    return [place[n[1] or 0, n[0]] if n else math.nan for n in numbers]


def _link(
    record: RecordInk, row: int, shares: Floats, rows: Sequence[LinkRow], rules: LinkRules
) -> RecordLink:
    none = max(1.0 - float(shares.sum()), 0.0)
    share = float(shares[row]) if row >= 0 else none
    probability = calibrated(share, rules.calibration)
    best = np.argsort(-shares, kind="stable")[: rules.offered]
    candidates = tuple(
        (rows[at].id, round(calibrated(float(shares[at]), rules.calibration), 4)) for at in best
    )
    accepted = row >= 0 and probability >= rules.accept
    chosen = rows[row].id if row >= 0 else ""
    return RecordLink(
        record.page, record.position, record.layout, chosen, round(probability, 6), accepted,
        candidates,
    )  # fmt: skip


def calibrated(share: float, how: LinkCalibration) -> float:
    """The probability that a pair is right, from its share among all."""
    odds = how.shift + how.scale * log_odds(share)
    return 1.0 / (1.0 + math.exp(-odds))


def log_odds(share: float) -> float:
    """Natural log-odds of a share, -28 to 28."""
    share = min(max(share, _LEAST_SHARE), 1.0 - _LEAST_SHARE)
    return math.log(share / (1.0 - share))
