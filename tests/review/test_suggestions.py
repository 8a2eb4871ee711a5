"""Suggestions by the ink: what is written comes first; what must not be seen is not told."""

import pytest

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review import suggestions
from ocr_pipeline.review.suggestions import suggest
from ocr_pipeline.review.written_fields import WrittenFields
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.policies import ReviewMode
from ocr_pipeline.store.states import Lane
from tests.builders.review_station import Action, book_of_births
from tests.builders.written_ink import STANDS, page_of_one_name, page_without_ink


@pytest.fixture(scope="module")
def eyes():
    """The processes of all tests here: they take seconds to start."""
    made = WrittenFields(page_of_one_name)
    yield made
    made.close()


@pytest.fixture
def ink(eyes, monkeypatch):
    """Gives the station eyes that work in this way."""
    monkeypatch.setattr(suggestions, "written_fields", lambda: eyes)
    return lambda work: monkeypatch.setattr(eyes, "_work", work)


@pytest.fixture
def known(station):
    """A book in which another name with the same beginning is settled."""
    station.book(
        [{"meHoTen": "Hoàng Thị Loan", "?meHoTen": 0.3, "chaHoTen": "Ba", "?chaHoTen": 0.3}]
    )
    station.decide(station.binh, station.field(1, "chaHoTen"), Action.CORRECT, "Hoàng Văn Ba")


def offered(station, text, kind=FieldKind.PERSON_NAME, code="meHoTen", wait=60.0):
    field = station.field(1, code)
    found = suggest(station.ws, station.an, kind, text, book_of_births().id,
                    field=field, wait_seconds=wait)  # fmt: skip
    return [one.value for one in found]


@pytest.mark.long
def test_what_is_written_comes_before_what_the_book_knows(station, ink, known):
    ink(page_of_one_name)
    assert offered(station, "hoang")[0] == STANDS
    assert offered(station, "Hoàng Thị L")[0] == STANDS
    assert "Hoàng Văn Ba" in offered(station, "hoang")


def test_without_a_picture_the_values_of_the_book_come(station, ink, known):
    ink(page_without_ink)
    assert offered(station, "hoang")[0] == "Hoàng Văn Ba"
    assert offered(station, "05", FieldKind.DATE, "nksNgaySinh") == []


def test_nobody_waits_for_the_ink(station, ink, known):
    ink(page_of_one_name)
    assert offered(station, "hoang", wait=0.0)[0] == "Hoàng Văn Ba"


@pytest.mark.parametrize("lane", [Lane.SECOND, Lane.SAMPLE, Lane.ARBITRATION])
def test_the_ink_of_a_blind_field_tells_nothing(station, ink, lane):
    ink(page_of_one_name)
    station.book([{"meHoTen": "Hoàng Thị Loan", "?meHoTen": 0.3}])
    with station.ws.transaction() as session:
        session.get_one(FieldRow, station.field(1, "meHoTen")).lane = lane.value
    assert STANDS not in offered(station, "hoang")


def test_a_first_keying_is_not_told_to_the_second_person(station, ink):
    ink(page_of_one_name)
    station.policy(mode=ReviewMode.DOUBLE)
    station.book([{"meHoTen": "Hoàng Thị Loan", "?meHoTen": 0.3}])
    field = station.field(1, "meHoTen")
    assert offered(station, "hoang")[0] == STANDS
    station.decide(station.binh, field, Action.CORRECT, "Hoàng Thị Lan")
    assert STANDS not in offered(station, "hoang")


def test_a_page_is_looked_at_once(station, ink):
    ink(page_of_one_name)
    station.book(
        [{"meHoTen": "Hoàng Thị Loan", "?meHoTen": 0.3, "chaHoTen": "Ba", "?chaHoTen": 0.3}]
    )
    assert offered(station, "h")[0] == STANDS
    ink(page_without_ink)  # who looks again sees nothing
    assert offered(station, "hoàng t")[0] == STANDS
    assert offered(station, "h", code="chaHoTen")[0] == STANDS
