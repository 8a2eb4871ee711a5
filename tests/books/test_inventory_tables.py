"""Inventories as clerks' programs write them."""

import csv
import datetime
import io
import re
import unicodedata
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt

from ocr_pipeline.books.inventory import Inventory, read_inventory
from ocr_pipeline.books.volume_cells import read_volume
from tests.builders import hostile_files

VI = ["Thư mục", "Loại sổ", "Xã", "Huyện", "Tỉnh", "Năm mở sổ", "Quyển số"]
ROW = ["ks", "KS", "xã Phước Ngãi", "huyện Ba Tri", "tỉnh Bến Tre", "2018", "1"]
ID = "xaphuocngai_hbt_tbt.KS.2018.01"


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    (tmp_path / "ks").mkdir()
    (tmp_path / "ks" / "1.jpg").touch()
    return tmp_path


def table(rows=(VI, ROW), delimiter=",", end="\r\n") -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator=end).writerows(rows)
    return buffer.getvalue()


def workbook(scans: Path, rows, name="books.xlsx", change=lambda book: None) -> Inventory:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    book.save(scans / name)
    return read_inventory(scans)


def ids(found: Inventory) -> list[str]:
    return [book.id for book in found.books]


def composed(text: str) -> bytes:
    """Code page 1258 as Windows writes it: tone marks are characters of their own."""
    made = b""
    for sign in text:
        try:
            made += sign.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", sign)
            tones = "".join(p for p in parts if p in "\u0300\u0301\u0303\u0309\u0323")
            rest = unicodedata.normalize("NFC", "".join(p for p in parts if p not in tones))
            made += (rest + tones).encode("cp1258")
    return made


@pytest.mark.parametrize(
    "data",
    [
        composed(table(delimiter=";")),
        b"\xff\xfe" + table(delimiter="\t").encode("utf-16-le"),
        table().encode("utf-16-le"),
        b"\xef\xbb\xbf" + ("sep=;\r\n" + table(delimiter=";")).encode(),
        unicodedata.normalize("NFD", table()).encode(),
        table(end="\r").encode(),
        table(delimiter="|").encode(),
        table([["DANH MỤC SỔ HỘ TỊCH"], [], VI, ROW]).encode(),
        table([VI, ["\ufeffks", *ROW[1:]]]).encode(),
        table([VI, [*ROW[:5], "Năm 2018", "Quyển 1"]]).encode(),
        table([VI, [ROW[0], "Sổ khai sinh", *ROW[2:]]]).encode(),
        table([VI, [*ROW[:6], "Jan-18"]]).encode(),
        table([VI, ["ks", "KS", "xã Phước Ngãi\nhuyện Ba Tri", "", *ROW[4:]]]).encode(),
    ],
)
def test_text_tables_of_any_program_are_read(scans, data):
    (scans / "books.csv").write_bytes(data)
    found = read_inventory(scans)
    assert ids(found) == [ID] and not found.problems


@pytest.mark.parametrize(
    ("rows", "change"),
    [
        ([["DANH MỤC SỔ"], [], VI, ROW], None),
        (
            [
                ["DANH MỤC SỔ"],
                [*VI[:2], "Cơ quan đăng ký", None, None, *VI[5:]],
                [None, None, *VI[2:5]],
                ROW,
            ],
            lambda book: book.active.merge_cells("C2:E2"),
        ),
        ([VI, [*ROW[:6], datetime.date(2018, 1, 1)]], None),
        ([VI, [*ROW[:5], datetime.date(2018, 1, 1), 1]], None),
        ([VI, [*ROW[:5], datetime.date(1905, 7, 10), 1.0]], None),
        ([VI, ROW], lambda book: book.active.cell(1048576, 16384, "x")),
    ],
)
def test_workbooks_are_read_whatever_their_shape(scans, rows, change):
    found = workbook(scans, rows, change=change or (lambda book: None))
    assert ids(found) == [ID] and not found.problems


@pytest.mark.parametrize("size", ["A1", "A1:XFD1048576"])
def test_the_size_that_a_sheet_claims_is_not_believed(scans, size):
    workbook(scans, [VI, ROW])
    path, part = scans / "books.xlsx", "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    claim = f'<dimension ref="{size}"/>'.encode()
    parts[part] = re.sub(rb"<dimension [^>]*/>", claim, parts[part])
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
    assert ids(read_inventory(scans)) == [ID]


def test_merged_cells_count_for_all_their_lines(scans):
    (scans / "kt").mkdir()
    rows = [VI, ROW, ["kt", "KT", None, None, None, 2018, 2]]

    def merge(book):
        for column in "CDE":
            book.active.merge_cells(f"{column}2:{column}3")

    assert ids(workbook(scans, rows, change=merge)) == [ID, "xaphuocngai_hbt_tbt.KT.2018.02"]


@pytest.mark.parametrize("name", ["books.xls", "books.xlsx"])
def test_an_old_workbook_is_read_under_either_name(scans, name):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sổ")
    for r, row in enumerate([VI, ROW]):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    book.save(str(scans / name))
    assert ids(read_inventory(scans)) == [ID]


@pytest.mark.parametrize("name", ["Books.CSV", "books.csv.txt", "Danh mục sổ.csv"])
def test_an_inventory_by_another_name_is_used_and_told(scans, name):
    (scans / name).write_text(table(), "utf-8")
    found = read_inventory(scans)
    assert ids(found) == [ID]
    assert [n.where for n in found.notices] == ([] if name == "Books.CSV" else [name])


def test_of_two_inventories_one_is_used_and_the_other_named(scans):
    (scans / "books.csv").write_text(table(), "utf-8")
    found = workbook(scans, [VI, ROW])
    assert ids(found) == [ID] and [n.where for n in found.notices] == ["books.csv"]
    (scans / "books.csv").write_text(table([VI, [*ROW[:6], "2"]]), "utf-8")
    found = read_inventory(scans)
    assert ids(found) == [ID] and [p.where for p in found.problems] == ["books.csv"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<html><table><tr><td>x</td></tr></table>", "HTML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "mật khẩu"),
        (b"PK\x03\x04 damaged", "hỏng"),
        (
            b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
            ".ods",
        ),
        (b"", "trống"),
    ],
)
def test_what_is_no_table_is_named_with_a_remedy(scans, data, said):
    (scans / "books.xlsx").write_bytes(data)
    [problem] = [p for p in read_inventory(scans).problems if p.where == "books.xlsx"]
    assert said in problem.cause.vi and "books.xlsx" in problem.remedy.vi


def test_letters_lost_for_question_marks_are_named(scans):
    lost = table(delimiter=";").encode("cp1258", errors="replace")
    (scans / "books.csv").write_bytes(lost)
    assert "đã mất" in read_inventory(scans).problems[0].cause.vi


def test_a_formula_without_its_result_is_named(scans):
    found = workbook(scans, [VI, [*ROW[:6], "=1"]])
    assert "công thức" in found.problems[0].cause.vi and found.problems[0].where == "books.xlsx:2"


def test_an_open_quotation_mark_costs_its_line_alone(scans):
    (scans / "kt").mkdir()
    good = ",".join(["kt", *ROW[1:6], "2"])
    lines = [",".join(VI), '"ks,KS,a,b,c,2018,1', good, '"kh,KS,a,b,c,2018,1']
    (scans / "books.csv").write_text("\n".join(lines), "utf-8")
    found = read_inventory(scans)
    assert ids(found) == ["xaphuocngai_hbt_tbt.KS.2018.02"]
    assert [p.where for p in found.problems if "ngoặc kép" in p.cause.vi] == [
        "books.csv:2",
        "books.csv:4",
    ]
    (scans / "books.csv").write_text("\n".join(lines[:2]), "utf-8")
    assert read_inventory(scans).problems[0].where == "books.csv:2"


NAME = "Sổ đăng ký  2018 quyển một"


@pytest.mark.parametrize(
    ("folder", "cell"),
    [
        (unicodedata.normalize("NFD", NAME), NAME),
        (NAME, unicodedata.normalize("NFD", NAME)),
        (NAME, " ".join(NAME.split())),
        (NAME + " ", NAME),
        (NAME.replace("đ", "ð"), NAME),
        (NAME, NAME.upper()),
        (f"tỉnh/{NAME}", f"Tỉnh\\{NAME}"),
    ],
)
def test_folders_are_compared_by_one_key_on_both_sides(scans, folder, cell):
    (scans / folder).mkdir(parents=True)
    (scans / "books.csv").write_text(table([VI, [cell, *ROW[1:]]]), "utf-8")
    assert [book.path for book in read_inventory(scans).books] == [scans / folder]


def test_a_path_of_another_machine_is_told_with_the_folder_that_is_meant(scans):
    (scans / "books.csv").write_text(table([VI, [r"D:\SoHoa\scans\ks", *ROW[1:]]]), "utf-8")
    problem = read_inventory(scans).problems[0]
    assert problem.where == "books.csv:2" and "“ks”" in problem.remedy.vi


def test_very_many_lines_without_folders_are_one_fault(scans):
    lines = [[f"none{n}", *ROW[1:]] for n in range(300)]
    (scans / "books.csv").write_text(table([VI, *lines]), "utf-8")
    found = [p for p in read_inventory(scans).problems if p.where.startswith("books.csv")]
    assert len(found) == 1 and "300" in found[0].cause.vi


def test_a_remark_below_the_table_is_no_book(scans):
    (scans / "books.csv").write_text(table([VI, ROW, ["Tổng cộng: 1 sổ"]]), "utf-8")
    found = read_inventory(scans)
    assert ids(found) == [ID] and not found.problems
    assert [n.where for n in found.notices] == ["books.csv:3"]


@pytest.mark.parametrize(
    ("year", "number", "found"),
    [
        ("", "02/2018", (2018, 2)),
        ("2018", "Thg2-18", (2018, 2)),
        ("", "01/02/2018", (2018, 2)),
        ("2017", "02/2018", (None, None)),
        ("1905-07-10", "1900-01-03", (2018, 3)),
        ("2018", "1A", (2018, None)),
        ("2018", "2018-01-15", (2018, None)),
    ],
)
def test_years_and_numbers(year, number, found):
    read = read_volume(year, number)
    assert (read.year, read.number) == found


OTHER = ["ks2", *ROW[1:6], "2"]
OTHER_ID = "xaphuocngai_hbt_tbt.KS.2018.02"


def only_other(found: Inventory, where: str) -> str:
    """The fault of the first line, when the second one gave its book all the same."""
    assert ids(found) == [OTHER_ID]
    [told] = [one for one in found.problems if one.where == where]
    return told.cause.en


@pytest.fixture
def two(scans: Path) -> Path:
    (scans / "ks2").mkdir()
    (scans / "ks2" / "1.jpg").touch()
    return scans


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ([*ROW[:6], "1" * 5000], "Wrong value in book number"),
        ([*ROW[:5], "2" * 5000, "1"], "Wrong value in year"),
        ([*ROW[:6], '"1'], "A quotation mark is opened and not closed"),
        (['"ks', *ROW[1:]], "A quotation mark is opened and not closed"),
    ],
)
def test_an_odd_line_costs_its_own_book_only(two: Path, line: list[str], said: str):
    lines = [",".join(row) for row in (VI, line, OTHER)]
    (two / "books.csv").write_text("\n".join(lines), encoding="utf-8")
    told = only_other(read_inventory(two), "books.csv:2")
    assert told.startswith(said) and len(told) < 200


def test_an_odd_header_is_told_as_what_it_is(two: Path):
    lines = [",".join(row) for row in (['"Thư mục', *VI[1:]], ROW, OTHER)]
    (two / "books.csv").write_text("\n".join(lines), encoding="utf-8")
    [told] = [one for one in read_inventory(two).problems if one.where.startswith("books.csv")]
    assert told.where == "books.csv:1" and "quotation mark" in told.cause.en


def put_into_cell(path: Path, cell: str, value: str, kind: str = "n") -> None:
    """Write what no program writes into a cell of the first sheet."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    sheet, count = re.subn(
        rf'<c r="{cell}".*?</c>', f'<c r="{cell}" t="{kind}"><v>{value}</v></c>', sheet, count=1
    )
    assert count == 1
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    ("value", "kind"), [("1" * 5000, "n"), ("1.2.3", "n"), ("999", "s"), ("x", "b"), ("x", "d")]
)
def test_an_odd_cell_of_a_workbook_costs_its_own_book_only(two: Path, value: str, kind: str):
    workbook(two, (VI, ROW, OTHER))
    put_into_cell(two / "books.xlsx", "G2", value, kind)
    told = only_other(read_inventory(two), "books.xlsx:2")
    assert told == "The cell G2 cannot be read"


def test_a_value_in_the_last_cell_of_a_sheet_is_one_value(scans: Path):
    def far(book: openpyxl.Workbook) -> None:
        book.active["XFD1048576"] = "x"
        book.active["B1048576"] = "x"

    found = workbook(scans, (VI, ROW), change=far)
    assert ids(found) == [ID]
    assert "More than 2000 blank lines follow line 2" in found.notices[0].text.en


def test_faults_beyond_count_are_summed_up(scans: Path):
    lines = [",".join(VI)] + [",".join(["", *ROW[1:]]) for _ in range(3000)]
    (scans / "books.csv").write_text("\n".join(lines), encoding="utf-8")
    told = [one for one in read_inventory(scans).problems if one.where.startswith("books.csv")]
    assert len(told) == 501
    assert told[-1].cause.en == "2500 further lines are at fault (lines 502, 503, 504, 505, 506, …)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("number: {a: 1}", "The key “number” must have one value"),
        ("number: [1]", "The key “number” must have one value"),
        ("agency: {1: 2}", "There is no key “1”"),
        ("agency: {name: {a: 1}}", "The key “agency” must have one value"),
        ("number: 1:30", "Wrong value in book number: “1:30”"),
        ("number: 1_000", "Wrong value in book number: “1_000”"),
        ("number: no", "Wrong value in book number: “no”"),
        ("number: 8" + "8" * 40, "a number with too many digits"),
    ],
)
def test_a_book_file_says_what_stands_in_it(scans: Path, text: str, said: str):
    known = dict(zip(("type", "commune", "district", "province"), ROW[1:5], strict=True))
    base = "".join(f"{name}: {value}\n" for name, value in known.items()) + "year_opened: 2018\n"
    (scans / "ks" / "book.yaml").write_text(f"{base}{text}\n", encoding="utf-8")
    found = read_inventory(scans)
    assert found.books == [] and said in found.problems[0].cause.en
    assert found.problems[0].where.startswith("ks/book.yaml")
    (scans / "ks" / "book.yaml").write_text(f"{base}number: 010\n", encoding="utf-8")
    assert [book.number for book in read_inventory(scans).books] == [10]


@pytest.mark.parametrize("name", ["books.xlsx", "books.csv"])
def test_a_table_of_a_million_lines_is_no_inventory(tmp_path, name):
    if name == "books.csv":
        lines = (f"a{number},KS,2018,{number},x\n" for number in range(200_000))
        (tmp_path / name).write_text("folder,type,year,number,agency\n" + "".join(lines))
    else:
        hostile_files.write_long_workbook(tmp_path / name)
    found = read_inventory(tmp_path)
    [problem] = found.problems
    assert (problem.where, found.books) == (name, [])
    assert problem.cause.en == "The inventory has more than 20000 lines"
