"""The pre-import check: our own packages pass, every planted fault is named with its place."""

import datetime
import io
import json
import unicodedata
import zipfile

import openpyxl
import pikepdf
import pytest
import xlrd
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_pipeline.errors import Text
from ocr_pipeline.export.cases import columns_of
from ocr_pipeline.export.draft import export_draft
from ocr_pipeline.export.preimport import FaultLevel, check_package, check_paths
from ocr_pipeline.export.preimport.cells import Cell, CellKind, RawSheet
from ocr_pipeline.export.preimport.header import all_templates, recognise
from ocr_pipeline.registers.fields import Candidate, Doubt, Severity, State
from ocr_pipeline.registers.templates import load_template
from tests.builders.births import CHILD, PDFS, SECOND, STEM, changed, final_field
from tests.builders.package_files import BASE, HEADER, ROWS, TEMPLATE, errors, excel, pair, pdf

__all__ = ["pair"]

NESTED = ("nested", 0, "")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def test_what_we_export_passes(job):
    job.records[1] = changed(job.records[1], nksHoTen=final_field("nksHoTen", "Trần Văn Bình"))
    package = job.export()
    report = check_package(package.excel, package.archive)
    assert report.acceptable, [str(f) for f in report.faults]
    assert (report.type, report.generation, report.rows, report.pdfs) == ("KS", "1437", 2, 2)
    assert [r.acceptable for r in check_paths([job.out, package.excel, package.archive])] == [1] * 3
    assert json.loads(json.dumps(report.as_dict()))["acceptable"] is True


def test_a_package_of_somebody_else_passes(pair):
    report = check_package(*pair())
    assert errors(report) == []


def test_ten_planted_faults_are_each_named(pair):
    """One package with ten faults of ten kinds, as an office might send it."""
    rows = [
        BASE | CHILD | {"so": 62.0},  # 1 number cell (and so without its year)
        BASE | SECOND | {"nksGioiTinh": "Nữ"},  # 2 code not in the list
        BASE | SECOND | {"so": "64/2017", "ngayDangKy": "07.2017"},  # 3 partial registration date
        BASE | SECOND | {"so": "63/2017"},  # 4 duplicate number
        BASE | SECOND | {"so": "65/2016"},  # 5 year of the number is not that of the date
        BASE | SECOND | {"so": "66/2017", "quyenSo": "02/2017"},  # 6 another book; 7 without scan
        BASE | SECOND | {"so": "67/2017", "nksNgaySinh": "01/07/2017"},  # 8 date with strokes
    ]
    entries = [
        ("KS.2017.01.2017-07-05.062.pdf", pdf()),
        ("KS.2017.01.2017-07-06.063.pdf", b"%PDF-1.4 cut off"),  # 9 broken PDF
        ("KS.2017.01.2017-07-06.65.pdf", pdf()),
        ("scans/KS.2017.01.2017-07-06.067.pdf", pdf()),  # 10 folder in the zip
    ]
    report = check_package(*pair(rows, entries))
    found = errors(report)
    for expected in [
        ("number_cell", 2, "so"), ("number_form", 2, "so"), ("code_unknown", 3, "nksGioiTinh"),
        ("registration_date_incomplete", 4, "ngayDangKy"), ("duplicate_number", 5, "so"),
        ("number_year_differs", 6, "so"), ("other_book", 7, "quyenSo"), ("no_scan", 7, "so"),
        ("date_malformed", 8, "nksNgaySinh"), ("broken_pdf", 0, ""), ("nested", 0, ""),
    ]:  # fmt: skip
        assert expected in found, expected
    assert not report.acceptable
    for fault in report.faults:
        assert fault.message.vi and fault.message.en and fault.remedy.vi and fault.remedy.en
        assert "{" not in str(fault)
    places = [f.file for f in report.faults if f.rule in ("broken_pdf", "nested")]
    assert all(place.endswith(".pdf") and ".zip/" in place for place in places)


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (62, "number_cell"),
        (True, "other_cell"),
        (unicodedata.normalize("NFD", "Trần Thị Hòa"), "not_nfc"),
    ],
)
def test_cells_that_are_not_plain_text(pair, value, rule):
    report = check_package(*pair([ROWS[0] | {"nksHoTen": value}, ROWS[1]]))
    assert (rule, 2, "nksHoTen") in [(f.rule, f.row, f.column) for f in report.faults]


def test_date_cells_of_xls_and_xlsx_are_named_and_still_linked(tmp_path, pair):
    day = datetime.date(2017, 7, 5)
    _, zipped = pair()
    style = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    book = xlwt.Workbook()
    tab = book.add_sheet(TEMPLATE.sheet)
    modern = openpyxl.Workbook()
    modern.active.title = TEMPLATE.sheet
    modern.active.append(HEADER)
    for column, title in enumerate(HEADER):
        tab.write(0, column, title)
        if title == "ngayDangKy":
            tab.write(1, column, day, style)
        else:
            tab.write(1, column, ROWS[0].get(title, ""))
    modern.active.append([day if t == "ngayDangKy" else ROWS[0].get(t) for t in HEADER])
    modern.active.cell(2, HEADER.index("ghiChu") + 1, "=1+1")
    book.save(str(tmp_path / f"{STEM}.xls"))
    modern.save(tmp_path / f"{STEM}.xlsx")
    old = check_package(tmp_path / f"{STEM}.xls", zipped)
    assert set(errors(old)) == {("date_cell", 2, "ngayDangKy"), ("surplus_pdf", 0, "")}
    new = check_package(tmp_path / f"{STEM}.xlsx", zipped)
    assert {("date_cell", 2, "ngayDangKy"), ("formula_cell", 2, "ghiChu"), ("not_xls", 0, "")} <= (
        set(errors(new))
    )
    assert len(check_paths([tmp_path])) == 2


@pytest.mark.parametrize("template", all_templates(), ids=lambda t: f"{t.type}{t.variant}")
def test_every_template_is_recognised_whatever_its_spelling(template):
    literal = [Cell(CellKind.TEXT, title) for title in template.headers()]
    sloppy = [
        Cell(CellKind.TEXT, f"  {name.upper()}\n(bắt buộc)" if i % 2 else f"{name} UBND xã ")
        for i, name in enumerate(column.name for column in template.columns)
    ]
    for header in (literal, sloppy):
        match = recognise([RawSheet("Sheet1", [header])])
        assert match.template == template
        assert len(match.columns) == len(template.columns)


def test_header_differences_are_told_apart(pair):
    header = [*HEADER]
    header.remove("nksQueQuan")
    header[0], header[3] = "So ", "NGAYDANGKY"
    i, j = header.index("meHoTen"), header.index("chaHoTen")
    header[i], header[j] = header[j], header[i]
    header.append("ghi chú riêng")
    report = check_package(*pair(header=header))
    rules = {(f.rule, f.column): f.level for f in report.faults}
    assert rules["header_missing", "nksQueQuan"] is FaultLevel.ERROR
    assert rules["header_surplus", "ghi chú riêng"] is FaultLevel.ERROR
    assert rules["header_spelling", "ngayDangKy"] is FaultLevel.WARNING
    assert {c for r, c in rules if r == "header_order"} == {"meHoTen", "chaHoTen"}


def test_header_in_the_wrong_row_or_sheet_and_unknown_files(tmp_path, pair):
    below = check_package(*pair(top=3, sheet="Sheet1"))
    assert errors(below) == [("header_row", 4, "")]
    path, zipped = pair()
    path.write_bytes(b"<html><table><tr><td>so</td></tr></table></html>")
    assert errors(check_package(path, zipped)) == [("not_xls", 0, "")]
    path.write_bytes(OLE + b"\0" * 600)
    assert "file_unreadable" in {f.rule for f in check_package(path, zipped).faults}
    excel(path, [], header=["Họ tên", "Ngày sinh"])
    assert "unknown_template" in {f.rule for f in check_package(path, zipped).faults}


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([PDFS[0]], [("no_scan", 3, "so")]),
        ([*PDFS, "KS.2017.01.2017-07-07.064.pdf"], [("surplus_pdf", 0, "")]),
        ([PDFS[0], "KS.2017.01.2017-07-08.063.pdf"], [("pdf_date", 3, "ngayDangKy")]),
        ([*PDFS, "KS.2017.01.2017-07-06.63.pdf"], [("pdf_twice", 3, "")]),
        ([PDFS[0], "KS.2016.01.2017-07-06.063.pdf"], [("pdf_book", 0, "")]),
        (["KS.2017.1.2017-07-05.62.pdf", "ks.2017.01.2017-07-06.0063.PDF"], []),
        (["KS.2017.01.062.pdf", "KS.2017.01.63.pdf"], []),
        ([*PDFS, "062.pdf"], [("pdf_name", 0, "")]),
        ([*PDFS, "Thumbs.db"], [("zip_litter", 0, "")]),
        ([*PDFS, "ghi chú.txt"], [("not_pdf", 0, "")]),
        ([PDFS[0], f"a/{PDFS[1]}", f"b/._{PDFS[1]}"], [("zip_litter", 0, ""), NESTED]),
        ([*PDFS, f"../../{PDFS[1]}"], [NESTED, ("name_twice", 0, ""), ("pdf_twice", 3, "")]),
    ],
)  # fmt: skip
def test_rows_and_scans_are_linked_by_name(pair, entries, expected):
    report = check_package(*pair(entries=[(name, pdf()) for name in entries]))
    assert errors(report) == expected


def test_dangerous_and_damaged_zips(pair, tmp_path):
    path, zipped = pair(entries=[(PDFS[0], pdf()), (PDFS[1], b"")])
    assert "broken_pdf" in {f.rule for f in check_package(path, zipped).faults}
    secret = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(secret, encryption=pikepdf.Encryption(user="a", owner="b"))
    path, zipped = pair(entries=[(PDFS[0], secret.getvalue()), (PDFS[1], pdf())])
    assert errors(check_package(path, zipped)) == [("encrypted_pdf", 0, "")]
    data = bytearray(zipped.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    zipped.write_bytes(data)
    assert ("encrypted_zip", 0, "") in errors(check_package(path, zipped))
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as bomb:
        for number in range(30):
            bomb.writestr(f"KS.2017.01.2017-07-05.{number:03d}.pdf", bytes(10 << 20))
    assert ("zip_bomb", 0, "") in errors(check_package(path, zipped))
    zipped.write_bytes(b"PK\x03\x04 not a zip")
    assert ("broken_zip", 0, "") in errors(check_package(path, zipped))


def test_missing_partners_drafts_and_empty_folders(tmp_path, pair, job):
    path, zipped = pair()
    zipped.unlink()
    [report] = check_paths([tmp_path / f"{STEM}.xls"])
    assert errors(report) == [("no_zip", 0, "")]
    path, zipped = pair()
    path.unlink()
    [report] = check_paths([tmp_path])
    assert errors(report) == [("no_excel", 0, "")]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert errors(check_paths([empty])[0]) == [("nothing_found", 0, "")]
    (empty / f".{STEM}.ready").mkdir()
    assert errors(check_paths([empty])[0]) == [("interrupted", 0, "")]
    draft = export_draft(job.book, job.records, TEMPLATE, job.naming, job.out)
    renamed = draft.path.rename(draft.path.with_name(f"{STEM}.xls"))
    assert ("draft", 0, "") in errors(check_paths([renamed])[0])


def test_file_names_are_checked(pair):
    report = check_package(*pair(stem="so khai sinh 2017"))
    assert [rule for rule, _, _ in errors(report)] == ["stem_form", "stem_form"]
    report = check_package(*pair(stem="xalocthuan_hbd_tbt.KT.2017.01"))
    assert "stem_type" in {rule for rule, _, _ in errors(report)}


def test_rows_of_another_agency_are_pointed_out(pair):
    other = ROWS[1] | {"so": "64/2017", "noiDangKy": "Ủy ban nhân dân xã Thới Thuận"}
    report = check_package(*pair([*ROWS, other]))
    assert [(f.row, f.column) for f in report.faults if f.rule == "other_agency"] == [
        (4, "noiDangKy")
    ]


def test_floods_are_summed_up(pair):
    rows = [BASE | CHILD | {"so": f"{n}/2017", "nksGioiTinh": "x"} for n in range(1, 501)]
    report = check_package(*pair(rows, entries=[]))
    codes = [f for f in report.faults if f.rule == "code_unknown"]
    assert len(codes) == 20 and "481" in codes[-1].message.en
    assert not report.acceptable


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.binary(max_size=400))
def test_no_bytes_make_the_check_fail(tmp_path_factory, first, second):
    folder = tmp_path_factory.mktemp("bytes")
    for suffix, head, data in ((".xls", OLE, first), (".zip", b"PK\x03\x04", second)):
        (folder / f"{STEM}{suffix}").write_bytes(data if len(data) % 2 else head + data)
    [report] = check_paths([folder])
    assert not report.acceptable


def test_a_doubt_marks_what_was_concluded_from_it_where_the_page_does_not_say_it():
    template = load_template("CMC")
    assert columns_of("cmNgaySinh", template, {"cmNgaySinh"}) == ("loaiXacNhan", "cmNgaySinh")
    assert columns_of("cmNgaySinh", template, {"cmNgaySinh", "loaiXacNhan"}) == ("cmNgaySinh",)
    assert columns_of("cmGiayTo", template, ()) == ("cmLoaiGiayToTuyThan", "cmSoGiayToTuyThan")


def test_draft_marks_and_lists_the_doubts(job):
    doubt = Doubt("names", Severity.SOFT, Text("họ khác cha mẹ", "surname unlike the parents'"))
    field = final_field(
        "nksHoTen", "Trần Thị Hòa", State.IN_REVIEW, doubts=(doubt,),
        n_best=tuple(Candidate(name, name, 0.4) for name in ("Trần Thị Hòa", "Trần Thị Hoa")),
    )  # fmt: skip
    wrong = final_field("ngayDangKy", "07.2017", State.CONFIRMED)
    job.records = [
        changed(job.records[0], nksHoTen=field),
        changed(job.records[1], ngayDangKy=wrong),
    ]
    draft = export_draft(job.book, job.records, TEMPLATE, job.naming, job.out)
    assert draft.path.name == f"NHAP-DRAFT.{STEM}.xls" and draft.doubtful == 1
    book = xlrd.open_workbook(str(draft.path), formatting_info=True)
    data, doubts = book.sheets()
    assert data.row_values(0) == HEADER

    def colour(row, column):
        return book.xf_list[data.cell_xf_index(row, column)].background.pattern_colour_index

    colours = {(r, name): colour(r, c) for r in (1, 2) for c, name in enumerate(HEADER)}
    plain = colours[1, "so"]
    assert colours[1, "nksHoTen"] != plain != colours[2, "ngayDangKy"] != colours[1, "nksHoTen"]
    assert colours[2, "nksHoTen"] == plain
    listed = [doubts.row_values(row) for row in range(doubts.nrows)]
    [about] = [row for row in listed if row[1] == "nksHoTen"]
    assert about[0] == "2" and about[4] == "Trần Thị Hoa" and about[5] == "họ khác cha mẹ"
    assert about[8] == "1.jpg (1)"
    assert [row[0] for row in listed if row[1] == "ngayDangKy"] == ["3"]
