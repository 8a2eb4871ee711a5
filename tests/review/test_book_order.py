"""The order of work: what is put first is taken first; who works where; books put right."""

import pytest

from ocr_pipeline.review import audit, book_order
from ocr_pipeline.review.errors import NotFoundError
from ocr_pipeline.review.rights import ForbiddenError
from tests.builders.review_station import book_of_births

pytestmark = pytest.mark.usefixtures("station")
FIRST, SECOND = book_of_births(1), book_of_births(2)


@pytest.fixture
def shelf(station):
    """Two books: the first has less to do, and is taken first where nobody says otherwise."""
    station.book([{"?nksHoTen": 0.5}], FIRST)
    station.book([{"?nksHoTen": 0.5}, {"?nksHoTen": 0.5}], SECOND)
    return station


@pytest.mark.parametrize("order", ["field", "record"])
def test_the_queue_takes_the_higher_book_first(shelf, order):
    assert [one.book for one in shelf.take(shelf.an, order=order, count=1)] == [FIRST.id]
    book_order.set_priority(shelf.ws, shelf.chi, SECOND.id, 2, shelf.now)
    taken = [one.book for one in shelf.take(shelf.binh, order=order, count=9)]
    assert taken[:2] == [SECOND.id, SECOND.id]
    lines = [one for one in audit.recent(shelf.ws) if one["action"] == "book_priority"]
    assert [(one["user"], one["details"]) for one in lines] == [("chi", {"priority": 2})]


def test_the_shelf_tells_the_order_and_who_works(shelf):
    shelf.take(shelf.an, count=1)
    told = book_order.books_in_order(shelf.ws, shelf.now)
    assert [(one["id"], one["priority"], one["people"]) for one in told] == [
        (FIRST.id, 0, ["an"]),
        (SECOND.id, 0, []),
    ]
    book_order.set_priority(shelf.ws, shelf.chi, FIRST.id, -1, shelf.now)
    assert [one["id"] for one in book_order.books_in_order(shelf.ws, shelf.now)] == [
        SECOND.id,
        FIRST.id,
    ]


def test_a_book_that_gets_another_number_keeps_its_place(shelf):
    book_order.set_priority(shelf.ws, shelf.chi, SECOND.id, 1, shelf.now)
    done = book_order.rename(shelf.ws, shelf.dung, SECOND.id, shelf.now, number=5)
    told = {one["id"]: one["priority"] for one in book_order.books_in_order(shelf.ws, shelf.now)}
    assert told == {FIRST.id: 0, done.book: 1} and done.book.endswith("05")
    lines = [one for one in audit.recent(shelf.ws) if one["action"] == "book_renamed"]
    assert [one["user"] for one in lines] == ["dung"]
    book_order.remove(shelf.ws, shelf.dung, done.book, shelf.now)
    assert [one["id"] for one in book_order.books_in_order(shelf.ws, shelf.now)] == [FIRST.id]


def test_who_may_not_and_what_is_not_there(shelf):
    with pytest.raises(ForbiddenError):
        book_order.set_priority(shelf.ws, shelf.an, FIRST.id, 1, shelf.now)
    with pytest.raises(NotFoundError):
        book_order.set_priority(shelf.ws, shelf.chi, "none", 1, shelf.now)
    for act in (book_order.remove, book_order.rename):
        with pytest.raises(ForbiddenError):
            act(shelf.ws, shelf.chi, FIRST.id, shelf.now)
    with pytest.raises(ForbiddenError):
        book_order.move(shelf.ws, shelf.chi, FIRST.id, SECOND.id, shelf.now)
