"""Who changed what on a record, field by field; blind keyings stay blind until they are decided."""

import pytest

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review import audit
from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.review.record_history import history
from ocr_pipeline.store.entries import Entry, add_entries
from tests.builders.review_station import book_of_births

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def told(station, user, code="nksHoTen"):
    record = station.row(station.field(1, code)).record
    return history(station.ws, user, record, now=station.now)[code]


def steps(station, user, code="nksHoTen"):
    return [
        (one.user, one.action, one.value, one.withdrawn, one.counts)
        for one in told(station, user, code).steps
    ]


def test_the_machine_then_each_person_with_time_and_note(station):
    station.book([{"nksHoTen": "Lê Thị Mai", "?nksHoTen": 0.4}])
    field = station.field(1, "nksHoTen")
    station.decide(station.an, field, Action.ASK, "", note="Mai hay Mây?")
    station.later(minutes=1)
    station.decide(station.chi, field, Action.CORRECT, "Lê Thị Mây", lane=Lane.SENIOR)
    found = told(station, station.binh)
    assert (found.read, found.confidence) == ("Lê Thị Mai", pytest.approx(0.4))
    assert [(s.user, s.action, s.note) for s in found.steps] == [
        ("an", "ask", "Mai hay Mây?"), ("chi", "correct", ""),
    ]  # fmt: skip
    assert found.steps[1].time == station.now and found.steps[1].counts


def test_what_was_undone_stays_with_its_undo(station):
    station.book([{}])
    field = station.field(1, "nksHoTen")
    station.decide(station.an, field, Action.CORRECT, "Lê Thị Mai")
    station.later(minutes=1)
    station.decide(station.an, field, Action.CORRECT, "Lê Thị Mây", lane=None)
    station.later(minutes=1)
    station.undo(station.an)
    assert steps(station, station.an) == [
        ("an", "correct", "Lê Thị Mai", False, True),
        ("an", "correct", "Lê Thị Mây", True, False),
        ("an", "undo", "Lê Thị Mai", False, False),
    ]


def test_a_value_by_another_door_is_told(station):
    book = station.book([{}])
    with station.ws.transaction() as session:
        add_entries(
            session,
            book.id,
            [Entry("1.jpg", 1, "nksHoTen", "Lê Thị Mai", State.CORRECTED, "nhập")],
        )
    assert steps(station, station.an) == [("nhập", "enter", "Lê Thị Mai", False, True)]


def test_blind_keyings_are_not_told_before_they_are_decided(double):
    double.book([{"nksHoTen": "Lê Thị Mai", "?nksHoTen": 0.4}])
    field = double.field(1, "nksHoTen")
    double.decide(double.an, field, Action.CORRECT, "Lê Thị Mây", lane=Lane.DOUBT)
    assert steps(double, double.an) == [("an", "correct", "Lê Thị Mây", False, False)]
    for user in (double.binh, double.chi, double.admin):
        found = told(double, user)
        assert (found.read, found.confidence) == (None, 0.0)
        assert [(s.user, s.value, s.hidden) for s in found.steps] == [("", "", True)]
    double.decide(double.binh, field, Action.CORRECT, "Lê Thị Mận", lane=Lane.SECOND)
    for user in (double.an, double.binh, double.chi):
        found = told(double, user)
        assert found.read is None
        assert {s.user for s in found.steps if not s.hidden} <= {user.name}
    double.decide(double.chi, field, Action.CORRECT, "Lê Thị Mây", lane=Lane.ARBITRATION)
    assert [(s.user, s.value) for s in told(double, double.an).steps] == [
        ("an", "Lê Thị Mây"), ("binh", "Lê Thị Mận"), ("chi", "Lê Thị Mây"),
    ]  # fmt: skip
    assert told(double, double.an).read == "Lê Thị Mai"


def test_that_it_was_looked_at_is_noted_once_an_hour(station):
    station.book([{}])
    for minutes in (0, 10):
        station.later(minutes=minutes)
        told(station, station.an)
    lines = [one for one in audit.export(station.ws) if one["action"] == "history_seen"]
    assert [(one["user"], one["book"], one["subject"]) for one in lines] == [
        ("an", book_of_births().id, "1.jpg 1")
    ]
