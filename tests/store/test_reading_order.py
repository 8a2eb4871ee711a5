"""Fields come in the order of the eye: along lines, and down the columns of a table."""

import pytest

from ocr_pipeline.registers.fields import Box
from ocr_pipeline.store.lanes import order_on_page
from tests.builders.records import make_field, make_record


def record(*boxes):
    return make_record("1.jpg", [make_field(code, "", box=Box(*box)) for code, *box in boxes])


def test_along_the_lines_of_a_form_with_the_page_to_itself():
    form = record(
        ("noiSinh", 100, 400, 1200, 50), ("ngaySinh", 100, 310, 300, 50),
        ("gioiTinh", 800, 300, 300, 50), ("hoTen", 100, 200, 900, 50),
        ("danToc", 100, 500, 300, 50), ("quocTich", 800, 505, 300, 50), ("so", 900, 100, 200, 50),
    )  # fmt: skip
    assert order_on_page(form) == [
        "so", "hoTen", "ngaySinh", "gioiTinh", "noiSinh", "danToc", "quocTich",
    ]  # fmt: skip


@pytest.mark.parametrize("row", range(4))
def test_down_the_columns_of_a_table_whichever_row(row):
    top = 480 + 340 * row
    table = record(
        ("quyenSo", 240, 310, 200, 50),  # in the head of the sheet
        ("so", 141, top, 125, 56), ("ngayDangKy", 281, top, 158, 57),
        ("hoTen", 454, top, 312, 120), ("gioiTinh", 454, top + 124, 312, 58),
        ("danToc", 454, top + 187, 312, 57), ("ngaySinh", 782, top + 3, 237, 55),
        ("noiSinh", 1035, top, 283, 118), ("queQuan", 1034, top + 185, 283, 118),
        ("chaHoTen", 1333, top, 273, 57), ("chaDanToc", 1333, top + 125, 273, 57),
        ("meHoTen", 1622, top, 274, 57), ("meDanToc", 1621, top + 125, 275, 57),
    )  # fmt: skip
    assert order_on_page(table) == [
        "so", "quyenSo", "ngayDangKy", "hoTen", "gioiTinh", "danToc", "ngaySinh", "noiSinh",
        "queQuan", "chaHoTen", "chaDanToc", "meHoTen", "meDanToc",
    ]  # fmt: skip
