"""A value that belongs to the whole book or sheet is asked once."""

from __future__ import annotations

from dataclasses import replace

from ocr_pipeline.checks.book_judgement import judge_book
from ocr_pipeline.registers.fields import Box, State
from ocr_pipeline.review import audit
from ocr_pipeline.review.alike import decide_alike
from ocr_pipeline.review.decision import Decision
from ocr_pipeline.review.field_decisions import Action, undo
from ocr_pipeline.store.books import save_book
from ocr_pipeline.store.records import replace_records
from tests.builders.records import BIRTH
from tests.builders.review_station import birth_as_read

RIGHT = "01/2017"


def volumes(*readings):
    """Births whose volume was read so: in doubt, or accepted where nothing is unsure."""
    return [
        {"so": f"{n}/2017", "quyenSo": value}
        if sure
        else {"so": f"{n}/2017", "?quyenSo": 0.4, "quyenSo": value}
        for n, (value, sure) in enumerate(readings, 1)
    ]


def said(station, user, page, value=RIGHT, code="quyenSo", **more):
    decision = Decision(station.field(page, code), Action.CORRECT, value, alike=True, **more)
    return decide_alike(station.ws, user, [decision], station.now)[0]


def shown(station, *pages):
    return [(f.value, f.state) for f in (station.shown(page, "quyenSo") for page in pages)]


def test_one_answer_serves_for_the_fields_read_the_same_and_one_undo_takes_all_back(station):
    station.book(volumes(*[("121/2017", False)] * 3, (RIGHT, True)))
    outcome = said(station, station.an, 1)
    assert set(outcome.alike) == {station.field(2, "quyenSo"), station.field(3, "quyenSo")}
    assert shown(station, 1, 2, 3) == [(RIGHT, State.CORRECTED)] * 3
    assert shown(station, 4) == [(RIGHT, State.ACCEPTED)]
    assert len(station.entries()) == 3  # each has its own
    assert audit.verify(station.ws) is None
    assert len(undo(station.ws, station.an, station.now)) == 3
    assert shown(station, 1, 2, 3) == [("121/2017", State.IN_REVIEW)] * 3


def test_what_somebody_decided_or_has_on_his_screen_is_not_answered(station):
    station.book(volumes(*[("121/2017", False)] * 3))
    assert station.decide(station.binh, station.field(2, "quyenSo"), value="03/2017").ok
    held = station.take(station.binh, count=1)
    assert [one.code for one in held] == ["quyenSo"]
    free = next(p for p in (1, 3) if station.field(p, "quyenSo") != held[0].field)
    outcome = said(station, station.an, free)
    assert outcome.ok and outcome.alike == ()
    assert shown(station, 2) == [("03/2017", State.CORRECTED)]


def test_values_of_one_record_are_never_answered_for_others(station):
    station.book([{"so": f"{n}/2017", "?nksHoTen": 0.5} for n in (1, 2)])
    outcome = said(station, station.an, 1, "Trần Thị Hoa", "nksHoTen")
    assert outcome.ok and outcome.alike == ()
    assert station.shown(2, "nksHoTen").state is State.IN_REVIEW


def test_an_item_tells_how_many_wait_and_a_refused_answer_serves_for_none(station):
    station.book(volumes(*[("121/2017", False)] * 3))
    assert {one.once for one in station.take(station.an, count=9) if one.code == "quyenSo"} == {3}
    outcome = said(station, station.an, 1, "không rõ")
    assert not outcome.ok and outcome.alike == ()
    assert shown(station, 2) == [("121/2017", State.IN_REVIEW)]


def sheets(station, *places):
    """Births whose page number was read at (sheet, place on it, left edge of the box)."""
    book = station.make_book()
    read = []
    for sheet, position, left in places:
        values = {**BIRTH, "so": f"{len(read) + 1}/2017", "trangSo": "75"}
        record = birth_as_read(f"{sheet}.jpg", values, {"trangSo": 0.4})
        own = replace(record.fields["trangSo"], box=Box(left, 20, 90, 40))
        read.append(replace(record, position=position, fields={**record.fields, "trangSo": own}))
    with station.ws.transaction() as session:
        save_book(session, book)
        replace_records(session, book.id, judge_book(book, read), "h")
    items = station.take(station.an, count=99, order="record")
    return [one for one in items if one.code == "trangSo"]


def test_a_value_of_the_sheet_is_asked_once_for_all_its_records(station):
    first, second, third, elsewhere = sheets(station, (1, 1, 5), (1, 2, 5), (1, 3, 5), (2, 1, 5))
    assert [one.once for one in (first, second, third, elsewhere)] == [3, 3, 3, 0]
    decision = Decision(first.field, Action.CORRECT, "15", alike=True)
    [outcome] = decide_alike(station.ws, station.an, [decision], station.now)
    assert set(outcome.alike) == {second.field, third.field}
    assert len(undo(station.ws, station.an, station.now)) == 3


def test_another_place_of_the_same_sheet_is_another_writing(station):
    first, second = sheets(station, (1, 1, 5), (1, 2, 300))
    assert (first.once, second.once) == (0, 0)
    decision = Decision(first.field, Action.CORRECT, "15", alike=True)
    [outcome] = decide_alike(station.ws, station.an, [decision], station.now)
    assert outcome.ok and outcome.alike == ()
