"""Groups: fields of one value, blanks of a book, and columns of ticks, codes and digits."""

import pytest

from ocr_pipeline.review.field_decisions import Action, Decision, decide
from ocr_pipeline.review.queue import Group, GroupSort, QueueFilter, groups, take_group

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def births(count, **more):
    return [{"so": f"{62 + i}/2017", **more} for i in range(count)]


def found(station, sort, **filter):
    return [g for g in groups(station.ws, station.an, QueueFilter(**filter)) if g.sort is sort]


def take(station, user, group, count=60, **filter):
    return take_group(station.ws, user, QueueFilter(**filter), group, count, station.now)


def test_values_read_alike_and_taking_one(station):
    station.book(births(5, **{"?nguoiKy": 0.8}))
    [group] = [g for g in found(station, GroupSort.VALUE) if g.value == "Lê Văn Tám"]
    assert (group.kind, group.count) == ("person_name", 5)
    assert group.confidence_min == pytest.approx(0.8)
    mine = take(station, station.an, group, 3)
    theirs = take(station, station.binh, group)
    assert len(mine) == 3 and len(theirs) == 2
    assert all(item.code == "nguoiKy" for item in mine + theirs)


def test_blanks_of_a_book_of_all_kinds_column_by_column(station):
    empty = {"meNgaySinh": "", "?meNgaySinh": 0.5, "chaHoTen": "", "?chaHoTen": 0.5}
    book = station.book(births(3, **empty))
    other = station.book(births(2, **empty), station.make_book(2))
    blanks = {group.book: group for group in found(station, GroupSort.BLANK)}
    assert set(blanks) == {book.id, other.id}
    items = take(station, station.an, blanks[book.id])
    assert blanks[book.id].count == len(items)
    assert {item.book for item in items} == {book.id} and {item.value for item in items} == {""}
    shown = [(item.code, item.page_name) for item in items]
    assert [page for code, page in shown if code == "chaHoTen"] == ["1.jpg", "2.jpg", "3.jpg"]
    columns = [code for code, _ in shown]
    assert columns == sorted(columns, key=columns.index)  # no column is left and come back to
    said = [Decision(item.field, Action.CONFIRM, "", deed="d-1") for item in items]
    assert all(outcome.ok for outcome in decide(station.ws, station.an, said, station.now))
    assert {group.book for group in found(station, GroupSort.BLANK)} == {other.id}


def test_columns_of_codes_and_digits_down_the_book(station):
    odd = {"?nksGioiTinh": 0.5, "?nksNgaySinh": 0.5, "?nksHoTen": 0.5}
    book = station.book(births(4, **odd))
    columns = {group.code: group for group in found(station, GroupSort.COLUMN)}
    assert set(columns) == {"nksGioiTinh", "nksNgaySinh"}  # names are compared by value
    group = columns["nksNgaySinh"]
    assert (group.book, group.kind, group.count) == (book.id, "date", 4)
    items = take(station, station.an, group)
    assert [(item.code, item.page_name) for item in items] == [
        ("nksNgaySinh", f"{page}.jpg") for page in range(1, 5)
    ]
    assert take(station, station.binh, group) == []  # nobody else gets them meanwhile


def test_the_filter_narrows_groups(station):
    odd = {"?nksGioiTinh": 0.5, "?nksNgaySinh": 0.5, "meHoTen": "", "?meHoTen": 0.5}
    station.book(births(2, **odd))
    other = station.book(births(2, **odd), station.make_book(2))
    kinds = {group.kind for group in groups(station.ws, station.an, QueueFilter(kind="date"))}
    assert kinds == {"date"}
    of_book = found(station, GroupSort.COLUMN, book=other.id)
    assert {group.book for group in of_book} == {other.id}
    of_names = found(station, GroupSort.BLANK, kind="person_name")
    items = take(station, station.an, of_names[0], kind="person_name")
    assert {item.kind for item in items} == {"person_name"}


def test_no_group_of_another_type(station):
    station.book(births(3, **{"?nguoiKy": 0.8}))
    assert groups(station.ws, station.an, QueueFilter(type="KT")) == []
    group = Group(GroupSort.VALUE, "person_name", value="Lê Văn Tám")
    assert take(station, station.an, group, type="KT") == []


def test_a_box_with_ink_is_not_among_those_that_one_key_makes_blank(station, monkeypatch):
    empty = 0.9  # of a model that believes no blank enough to let it pass
    monkeypatch.setattr("ocr_pipeline.review.queue.confidence_of_no_ink", lambda model: empty)
    found_empty = {"meNgaySinh": "", "?meNgaySinh": empty, "meQueQuan": "", "?meQueQuan": empty}
    book = station.book(births(2, chaHoTen="", **{"?chaHoTen": empty - 0.02}, **found_empty))
    [group] = found(station, GroupSort.BLANK, book=book.id)
    items = take(station, station.an, group)
    under_enter = [(item.code, item.preselected) for item in items]
    assert {code for code, value in under_enter[:-2]} == {"meNgaySinh", "meQueQuan"}
    assert {value for _, value in under_enter[:-2]} == {""}
    assert under_enter[-2:] == [("chaHoTen", None)] * 2  # the last ones, and nothing under Enter
