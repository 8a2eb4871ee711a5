"""What two networks read alike is surer; what they read differently goes to a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocr_pipeline.reading.second_reading import second_opinion
from ocr_pipeline.registers.fields import Candidate, Field, FieldKind, Script, Special


def read(value: str, confidence: float, **more) -> Field:
    others = (Candidate("Lê Văn Tâm", "Lê Văn Tâm", (1 - confidence) / 2),)
    n_best = (Candidate(value, value, confidence), *others) if value else ()
    return Field("nksHoTen", FieldKind.PERSON_NAME, value, value, confidence, n_best=n_best, **more)


def said(first: Field, second: Field) -> Field:
    return second_opinion({"nksHoTen": first}, {"nksHoTen": second})["nksHoTen"]


def test_the_same_value_read_twice_is_surer():
    found = said(read("Lê Văn Tám", 0.9), read("Lê Văn Tám", 0.9))
    assert 0.95 < found.confidence < 0.98 and found.value == "Lê Văn Tám"
    assert found.n_best[0].probability == found.confidence
    assert sum(one.probability for one in found.n_best) <= 1


def test_names_that_both_may_have_from_their_lists_need_more():
    place = replace(read("Lê Văn Tám", 0.85), kind=FieldKind.PLACE)
    assert said(place, place).confidence > 0.95
    assert said(read("Lê Văn Tám", 0.85), read("Lê Văn Tám", 0.85)).confidence < 0.95


def test_agreement_makes_nothing_certain_and_takes_nothing_away():
    assert said(read("Lê Văn Tám", 0.99), read("Lê Văn Tám", 0.99)).confidence == 0.995
    assert said(read("Lê Văn Tám", 0.9995), read("Lê Văn Tám", 0.9)).confidence == 0.9995


def test_a_reading_of_which_nothing_is_known_stays_with_people():
    assert said(read("Lê Văn Tám", 0.5), read("Lê Văn Tám", 0.99)).confidence == 0.5


@pytest.mark.parametrize("unsure", [0.05, 0.3])
def test_a_second_reading_that_doubts_its_own_makes_the_first_less_sure(unsure):
    assert said(read("Lê Văn Tám", 0.96), read("Lê Văn Tám", unsure)).confidence < 0.95


def test_another_value_that_is_sure_sends_the_field_to_a_person():
    assert said(read("Lê Văn Tám", 0.9995), read("Lê Văn Tâm", 0.95)).confidence == 0.5
    weaker = said(read("Lê Văn Tám", 0.97), read("Lê Văn Tâm", 0.7))
    assert 0.5 < weaker.confidence < 0.95 and weaker.value == "Lê Văn Tám"
    assert said(read("Lê Văn Tám", 0.97), read("Lê Văn Tâm", 0.4)).confidence == pytest.approx(0.97)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (read("Lê Văn Tám", 0.8), read("", 0.9, script=Script.BLANK)),
        (read("", 0.99, script=Script.BLANK), read("Lê Văn Tám", 0.9)),
        (read("Lê Văn Tám", 0.3, special=Special.STRUCK_OUT), read("Lê Văn Tám", 0.9)),
        (
            Field("t", FieldKind.TICK, "Nam", "Nam", 0.8),
            Field("t", FieldKind.TICK, "Nữ", "Nữ", 1.0),
        ),
    ],
)
def test_blanks_ticks_and_marks_stay_as_they_were_read(first, second):
    assert second_opinion({"f": first}, {"f": second})["f"] == first
