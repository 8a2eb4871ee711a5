"""The writing of a book that people have confirmed: pictures of lines with the text on them.

What a person said is a value; which text stands for it on the paper is found in the ink
(`reading.line_texts`), and a field in which it cannot be found teaches nothing. The machine's own
sure readings come besides, marked as such.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.arrays import Gray
from ocr_pipeline.errors import MachineError, ScanError, Text
from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processing.book_print import BookPrint, book_print, stages_of_book
from ocr_pipeline.processing.corners import corners_by_hand
from ocr_pipeline.processing.field_scores import FieldPlace, ScoreJob, inked_fields
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.processing.stages import Stages
from ocr_pipeline.reading.line_texts import (
    LineText,
    WritingRefusal,
    line_texts,
    plain_reading,
    written_forms,
)
from ocr_pipeline.registers.fields import Field, FieldKind, State
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.entries import Entry, Key, latest_entries
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.page_decisions import decisions_in_force
from ocr_pipeline.store.page_parts import page_ref
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

if TYPE_CHECKING:
    from ocr_pipeline.reading.reader import FieldInk

_SAID = frozenset({State.CONFIRMED, State.CORRECTED})

#: Of a field that nobody looked at, from which something is learnt all the same.
SURE = 0.995


@dataclass(frozen=True, slots=True)
class KnownField:
    """A field whose value is known, and how it may stand on paper.

    Attributes:
        place: position of its record on the page, and its code.
        kind: what it holds.
        value: of the Excel cell.
        texts: how it stands or may stand on paper.
        only: one of `texts` is what stands there: a person said so.
        sure: the machine is sure; no person has said it.

    """

    place: FieldPlace
    kind: FieldKind
    value: str
    texts: tuple[str, ...]
    only: bool = False
    sure: bool = False


@dataclass(frozen=True, slots=True)
class WritingJob:
    """The known fields of one page; small and picklable.

    Attributes:
        page: name of the page.
        where: how its fields are found on it.
        fields: which ones, each among those of `where`.

    """

    page: str
    where: ScoreJob
    fields: tuple[KnownField, ...]


@dataclass(frozen=True, slots=True)
class KnownLine:
    """One line of a book with the text on it.

    Attributes:
        image: (H, W) uint8 grey, as the recogniser gets it.
        text: as written.
        loss: of the text, as the network sees it: nats a letter.
        page: name of the page.
        place: position of the record on the page, and code of the field.
        line: which of the field's written lines, from 0.
        sure: the machine was sure of it; no person has said it.

    """

    image: Gray
    text: str
    loss: float
    page: str
    place: FieldPlace
    line: int
    sure: bool


@dataclass(frozen=True, slots=True)
class KnownWriting:
    """What is known of a book's writing.

    Attributes:
        lines: in the order of the book.
        refused: fields that teach nothing, by reason.

    """

    lines: tuple[KnownLine, ...] = ()
    refused: Mapping[WritingRefusal, int] = field(default_factory=dict)

    @property
    def fields(self) -> int:
        """Fields that the lines come from."""
        return len({(line.page, line.place) for line in self.lines})


def known_writing(
    ws: Workspace,
    book_id: str,
    settings: RunSettings,
    *,
    sure: bool = False,
    most: int = 10_000,
    work: Callable[[WritingJob], KnownWriting] | None = None,
    go_on: Callable[[], bool] = lambda: True,
    calls: LimitedCalls | None = None,
) -> KnownWriting:
    """The writing of a book that people have confirmed or corrected.

    Pages are opened in processes with limits; one that cannot be opened any more gives nothing.

    Args:
        ws: the workspace.
        book_id: the book.
        settings: the network that looks, and the layouts.
        sure: also what the machine is sure of on these and other pages (`SURE`).
        most: fields, taken in the order of the book; those that people said first.
        work: looks at a page; tests put fakes here.
        go_on: whether a further page may be opened.
        calls: the processes that open pages; those of the whole program when None.

    Raises:
        MachineError: the model or the layouts are missing, or `go_on` says no.

    """
    with ws.read_session() as session:
        own = book_print(ws.folder, book_id)
        jobs = writing_jobs(session, book_id, settings, sure=sure, most=most, own=own)
    found = []
    for job in jobs:
        if not go_on():
            raise _no_time(book_id)
        try:
            found.append(opened(work or writing_on, job, job.page, calls=calls))
        except ScanError:
            continue
    refused: Counter[WritingRefusal] = Counter()
    for one in found:
        refused.update(one.refused)
    return KnownWriting(tuple(line for one in found for line in one.lines), dict(refused))


def _no_time(book_id: str) -> MachineError:
    return MachineError(
        Text(
            "Hết thời gian để xem chữ của sổ",
            "The time for looking at the writing of the book is over",
        ),
        where=book_id,
        remedy=Text("Chạy: sohoa learn MÃ_SỔ", "Run: sohoa learn BOOK"),
    )


def writing_jobs(
    session: Session, book_id: str, settings: RunSettings, *, sure: bool = False,
    most: int = 10_000, own: BookPrint | None = None,
) -> list[WritingJob]:  # fmt: skip
    """The pages of a book with known fields, in the order of the book."""
    rows = [row for row in book_pages(session, book_id) if row.kind == PageKind.RECORD]
    known = _known_fields(session, book_id, sure=sure)
    order = [(one.sure, n, one) for n, row in enumerate(rows) for one in known.get(row.name, ())]
    kept = {(n, one.place) for _, n, one in sorted(order, key=lambda each: each[0])[:most]}
    decided = decisions_in_force(session, book_id, rows)
    jobs = []
    for number, row in enumerate(rows):
        fields = [one for one in known.get(row.name, ()) if (number, one.place) in kept]
        if fields:
            where = ScoreJob(
                page_ref(row), row.digest, row.layout, row.turn,
                tuple(one.place for one in fields), settings,
                corners_by_hand(decided.get(row.name)), own,
            )  # fmt: skip
            jobs.append(WritingJob(row.name, where, tuple(fields)))
    return jobs


def _known_fields(session: Session, book_id: str, *, sure: bool) -> dict[str, list[KnownField]]:
    """The fields by page, in the order of the book."""
    entries, doubted = latest_entries(session, book_id), _asked_again(session, book_id)
    out: dict[str, list[KnownField]] = {}
    for record in load_records(session, book_id):
        for code, one in record.fields.items():
            place = (record.page, record.position, code)
            entry = entries.get(place)
            if place in doubted or one.kind is FieldKind.TICK or not one.value:
                continue
            if one.state in _SAID and entry is not None:
                found = _said(one, entry, record.position)
            elif sure and one.state is State.ACCEPTED and one.confidence >= SURE:
                found = replace(_said(one, None, record.position), sure=True)
            else:
                continue
            if one.special is None:
                out.setdefault(record.page, []).append(found)
    return out


def _said(one: Field, entry: Entry | None, position: int) -> KnownField:
    texts = tuple(c.text for c in one.n_best if c.value == one.value)
    written = entry.as_written if entry is not None else ""
    return KnownField(
        (position, one.code), one.kind, one.value, (written,) if written else texts, bool(written)
    )


def _asked_again(session: Session, book_id: str) -> set[Key]:
    """Fields that people have said something about and that wait for a second word."""
    query = (
        select(RecordRow.page, RecordRow.position, FieldRow.code)
        .join(RecordRow, RecordRow.id == FieldRow.record)
        .where(FieldRow.book == book_id, FieldRow.lane != "", FieldRow.entry.is_not(None))
    )
    return {(page, position, code) for page, position, code in session.execute(query)}


def writing_on(job: WritingJob) -> KnownWriting:
    """The known writing of a page with the real stages; what a limited process does.

    Raises:
        ScanError: the scan cannot be opened.
        MachineError: the model or the layouts are missing.

    """
    return written(job, stages_of_book(job.where.settings, job.where.book_print))


def written(job: WritingJob, stages: Stages) -> KnownWriting:
    """The known writing of a page with the stages given; none where the form fits no more.

    Raises:
        ScanError: the scan cannot be opened.

    """
    inked = inked_fields(job.where, stages)
    lines: list[KnownLine] = []
    refused: Counter[WritingRefusal] = Counter()
    for one in job.fields:
        seen = inked.get(one.place)
        if seen is None:
            refused[WritingRefusal.NO_INK] += 1
            continue
        found = known_texts(one, seen, stages.alphabet)
        if isinstance(found, WritingRefusal):
            refused[found] += 1
            continue
        lines += [
            KnownLine(seen.images[t.line], t.text, t.loss, job.page, one.place, t.line, one.sure)
            for t in found
        ]
    return KnownWriting(tuple(lines), dict(refused))


def known_texts(
    known: KnownField, seen: FieldInk, alphabet: str
) -> tuple[LineText, ...] | WritingRefusal:
    """What stands on the lines of a field whose value is known, or why that cannot be told."""
    if seen.struck:
        return WritingRefusal.STRUCK
    if known.only:
        return line_texts(seen.writing, known.texts, alphabet)
    forms = written_forms(known.kind, known.value, known.texts)
    plain = plain_reading(known.kind, known.value, seen.writing, alphabet)
    return line_texts(seen.writing, forms, alphabet, plain)
