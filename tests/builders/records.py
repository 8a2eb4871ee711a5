"""Invented fields and records, as any stage may have left them."""

from __future__ import annotations

from collections.abc import Iterable

from ocr_pipeline.registers.fields import Field, FieldKind, Record, State
from ocr_pipeline.registers.layout_codes import paper_kinds

#: A birth that the checks find nothing wrong with, when it is of the book and year 2017.
BIRTH = {
    "so": "62/2017",
    "trangSo": "31",
    "ngayDangKy": "05.07.2017",
    "loaiDangKy": "1",
    "nksHoTen": "Trần Thị Hòa",
    "nksGioiTinh": "2",
    "nksNgaySinh": "28.06.2017",
    "nksNoiSinh": "Trạm y tế xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre",
    "nksDanToc": "Kinh",
    "nksQuocTich": "Việt Nam",
    "meHoTen": "Nguyễn Thị Mận",
    "meNgaySinh": "1990",
    "chaHoTen": "Trần Văn Đào",
    "chaNgaySinh": "1988",
    "nguoiKy": "Lê Văn Tám",
    "chucVuNguoiKy": "Chủ tịch",
}


def kind_of(code: str, type: str = "KS") -> FieldKind:
    """The kind of a code on paper; free text for a code that only a test knows."""
    return paper_kinds(type).get(code, FieldKind.FREE_TEXT)


def make_field(
    code: str, value: str, state: State = State.READ, confidence: float = 0.99, **more: object
) -> Field:
    """A field of a birth, written just as its value is."""
    more.setdefault("kind", kind_of(code))
    more.setdefault("as_written", value)
    return Field(code=code, value=value, confidence=confidence, state=state, **more)


def make_record(
    page: str, fields: Iterable[Field], position: int = 1, layout: str = "KS-2016"
) -> Record:
    """A record of these fields."""
    return Record(page, position, layout, {field.code: field for field in fields})
