from dataclasses import replace

from ocr_pipeline.checks.book_context import rerank
from ocr_pipeline.checks.book_judgement import judge_book
from ocr_pipeline.registers.fields import Field, State
from tests.builders.books import make_book
from tests.builders.rows import CLEAN, HOME, numbered, read, sure_record


def mother(value: str, confidence: float = 0.1) -> Field:
    """The residence of a mother as a book of xã Lộc Thuận, huyện Bình Đại leaves it."""
    one = sure_record(CLEAN["KS"], meNoiCuTru=read("meNoiCuTru", (value, confidence)))
    return judge_book(make_book(), [one])[0].fields["meNoiCuTru"]


def test_units_of_the_books_own_agency_are_put_right_and_shown_to_a_person():
    field = mother("Xã Lộc Thuân, huyện Bình Đạc, tỉnh Bến Tre")
    assert field.value == HOME[0].upper() + HOME[1:]
    assert field.as_written == "Xã Lộc Thuân, huyện Bình Đạc, tỉnh Bến Tre"
    assert field.state is State.IN_REVIEW and field.confidence <= 0.9
    assert field.n_best[1].value == field.as_written  # what was read can still be picked


def test_other_units_stay():
    for value in (
        "Xã Phước Tuy, huyện Ba Tri, tỉnh Bến Tre",
        "Xã Lộc Thuận, huyện Bình Đại, tỉnh Bắc Ninh",
        "Thôn Khe Vằn, xã Xuân Quang, huyện Bảo Thắng, tỉnh Lào Cai",
    ):
        assert mother(value).value == value


def test_a_sure_reading_is_not_overruled():
    assert mother("Xã Lộc Thuân, huyện Bình Đại, tỉnh Bến Tre", 0.99).value.startswith(
        "Xã Lộc Thuân"
    )


def test_a_hamlet_that_people_confirmed_is_known_until_they_take_it_back():
    wrong, right = (f"Ấp {name}, Phước Tuy, Ba Tri, Bến Tre" for name in ("Rạch Gia", "Rạch Gừa"))
    fields = [read("meNoiCuTru", (wrong, 0.1)) for _ in range(3)]
    book = make_book()

    def places() -> list[str]:
        records = rerank(numbered(3, meNoiCuTru=fields), book)
        return [record.fields["meNoiCuTru"].value for record in records]

    before = places()
    assert before == [wrong] * 3
    fields[0] = replace(fields[0], value=right, state=State.CORRECTED, confidence=1.0)
    assert places() == [right] * 3
    fields[0] = read("meNoiCuTru", (wrong, 0.1))
    assert places() == before
