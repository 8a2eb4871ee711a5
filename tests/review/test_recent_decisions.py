"""Own decisions are seen again and changed, without taking anything back."""

import pytest

from ocr_pipeline.review import audit
from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.recent_decisions import MOST, recent

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def past(station, user):
    return [(one.code, one.value, one.counts) for one in recent(station.ws, user, now=station.now)]


def test_one_sees_ones_own_newest_first_and_nobody_elses(station):
    station.book([{}, {}])
    for minute, code in enumerate(("nksHoTen", "meHoTen")):
        station.later(minutes=minute)
        station.decide(station.an, station.field(1, code), Action.CORRECT, "Lê Thị Mai")
    station.decide(station.binh, station.field(2, "chaHoTen"), Action.CORRECT, "Vũ Văn Lộc")
    assert past(station, station.an) == [
        ("meHoTen", "Lê Thị Mai", True), ("nksHoTen", "Lê Thị Mai", True),
    ]  # fmt: skip
    [first, _] = recent(station.ws, station.an, now=station.now)
    assert (first.page_name, first.action, first.box.width > 0) == ("1.jpg", Action.CORRECT, True)
    lines = [one for one in audit.export(station.ws) if one["action"] == "looked_back"]
    assert [one["user"] for one in lines] == ["an"], "one line an hour"


def test_a_changed_decision_is_a_new_one_and_the_old_stays_in_the_list(station):
    station.book([{}])
    field = station.field(1, "nksHoTen")
    station.decide(station.an, field, Action.CORRECT, "Lê Thị Mai")
    station.decide(station.an, field, Action.CORRECT, "Lê Thị Mây", lane=None)
    assert past(station, station.an) == [
        ("nksHoTen", "Lê Thị Mây", True), ("nksHoTen", "Lê Thị Mai", False),
    ]  # fmt: skip
    assert station.row(field).value == "Lê Thị Mây"
    assert [one.base for one in station.entries()] == [None, station.entries()[0].id]


def test_a_decision_that_somebody_else_changed_counts_no_more(station):
    station.book([{}])
    field = station.field(1, "nksHoTen")
    station.decide(station.an, field, Action.CORRECT, "Lê Thị Mai")
    station.decide(station.chi, field, Action.CORRECT, "Lê Thị Mây", lane=None)
    assert past(station, station.an) == [("nksHoTen", "Lê Thị Mai", False)]


def test_what_was_taken_back_is_not_shown(station):
    station.book([{}])
    station.decide(station.an, station.field(1, "nksHoTen"), Action.CORRECT, "Lê Thị Mai")
    station.undo(station.an)
    assert past(station, station.an) == []


def test_at_most_fifty(station):
    station.book([{}] * 4)
    codes = [row for row in ("nksHoTen", "meHoTen", "chaHoTen")]
    for turn in range(5):
        for page in range(1, 5):
            for code in codes:
                station.decide(
                    station.an, station.field(page, code), Action.CORRECT, f"Lê {'An' * (turn + 1)}"
                )
    assert len(past(station, station.an)) == MOST
    assert len(recent(station.ws, station.an, 3, now=station.now)) == 3
