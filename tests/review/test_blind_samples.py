"""A sample is keyed without anything that tells what the machine made of the field."""

import pytest

from ocr_pipeline.registers.fields import FieldKind, State
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.review.record_search import search
from ocr_pipeline.review.suggestions import suggest
from ocr_pipeline.store.lane_changes import draw_sample
from ocr_pipeline.store.models import FieldRow

pytestmark = pytest.mark.databases("sqlite", "postgresql")

WORDS = "Ngày Hai Mươi Tám Tháng Sáu Năm Hai Nghìn Không Trăm Mười Bảy"


@pytest.fixture
def sampled(station):
    """One birth; the date of birth, its words and the mother's name are accepted and drawn."""
    book = station.book([{"nksNgaySinhBangChu": WORDS}])
    with station.ws.transaction() as session:
        draw_sample(session, book.id)
        for code in ("nksNgaySinh", "meHoTen"):
            session.get_one(FieldRow, station.field(1, code)).lane = Lane.SAMPLE.value
    return station


def test_neither_the_field_nor_its_record_tells_the_value(sampled):
    items = {one.code: one for one in sampled.take(sampled.chi, lane=Lane.SAMPLE)}
    date = items["nksNgaySinh"]
    assert date.blind and date.state is State.IN_REVIEW
    assert (date.value, date.as_written, date.n_best, date.offers) == ("", "", (), ())
    assert (date.preselected, date.confidence, date.doubts) == (None, 0.0, ())
    others = {one.code: one for one in date.siblings}
    assert others["nksNgaySinhBangChu"].value == ""  # it says the date in words
    assert (others["meHoTen"].value, others["meHoTen"].state) == ("", State.IN_REVIEW)  # is next
    assert others["chaHoTen"].value == "Trần Văn Đào"  # what a person needs to find the line
    assert all(own.doubts == () for own in date.siblings)


def test_a_doubtful_field_still_shows_what_the_record_says(station):
    station.book([{"?chaHoTen": 0.5}])
    with station.ws.transaction() as session:
        session.get_one(FieldRow, station.field(1, "meHoTen")).lane = Lane.SAMPLE.value
    [item] = station.take(station.an)
    assert {one.code: one.value for one in item.siblings}["meHoTen"] == "Nguyễn Thị Mận"


def offered(station, code, text="nguyen t", page=1, user=None, named=True):
    """What is offered to who types into a field of the book; `named`: he says into which."""
    field = station.field(page, code)
    with station.ws.read_session() as session:
        row = session.get_one(FieldRow, field)
        kind, book = FieldKind(row.kind), row.book
    found = suggest(station.ws, user or station.chi, kind, text, book, now=station.now,
                    field=field if named else None, wait_seconds=0.0)  # fmt: skip
    return [one.value for one in found]


def put(station, code, lane, page=1):
    with station.ws.transaction() as session:
        session.get_one(FieldRow, station.field(page, code)).lane = lane.value


@pytest.mark.parametrize("lane", [Lane.SAMPLE, Lane.SECOND, Lane.ARBITRATION])
def test_what_only_a_blind_field_has_is_offered_nowhere(station, lane):
    station.book([{"meHoTen": "Nguyễn Thị Mận"}])
    assert "Nguyễn Thị Mận" in offered(station, "meHoTen")
    put(station, "meHoTen", lane)
    assert "Nguyễn Thị Mận" not in offered(station, "meHoTen")
    assert "Nguyễn Thị Mận" not in offered(station, "chaHoTen")
    assert "Nguyễn Thị Mận" not in offered(station, "meHoTen", named=False)
    to_operator = offered(station, "chaHoTen", user=station.an)
    assert ("Nguyễn Thị Mận" in to_operator) == (lane is Lane.SAMPLE), "he keys no samples"


def test_what_another_field_of_the_book_has_is_offered_in_a_blind_one(station):
    station.book([{"meHoTen": "Nguyễn Thị Mận"}, {"meHoTen": "Nguyễn Thị Mận"}])
    put(station, "meHoTen", Lane.SAMPLE)
    assert "Nguyễn Thị Mận" in offered(station, "meHoTen")


def test_a_search_finds_a_sample_but_does_not_tell_it_to_who_may_key_it(sampled):
    def names(user):
        [found] = search(sampled.ws, user, "man nguyen", now=sampled.now).records
        return [one.value for one in found.names]

    assert "Nguyễn Thị Mận" not in names(sampled.chi)
    assert "Trần Văn Đào" in names(sampled.chi)
    assert "Nguyễn Thị Mận" in names(sampled.an)
