"""A taught table whose entries go on in the next row: read, looked at, and a row made to count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ocr_pipeline.registers.fields import Special, State
from ocr_pipeline.review.accounts import Role
from tests.builders import foreign_forms as foreign
from tests.builders.books import make_book, write_inventory
from tests.builders.table_clerk import FORM, Clerk
from tests.e2e.station import sohoa

RECORD = {
    "so": "12", "ngayDangKy": "03.05.1987", "nksHoTen": "Lê Văn Sáu", "nksGioiTinh": "Nam",
    "nksNgaySinh": "01.05.1987", "nksNoiSinh": "ấp Tân Hòa,", "chaHoTen": "Lê Văn Lợi",
    "meHoTen": "Võ Thị Út", "nycHoTen": "Lê Văn Lợi", "nguoiKy": "Trần Văn Tám",
}  # fmt: skip
ROWS = (RECORD, {"nksNoiSinh": "xã Lộc Thuận"}, {**RECORD, "so": "13"})
LEFT_OUT = [
    "Dòng 2: phần tiếp của dòng 1",
    *(f"Dòng {row}: máy không thấy chữ" for row in range(4, 9)),
]


def scan(page, path):
    gray, _ = foreign.scanned(Image.fromarray(np.asarray(page)), 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(gray).save(path, dpi=(foreign.DPI, foreign.DPI))


@pytest.mark.timeout(300)
def test_rows_without_a_record_of_their_own_are_listed_and_one_is_made_to_count(
    seat, own_station, tmp_path
):
    scan(FORM.picture, tmp_path / "empty.png")
    size = "x".join(f"{side:g}" for side in FORM.size)
    new = ("layout", "new", tmp_path / "layouts" / "KS-foreign", tmp_path / "empty.png")
    told = sohoa(*new, "--id", "KS-foreign", "--type", "KS", "--size", size)
    assert told.returncode in (0, 1), told.stderr
    clerk = Clerk()
    for number, row in enumerate(ROWS, start=1):
        for code, text in row.items():
            clerk.write(number, code, text, 9.0)
    scan(clerk.page, tmp_path / "scans" / "a" / "1.png")
    book = replace(make_book(), layout="KS-foreign", year_opened=1987)
    write_inventory(tmp_path / "scans", {"a": book})
    run = ("run", tmp_path / "scans", "--workspace", tmp_path / "read", "--workers", 1)
    told = sohoa(*run, "--layouts", tmp_path / "layouts")
    assert told.returncode in (0, 1), told.stderr

    station = own_station(tmp_path / "read")
    lan = seat("lan", Role.REVIEWER, station)
    [one] = lan.api("GET", "/api/books")["books"]
    first, second = station.fields(one["id"])
    assert first["nksNoiSinh"].value == "Ấp Tân Hòa, xã Lộc Thuận"
    assert first["nksNoiSinh"].special is Special.OVER_ROWS
    assert first["nksNoiSinh"].state is State.IN_REVIEW
    assert second["so"].value == "13/1987" and second["nksNoiSinh"].special is None

    [page] = lan.api("GET", f"/api/books/{one['id']}")["pages_in_order"]
    lan.open(f"/page/{page['page']}")
    lan.until("() => document.querySelectorAll('#dropped-list li').length === 6")
    rows = lan.page.locator("#dropped-list li")
    told = [text.removesuffix("Ở đây có bản ghi").strip() for text in rows.all_inner_texts()]
    assert told == LEFT_OUT
    rows.nth(1).get_by_role("button").click()
    lan.until("() => document.querySelectorAll('#dropped-list li').length === 5")
    assert lan.api("GET", f"/api/pages/{page['page']}")["positions"] == [1, 3, 4]
    assert len(station.fields(one["id"])) == 3
