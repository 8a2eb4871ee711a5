"""Many people at work while a batch judges their books: nothing lost, nothing decided twice.

People are processes of their own, as servers are. They take fields, decide, undo and key twice, on
books that the batch (another process) replaces the records of all the time.
"""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review import audit
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.codec import record_to_json
from ocr_pipeline.store.keyings import unsettled
from ocr_pipeline.store.ledger import LedgerKey, record_outcome
from ocr_pipeline.store.models import EntryRow, FieldRow, RecordRow
from ocr_pipeline.store.policies import ReviewMode
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.review_models import LeaseRow
from ocr_pipeline.store.workspace import Workspace
from tests.builders import person_at_work

pytestmark = pytest.mark.databases("sqlite", "postgresql")

WORKER = Path(person_at_work.__file__)
PEOPLE = ("an", "binh", "chi")
SECONDS = 4
ODDS = {"?nksHoTen": 0.5, "?nksNgaySinh": 0.6, "?meHoTen": 0.5, "?so": 0.5}


def start(station, *arguments):
    command = [sys.executable, str(WORKER), station.location, str(SECONDS), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


@pytest.fixture
def evening(station):
    """What everybody told at the end of their work."""
    births = [{"so": f"{i}/2017", **ODDS} for i in range(1, 11)]
    books = [station.make_book(number) for number in (1, 2)]
    for book in books:
        station.book(births, book)
        remember_readings(station, book.id)
    station.policy(kind="person_name", mode=ReviewMode.DOUBLE)
    people = [start(station, "person", name) for name in PEOPLE]
    batch = start(station, "batch", *(book.id for book in books))
    everybody = [*zip(PEOPLE, people, strict=True), ("batch", batch)]
    for _, process in everybody:
        assert process.stdout.readline(), process.stderr.read()
    for _, process in everybody:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = {}
    for name, process in everybody:
        said, faults = process.communicate(timeout=90)
        assert process.returncode == 0, faults
        told[name] = [json.loads(line) for line in said.splitlines()]
    return told


def remember_readings(station, book):
    """Put into the ledger what a run would have read, so that the book can be judged anew."""
    with station.ws.transaction() as session:
        rows = {row.name: row for row in book_pages(session, book)}
        for record in load_records(session, book):
            row = rows[record.page]
            row.digest, row.fingerprint = f"{book[-2:]}{row.digest[2:]}", "f"
            read = {code: replace(f, state=State.READ) for code, f in record.fields.items()}
            data = {"records": [record_to_json(replace(record, fields=read))]}
            record_outcome(session, LedgerKey.of_page(row.digest, "f"), "record", 0.1, data)


@pytest.mark.long
def test_nothing_is_lost_or_decided_twice(station, evening):
    assert sum(line["judged"] for line in evening["batch"]) >= 2
    kept = {line["entry"]: line for name in PEOPLE for line in evening[name] if line["entry"]}
    # A loaded machine gives 17 decisions in the evening; that everybody took part is the point.
    assert all(evening[name] for name in PEOPLE) and kept
    with Workspace.open(station.location) as ws:
        assert audit.verify(ws) is None
        with ws.read_session() as session:
            entries = {row.id: row for row in session.scalars(select(EntryRow))}
            fields = {row.id: row for row in session.scalars(select(FieldRow))}
            places = {row.id: row for row in session.scalars(select(RecordRow))}
            leases = list(session.scalars(select(LeaseRow)))
            open_fields = [one for n in (1, 2) for one in unsettled(session, book_id(station, n))]
    for number, line in kept.items():
        assert entries[number].value == line["value"] and entries[number].user == line["user"]
    answered = Counter((entries[number].base, *place(entries[number])) for number in kept)
    assert set(answered.values()) == {1}, "two decisions answered the same state of a field"
    newest: dict[tuple, int] = {}
    for row in entries.values():
        newest[place(row)] = max(row.id, newest.get(place(row), 0))
    for field in fields.values():
        record = places[field.record]
        assert field.entry == newest.get((record.book, record.page, record.position, field.code))
        if field.entry and entries[field.entry].state != "read":
            assert field.value == entries[field.entry].value
    assert {lease.field for lease in leases} <= set(fields)
    assert all(lane in ("second", "arbitration") for *_, lane in open_fields)
    assert_nobody_got_what_another_held(evening)


def assert_nobody_got_what_another_held(evening):
    """Between taking a field and deciding it, nobody else was given it."""
    spans: dict[int, list[tuple[float, float, str]]] = {}
    for name in PEOPLE:
        for line in evening[name]:
            span = (line["taken"], line["done"], name)
            spans.setdefault(line["field"], []).append(span)
    for held in spans.values():
        held.sort()
        for (_, until, one), (since, _, other) in zip(held, held[1:], strict=False):
            assert one == other or since >= until


def place(row):
    return (row.book, row.page, row.position, row.code)


def book_id(station, number):
    return station.make_book(number).id
