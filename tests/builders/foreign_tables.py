"""Tables of printing houses that no layout and no generator of the project knows.

One with a plain head, one with common heads and a row of column numbers, one with four records a
sheet and lines to write on in its cells.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.schema import (
    Caption,
    Layout,
    LayoutField,
    PageSize,
    PrintedRule,
    Records,
)
from ocr_pipeline.registers.layout_codes import paper_kinds
from tests.builders.foreign_forms import DPI, LINE_MM, PX, Blank, ForeignForm, Printer

Column = tuple[float, str, tuple[str, ...]]  # width in mm, code of the column, words of its head


_OTHER_WORDS = {
    "nksHoTen": ("Tên họ trẻ",), "nksNoiSinh": ("Sinh quán",), "chaHoTen": ("Cha",),
    "meHoTen": ("Mẹ",), "nycHoTen": ("Người khai",),
}  # fmt: skip


def birth_table(
    *, other_words: bool = False, unknown: str = "", row: float = 24.0, records: int = 8
) -> ForeignForm:
    """Births: eleven columns, eight records a sheet, or others of another height in mm.

    `other_words`: the same rules over columns in another order, in other words; `unknown`: what
    stands over the last column instead of its own words.
    """
    p = Printer("KS", (420, 297), "DejaVuSerif", 3.6, "none")
    p.words(170, 24, "SỔ KHAI SINH", 1.9)
    columns: tuple[Column, ...] = (
        (14, "so", ("Số", "TT")),
        (24, "ngayDangKy", ("Ngày", "đăng ký")),
        (48, "nksHoTen", ("Họ và tên",)),
        (16, "nksGioiTinh", ("Nam", "nữ")),
        (28, "nksNgaySinh", ("Ngày tháng", "năm sinh")),
        (45, "nksNoiSinh", ("Nơi sinh",)),
        (44, "chaHoTen", ("Họ tên", "cha")),
        (44, "meHoTen", ("Họ tên", "mẹ")),
        (40, "nycHoTen", ("Họ tên", "người khai")),
        (35, "nguoiKy", ("Người ký",)),
        (40, "ghiChu", ("Ghi chú",)),
    )
    if other_words:
        widths = [width for width, _, _ in columns]
        other = [(code, _OTHER_WORDS.get(code, words)) for _, code, words in columns[::-1]]
        columns = tuple((width, *own) for width, own in zip(widths, other, strict=True))
    if unknown:
        columns = (*columns[:-1], (*columns[-1][:2], (unknown,)))
    left, top, head = 21.0, 40.0, 16.0
    _rules(p, left, [width for width, _, _ in columns], top, [head, *[row] * records])
    x = left
    for width, code, words in columns:
        for number, text in enumerate(words):
            p.words(x + 2, top + 6 + 5 * number, text)
        p.form.blanks.append(_cell(code, x, top + head, width, row))
        x += width
    p.form.rows = tuple(row * number for number in range(records))
    return p.form


def death_table() -> ForeignForm:
    """Deaths: common heads over some columns, a row of column numbers, eleven low rows."""
    p = Printer("KT", (297, 210), "DejaVuSans", 2.9, "none")
    p.words(95, 14, "SỔ ĐĂNG KÝ KHAI TỬ", 1.6)
    p.row(21, [("Quyển số:", "quyenSo"), ("Trang số:", "trangSo")], 200, 287)
    columns: tuple[Column, ...] = (
        (13, "so", ("Số", "thứ tự")),
        (23, "ngayDangKy", ("Ngày", "đăng ký")),
        (45, "nktHoTen", ("Họ và tên",)),
        (22, "nktNgaySinh", ("Ngày sinh",)),
        (18, "nktDanToc", ("Dân tộc",)),
        (40, "nktNoiCuTru", ("Nơi ở",)),
        (24, "nktNgayChet", ("Ngày chết",)),
        (30, "nktNguyenNhanChet", ("Nguyên nhân",)),
        (38, "nycHoTen", ("Họ và tên",)),
        (22, "nycQuanHe", ("Quan hệ",)),
    )
    groups = ((2, 6, "Người chết"), (8, 10, "Người khai"))
    left, top, row = 11.0, 28.0, 13.5
    heads = (7.0, 9.0, 5.0)
    widths = [width for width, _, _ in columns]
    xs = left + np.cumsum([0, *widths])
    bottom = top + sum(heads)
    below = {at for first, last, _ in groups for at in range(first + 1, last)}
    for at, x in enumerate(xs):
        start = top + heads[0] if at in below else top
        _rule(p, (x, start, x, bottom + 11 * row), 2)
    for y in (top, top + heads[0] + heads[1], *(bottom + row * n for n in range(12))):
        _rule(p, (xs[0], y, xs[-1], y), 2)
    for first, last, text in groups:
        y = top + heads[0]
        _rule(p, (xs[first], y, xs[last], y), 2)
        p.words((xs[first] + xs[last]) / 2 - 9, top + 5, text)
    for at, (width, code, words) in enumerate(columns):
        grouped = any(first <= at < last for first, last, _ in groups)
        for number, text in enumerate(words):
            p.words(xs[at] + 1.2, top + (heads[0] if grouped else 1.0) + 5.5 + 4.5 * number, text)
        p.words(xs[at] + width / 2 - 1, bottom - 1.3, str(at + 1), 0.8)
        p.form.blanks.append(_cell(code, xs[at], bottom, width, row))
    p.form.rows = tuple(row * number for number in range(11))
    return p.form


def marriage_table() -> ForeignForm:
    """Marriages: four records a sheet, several things in a cell, lines of dots to write on."""
    p = Printer("KH", (420, 297), "DejaVuSerif", 3.4, "stops")
    p.words(150, 20, "SỔ ĐĂNG KÝ KẾT HÔN", 1.8)
    columns: tuple[tuple[float, tuple[str, ...], tuple[tuple[str, int], ...]], ...] = (
        (26, ("Số",), (("so", 1),)),
        (40, ("Ngày đăng ký",), (("ngayDangKy", 1),)),
        (80, ("Họ tên, ngày sinh, dân tộc,", "nơi ở của chồng"),
         (("chongHoTen", 1), ("chongNgaySinh", 1), ("chongDanToc", 1), ("chongNoiCuTru", 2))),
        (80, ("Họ tên, ngày sinh, dân tộc,", "nơi ở của vợ"),
         (("voHoTen", 1), ("voNgaySinh", 1), ("voDanToc", 1), ("voNoiCuTru", 2))),
        (60, ("Người ký, chức vụ",), (("nguoiKy", 2), ("chucVuNguoiKy", 1))),
        (90, ("Ghi chú",), (("ghiChu", 5),)),
    )  # fmt: skip
    left, top, head, row, records, pitch = 22.0, 34.0, 15.0, 58.0, 4, 10.8
    _rules(p, left, [width for width, _, _ in columns], top, [head, *[row] * records])
    x = left
    for width, words, parts in columns:
        for number, text in enumerate(words):
            p.words(x + 2, top + 6 + 5 * number, text)
        lines = sum(count for _, count in parts)
        for record in range(records):
            first = top + head + record * row + 9
            for number in range(lines):
                p.line(x + 2, x + width - 2, first + number * pitch)
        at = 0
        for code, count in parts:
            boxes = [(x + 2, top + head + 9 + pitch * n - LINE_MM, width - 4, 7.6)
                     for n in range(at, at + count)]  # fmt: skip
            p.form.blanks.append(Blank(code, boxes))
            at += count
        x += width
    p.form.rows = tuple(row * number for number in range(records))
    return p.form


def _rules(
    p: Printer, left: float, widths: Sequence[float], top: float, heights: Sequence[float]
) -> None:
    """The rules of a plain table, in mm."""
    xs, ys = left + np.cumsum([0, *widths]), top + np.cumsum([0, *heights])
    for ends in [(x, ys[0], x, ys[-1]) for x in xs] + [(xs[0], y, xs[-1], y) for y in ys]:
        _rule(p, ends, 3)


def _rule(p: Printer, ends: tuple[float, float, float, float], pixels: int) -> None:
    p.form.rules.append(ends)
    p.draw.line([side * PX for side in ends], 30, pixels)


def laid_out(form: ForeignForm, lines: int = 3) -> LoadedLayout:
    """The layout of a plain table by its truth, each cell cut evenly into this many lines."""
    kinds = paper_kinds(form.type)
    fields = []
    for blank in form.blanks:
        [(x, y, width, height)] = blank.lines
        each = height / lines
        boxes = tuple((x, y + each * number, width, each) for number in range(lines))
        fields.append(
            LayoutField(
                code=blank.code,
                kind=kinds[blank.code],
                lines=boxes if blank.cell else tuple(blank.lines),
                scope="record" if blank.cell else "page",
            )
        )
    layout = Layout(
        id=f"{form.type}-foreign",
        type=form.type,
        era="foreign",
        title="Bảng lạ",
        page=PageSize(width=form.size[0], height=form.size[1]),
        reference_dpi=DPI,
        records=Records(offsets=tuple((0.0, row) for row in form.rows)),
        captions=tuple(Caption(text=text, box=box, scope="page") for text, box in form.captions),
        rules=tuple(PrintedRule(points=points) for points in form.rules),
        fields=tuple(fields),
    )
    return LoadedLayout(layout, np.asarray(form.picture), "")


def _cell(code: str, x: float, y: float, width: float, height: float) -> Blank:
    return Blank(code, [(x + 0.8, y + 0.8, width - 1.6, height - 1.6)], cell=True)
