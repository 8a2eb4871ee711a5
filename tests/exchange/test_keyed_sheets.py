"""Sheets of keyed files: rows put aside, hidden, merged and doubled; no row is lost."""

import re
import zipfile

import openpyxl
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders.keyed_files import (
    BIRTH,
    HEADER,
    births,
    table,
    text_file,
    text_of,
    xlsx_file,
)
from tests.builders.read_tables import Read, cell_of


def test_formulas_errors_and_merged_cells(tmp_path):
    book = xlwt.Workbook(encoding="utf-8")
    tab = book.add_sheet("KS")
    for number, row in enumerate(table(births(3), HEADER)):
        for column, value in enumerate(row):
            if value and HEADER[column] not in ("quyenSo", "trangSo", "meHoTen"):
                tab.write(number, column, value)
    tab.write(0, HEADER.index("meHoTen"), "meHoTen")
    tab.write_merge(0, 0, HEADER.index("quyenSo"), HEADER.index("quyenSo"), "quyenSo")
    tab.write_merge(1, 3, HEADER.index("quyenSo"), HEADER.index("quyenSo"), "01/2005")
    tab.write(0, HEADER.index("trangSo"), "trangSo")
    tab.write(1, HEADER.index("trangSo"), xlwt.Formula("1+1"))
    book.save(str(tmp_path / "cu.xls"))
    read = Read(tmp_path / "cu.xls")
    assert [row.values["quyenSo"] for row in read.records] == ["01/2005"] * 3
    assert [m.rule for m in read.records[2].mended if m.column == "quyenSo"] == ["merged"]
    assert "formula_without_result" in read.rules  # xlwt keeps none

    def spoil(book, sheet):
        cell_of(sheet, "meHoTen").value = "#REF!"
        cell_of(sheet, "meHoTen").data_type = "e"
        cell_of(sheet, "trangSo").value = "=A1+1"
        at = cell_of(sheet, "quyenSo").coordinate
        sheet.merge_cells(f"{at}:{at[0]}4")

    rows = table(births(3), HEADER)
    new = Read(xlsx_file(tmp_path / "moi.xlsx", rows, change=spoil))
    assert {"error_cell", "formula_without_result"} <= new.rules
    assert [row.values["quyenSo"] for row in new.records] == ["01/2005"] * 3


def test_hidden_rows_and_columns_are_read_and_told_hidden_sheets_are_a_fault(tmp_path):
    def hide(book, sheet):
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["A"].hidden = True
        other = book.create_sheet("cũ")
        other.append(["so", "1"])
        other.sheet_state = "hidden"

    read = Read(xlsx_file(tmp_path / "an.xlsx", table(births(3), HEADER), change=hide))
    assert len(read.records) == 3
    assert [f.rule for f in read.files[0].faults] == ["hidden_sheet"]
    assert read.files[0].rows_left == 1
    told = " ".join(notice.vi for notice in read.files[0].notices)
    assert "1 dòng bị ẩn" in told and "so" in told


def test_totals_closing_lines_repeated_headers_and_numbers_are_put_aside(tmp_path):
    header, *rows = table(births(3), HEADER)
    rows.insert(0, [str(n) for n in range(1, len(header) + 1)])
    rows.insert(2, header)
    rows += [["4", *[""] * 10], ["Tổng cộng", "3"], ["", "", "", "Ngày 5 tháng 6 năm 2023"]]
    rows += [["Người lập biểu", "", "", "CHỦ TỊCH"]]
    read = Read(xlsx_file(tmp_path / "tong.xlsx", [header, *rows]))
    assert len(read.records) == 4  # “4” stands in the column so, where no serial numbers are
    assert [a.fault.rule for a in read.aside] == [
        "column_numbers", "header_again", "totals_row", "closing_row", "closing_row",
    ]  # fmt: skip
    assert all(a.fault.harmless for a in read.aside)
    assert read.aside[2].cells == ("Tổng cộng", "3")


def test_the_same_row_again_is_named_with_the_first(tmp_path):
    rows = table([*births(2), births(1)[0]], HEADER)
    read = Read(xlsx_file(tmp_path / "lap.xlsx", rows))
    assert [row.double_of and row.double_of.row for row in read.records] == [None, None, 2]


def test_twins_are_no_doubles(tmp_path):
    twins = [BIRTH, BIRTH | {"so": "02/2005", "nksHoTen": "Nguyễn Văn Anh"}]
    read = Read(xlsx_file(tmp_path / "doi.xlsx", table(twins, HEADER)))
    assert not any(row.double_of for row in read.records)


def test_a_line_broken_or_shifted_in_a_text_table_is_a_fault(tmp_path):
    header, *lines = text_of(table(births(4), HEADER)).splitlines()
    cut = len(lines[1]) // 2
    lines[1:2] = [lines[1][:10], lines[1][10:cut]]
    lines[-1] = lines[-1].replace("Nguyễn Văn An", "Nguyễn, Văn An")
    lines.append('"mở mà không đóng')
    path = tmp_path / "hong.csv"
    path.write_text("\r\n".join([header, *lines]), encoding="utf-8")
    read = Read(path)
    assert len(read.records) == 2
    assert [a.fault.rule for a in read.aside] == [
        "few_cells", "few_cells", "surplus_cells", "open_quote",
    ]  # fmt: skip
    assert not any(a.fault.harmless for a in read.aside)
    assert read.aside[-1].cells == ('"mở mà không đóng',)


def test_of_a_formula_the_kept_result_is_taken(tmp_path):
    rows = table([BIRTH | {"trangSo": "=6*7"}], HEADER)
    made, path = xlsx_file(tmp_path / "tam.xlsx", rows), tmp_path / "congthuc.xlsx"
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(
                name, re.sub(rb"(<f>6\*7</f>)<v ?/>|(<f>6\*7</f>)<v></v>", rb"\1\2<v>42</v>", data)
            )
    read = Read(path)
    assert read.row.values["trangSo"] == "42"
    assert read.steps("trangSo") == [("formula", "=…", "42")]


CELLS = st.one_of(
    st.sampled_from(
        [*map(str, BIRTH.values()), ", , ,", "NULL", "Tổng cộng", "15/03/5005", "#REF!"]
    ),
    st.text(alphabet="aáằNguyễnĐ0123456789/.,-?'\"\t ;|", max_size=12),
)  # fmt: skip


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=len(HEADER)), max_size=6),
    kind=st.sampled_from("ct"),
)
def test_rows_in_are_rows_out_and_rows_put_aside(tmp_path, rows, kind):
    head = table(births(1), HEADER)
    padded = [[*row, *[""] * (len(HEADER) - len(row))] for row in rows]
    if kind == "t":
        path = text_file(tmp_path / "bang.csv", [*head, *padded])
        lines = None
    else:
        path = tmp_path / "bang.xlsx"
        book = openpyxl.Workbook()
        for number, row in enumerate([*head, *padded], 1):
            for column, text in enumerate(row, 1):
                cell = book.active.cell(number, column)
                cell.value = text.replace("\t", " ")
                cell.data_type = "s"
        book.save(path)
        lines = 1 + sum(any(text.strip() for text in row) for row in rows)
    read = Read(path)
    places = [row.key.row for row in read.all]
    assert len(set(places)) == len(places)
    if lines is not None:
        assert len(read.all) == lines
    for row in read.records:
        for name, value in row.values.items():
            raw = row.cells.get(name, "")
            changed = [m for m in row.mended if m.column == name]
            faulty = any(f.column == name for f in row.faults)
            assert value == raw or changed or faulty
            if changed:
                assert changed[-1].after == (value or row.texts[name])
