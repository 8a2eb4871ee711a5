"""A signer whom people confirm is known in all records of the book at once, and forgotten again."""

import pytest

from ocr_pipeline.processing import judgement
from ocr_pipeline.registers.fields import State
from ocr_pipeline.review import new_values
from ocr_pipeline.review.field_decisions import Action
from tests.builders.review_station import book_of_births

pytestmark = pytest.mark.databases("sqlite", "postgresql")

READ, RIGHT = ["Lê Văn Tám", "Lê Văn Tấm", "Lê Văn Tậm"], "Lê Văn Tâm"


@pytest.fixture
def signed(station):
    """Births whose one signer was read in three ways, and in none of them right."""
    station.book(
        [
            {"so": f"{62 + place}/2017", "nguoiKy": READ[place % 3], "?nguoiKy": 0.3}
            for place in range(6)
        ]
    )
    return station


@pytest.fixture
def judged(monkeypatch):
    """Books that were judged anew as a whole."""
    books = []

    def noted(ws, book, judge=None):
        books.append(book)
        return judgement.judge_and_store(ws, book, judge)

    monkeypatch.setattr(new_values, "judge_and_store", noted)
    return books


def signers(station):
    return {station.shown(page, "nguoiKy").value for page in range(2, 7)}


def test_one_correction_puts_the_other_records_right(signed):
    before = signers(signed)
    assert RIGHT not in before
    signed.decide(signed.an, signed.field(1, "nguoiKy"), value=RIGHT)
    assert signers(signed) == {RIGHT}
    assert all(signed.shown(page, "nguoiKy").state is State.ACCEPTED for page in range(2, 7))
    assert "nguoiKy" not in {item.code for item in signed.take(signed.binh, count=50)}
    signed.undo(signed.an)
    assert signers(signed) == before
    assert signed.shown(1, "nguoiKy").state is State.IN_REVIEW


def test_a_book_is_judged_when_a_value_is_said_twice_as_often(signed, judged):
    for page, code, value, times in [
        (1, "nguoiKy", RIGHT, 1),  # new
        (2, "nguoiKy", RIGHT, 2),
        (3, "nguoiKy", RIGHT, 2),  # twice, and once more
        (1, "nksHoTen", "Trần Thị Hoa", 2),  # of this record alone
        (4, "nguoiKy", "Nguyễn Thị Hoa", 3),  # new
    ]:
        assert signed.decide(signed.an, signed.field(page, code), value=value, lane=None).ok
        assert judged == [book_of_births().id] * times
    signed.decide(signed.an, signed.field(5, "nguoiKy"), Action.UNREADABLE)
    assert len(judged) == 3
    signed.undo(signed.an)  # what was unreadable tells nothing
    signed.undo(signed.an)  # the name that was new
    assert len(judged) == 4


def test_the_last_signer_asks_nobody_else(signed, judged):
    names = ["Trần Thị Hoa", "Phạm Gia Dũng", "Võ Quốc Khánh", "Đỗ Minh", "Lý A Páo", "Hồ Văn Út"]
    for page, name in enumerate(names, 1):
        assert signed.decide(signed.an, signed.field(page, "nguoiKy"), value=name, lane=None).ok
    assert len(judged) == 5


def test_damage_keeps_no_decision_from_being_kept(signed, monkeypatch):
    monkeypatch.setattr(judgement, "payloads", lambda session, keys: {})
    assert signed.decide(signed.an, signed.field(1, "nguoiKy"), value=RIGHT).ok
    assert signed.shown(1, "nguoiKy").value == RIGHT
