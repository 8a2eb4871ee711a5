import pytest
from sqlalchemy import select

from ocr_pipeline.review import queue
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.review.rights import ForbiddenError
from ocr_pipeline.store.models import RecordRow

pytestmark = pytest.mark.databases("sqlite", "postgresql")

NAMES = {"?nksHoTen": 0.5, "?meHoTen": 0.5}


def births(count, **more):
    return [
        {"so": f"{62 + i}/2017", "?nksHoTen": 0.5, "?nksNgaySinh": 0.6, **more}
        for i in range(count)
    ]


def test_nobody_gets_what_another_holds_until_its_time_is_up(station):
    station.book(births(3))
    first = station.take(station.an, count=4)
    second = station.take(station.binh, count=10)
    held = {item.field for item in first}
    assert len(held) == 4 and len(second) == 2
    assert held.isdisjoint(item.field for item in second)
    assert station.waiting(station.binh)["leased"] == 4
    station.later(minutes=9)
    queue.renew(station.ws, station.an, [first[0].field], station.now)
    station.later(minutes=2)
    third = station.take(station.binh, count=10)
    assert {item.field for item in third} == {item.field for item in [*first, *second]} - {
        first[0].field
    }


def test_a_browser_that_died_gets_its_fields_back(station):
    station.book(births(3))
    before = station.take(station.an, count=4)
    again = station.take(station.an, count=4)
    assert [item.field for item in again] == [item.field for item in before]
    more = station.take(station.an, count=6)
    assert len(more) == 6 and {i.field for i in before} < {i.field for i in more}


def test_released_fields_go_to_others(station):
    station.book(births(2))
    items = station.take(station.an, count=10)
    assert station.take(station.binh) == []
    queue.release(station.ws, station.an, [items[0].field])
    assert [item.field for item in station.take(station.binh)] == [items[0].field]


def test_renewing_and_releasing_touch_only_ones_own(station):
    station.book(births(1))
    [one, two] = station.take(station.an)
    queue.release(station.ws, station.binh, [one.field])
    queue.renew(station.ws, station.binh, [one.field, two.field], station.now)
    assert station.take(station.binh) == []


def test_by_field_one_kind_comes_after_the_other(station):
    station.book(births(3))
    kinds = [item.kind for item in station.take(station.an)]
    assert kinds == ["person_name"] * 3 + ["date"] * 3


def test_by_field_one_column_comes_after_the_other_down_the_book(station):
    station.book([{**born, **NAMES} for born in births(4)])
    station.book([{**born, **NAMES} for born in births(6)], station.make_book(2))
    taken = []
    for _ in range(7):  # as a browser does: what is held first, then more
        known = {item.field for item in taken}
        items = station.take(station.an, count=len(taken) + 3)
        taken += [item for item in items if item.field not in known]
        assert [item.field for item in items] == [item.field for item in taken]
    shown = [(item.kind, item.book[-2:], item.code, item.page_name) for item in taken]
    names = [
        ("person_name", book, code, f"{page}.jpg")
        for book, pages in (("01", 4), ("02", 6))
        for code in ("meHoTen", "nksHoTen")
        for page in range(1, pages + 1)
    ]
    assert shown[:20] == names and shown[20][0] == "date"


def test_by_field_pages_come_in_the_order_of_the_book(station):
    book = station.book(births(3))
    with station.ws.transaction() as session:  # a page was put before the others later
        first = session.scalars(select(RecordRow).where(RecordRow.page == "3.jpg")).one()
        first.ordinal = -1
    shown = [item.page_name for item in station.take(station.an, book=book.id)]
    assert shown == ["3.jpg", "1.jpg", "2.jpg"] * 2
    again = [item.page_name for item in station.take(station.an, book=book.id)]
    assert again == shown


def test_by_record_in_reading_order_and_never_shared(station):
    station.book(births(3, **{"?so": 0.5}))
    mine = station.take(station.an, order="record", count=1)
    assert [item.code for item in mine] == ["so", "nksHoTen", "nksNgaySinh"]
    assert {item.page_name for item in mine} == {"1.jpg"}
    theirs = station.take(station.binh, order="record", count=4)
    assert {item.page_name for item in theirs} == {"2.jpg", "3.jpg"} and len(theirs) == 6
    # by field, the rest of a record somebody works on is still his
    assert station.take(station.chi, count=50) == []


def test_books_nearly_done_come_first(station):
    station.book(births(3))
    station.book(births(1), station.make_book(2))
    first = station.take(station.an, count=1)
    assert first[0].book.endswith(".02")


def test_filters_and_counts_agree(station):
    station.book([{"?nksHoTen": 0.5, "nksNgaySinh": "31.07.2017", "so": "62/2017"}])
    counts = station.waiting(station.an)
    assert counts["by_kind"]["person_name"] == 1
    assert counts["by_rule"]["registered_before_birth"] == 2  # both dates
    assert counts["total"] == sum(counts["by_kind"].values()) == sum(counts["by_book"].values())
    for rule, number in counts["by_rule"].items():
        assert station.waiting(station.an, rule=rule)["total"] == number
        assert len(station.take(station.an, rule=rule, count=100)) == number
    assert station.waiting(station.an, type="KT")["total"] == 0
    assert station.waiting(station.an, type="KS", kind="date")["total"] == 2
    assert station.waiting(station.an, rule="unsur")["total"] == 0


def test_an_item_says_what_a_person_needs(station):
    station.book([{"?nksHoTen": 0.5}])
    [item] = [i for i in station.take(station.an) if i.code == "nksHoTen"]
    assert item.caption.vi == "Họ tên người được khai sinh"
    assert item.value == "Trần Thị Hòa" and item.base is None and not item.blind
    assert [c.value for c in item.n_best] == ["Trần Thị Hòa", "Trần Thị Hòa?"]
    assert [d.rule for d in item.doubts] == ["unsure"]
    assert item.page and item.page_name == "1.jpg"
    assert [s.code for s in item.siblings][:3] == ["so", "trangSo", "ngayDangKy"]
    sex = queue.item(station.ws, station.an, station.field(1, "nksGioiTinh"))
    assert [o.value for o in sex.options] == ["1", "2", "3"] and sex.lane is None


def test_lanes_are_closed_to_roles_that_may_not(station):
    for lane in (Lane.SAMPLE, Lane.ARBITRATION, Lane.SENIOR):
        with pytest.raises(ForbiddenError):
            station.take(station.an, lane)
        station.take(station.chi, lane)
