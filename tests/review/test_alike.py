"""A value that belongs to the whole book is asked once."""

from __future__ import annotations

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review import audit
from ocr_pipeline.review.alike import decide_alike
from ocr_pipeline.review.decision import Decision
from ocr_pipeline.review.field_decisions import Action, undo

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
