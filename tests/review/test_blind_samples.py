"""A sample is keyed without anything that tells what the machine made of the field."""

import pytest

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review.queue import Lane
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
