import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.values import normalise_value, says_nothing, split_id_document


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("date", "12/5/2009", "12.05.2009"),
        ("date", "ngày mười sáu tháng bảy năm hai ngàn lẻ tám", "16.07.2008"),
        ("date", "12-5-85", ""),
        ("date_words", "16.7.2008", "Ngày Mười Sáu Tháng Bảy Năm Hai Nghìn Không Trăm Linh Tám"),
        (
            "free_text",
            "Theo QĐ số 15 / QĐ-UBND ngày 07 / 2015",
            "Theo QĐ số 15/QĐ-UBND ngày 07/2015",
        ),
        ("free_text", "cha / mẹ", "cha / mẹ"),
        ("time", "10 giờ 30 phút", "10:30"),
        ("time", "22h15", "22:15"),
        ("time", "8 giờ tối", "20:00"),
        ("time", "mười giờ rưỡi", "10:30"),
        ("time", "8 giờ đêm", ""),
        ("time", "25:00", ""),
        ("number_year", "Số: 062/2018", "62/2018"),
        ("number_year", "7", "07"),
        ("number_year", "62/0000", "62"),
        ("number_year", "62/0019", "62"),
        ("number_year", "abc", ""),
        ("number", "015", "15"),
        ("sex", "NỮ", "2"),
        ("sex", "nam", "1"),
        ("sex", "?", ""),
        ("ethnic_group", "h'mông", "Mông"),
        ("ethnic_group", "Abc", "Abc"),
        ("nationality", "VN", "Việt Nam"),
        ("relation", "mẹ", "Mẹ"),
        ("relation", "cha mẹ đẻ", "Cha, mẹ đẻ"),
        ("relation", "bà cô", "Bà cô"),
        ("id_type", "Giấy CMND", "1"),
        ("id_type", "thẻ căn cước công dân", "4"),
        ("id_number", "321 456 789", "321456789"),
        ("id_number", "B1234567", "B1234567"),
        ("id_document", "CMND số 321456789 do CA Bến Tre cấp ngày 12/5/2005", "1 321456789"),
        ("id_document", "CMT 321.456.789", "1 321456789"),
        ("id_document", "082199001234", "4 082199001234"),
        ("id_document", "không có", ""),
        ("place", "X. Lộc Thuận - H. Bình Đại", "Xã Lộc Thuận, huyện Bình Đại"),
        ("position", "phó chủ tịch", "Phó Chủ tịch"),
        ("person_name", "TRẦN văn  AN", "Trần Văn An"),
        ("person_name", "chưa xác định", ""),
        ("free_text", " Thay đổi  họ ", "Thay đổi họ"),
        ("tick", "4", "4"),
    ],
)
def test_value_of_a_writing(kind, written, value):
    assert normalise_value(FieldKind(kind), written) == value


@given(st.sampled_from(list(FieldKind)), st.text(max_size=30))
@example(FieldKind.PERSON_NAME, "µ")
@example(FieldKind.PERSON_NAME, "м н")
@example(FieldKind.PERSON_NAME, "1)")
@example(FieldKind.PERSON_NAME, "ß")
@example(FieldKind.PERSON_NAME, "ŉ")
def test_a_value_is_its_own_value(kind, text):
    value = normalise_value(kind, text)
    assert normalise_value(kind, value) == value


def test_a_bare_number_takes_the_year_it_is_given():
    assert normalise_value(FieldKind.NUMBER_YEAR, "62", year=2018) == "62/2018"


def test_two_digit_years_need_the_century():
    assert normalise_value(FieldKind.DATE, "12-5-85", century=1900) == "12.05.1985"


def test_id_documents_come_apart():
    assert split_id_document("1 321456789") == ("1", "321456789")
    assert split_id_document("") == ("", "")


def test_saying_nothing():
    assert all(map(says_nothing, ["", "///", "Không rõ", "chưa xác định được", "…"]))
    assert not says_nothing("Nguyễn Văn Không")
