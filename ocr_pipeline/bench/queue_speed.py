"""How long the queue takes to answer with very many fields: an invented store, measured."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from ocr_pipeline.bench.invented_values import value_for
from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import (
    Box,
    Candidate,
    Doubt,
    Field,
    FieldKind,
    Record,
    Script,
    Severity,
    State,
)
from ocr_pipeline.registers.layout_codes import paper_kinds
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review import book_views, field_decisions, queue
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.field_decisions import Action, Decision
from ocr_pipeline.review.queue import GroupSort, Lane, QueueFilter
from ocr_pipeline.review.suggestions import suggest
from ocr_pipeline.store.books import save_book
from ocr_pipeline.store.codec import pack, record_to_json
from ocr_pipeline.store.engine import refresh_statistics
from ocr_pipeline.store.lanes import NOTHING_OPEN, draw_of, lane_of, rules_text
from ocr_pipeline.store.models import BookRow, FieldRow, PageRow, RecordRow
from ocr_pipeline.store.workspace import Workspace

_RECORDS = 500  # in a book
_CODES = (
    "so", "ngayDangKy", "nksHoTen", "nksGioiTinh", "nksNgaySinh", "nksNgaySinhBangChu",
    "nksNoiSinh", "nksDanToc", "nksQuocTich", "nksQueQuan", "meHoTen", "meNgaySinh", "meDanToc",
    "meNoiCuTru", "chaHoTen", "chaNgaySinh", "chaDanToc", "chaNoiCuTru", "nycHoTen", "nguoiKy",
)  # fmt: skip
_DOUBTFUL = 0.4
_RARE = "name_unlike_sex"  # one doubtful field in a thousand


def measure_review(fields: int, rounds: int, at: str = "") -> dict[str, Any]:
    """Build an invented store and measure the queue's answers.

    Args:
        fields: fields in the store, at least.
        rounds: how often each thing is done.
        at: workspace to build the store in and keep; one that has books is measured as it is.

    Returns:
        `{"fields", "waiting", "build_seconds", "milliseconds": {what: {"median", "worst",
        "cpu"}}}`; `cpu` is the median of processor time alone, for machines that do other work.

    """
    if at:
        return _measured(at, fields, rounds)
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as folder:
        return _measured(folder, fields, rounds)


def _measured(location: str, fields: int, rounds: int) -> dict[str, Any]:
    with Workspace.open(location) as ws:
        start = time.perf_counter()
        build(ws, fields)
        spent = time.perf_counter() - start
        with ws.read_session() as session:
            number = session.scalar(select(func.count()).select_from(FieldRow))
        user = User("an", Role.REVIEWER)
        return {
            "fields": number,
            "waiting": queue.waiting(ws, QueueFilter(), user)["total"],
            "build_seconds": round(spent, 1),
            "milliseconds": {what: timed(task, rounds) for what, task in _tasks(ws, user).items()},
        }


def build(ws: Workspace, fields: int) -> None:
    """Fill an empty workspace with books of invented births; one with books stays as it is."""
    with ws.read_session() as session:
        if session.scalar(select(BookRow.id).limit(1)):
            return
    chance = random.Random(1)
    for number in range(1, -(-fields // (_RECORDS * len(_CODES))) + 1):
        with ws.transaction() as session:
            _add_book(session, number, chance)
    refresh_statistics(ws.engine)


def _tasks(ws: Workspace, user: User) -> dict[str, Callable[[], object]]:
    """What people wait for, by what it is called in the report."""
    other = User("binh", Role.OPERATOR)
    with ws.read_session() as session:
        book = session.scalars(select(BookRow.id).order_by(BookRow.id)).first() or ""
    names = queue.groups(ws, user, QueueFilter(kind=FieldKind.PERSON_NAME))
    signers = [group for group in names if group.sort is GroupSort.VALUE]

    def decided() -> object:
        [item] = queue.take(ws, other, QueueFilter(), count=1)
        said = Decision(item.field, Action.CONFIRM, item.value, base=item.base)
        with _Watch() as watch:
            [outcome] = field_decisions.decide(ws, other, [said])
        assert outcome.ok, outcome
        return watch

    def undone() -> object:
        decided()
        with _Watch() as watch:
            field_decisions.undo(ws, other)
        return watch

    def took(filter: QueueFilter, order: Any = "field") -> Callable[[], object]:
        def task() -> object:
            with _Watch() as watch:
                items = queue.take(ws, user, filter, order, 12)
            queue.release(ws, user, [item.field for item in items])
            return watch

        return task

    def grouped() -> object:
        one = signers[0]
        with _Watch() as watch:
            items = queue.take_group(ws, user, QueueFilter(), one)
        queue.release(ws, user, [item.field for item in items])
        return watch

    return {
        "waiting": lambda: queue.waiting(ws, QueueFilter(), user),
        "waiting, one kind": lambda: queue.waiting(ws, QueueFilter(kind=FieldKind.DATE), user),
        "waiting, a rare doubt": lambda: queue.waiting(ws, QueueFilter(rule=_RARE), user),
        "waiting, samples": lambda: queue.waiting(ws, QueueFilter(lane=Lane.SAMPLE), user),
        "take 12 by field": took(QueueFilter()),
        "take 12 by field, one kind": took(QueueFilter(kind=FieldKind.PERSON_NAME)),
        "take 12 by field, a rare doubt": took(QueueFilter(rule=_RARE)),
        "take 12 by field, one book": took(QueueFilter(book=book)),
        "take 12 by record": took(QueueFilter(), "record"),
        "take 12 samples": took(QueueFilter(lane=Lane.SAMPLE)),
        "groups": lambda: queue.groups(ws, user, QueueFilter()),
        "groups, one kind": lambda: queue.groups(ws, user, QueueFilter(kind=FieldKind.PERSON_NAME)),
        "take 60 of a group": grouped,
        "decide": decided,
        "undo": undone,
        "suggest a name": lambda: suggest(ws, user, FieldKind.PERSON_NAME, "nguyen", book),
        "suggest a place": lambda: suggest(ws, user, FieldKind.PLACE, "binh d", book),
        "one book with its obstacles": lambda: book_views.book(ws, book),
        "all books": lambda: book_views.books(ws),
    }


class _Watch:
    """Wall-clock and processor seconds of a block."""

    def __enter__(self) -> _Watch:
        self.start = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = time.perf_counter() - self.start[0]
        self.cpu = time.process_time() - self.start[1]


def timed(task: Callable[[], object], rounds: int) -> dict[str, float]:
    """Milliseconds; a task that prepares something gives the watch of what counts itself."""
    task()
    seen: list[_Watch] = []
    for _ in range(rounds):
        with _Watch() as whole:
            own = task()
        seen.append(own if isinstance(own, _Watch) else whole)
    wall = [watch.wall * 1000 for watch in seen]
    return {
        "median": round(statistics.median(wall), 1),
        "worst": round(max(wall), 1),
        "cpu": round(statistics.median(watch.cpu * 1000 for watch in seen), 1),
    }


def invented_book(number: int) -> Book:
    """A book of births; each number gives another."""
    return Book(
        id=f"xalocthuan_hbd_tbt.KS.{1990 + number % 30}.{number:03d}",
        path=Path("/nowhere"),
        type=RegisterType.KS,
        agency=Agency("xã Lộc Thuận", "huyện Bình Đại", "tỉnh Bến Tre"),
        year_opened=1990 + number % 30,
        number=number,
    )


def invented_record(place: int, book: Book) -> Record:
    """The record at a place of a book, always the same."""
    return _record(place, book, random.Random(place))


def _add_book(session: Session, number: int, chance: random.Random) -> None:
    book = invented_book(number)
    save_book(session, book)
    session.flush()
    records = [_record(place, book, chance) for place in range(_RECORDS)]
    pages = [
        {"book": book.id, "name": record.page, "ordinal": place, "path": "/nowhere/x.jpg",
         "kind": "record", "digest": f"{number:032x}{place:032x}"}
        for place, record in enumerate(records)
    ]  # fmt: skip
    session.execute(insert(PageRow), pages)
    rows = [
        RecordRow(
            book=book.id, page=record.page, position=1, ordinal=place, layout=record.layout,
            payload=pack(record_to_json(record)),
        )
        for place, record in enumerate(records)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    fields = [
        line
        for row, record in zip(rows, records, strict=True)
        for line in _field_rows(book.id, row.id, record)
    ]
    session.execute(insert(FieldRow), fields)
    session.expunge_all()


def _record(place: int, book: Book, chance: random.Random) -> Record:
    fields = {}
    for line, code in enumerate(_CODES):
        kind = paper_kinds("KS")[code]
        value = value_for(code, kind, place, book, chance)
        doubtful = chance.random() < _DOUBTFUL
        confidence = chance.uniform(0.3, 0.94) if doubtful else chance.uniform(0.95, 1.0)
        doubts = [_doubt("unsure")] if doubtful else []
        if doubtful and chance.random() < 0.001:
            doubts.append(_doubt(_RARE))
        fields[code] = Field(
            code, kind, value, value, confidence,
            State.IN_REVIEW if doubtful else State.ACCEPTED,
            n_best=tuple(Candidate(value, value, confidence / n) for n in range(1, 6)),
            doubts=tuple(doubts),
            box=Box(200, 100 * (line + 1), 1500, 80),
            script=Script.HANDWRITTEN,
            versions={"layout": "KS-2006", "model": "htr"},
        )  # fmt: skip
    return Record(f"trang {place + 1:04d}.jpg", 1, "KS-2006", fields)


def _doubt(rule: str) -> Doubt:
    return Doubt(rule, Severity.CONFIDENCE, Text("Máy chỉ chắc 80 %", "80 % sure"))


def _field_rows(book: str, record_id: int, record: Record) -> Iterator[dict[str, Any]]:
    for place, field in enumerate(record.fields.values()):
        draw = draw_of(book, (record.page, record.position, field.code))
        lane = lane_of(field.state, False, NOTHING_OPEN, draw < 0.02)
        yield {
            "record": record_id, "book": book, "code": field.code, "kind": field.kind.value,
            "state": field.state.value, "value": field.value, "confidence": field.confidence,
            "hard": False, "place": place, "lane": lane.value if lane else "",
            "rules": rules_text([doubt.rule for doubt in field.doubts]), "draw": draw,
            "entry": None,
        }  # fmt: skip


__all__ = ["build", "invented_book", "invented_record", "measure_review", "timed"]
