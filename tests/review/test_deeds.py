"""What is decided of several fields at once is one deed: kept each for itself, undone together."""

import pytest

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review import audit
from ocr_pipeline.review.errors import StaleError
from ocr_pipeline.review.field_decisions import Action, Decision, decide, undo
from ocr_pipeline.review.page_order import put_aside
from ocr_pipeline.store.books import find_page

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def signers(count):
    return [{"so": f"{62 + i}/2017", "?nguoiKy": 0.5} for i in range(count)]


def sign(station, user, pages, value="Lê Văn Tâm", deed="d-1"):
    """Correct the signer of these pages in one deed, sent as two requests as browsers do."""
    said = [
        Decision(station.field(page, "nguoiKy"), Action.CORRECT, value, deed=deed) for page in pages
    ]
    half = len(said) // 2
    outcomes = [*decide(station.ws, user, said[:half], station.now)] if half else []
    station.later(seconds=1)
    return [*outcomes, *decide(station.ws, user, said[half:], station.now)]


def signed(station, pages):
    return [(f.value, f.state) for f in (station.shown(page, "nguoiKy") for page in pages)]


def test_a_deed_is_taken_back_as_one_and_only_it(station):
    station.book([*signers(4), {"so": "66/2017", "?nksHoTen": 0.5}])
    alone = station.field(5, "nksHoTen")
    assert station.decide(station.an, alone, value="Trần Thị Hoa").ok
    assert all(outcome.ok for outcome in sign(station, station.an, range(1, 5)))
    assert len(station.entries()) == 5  # each has its own
    states = [State.CORRECTED] * 2 + [State.CONFIRMED] * 2  # after two the book knows the signer
    assert signed(station, range(1, 5)) == [("Lê Văn Tâm", state) for state in states]
    items = undo(station.ws, station.an, station.now)
    assert {item.field for item in items} == {station.field(p, "nguoiKy") for p in range(1, 5)}
    assert signed(station, range(1, 5)) == [("Lê Văn Tám", State.IN_REVIEW)] * 4
    assert station.shown(5, "nksHoTen").value == "Trần Thị Hoa"
    others = {item.field for item in station.take(station.binh, count=50)}
    assert others.isdisjoint(item.field for item in items)  # they are on his screen again
    assert [item.field for item in undo(station.ws, station.an, station.now)] == [alone]
    assert undo(station.ws, station.an, station.now) == []
    assert audit.verify(station.ws) is None


def test_what_stood_on_a_page_that_is_no_more_holds_up_no_older_decision(station):
    book = station.book([{"so": f"{n}/2017", "?nksHoTen": 0.5} for n in (62, 63)])
    older = station.field(1, "nksHoTen")
    for page in (1, 2):
        station.decide(station.an, station.field(page, "nksHoTen"), value="Trần Thị Hoa")
        station.later(seconds=1)
    with station.ws.read_session() as session:
        page = find_page(session, book.id, "2.jpg").id
    put_aside(station.ws, station.chi, page, "foreign", station.now)
    assert [item.field for item in undo(station.ws, station.an, station.now)] == [older]
    assert undo(station.ws, station.an, station.now) == []


def test_two_deeds_of_one_name_by_two_people_are_two(station):
    station.book(signers(4))
    sign(station, station.an, (1, 2))
    sign(station, station.binh, (3, 4))
    undo(station.ws, station.an, station.now)
    [taken_back, kept] = signed(station, (1, 3))
    assert taken_back == ("Lê Văn Tâm", State.ACCEPTED)  # what the other said of such readings
    assert kept == ("Lê Văn Tâm", State.CONFIRMED)  # the book knew the signer by then


def test_what_another_has_gone_on_with_stays(station):
    station.book(signers(3))
    sign(station, station.an, (1, 2, 3))
    station.decide(station.binh, station.field(2, "nguoiKy"), value="Lê Văn Tấn")
    assert len(undo(station.ws, station.an, station.now)) == 2
    undone, kept, _ = signed(station, (1, 2, 3))
    assert kept == ("Lê Văn Tấn", State.CORRECTED)
    assert undone == ("Lê Văn Tấn", State.ACCEPTED)  # what people put in the place of this reading
    with pytest.raises(StaleError):
        undo(station.ws, station.an, station.now)


def test_a_refused_part_of_a_deed_holds_up_no_other(station):
    station.book(signers(3))
    station.decide(station.binh, station.field(2, "nguoiKy"), value="Lê Văn Tấn")
    outcomes = sign(station, station.an, (1, 2, 3))
    assert [outcome.ok for outcome in outcomes] == [True, False, True]
    assert outcomes[1].conflict.value == "Lê Văn Tấn"
    assert len(undo(station.ws, station.an, station.now)) == 2


def test_keyings_of_a_deed_are_opened_again(double):
    double.book(signers(2))
    sign(double, double.an, (1, 2))
    assert {double.row(double.field(p, "nguoiKy")).lane for p in (1, 2)} == {"second"}
    undo(double.ws, double.an, double.now)
    assert {double.row(double.field(p, "nguoiKy")).lane for p in (1, 2)} == {"doubt"}
