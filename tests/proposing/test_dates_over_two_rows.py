"""A date whose blanks begin on one row and end on the next is one field."""

from __future__ import annotations

import numpy as np
import pytest

from tests.builders.foreign_forms import ForeignForm, Printer, scanned
from tests.builders.long_cases import long_after
from tests.builders.measured_proposal import propose

BORN, KEPT = "nksNgaySinh", "ngayDangKy"


def form(*rows: list[tuple[str, str]]) -> ForeignForm:
    """A birth form with these rows for the day of birth among its others."""
    p = Printer("KS", (210, 200), "DejaVuSerif", 4.1, "stops")
    p.words(66, 22, "SỔ ĐĂNG KÝ KHAI SINH", 1.5)
    p.row(34, [("Số hiệu:", "so"), ("Quyển số:", "quyenSo")], 25, 190)
    p.row(46, [("Tên họ:", "nksHoTen"), ("Nam hay nữ:", "nksGioiTinh")], 25, 190)
    y = 58.0
    for row in rows:
        if row[0][1]:
            p.row(y, row, 25, 190)
        else:
            p.words(25, y, row[0][0])
        y += 10.5
    p.row(y + 2, [("Dân tộc:", "nksDanToc"), ("Quốc tịch:", "nksQuocTich")], 25, 190)
    p.row(y + 13, [("Họ tên cha:", "chaHoTen")], 25, 190)
    p.row(y + 24, [("Họ tên mẹ:", "meHoTen")], 25, 190)
    p.row(y + 36, [("Vào sổ ngày", KEPT), ("tháng", KEPT), ("năm", KEPT)], 25, 190)
    return p.form


@pytest.mark.parametrize(
    "rows",
    long_after(
        1,
        [
            ([("Sinh ngày", BORN), ("tháng", BORN)], [("năm", BORN), ("Sinh tại:", "nksNoiSinh")]),
            ([("Sinh ngày", BORN)], [("tháng", BORN), ("năm", BORN)]),
            ([("Ngày, tháng, năm sinh:", "")], [("ngày", BORN), ("tháng", BORN), ("năm", BORN)]),
        ],
    ),
)
def test_the_parts_of_a_date_on_two_rows_are_one_field(rows):
    drawn = form(*rows)
    found = {
        field.code: field for field in propose(drawn, [scanned(drawn.picture, 1)[0]]).layout.fields
    }
    wanted = {blank.code: blank for blank in drawn.blanks}
    for code in (BORN, KEPT):
        assert found[code].join == "." and len(found[code].lines) == 3
        for have, want in zip(found[code].lines, wanted[code].lines, strict=True):
            assert np.allclose(have, want, atol=2.5), code
    assert set(found) >= {"nksDanToc", "chaHoTen", "meHoTen"}
