"""A new judgement changes values and doubts, but not what anything is called."""

from dataclasses import replace

import pytest

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.store.entries import latest_entries
from ocr_pipeline.store.models import FieldRow, RecordRow
from ocr_pipeline.store.records import record_of, replace_records

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def judged(station):
    """The records of the book as the machine judged them."""
    with station.ws.read_session() as session:
        rows = session.query(RecordRow).order_by(RecordRow.ordinal).all()
        return [record_of(row) for row in rows]


def store(station, records):
    with station.ws.transaction() as session:
        replace_records(session, station.make_book().id, records)


def ids(station):
    with station.ws.read_session() as session:
        return {(row.record, row.code): row.id for row in session.query(FieldRow).all()}


def test_ids_stay_and_what_people_said_stays_on_top(station):
    station.book([{"?nksHoTen": 0.5}, {"so": "63/2017"}])
    field = station.field(1, "nksHoTen")
    entry = station.decide(station.an, field, value="Trần Thị Hoa").entry
    before, records = ids(station), judged(station)
    name = replace(records[0].fields["nksHoTen"], value="Trần Thị Hỏa")
    first = replace(records[0], fields={**records[0].fields, "nksHoTen": name})
    store(station, [records[1], first])  # and the pages have changed places
    assert ids(station) == before
    row = station.row(field)
    assert (row.value, row.state, row.entry) == ("Trần Thị Hoa", "corrected", entry)
    assert station.shown(1, "nksHoTen").value == "Trần Thị Hoa"
    # what the machine says now is what an undo brings back
    assert station.undo(station.an).value == "Trần Thị Hỏa"


def test_a_page_that_comes_back_keeps_its_entries_and_open_keyings(double):
    double.book([{"?nksHoTen": 0.5, "?nksNgaySinh": 0.5}, {"so": "63/2017"}])
    double.decide(double.an, double.field(1, "nksHoTen"), value="Trần Thị Hoa")
    double.decide(double.an, double.field(1, "nksNgaySinh"), value="27.06.2017")
    old, records = double.field(1, "nksHoTen"), judged(double)
    store(double, records[1:])
    assert double.waiting(double.binh, lane=Lane.SECOND)["total"] == 0
    store(double, records)
    field = double.field(1, "nksHoTen")
    assert field > max(old, *ids(double).values()) - 100 and field != old
    assert double.row(field).lane == Lane.SECOND
    assert double.take(double.an, Lane.SECOND) == []
    [item] = double.take(double.binh, Lane.SECOND)
    assert double.say(double.binh, item, value="Trần Thị Hoa").entry
    assert double.shown(1, "nksNgaySinh").value == "27.06.2017"


def test_a_save_about_a_field_that_is_gone_is_told_so(station):
    station.book([{"?nksHoTen": 0.5}, {"so": "63/2017"}])
    [item] = station.take(station.an)
    store(station, judged(station)[1:])
    outcome = station.say(station.an, item, value="Trần Thị Hoa")
    assert not outcome.ok and outcome.message.vi


def test_an_undone_field_is_doubted_again_after_a_new_judgement(station):
    """The raw reading is judged by itself then: it must not slip through as accepted."""
    station.book([{"?nksHoTen": 0.5}])
    field = station.field(1, "nksHoTen")
    station.decide(station.an, field, Action.CONFIRM, "Trần Thị Hòa")
    [record] = judged(station)
    raw = replace(record.fields["nksHoTen"], state=State.READ, doubts=())
    store(station, [replace(record, fields={**record.fields, "nksHoTen": raw})])
    item = station.undo(station.an)
    assert [doubt.rule for doubt in item.doubts] == ["unsure"]
    assert station.row(field).lane == Lane.DOUBT
    with station.ws.read_session() as session:
        [entry] = latest_entries(session, station.make_book().id).values()
    assert entry.state is State.READ
