"""Who asked learns what was answered: his own questions only, once as new, nothing taken back."""

import pytest
from sqlalchemy import text

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review import audit
from ocr_pipeline.review.answered_questions import MOST, answered_questions
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.past_decisions import answers_seen_at, answers_to
from tests.builders.review_station import Action

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def asked(station):
    """An asked about the mother's name; nobody has answered."""
    station.book([{"meHoTen": "Hoàng Thị Loan", "?meHoTen": 0.3}, {}])
    ask(station, station.an, 1, "meHoTen", "Loan hay Lan?")
    return station


def ask(station, user, page, code, note, value=""):
    assert station.decide(user, station.field(page, code), Action.ASK, value, note=note).ok
    station.later(minutes=1)


def answer(station, user, page, code, value, action=Action.CORRECT, **more):
    outcome = station.decide(
        user, station.field(page, code), action, value, lane=Lane.SENIOR, **more
    )
    assert outcome.ok, outcome
    station.later(minutes=1)


def told(station, user):
    found = answered_questions(station.ws, user, now=station.now)
    station.later(minutes=1)
    return [(one.code, one.value, one.user, one.is_new) for one in found]


def test_the_asker_learns_the_answer_and_by_whom(asked):
    assert told(asked, asked.an) == [], "nobody has answered"
    when = asked.now
    answer(asked, asked.chi, 1, "meHoTen", "Hoàng Thị Lan", note="Xem chữ ký")
    [one] = answered_questions(asked.ws, asked.an, now=asked.now)
    assert (one.question, one.value, one.state) == (
        "Loan hay Lan?", "Hoàng Thị Lan", State.CORRECTED,
    )  # fmt: skip
    assert (one.user, one.time, one.note) == ("chi", when, "Xem chữ ký")
    assert (one.page_name, one.position, one.caption.vi) == ("1.jpg", 1, "Họ tên mẹ")
    assert one.record == asked.row(one.field).record and one.page and one.counts


def test_an_answer_is_new_until_it_was_seen(asked):
    answer(asked, asked.chi, 1, "meHoTen", "Hoàng Thị Lan")
    assert told(asked, asked.an) == [("meHoTen", "Hoàng Thị Lan", "chi", True)]
    assert told(asked, asked.an) == [("meHoTen", "Hoàng Thị Lan", "chi", False)]
    ask(asked, asked.an, 2, "chaHoTen", "")
    answer(asked, asked.dung, 2, "chaHoTen", "", Action.UNREADABLE)
    assert told(asked, asked.an) == [
        ("chaHoTen", "", "dung", True), ("meHoTen", "Hoàng Thị Lan", "chi", False),
    ]  # fmt: skip
    assert not told(asked, asked.an)[0][-1], "seen within the hour of the line before"
    lines = [one for one in audit.export(asked.ws) if one["action"] == "answers_seen"]
    assert {one["user"] for one in lines} == {"an"} and len(lines) == 2


def test_nobody_learns_the_answers_to_others(asked):
    answer(asked, asked.chi, 1, "meHoTen", "Hoàng Thị Lan")
    assert told(asked, asked.binh) == told(asked, asked.chi) == []


def test_only_who_reviews_has_questions(asked, monkeypatch):
    monkeypatch.setattr("ocr_pipeline.review.rights.may", lambda user, action: action != "review")
    with pytest.raises(ForbiddenError):
        answered_questions(asked.ws, asked.an)


def test_an_answer_that_was_taken_back_is_none(asked):
    answer(asked, asked.chi, 1, "meHoTen", "Hoàng Thị Lan")
    asked.undo(asked.chi)
    assert told(asked, asked.an) == []
    answer(asked, asked.dung, 1, "meHoTen", "Hoàng Thị Liên")
    assert told(asked, asked.an) == [("meHoTen", "Hoàng Thị Liên", "dung", True)]


def test_a_question_that_was_taken_back_has_no_answer(asked):
    asked.undo(asked.an)
    asked.decide(asked.chi, asked.field(1, "meHoTen"), Action.CORRECT, "Hoàng Thị Lan")
    assert told(asked, asked.an) == []


def test_an_answer_that_somebody_changed_later_is_told_so(asked):
    answer(asked, asked.chi, 1, "meHoTen", "Hoàng Thị Lan")
    field = asked.field(1, "meHoTen")
    asked.decide(asked.dung, field, Action.CORRECT, "Hoàng Thị Liên", lane=None)
    [one] = answered_questions(asked.ws, asked.an, now=asked.now)
    assert (one.value, one.counts) == ("Hoàng Thị Lan", False)
    asked.undo(asked.dung)
    [one] = answered_questions(asked.ws, asked.an, now=asked.now)
    assert (one.value, one.counts) == ("Hoàng Thị Lan", True)


def test_a_field_that_is_keyed_blind_now_tells_nothing(asked):
    answer(asked, asked.chi, 1, "meHoTen", "Hoàng Thị Lan")
    with asked.ws.transaction() as session:
        session.get_one(FieldRow, asked.field(1, "meHoTen")).lane = Lane.SECOND.value
    assert told(asked, asked.an) == []


def test_at_most_twenty_the_newest(asked):
    for turn in range(MOST + 1):
        ask(asked, asked.an, 2, "chaHoTen", f"{turn}?")
        answer(asked, asked.chi, 2, "chaHoTen", f"Vũ Văn {'An' * (turn + 1)}")
    found = answered_questions(asked.ws, asked.an, 1000, now=asked.now)
    assert [one.question for one in found] == [f"{turn}?" for turn in range(MOST, 0, -1)]


@pytest.mark.databases("sqlite")
def test_questions_and_what_was_seen_are_found_by_their_index(asked, monkeypatch):
    def plan(of):
        sent = []
        with asked.ws.read_session() as session:
            own = session.connection()
            monkeypatch.setattr(
                session, "execute", lambda query: sent.append(query) or iter(()), raising=True
            )
            monkeypatch.setattr(session, "scalar", lambda query: sent.append(query), raising=True)
            of(session)
            [query] = sent
            words = query.compile(own, compile_kwargs={"literal_binds": True})
            return " ".join(row.detail for row in own.execute(text(f"EXPLAIN QUERY PLAN {words}")))

    asking = plan(lambda session: answers_to(session, "an", MOST))
    assert "ix_decisions_asked" in asking and "ix_decisions_entry" in asking
    assert "SCAN" not in asking
    assert "ix_audit_answers_seen" in plan(lambda session: answers_seen_at(session, "an"))
