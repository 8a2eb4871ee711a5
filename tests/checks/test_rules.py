import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_pipeline.checks.book_rules import check_book
from ocr_pipeline.checks.findings import rules
from ocr_pipeline.checks.record_rules import check_record
from ocr_pipeline.registers.fields import Severity
from ocr_pipeline.registers.layout_codes import paper_codes
from tests.builders.books import make_book
from tests.builders.rows import CLEAN

PLANTED = {
    "mandatory": ("KS", {"nksHoTen": ""}),
    "number_form": ("KS", {"so": "12"}),
    "number_not_numeric": ("KS", {"trangSo": "1a"}),
    "date_malformed": ("KS", {"meNgaySinh": "31.02.1990"}),
    "registration_date_incomplete": ("KS", {"ngayDangKy": "07.2018"}),
    "number_year_differs": ("KS", {"so": "12/2017"}),
    "code_unknown": ("KS", {"loaiDangKy": "9"}),
    "birth_date_words_differ": ("KS", {"nksNgaySinh": "02.07.2018"}),
    "death_date_words_differ": ("KT", {"nktNgayChet": "03.07.2018"}),
    "id_sex_differs": ("KS", {"meSoGiayToTuyThan": "083090001234"}),
    "id_birth_year_differs": ("KS", {"meSoGiayToTuyThan": "083191001234"}),
    "id_shape": ("KS", {"meSoGiayToTuyThan": "0831900012"}),
    "id_province": ("KS", {"meSoGiayToTuyThan": "003190001234"}),
    "volume_differs": ("KS", {"quyenSo": "02/2018"}),
    "late_not_marked": ("KS", {"ngayDangKy": "05.10.2018"}),
    "registered_before_birth": ("KS", {"ngayDangKy": "30.06.2018"}),
    "death_before_birth": ("KT", {"nktNgaySinh": "2019"}),
    "registered_before_death": ("KT", {"ngayDangKy": "01.07.2018"}),
    "husband_young": ("KH", {"chongNgaySinh": "06.07.1998"}),
    "wife_young": ("KH", {"voNgaySinh": "06.07.2000"}),
    "mother_age": ("KS", {"meNgaySinh": "2008"}),
    "father_age": ("KS", {"chaNgaySinh": "1930"}),
    "recognised_age": ("CMC", {"cmNgaySinh": "2005"}),
    "surname_unlike_parents": ("KS", {"nksHoTen": "Phạm Văn An"}),
    "place_unknown": ("KS", {"nksQueQuan": "xã Lộc Thuân, huyện Bình Đại, tỉnh Bến Tre"}),
    "ethnic_group_unknown": ("KS", {"nksDanToc": "Kính"}),
    "nationality_unknown": ("KS", {"meQuocTich": "Viết Nam"}),
    "father_named_as_woman": ("KS", {"chaHoTen": "Nguyễn Thị Lan"}),
    "mother_named_as_man": ("KS", {"meHoTen": "Trần Văn Tuấn", "nycHoTen": "Trần Văn Tuấn"}),
    "husband_named_as_woman": ("KH", {"chongHoTen": "Nguyễn Thị Lan"}),
    "wife_named_as_man": ("KH", {"voHoTen": "Trần Văn Tuấn"}),
    "name_unlike_sex": ("KS", {"nksGioiTinh": "2"}),
    "recogniser_sex": ("CMC", {"loaiXacNhan": "2", "cmHoTen": "Ba Nguyễn"}),
    "parents_missing": ("KS", {"chaHoTen": ""}),
    "informant_is_not_parent": ("KS", {"nycHoTen": "Trần Thị Bê"}),
    "id_before_14": ("KH", {"chongNgayCapGiayToTuyThan": "01.08.2003"}),
    "name_incomplete": ("KS", {"nguoiKy": "Tám"}),
}


@pytest.mark.parametrize("type", list(CLEAN))
def test_clean_records_raise_no_questions(type):
    assert check_record(CLEAN[type], type, make_book(type)) == []


@pytest.mark.parametrize("rule", [rule.id for rule in rules("record")])
def test_each_rule_finds_what_it_is_for(rule):
    type, changes = PLANTED[rule]
    found = {f.rule: f for f in check_record({**CLEAN[type], **changes}, type, make_book(type))}
    assert rule in found
    assert set(found[rule].columns) & set(changes)
    assert found[rule].message.vi and "{" not in str(found[rule].message)


@pytest.mark.parametrize("scope", ["record", "book"])
def test_rules_name_columns_that_exist(scope):
    for rule in rules(scope):
        for type in rule.types:
            plain = [column for column in rule.columns if "{p}" not in column]
            assert set(plain) <= paper_codes(type)


def test_a_suggestion_comes_with_an_unknown_place():
    values = {**CLEAN["KS"], "nksQueQuan": "xã Lộc Thuân, huyện Bình Đại, tỉnh Bến Tre"}
    [finding] = check_record(values, "KS")
    assert "Xã Lộc Thuận" in finding.message.vi


def test_partial_dates_raise_only_what_is_certain():
    values = {**CLEAN["KH"], "chongNgaySinh": "1994", "voNgaySinh": "07.2000"}
    assert check_record(values, "KH") == []


@given(
    st.dictionaries(st.sampled_from(sorted(paper_codes("KS"))), st.text(max_size=15), max_size=12)
)
def test_no_row_makes_the_checks_fail(values):
    check_record(values, "KS", make_book())
    check_book([values, {}, values])


def numbers(*written: str) -> list[dict[str, str]]:
    return [{"so": so} for so in written]


def found(rows) -> set[tuple[str, int | None]]:
    return {(finding.rule, finding.row) for finding in check_book(rows)}


def test_gaps_repetitions_and_order_blame_as_few_records_as_possible():
    rows = numbers("01/2018", "02/2018", "04/2018", "05/2018", "05/2018", "90/2018", "06/2018")
    assert found(rows) == {("number_gap", 2), ("duplicate_number", 4), ("number_order", 5)}
    [gap] = [f for f in check_book(rows) if f.rule == "number_gap"]
    assert gap.message.vi.endswith("thiếu: 03/2018")


def test_a_new_year_restarts_the_numbers():
    assert found(numbers("98/2017", "99/2017", "01/2018", "02/2018")) == set()


def test_unread_records_are_no_gap():
    assert found(numbers("01/2018", "", "03/2018")) == set()
    assert found(numbers("01/2018", "", "04/2018")) == {("number_gap", 2)}


def test_dates_and_pages_out_of_order():
    dates = ["05.07.2018", "06.07.2018", "01.01.2018", "", "07.2018", "06.07.2018"]
    pages = ["1", "2", "9", "", "3", "4"]
    rows = [{"ngayDangKy": d, "trangSo": p} for d, p in zip(dates, pages, strict=True)]
    assert found(rows) == {("date_order", 2), ("page_order", 2)}


def test_duplicates_are_hard():
    [finding] = check_book(numbers("01/2018", "1/2018"))
    assert finding.severity is Severity.HARD and finding.row == 1


def test_every_rule_is_documented():
    text = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")
    named = {rule.id for scope in ("record", "book") for rule in rules(scope)}
    assert named <= set(re.findall(r"`(\w+)`", text))


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        ([10, 9, 8, 7, 6, 5, 4, 3, 2], "scanned_backwards"),
        ([12, 11, 10, 7, 8, 9, 4, 5, 6, 1, 2, 3], "scanned_backwards"),
        ([9, 8, None, 6, 5, 4], "scanned_backwards"),
        ([2, 4, 6, 8, 10, 9, 7, 5, 3], "sides_apart"),
        ([1, 3, 5, 2, 4, 6], "sides_apart"),
    ],
)
def test_a_book_scanned_in_another_order_is_one_finding(order, rule):
    rows = numbers(*("" if n is None else f"{n:02d}/2018" for n in order))
    assert [finding.rule for finding in check_book(rows)] == [rule]


@pytest.mark.parametrize(
    "order", [[5, 4, 3], [1, 2, 3, 9, 8, 4, 5], [1, 3, 5, 7, 9, 11], [4, 1, 3, 2, 6, 5]]
)
def test_a_few_pages_out_of_order_are_no_reversed_book(order):
    rules_found = {f.rule for f in check_book(numbers(*(f"{n:02d}/2018" for n in order)))}
    assert rules_found.isdisjoint({"scanned_backwards", "sides_apart"})


def test_a_gap_and_a_repetition_are_found_in_a_reversed_book_too():
    rows = numbers("08/2018", "07/2018", "04/2018", "03/2018", "02/2018", "02/2018", "01/2018")
    assert found(rows) == {("scanned_backwards", 0), ("number_gap", 1), ("duplicate_number", 5)}


def test_a_number_that_stands_there_twice_names_the_page_of_its_twin():
    pages = ["c003.jpg", "c004.jpg", "c003b.jpg"]
    [twice] = check_book(numbers("03/2018", "04/2018", "03/2018"), pages)[:1]
    assert "1 (c003.jpg)" in twice.message.vi


def test_one_misread_number_does_not_hide_the_order():
    order = [1, 3, 5, 7, 9, 8, 6, 204, 2]
    named = {f.rule for f in check_book(numbers(*(f"{n:02d}/2018" for n in order)))}
    assert named <= {"sides_apart", "number_order", "number_gap"}
    assert "sides_apart" in named
