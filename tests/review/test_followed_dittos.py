"""Ditto marks stand for what is entered above them, in the record below and in those below it."""

import pytest

from ocr_pipeline.processing.judgement import judge_and_store
from ocr_pipeline.registers.fields import Script, Special, State
from ocr_pipeline.review.field_decisions import Action, Decision, decide
from tests.builders import review_station
from tests.builders.records import make_field

pytestmark = pytest.mark.databases("sqlite", "postgresql")

CODE = "nksDanToc"


@pytest.fixture
def table(station, monkeypatch):
    """Six births: an ethnic group that is not sure, and ditto marks below it but for the fifth."""
    plain = review_station.make_field

    def marked(code, value="", **more):
        if code == CODE and value == '"':
            ditto = {"special": Special.DITTO, "script": Script.HANDWRITTEN, "box": more["box"]}
            return make_field(code, "", as_written=value, **ditto)
        return plain(code, value, **more)

    monkeypatch.setattr(review_station, "make_field", marked)
    station.book(
        [
            {"so": f"{62 + place}/2017", CODE: value, f"?{CODE}": 0.6}
            for place, value in enumerate(["Tay", '"', '"', '"', "Kinh", '"'])
        ]
    )
    return station


def stand(station, pages=range(1, 7)):
    return [(station.shown(page, CODE).value, station.shown(page, CODE).state) for page in pages]


def test_marks_wait_with_the_value_above_and_follow_it(table):
    assert stand(table, (1, 2, 3, 4)) == [("Tay", State.IN_REVIEW)] * 4
    outcome = table.decide(table.an, table.field(1, CODE), value="Tày")
    assert stand(table) == [
        ("Tày", State.CORRECTED), *[("Tày", State.ACCEPTED)] * 3, *[("Kinh", State.IN_REVIEW)] * 2,
    ]  # fmt: skip
    told = {(one.field, one.value, one.state) for one in outcome.changed}
    assert told >= {(table.field(page, CODE), "Tày", State.ACCEPTED) for page in (2, 3, 4)}
    waiting = {(item.page, item.code) for item in table.take(table.binh, count=90)}
    assert not waiting & {(f"{page}.jpg", CODE) for page in (1, 2, 3, 4)}


def test_decisions_above_and_below_at_once_are_told_as_they_stand(table):
    """The record below is told with the value that it got by the decision above."""
    said = [
        Decision(table.field(2, "nksHoTen"), Action.CORRECT, "Trần Thị Hoa"),
        Decision(table.field(1, CODE), Action.CORRECT, "Tày"),
    ]
    below, _ = decide(table.ws, table.an, said, table.now)
    assert below.record[CODE].state is State.ACCEPTED and not below.record[CODE].doubts
    assert stand(table, (2,)) == [("Tày", State.ACCEPTED)]


def test_taken_back_above_taken_back_below(table):
    before = stand(table)
    table.decide(table.an, table.field(1, CODE), value="Tày")
    table.undo(table.an)
    assert stand(table) == before


def test_what_a_person_entered_below_stays_and_counts_from_there_on(table):
    table.decide(table.an, table.field(3, CODE), value="Nùng")
    table.decide(table.an, table.field(1, CODE), value="Tày")
    assert [value for value, _ in stand(table)] == ["Tày", "Tày", "Nùng", "Nùng", "Kinh", "Kinh"]
    assert stand(table, (3, 4)) == [("Nùng", State.CORRECTED), ("Nùng", State.ACCEPTED)]


def test_below_what_nobody_can_read_nothing_is_proposed(table):
    table.decide(table.an, table.field(1, CODE), Action.UNREADABLE)
    assert stand(table, (2, 3)) == [("", State.IN_REVIEW)] * 2


def test_judging_the_book_anew_says_the_same(table):
    table.decide(table.an, table.field(1, CODE), value="Tày")
    shown = stand(table)
    assert judge_and_store(table.ws, review_station.book_of_births().id)
    assert stand(table) == shown
