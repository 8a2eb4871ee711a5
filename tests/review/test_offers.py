"""What a reviewer is offered beside the input, and what stands under Enter."""

from __future__ import annotations

import pytest

from ocr_pipeline.books.book import Agency
from ocr_pipeline.registers.fields import Candidate, FieldKind, State
from ocr_pipeline.review.field_items import shown_field
from ocr_pipeline.review.offers import book_sources, place_sources, record_sources
from ocr_pipeline.review.offers.field_surroundings import StandingField, Surroundings
from ocr_pipeline.review.offers.gathering import surroundings
from ocr_pipeline.review.offers.offer import preselected, readings
from ocr_pipeline.review.offers.ranking import offers_around
from ocr_pipeline.store.books import replace_pages, save_book
from ocr_pipeline.store.keyings import find_all
from ocr_pipeline.store.models import FieldRow
from ocr_pipeline.store.records import replace_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book
from tests.builders.drawn_pages import page_row
from tests.builders.records import make_field, make_record

BOOK = make_book(
    number=2, year=2017, agency=Agency("xã Phước Ngãi", "huyện Ba Tri", "tỉnh Bến Tre")
)


def _read(*readings: tuple[str, float], written: str = ""):
    choices = tuple(Candidate(written or value, value, p) for value, p in readings)
    return make_field("meHoTen", readings[0][0], confidence=readings[0][1], n_best=choices)


def test_readings_are_offered_once_each_and_only_those_that_can_be_right():
    field = _read(("Lê Ân", 0.6), ("Lê Ấn", 0.3), ("Lê Ân", 0.05), ("Lệ Ân", 0.004))
    assert [(one.value, one.source) for one in readings(field)] == [
        ("Lê Ân", "reading"),
        ("Lê Ấn", "reading"),
    ]


def test_what_was_entered_for_a_former_scan_is_offered_though_nothing_was_read():
    field = _read(("Lê Ân", 0.6), ("Lê Văn Ân", 0.0))
    former = readings(field)[1]
    assert (former.value, former.source) == ("Lê Văn Ân", "former")


@pytest.mark.parametrize(("confidence", "under_enter"), [(0.29, None), (0.31, "Lê Ân")])
def test_a_reading_that_is_hardly_ever_right_is_not_under_enter(confidence, under_enter):
    field = _read(("Lê Ân", confidence), ("Lê Ấn", 0.1))
    assert preselected(field, decided=False) == under_enter
    assert preselected(field, decided=True) == "Lê Ân"


def test_a_writing_that_was_not_understood_is_never_under_enter():
    field = make_field("meNgaySinh", "", confidence=0.9, as_written="ngày 45")
    assert preselected(field, decided=False) is None
    assert preselected(field, decided=True) is None


def test_an_empty_box_read_as_blank_is_under_enter_and_what_a_person_entered_stays():
    blank = make_field("meHoTen", "", confidence=0.9, as_written="", n_best=())
    assert preselected(blank, decided=False) == ""
    entered = make_field("meHoTen", "", confidence=1.0, as_written="x", state=State.BLANK)
    assert preselected(entered, decided=True) == ""


def _around(code, *readings, record=None, around=None, column=None, places=None, kinds=None):
    """A field as read, with other fields of its record and of the records around it."""
    choices = tuple(Candidate(text, value, p) for text, value, p in readings)
    written, value, sure = readings[0]
    own = make_field(
        code, value, confidence=sure, n_best=choices if written else (), as_written=written
    )
    record = {
        c: v if isinstance(v, StandingField) else StandingField(v, 1.0)
        for c, v in (record or {}).items()
    }
    known = {c: make_field(c, v.value).kind for c, v in record.items()}
    steps = {
        step: {
            c: v if isinstance(v, StandingField) else StandingField(v, 1.0)
            for c, v in fields.items()
        }
        for step, fields in (around or {}).items()
    }
    return Surroundings(own, BOOK, record, known, steps, column or {}, places or {})


def _best(at):
    """What Enter accepts, and its source."""
    offers, under_enter = offers_around(at)
    return under_enter, next((one.source for one in offers if one.value == under_enter), "")


def _values(source, at):
    return [known.value for known in source(at)]


# --- inventory


def test_the_inventory_says_the_volume_and_beats_a_bad_reading():
    at = _around("quyenSo", ("0o2/2", "", 0.0))
    assert _best(at) == ("02/2017", "inventory")


def test_ink_that_clearly_says_another_volume_is_not_overruled():
    at = _around("quyenSo", ("11/2019", "11/2019", 0.97))
    assert _best(at) == ("11/2019", "reading")


# --- numbers, pages and dates in their order


def test_the_next_number_follows_from_the_records_around():
    at = _around(
        "so", ("0s7/2017", "57/2017", 0.12), record={"ngayDangKy": "03.05.2017"},
        around={-1: {"so": "06/2017"}, 1: {"so": "08/2017"}},
    )  # fmt: skip
    assert _best(at) == ("07/2017", "sequence")


def test_a_number_far_out_of_order_stays_when_the_ink_is_clear():
    at = _around(
        "so", ("19/2017", "19/2017", 0.96), around={-1: {"so": "06/2017"}, 1: {"so": "08/2017"}}
    )
    assert _best(at)[0] == "19/2017"


def test_the_year_of_a_number_is_that_of_its_own_registration():
    at = _around("so", ("7/2077", "07/2077", 0.4), record={"ngayDangKy": "03.01.2018"})
    values = _values(book_sources.years, at)
    assert values[0] == "07/2018"


def test_days_between_two_registrations_are_offered_by_their_likeness_to_the_writing():
    at = _around(
        "ngayDangKy", ("1s/5/2217", "", 0.0),
        around={-1: {"ngayDangKy": "10.05.2017"}, 1: {"ngayDangKy": "20.05.2017"}},
    )  # fmt: skip
    values = _values(book_sources.days, at)
    assert "15.05.2017" in values or "11.05.2017" in values
    assert all("10.05.2017" <= value <= "20.05.2017" for value in values)


def test_records_around_in_falling_order_bound_nothing_but_still_give_days_after_the_last():
    at = _around(
        "ngayDangKy", ("12/5/2017", "12.05.2017", 0.6),
        around={-1: {"ngayDangKy": "10.05.2017"}, 1: {"ngayDangKy": "01.01.1990"}},
    )  # fmt: skip
    assert all(value.endswith("2017") for value in _values(book_sources.days, at))


# --- the same thing written twice


def test_the_date_follows_from_its_words_and_the_words_from_the_date():
    words = "Ngày Mười Hai Tháng Năm Năm Hai Nghìn Không Trăm Mười Bảy"
    at = _around(
        "nksNgaySinh", ("12/6/2017", "12.06.2017", 0.3), record={"nksNgaySinhBangChu": words}
    )
    assert _values(record_sources.dates, at)[0] == "12.05.2017"
    back = _around(
        "nksNgaySinhBangChu",
        ("Mười hai thang năm năm hai nghìn không trăm mươi b", "", 0.0),
        record={"nksNgaySinh": "12.05.2017"},
    )
    assert _best(back) == (words, "date_digits")


def test_the_informant_who_is_the_father_has_his_name():
    at = _around(
        "nycHoTen", ("Huynh Gia Taan", "Huỳnh Gia Tấn", 0.35),
        record={"chaHoTen": "Huỳnh Gia Toàn", "meHoTen": "Trần Khánh Vân"},
    )  # fmt: skip
    assert _best(at) == ("Huỳnh Gia Toàn", "informant")


def test_an_informant_whose_ink_is_neither_parent_keeps_his_own_name():
    at = _around(
        "nycHoTen", ("Lê Thị Bưởi", "Lê Thị Bưởi", 0.9),
        record={"chaHoTen": "Huỳnh Gia Toàn", "meHoTen": "Trần Khánh Vân"},
    )  # fmt: skip
    assert _best(at)[0] == "Lê Thị Bưởi"


def test_what_the_informant_is_follows_from_the_names():
    record = {"nycHoTen": "huỳnh gia toàn", "chaHoTen": "Huỳnh Gia Toàn"}
    at = _around("nycQuanHe", ("", "", 0.2), record=record)
    assert _values(record_sources.relation, at) == ["Cha"]


def test_the_surname_of_a_parent_stands_before_the_given_names_that_were_read():
    at = _around(
        "nksHoTen",
        ("Huyện Quốc Nhung", "Huyền Quốc Nhung", 0.3),
        record={"chaHoTen": "Huỳnh Gia Toàn"},
    )
    assert "Huỳnh Quốc Nhung" in _values(record_sources.surnames, at)


def test_the_registrar_says_nothing_of_the_people_in_the_record():
    at = _around("nycHoTen", ("Lê Th", "Lê Thị", 0.2), record={"nguoiKy": "Lê Thị Hoa"})
    assert _values(record_sources.names, at) == []


def test_a_first_word_that_was_read_twice_is_left_out_and_a_surname_that_repeats_is_kept():
    at = _around("nguoiKy", ("Lã Lã Văn Vinh", "Lã Lã Văn Vinh", 0.2))
    assert _values(record_sources.doubled, at) == ["Lã Văn Vinh"]
    assert _values(record_sources.doubled, _around("nguoiKy", ("Hà Vinh", "Hà Vinh", 0.9))) == []


def test_a_personal_number_begins_with_province_sex_and_year():
    at = _around(
        "nksSoDinhDanh",
        ("O83 2172 3408", "083217023408", 0.2),
        record={"nksGioiTinh": "1", "nksNgaySinh": "11.12.2017"},
    )
    at = Surroundings(
        make_field("nksSoDinhDanh", "183217023408", kind=FieldKind.ID_NUMBER, confidence=0.1),
        BOOK, at.record, at.kinds,
    )  # fmt: skip
    assert _values(record_sources.personal_number, at) == ["083217023408"]


# --- what recurs in the book


def test_the_signer_of_the_book_beats_a_bad_reading_of_him():
    at = _around(
        "nguoiKy", ("Nguyễn Vân Nghĩ", "Nguyễn Văn Nghị", 0.2), column={"Nguyễn Văn Nghĩa": 6.0}
    )
    assert _best(at) == ("Nguyễn Văn Nghĩa", "book")


def test_another_signer_whose_ink_is_clear_is_not_overruled():
    at = _around("nguoiKy", ("Lê Thị Hồng", "Lê Thị Hồng", 0.95), column={"Nguyễn Văn Nghĩa": 6.0})
    assert _best(at)[0] == "Lê Thị Hồng"


def test_names_of_other_people_do_not_come_from_the_column():
    at = _around(
        "nksHoTen",
        ("Lê Ân", "Lê Ân", 0.2),
        column={"Lê Văn Ân": 3.0},
        around={-1: {"nksHoTen": "Lê Văn Ân"}},
    )
    assert _values(book_sources.column, at) == _values(book_sources.previous, at) == []


def test_a_doubted_value_of_the_record_before_is_not_repeated():
    doubted = StandingField("Kính", 0.8, doubted=True)
    at = _around("nksDanToc", ("Kin", "Kin", 0.2), around={-1: {"nksDanToc": doubted}})
    assert _values(book_sources.previous, at) == []


# --- places


HAMLET = "Ấp Rạch Gừa, xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre"


def test_units_are_put_right_by_the_gazetteer_in_the_spelling_of_the_book():
    at = _around(
        "meNoiCuTru", ("Ấp 3 Xã Phước Tuy Ba Trì", "Ấp 3, Xã Phước Tuy, Ba Trì Linh Bến Tre", 0.1),
        places={HAMLET: 4.0},
    )  # fmt: skip
    assert "Ấp 3, xã Phước Tuy, huyện Ba Tri, tỉnh Bến Tre" in _values(place_sources.composed, at)


def test_a_book_that_writes_units_without_their_types_gets_them_so():
    at = _around(
        "meNoiCuTru", ("Ấp 3 Phước Tay Ba Tri Bến Tre", "Ấp 3, Phước Tay, Ba Tri, Bến Tre", 0.1),
        places={"Phước Ngãi, Ba Tri, Bến Tre": 4.0},
    )  # fmt: skip
    assert "Ấp 3, Phước Tuy, Ba Tri, Bến Tre" in _values(place_sources.composed, at)


def test_a_hamlet_of_the_book_and_its_capitals_are_known():
    at = _around(
        "chaNoiCuTru", ("ấp Rạch Gia, Xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre",) * 2 + (0.2,),
        places={HAMLET: 2.0},
    )  # fmt: skip
    offers, _ = offers_around(at)
    assert HAMLET in [one.value for one in offers[:2]]
    assert offers[0].value[:2] == "Ấp" and ", xã" in offers[0].value


def test_a_place_of_another_province_is_left_as_it_was_read():
    read = "Phường Mộc Lỵ, thị xã Mộc Châu, tỉnh Sơn La"
    at = _around("nksQueQuan", (read, read, 0.9), places={HAMLET: 4.0})
    assert _best(at)[0] == read


# --- together


def test_a_value_said_twice_stands_once_with_both_sources():
    at = _around(
        "quyenSo", ("02/2017", "02/2017", 0.4), column={"02/2017": 5.0}
    )  # fmt: skip
    offers, under_enter = offers_around(at)
    assert [one.value for one in offers].count("02/2017") == 1
    assert under_enter == "02/2017"
    assert "theo danh mục sổ" in offers[0].note.vi and "đã có trong sổ" in offers[0].note.vi


def test_an_empty_box_stays_empty_unless_the_book_is_surer():
    blank = _around("nksQuocTich", ("", "", 0.999), column={"Việt Nam": 1.6})
    assert _best(blank)[0] == ""
    unsure = _around("nksQuocTich", ("", "", 0.01), column={"Việt Nam": 9.0})
    assert _best(unsure)[0] == "Việt Nam"


# --- gathered from a book


def test_the_places_of_all_columns_stand_together_the_most_frequent_first(tmp_path):
    columns = {"nksNoiSinh": "Ấp 3", "nksQueQuan": "Ấp 2", "meNoiCuTru": "Ấp 2", "nksHoTen": "An"}
    fields = [make_field(code, value, State.ACCEPTED, 1.0) for code, value in columns.items()]
    with Workspace.open(tmp_path) as ws, ws.transaction() as session:
        save_book(session, BOOK)
        page = page_row(BOOK, tmp_path, 0, PageKind.RECORD)
        replace_pages(session, BOOK.id, [page])
        replace_records(session, BOOK.id, [make_record(page.name, fields)])
        rows = list(session.query(FieldRow))
        found = find_all(session, rows)
        asked = {row.id: (row, shown_field(found, row)) for row in rows}
        known = {at.own.code: at for at in surroundings(session, found, asked, ()).values()}
    assert known["nksHoTen"].places == {}
    assert known["nksNoiSinh"].places == {"Ấp 2": 2.0}, "its own value says nothing of it"
    assert list(known["nksQueQuan"].places.items()) == [("Ấp 2", 1.0), ("Ấp 3", 1.0)]
