"""A workspace with a book of births under review: a clock, people of every role, their doings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.book_judgement import judge_book
from ocr_pipeline.registers.fields import Box, Candidate, Field, Record, Script
from ocr_pipeline.review import field_decisions, queue
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.field_decisions import Action, Decision
from ocr_pipeline.review.queue import Lane, QueueFilter
from ocr_pipeline.store.books import save_book
from ocr_pipeline.store.codec import record_to_json
from ocr_pipeline.store.ledger import LedgerKey, record_outcome
from ocr_pipeline.store.models import EntryRow, FieldRow, PageRow, RecordRow
from ocr_pipeline.store.policies import ReviewMode, ReviewPolicy, save_policy
from ocr_pipeline.store.records import load_records, replace_records
from ocr_pipeline.store.review_models import DecisionRow
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book
from tests.builders.records import BIRTH, make_field, make_record

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def birth_as_read(page: str, values: dict[str, str], unsure: dict[str, float]) -> Record:
    """A birth as the reader leaves it: a field every 50 pixels, with a second choice each."""
    fields = []
    for place, (code, value) in enumerate(values.items()):
        confidence = unsure.get(code, 0.999)
        choices = (
            Candidate(value, value, confidence),
            Candidate(f"{value}?", f"{value}?", (1 - confidence) / 2),
        )
        fields.append(
            make_field(
                code,
                value,
                confidence=confidence,
                n_best=choices if value else (),
                box=Box(100, 50 * (place + 1), 400, 40),
                script=Script.HANDWRITTEN if value else Script.BLANK,
            )
        )
    return make_record(page, fields)


def book_of_births(number: int = 1) -> Book:
    """The book of a station."""
    return make_book(number=number, year=2017, path=Path("/scans/b1"))


class ReviewStation:
    """A workspace with a book of births, a clock, and people of every role."""

    def __init__(self, location) -> None:
        self.location = str(location)
        self.ws = Workspace.open(location)
        self.now = START
        self.an = User("an", Role.OPERATOR)
        self.binh = User("binh", Role.OPERATOR)
        self.chi = User("chi", Role.REVIEWER)
        self.dung = User("dung", Role.APPROVER)
        self.admin = User("quan", Role.ADMIN)

    make_book = staticmethod(book_of_births)

    def later(self, **time) -> datetime:
        self.now += timedelta(**time)
        return self.now

    def book(self, records: list[dict], book: Book | None = None, judge: bool = True) -> Book:
        """A book with these records: column values, `?code` lists how sure the machine is."""
        book = book or book_of_births()
        read = []
        for place, values in enumerate(records):
            unsure = {k[1:]: v for k, v in values.items() if k.startswith("?")}
            own = {k: v for k, v in values.items() if not k.startswith("?")}
            read.append(birth_as_read(f"{place + 1}.jpg", {**BIRTH, **own}, unsure))
        with self.ws.transaction() as session:
            save_book(session, book)
            session.flush()
            for place, record in enumerate(read):
                digest = f"{place + 1000 * (book.number - 1):064x}"  # as scans of books differ
                session.add(
                    PageRow(book=book.id, name=record.page, ordinal=place, path=f"/x/{place}.jpg",
                            kind="record", digest=digest, fingerprint="f")
                )  # fmt: skip
                key = LedgerKey.of_page(digest, "f")
                record_outcome(session, key, "record", 0.5, {"records": [record_to_json(record)]})
            replace_records(session, book.id, judge_book(book, read) if judge else read, "h")
        return book

    def policy(self, **options) -> None:
        with self.ws.transaction() as session:
            save_policy(session, ReviewPolicy(**options), self.admin.name, self.now)

    def field(self, page: int, code: str, book: Book | None = None) -> int:
        with self.ws.read_session() as session:
            query = (
                select(FieldRow.id)
                .join(RecordRow, RecordRow.id == FieldRow.record)
                .where(RecordRow.page == f"{page}.jpg", FieldRow.code == code)
                .where(RecordRow.book == (book or book_of_births()).id)
            )
            return session.scalars(query).one()

    def row(self, field: int) -> FieldRow:
        with self.ws.read_session() as session:
            return session.get_one(FieldRow, field)

    def shown(self, page: int, code: str) -> Field:
        """The field as results, export and figures see it."""
        with self.ws.read_session() as session:
            records = load_records(session, book_of_births().id)
        return next(r for r in records if r.page == f"{page}.jpg").fields[code]

    def entries(self) -> list[EntryRow]:
        with self.ws.read_session() as session:
            return list(session.scalars(select(EntryRow).order_by(EntryRow.id)))

    def decisions(self) -> list[DecisionRow]:
        with self.ws.read_session() as session:
            return list(session.scalars(select(DecisionRow).order_by(DecisionRow.id)))

    def take(self, user: User, lane=Lane.DOUBT, order="field", count=10, **filter):
        return queue.take(self.ws, user, QueueFilter(lane=lane, **filter), order, count, self.now)

    def decide(self, user: User, field: int, action=Action.CORRECT, value="", **more):
        more.setdefault("base", self.row(field).entry)
        decision = Decision(field, action, value, **more)
        [outcome] = field_decisions.decide(self.ws, user, [decision], self.now)
        return outcome

    def say(self, user: User, item, action=Action.CORRECT, value="", **more):
        """Decide an item as it was shown."""
        decision = Decision(item.field, action, value, base=item.base, lane=item.lane, **more)
        [outcome] = field_decisions.decide(self.ws, user, [decision], self.now)
        return outcome

    def undo(self, user: User):
        """The field of the deed taken back, the newest of several; None when there was none."""
        return next(iter(field_decisions.undo(self.ws, user, self.now)), None)

    def waiting(self, user: User, **filter):
        return queue.waiting(self.ws, QueueFilter(**filter), user, self.now)


@pytest.fixture
def station(location: str) -> Iterator[ReviewStation]:
    """A station on the database that the test is marked for."""
    station = ReviewStation(location)
    yield station
    station.ws.close()


@pytest.fixture
def double(station):
    """Names are keyed twice."""
    station.policy(kind="person_name", mode=ReviewMode.DOUBLE)
    return station
