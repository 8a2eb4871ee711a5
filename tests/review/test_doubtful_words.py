"""The words in which the readings differ, and nothing else, are to be typed again."""

import pytest

from ocr_pipeline.registers.fields import Candidate
from ocr_pipeline.review.doubtful_words import doubtful_words

PLACE = "xã Hậu Thành, huyện Yên Thành, tỉnh Nghệ An"


def words(value, *readings):
    found = doubtful_words(value, [Candidate(text, text, share) for text, share in readings])
    return [value[begin:end] for begin, end in found]


@pytest.mark.parametrize(
    ("readings", "doubtful"),
    [
        ([(PLACE, 0.5), (PLACE.replace("Hậu", "Hợp"), 0.3)], ["Hậu"]),
        (
            [
                (PLACE.replace("Hậu", "Hợp"), 0.3),
                (PLACE.replace("Yên", "Yến"), 0.2),
                (PLACE.replace("Nghệ", "Nghê"), 0.01),  # against the others, hardly a doubt
            ],
            ["Hậu", "Yên"],
        ),
        ([(PLACE.replace("xã Hậu", "ấp 1, xã Hậu"), 0.2)], ["xã"]),  # something may be missing
        ([(PLACE, 0.9)], []),
        ([(PLACE.replace("Hậu", "Hợp"), 0.001)], []),  # a reading that is not shown either
        ([("Xã Hậu Thành, Huyện Yên Thành, tỉnh Nghệ An", 0.4)], []),  # capitals alone
        ([(PLACE.replace("Yên", "hòa"), 0.4), (PLACE.replace("Yên", "Hoà"), 0.4)], ["Yên"]),
        ([(PLACE.replace("xã Hậu", "Xã Hợp"), 0.4)], ["Hậu"]),
        ([("Trạm y tế", 0.4)], []),  # quite another text: the whole is in doubt
        ([], []),
    ],
)
def test_words_in_which_readings_differ(readings, doubtful):
    assert words(PLACE, *readings) == doubtful


def test_a_word_alone_is_the_whole_value():
    assert words("Kinh", ("Kinhh", 0.3)) == []
    assert words("", ("Kinh", 0.3)) == []


def test_an_item_tells_them_and_a_blind_one_does_not(station):
    station.book([{"meHoTen": "Nguyễn Thị Mận", "?meHoTen": 0.4}])
    [item] = [one for one in station.take(station.an, count=50) if one.code == "meHoTen"]
    assert [item.value[begin:end] for begin, end in item.doubtful] == ["Mận"]  # the other: "Mận?"
