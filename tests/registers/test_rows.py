import pytest

from ocr_pipeline.registers.rows import column_sources, compose_row, same_cells
from ocr_pipeline.registers.templates import load_template
from tests.builders.books import make_book


def row(type: str, unreadable=(), /, generation="1437", **values: str) -> dict[str, str]:
    template = load_template(type, generation)
    return compose_row(template, values, make_book(type), unreadable=unreadable)


def test_a_row_has_every_column_in_order_and_only_texts():
    cells = row("KS", generation="158", so="12")
    assert list(cells) == [column.name for column in load_template("KS", "158").columns]
    assert all(isinstance(text, str) for text in cells.values())


def test_the_book_gives_volume_and_agency():
    cells = row("KS", quyenSo="09/1999")
    assert cells["quyenSo"] == "01/2018"
    assert cells["noiDangKy"] == "Ủy ban nhân dân xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
    assert row("HN")["noiCap"] == cells["noiDangKy"]


def test_a_bare_number_takes_the_year_of_registration():
    assert row("KS", so="12", ngayDangKy="05.07.2018")["so"] == "12/2018"
    assert row("KS", so="12/2017", ngayDangKy="05.07.2018")["so"] == "12/2017"
    assert row("KS", so="12")["so"] == "12"


def test_composite_blanks_are_taken_apart():
    cells = row("KH", chongGiayTo="1 321456789", nguoiKyVaChucVu="Lê Văn Tám, Phó Chủ tịch UBND xã")
    assert cells["chongLoaiGiayToTuyThan"] == "1"
    assert cells["chongSoGiayToTuyThan"] == "321456789"
    assert cells["nguoiKy"] == "Lê Văn Tám"
    assert cells["chucVuNguoiKy"] == "Phó Chủ tịch UBND xã"


@pytest.mark.parametrize(
    ("written", "time", "date"),
    [
        ("10 giờ 30 phút ngày 05 tháng 6 năm 2009", "10:30", "05.06.2009"),
        ("22h, 5/6/2009", "22:00", "05.06.2009"),
        ("05.06.2009", "", "05.06.2009"),
    ],
)
def test_hour_and_date_of_death_in_one_blank(written, time, date):
    cells = row("KT", nktLucChet=written)
    assert (cells["nktGioPhutChet"], cells["nktNgayChet"]) == (time, date)


def test_a_columns_own_blank_goes_before_a_composite():
    assert row("KS", nguoiKy="Lê Văn Tám", nguoiKyVaChucVu="Ai Đó - CT")["nguoiKy"] == "Lê Văn Tám"


@pytest.mark.parametrize(
    ("mother", "father", "ticked", "code"),
    [
        ("A B", "C D", "", "1"),
        ("A B", "", "4", "3"),
        ("A B", "", "", "3"),
        ("", "C D", "", "2"),
        ("", "", "4", "4"),
        ("", "", "", ""),
        ("", "", "5", "5"),
    ],
)
def test_kind_of_birth_follows_from_the_parents_named(mother, father, ticked, code):
    cells = row("KS", meHoTen=mother, chaHoTen=father, nksLoaiKhaiSinh=ticked)
    assert cells["nksLoaiKhaiSinh"] == code


def test_nothing_is_derived_from_what_nobody_can_read():
    assert row("KS", ["chaHoTen"], meHoTen="A B", chaHoTen="")["nksLoaiKhaiSinh"] == ""


def test_recognition_by_the_parents_sex():
    assert row("CMC", loaiXacNhan="1/2", cmGioiTinh="2")["loaiXacNhan"] == "2"
    assert row("CMC", loaiXacNhan="3/4", cmGioiTinh="1")["loaiXacNhan"] == "3"
    assert row("CMC", loaiXacNhan="3/4", cmGioiTinh="")["loaiXacNhan"] == ""


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, "1"),
        ({"cmGioiTinh": "2"}, "2"),
        ({"cmNgaySinh": "1980", "ncNgaySinh": "1992"}, "1"),
        ({"ncNgaySinh": "05.06.1991"}, ""),  # eleven years
        ({"cmNgaySinh": "01.02.2000", "ncNgaySinh": "1980"}, ""),  # the child's block comes first
        ({"nycHoTen": "Lê Văn Em"}, ""),  # the child has it registered
        ({"nycHoTen": ""}, ""),
        ({"cmHoTen": "", "nycHoTen": ""}, ""),
        ({"cmNgaySinh": ""}, ""),
        ({"cmGioiTinh": ""}, ""),
        ({"loaiXacNhan": ""}, ""),  # a page with boxes, none ticked: somebody has to say it
        ({"loaiXacNhan": "3/4"}, "3"),
    ],
)
def test_a_page_without_the_question_who_recognises_whom(changed, code):
    page = {
        "cmHoTen": "Lê Văn Anh", "cmGioiTinh": "1", "cmNgaySinh": "01.02.1980",
        "ncHoTen": "Lê Văn Em", "ncNgaySinh": "05.06.2008", "nycHoTen": "LÊ VĂN ANH",
    }  # fmt: skip
    assert row("CMC", **page | changed)["loaiXacNhan"] == code


def test_nobody_recognises_anybody_by_a_birth_that_nobody_can_read():
    page = {"cmHoTen": "Lê Anh", "nycHoTen": "Lê Anh", "cmGioiTinh": "1", "ncNgaySinh": "2008"}
    assert row("CMC", ["cmNgaySinh"], cmNgaySinh="1980", **page)["loaiXacNhan"] == ""


@pytest.mark.parametrize(
    ("purpose", "code"),
    [
        ("Để kết hôn với ông Kim, quốc tịch Hàn Quốc", "2"),
        ("Kết hôn với công dân Việt Nam", "1"),
        ("Để kết hôn với anh Nguyễn Văn Nga", ""),
    ],
)
def test_marriage_with_whom_follows_from_the_nationality_named(purpose, code):
    cells = row("HN", nxnLoaiMucDichSuDung="1/2", nxnMucDichSuDung=purpose)
    assert cells["nxnLoaiMucDichSuDung"] == code


def test_defaults_only_where_the_list_or_the_form_gives_one():
    assert row("KS")["loaiDangKy"] == "6"  # the page has no boxes
    assert row("KS", loaiDangKy="")["loaiDangKy"] == ""  # boxes, none ticked: a person decides
    assert row("CMC", loaiDangKy="")["loaiDangKy"] == "1"
    assert row("KS")["meLoaiCuTru"] == "0"
    assert row("KS", meNoiCuTru="Thường trú: xã A, huyện B")["meLoaiCuTru"] == "1"


def test_province_and_words_follow_when_the_page_does_not_say():
    cells = row("KS", nksNoiSinh="xã Lộc Thuận, huyện Bình Đại, Bến Tre", nksNgaySinh="01.07.2018")
    assert cells["nksNoiSinhDVHC"] == "Tỉnh Bến Tre"
    assert cells["nksNgaySinhBangChu"] == "Ngày Một Tháng Bảy Năm Hai Nghìn Không Trăm Mười Tám"


def test_where_a_column_comes_from():
    assert column_sources("KS", "nycSoGiayToTuyThan") == ("nycSoGiayToTuyThan", "nycGiayTo")
    assert "chaHoTen" in column_sources("KS", "nksLoaiKhaiSinh")


@pytest.mark.parametrize(
    ("code", "one", "other", "same"),
    [
        ("nktLucChet", "17 giờ 45 phút ngày 18/3/2000", "17h45, ngày 18.03.2000", True),
        ("nktLucChet", "17 giờ 45 phút, ngày 18/3/2000", "17 giờ 40 phút, ngày 18/3/2000", False),
        ("nktLucChet", "không rõ", "chưa rõ", False),  # nothing in the cells says nothing
        ("nguoiKyVaChucVu", "Trần Sà Rinh - Phó Chủ tịch", "Trần Sà Rinh, Phó Chủ tịch", True),
        ("nguoiKyVaChucVu", "Trần Sà Rinh - Phó Chủ tịch", "Trần Sà Kinh - Phó Chủ tịch", False),
        ("ghiChu", "Bổ sung ngày 3/5", "Bổ sung, ngày 3/5", False),
    ],
)
def test_values_of_one_blank_are_compared_by_their_cells(code, one, other, same):
    assert same_cells(code, one, other) is same
