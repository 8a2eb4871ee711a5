"""Writing that several records of a sheet share says the same in all of them."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from ocr_pipeline.checks.book_judgement import judge_book
from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.registers.fields import Box, State
from ocr_pipeline.review.field_decisions import Action, Decision, decide
from ocr_pipeline.store.books import save_book
from ocr_pipeline.store.codec import record_to_json
from ocr_pipeline.store.ledger import LedgerKey, record_outcome
from ocr_pipeline.store.models import FieldRow, PageRow, RecordRow
from ocr_pipeline.store.records import load_records, replace_records
from tests.builders.review_station import BIRTH, birth_as_read

pytestmark = pytest.mark.databases("sqlite", "postgresql")

CODE = "trangSo"


@pytest.fixture
def sheet(station):
    """Four births of one sheet: its page number was read at one place, surely and wrongly."""
    book, read = station.make_book(), []
    for position in range(1, 5):
        record = birth_as_read("1.jpg", {**BIRTH, "so": f"{position}/2017", CODE: "41"}, {})
        own = replace(record.fields[CODE], box=Box(5, 20, 90, 40))
        read.append(replace(record, position=position, fields={**record.fields, CODE: own}))
    with station.ws.transaction() as session:
        save_book(session, book)
        session.flush()
        page = {"name": "1.jpg", "ordinal": 0, "path": "/x/1.jpg", "kind": "record"}
        session.add(PageRow(book=book.id, **page, digest="d" * 64, fingerprint="f"))
        outcome = {"records": [record_to_json(record) for record in read]}
        record_outcome(session, LedgerKey.of_page("d" * 64, "f"), "record", 0.5, outcome)
        replace_records(session, book.id, judge_book(book, read), "h")
    return station


def numbers(station):
    with station.ws.read_session() as session:
        records = load_records(session, station.make_book().id)
    return [(one.fields[CODE].value, one.fields[CODE].state) for one in records]


def ids(station):
    with station.ws.read_session() as session:
        query = select(FieldRow.id).join(RecordRow, RecordRow.id == FieldRow.record)
        return list(
            session.scalars(query.where(FieldRow.code == CODE).order_by(RecordRow.position))
        )


def test_what_is_corrected_in_one_record_is_corrected_in_all(sheet):
    assert numbers(sheet) == [("41", State.ACCEPTED)] * 4
    said = Decision(ids(sheet)[1], Action.CORRECT, "11")
    [outcome] = decide(sheet.ws, sheet.an, [said], sheet.now)
    assert outcome.ok
    accepted = ("11", State.ACCEPTED)
    assert numbers(sheet) == [accepted, ("11", State.CORRECTED), accepted, accepted]
    told = {(one.field, one.value) for one in outcome.changed}
    assert told == {(field, "11") for field in ids(sheet)}
    shown = numbers(sheet)
    assert judge_and_store(sheet.ws, sheet.make_book().id)
    assert numbers(sheet) == shown


def test_taken_back_in_one_it_is_taken_back_in_all(sheet):
    decide(sheet.ws, sheet.an, [Decision(ids(sheet)[1], Action.CORRECT, "11")], sheet.now)
    sheet.undo(sheet.an)
    assert numbers(sheet) == [("41", State.ACCEPTED)] * 4


def test_what_people_entered_elsewhere_stays(sheet):
    first, second, *_ = ids(sheet)
    decide(sheet.ws, sheet.an, [Decision(first, Action.CORRECT, "14")], sheet.now)
    decide(sheet.ws, sheet.an, [Decision(second, Action.CORRECT, "11")], sheet.now)
    assert [value for value, _ in numbers(sheet)] == ["14", "11", "11", "11"]


def test_what_nobody_can_read_in_one_record_waits_in_all(sheet):
    decide(sheet.ws, sheet.an, [Decision(ids(sheet)[0], Action.UNREADABLE)], sheet.now)
    states = [state for _, state in numbers(sheet)]
    assert states == [State.UNREADABLE, *[State.IN_REVIEW] * 3]
