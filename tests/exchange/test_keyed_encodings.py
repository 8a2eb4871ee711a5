"""Keyed files of every encoding and header; one that gives nothing says why."""

import io
import struct
import unicodedata
import zipfile

import pytest
import xlwt
from xlwt.CompoundDoc import XlsDoc

from ocr_pipeline.exchange.keyed_files.known_headers import mapped_columns
from ocr_pipeline.registers.templates import generations, load_template
from ocr_pipeline.registers.types import RegisterType
from tests.builders.keyed_files import (
    BIRTH,
    HEADER,
    POLICE_HEADER,
    births,
    police_births,
    table,
    text_file,
    text_of,
    xls_file,
    xlsx_file,
)
from tests.builders.read_tables import Read


def as_cp1258(text: str) -> bytes:
    """Letters of the code page with the tones behind them, as Windows writes them."""
    made = bytearray()
    for letter in unicodedata.normalize("NFC", text):
        apart = unicodedata.normalize("NFD", letter)
        for tones in range(len(apart)):
            try:  # the longest composed letter that the page has, and its tones
                whole = unicodedata.normalize("NFC", apart[: len(apart) - tones])
                made += (whole + apart[len(apart) - tones :]).encode("cp1258")
                break
            except UnicodeEncodeError:
                continue
        else:  # a tone below stands before the roof: ậ is â and a dot
            base, *marks = apart
            roof = next(m for m in marks if m in "\u0302\u0306\u031b")
            rest = "".join(m for m in marks if m != roof)
            made += (unicodedata.normalize("NFC", base + roof) + rest).encode("cp1258")
    return bytes(made)


def test_the_police_export_has_the_columns_of_the_template_with_personal_numbers(tmp_path):
    assert len(POLICE_HEADER) == 61
    read = Read(xlsx_file(tmp_path / "ca.xlsx", table(police_births(3))))
    assert [row.values["so"] for row in read.records] == ["01/2005", "02/2005", "03/2005"]
    row = read.records[0]
    assert (row.template.type, row.template.generation) == ("KS", "158")
    assert row.units == {"commune": "Xã Phước Ngãi", "district": "Huyện Ba Tri"}
    assert row.values["nksHoTen"] == "Nguyễn Văn An" and row.cells["NKSHOTEN"] == "NGUYỄN VĂN AN"
    assert not read.files[0].faults and not read.rules
    assert row.key.row == 2 and row.key.sheet == "Sheet1"


TEMPLATES = [
    load_template(kind, generation, variant)
    for kind in RegisterType
    for generation in generations(kind)
    for variant in load_template(kind, generation).variants or ("",)
]


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda t: f"{t.type}-{t.generation}-{t.variant}"
)
def test_every_template_is_known_by_its_header(template, tmp_path):
    cells = {"so": "01/2018", "quyenSo": "01/2018", "ngayDangKy": "02.01.2018"}
    path = text_file(tmp_path / "mau.csv", table([cells], template.headers()))
    row = Read(path).row
    assert row.template == template
    assert row.values["so"] == "01/2018"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1258"])
def test_text_tables_in_all_encodings_and_with_all_separators(tmp_path, delimiter, encoding):
    text = text_of(table(births(2), HEADER), delimiter)
    path = tmp_path / "bang.csv"
    path.write_bytes(as_cp1258(text) if encoding == "cp1258" else text.encode(encoding))
    read = Read(path)
    assert [row.values["nksHoTen"] for row in read.records] == ["Nguyễn Văn An"] * 2
    assert read.records[0].values["noiDangKy"] == BIRTH["noiDangKy"]
    assert bool(read.files[0].notices) == (encoding == "cp1258")


def test_a_file_put_together_of_two_encodings_keeps_its_letters(tmp_path):
    header, first, second = text_of(table(births(2), HEADER)).splitlines()
    old = second.replace("Nguyễn Văn An", "NguyÔn V¨n An").replace("Trần Thị Bé", "TrÇn ThÞ BÐ")
    old = "".join(c if ord(c) < 256 else "?" for c in old)
    path = tmp_path / "gop.csv"
    path.write_bytes(f"{header}\r\n{first}\r\n".encode() + old.encode("latin-1"))
    read = Read(path)
    assert [row.values["nksHoTen"] for row in read.records] == ["Nguyễn Văn An"] * 2
    assert "3" in read.files[0].notices[0].vi


@pytest.mark.parametrize("write", [xlsx_file, xls_file])
def test_a_header_below_titles_and_in_two_rows(tmp_path, write):
    rows = [
        ["SỞ TƯ PHÁP TỈNH BẾN TRE"],
        ["Danh sách khai sinh năm 2005"],
        [],
        ["TT", "Số", "Quyển số", "Ngày đăng ký", "Họ tên", "", "", "Giới tính"],
        ["", "", "", "", "người được khai sinh", "mẹ", "cha", ""],
        ["1", "01/2005", "01/2005", "15/3/2005", "Nguyễn Văn An", "Trần Thị Bé", "", "Nam"],
    ]
    read = Read(write(tmp_path / "bang", rows))
    row = read.row
    assert row.values["meHoTen"] == "Trần Thị Bé" and row.values["nksHoTen"] == "Nguyễn Văn An"
    assert row.values["nksGioiTinh"] == "1" and row.values["ngayDangKy"] == "15.03.2005"
    assert [a.fault.rule for a in read.aside] == ["above_header"] * 2


def test_a_mapping_file_names_the_columns_of_any_other_table(tmp_path):
    path = text_file(
        tmp_path / "rieng.csv",
        [["Mã", "Tên bé", "Vào sổ", "Xã"], ["7", "TRẦN THỊ HÒA", "7/2010", "An Đức"]],
    )
    assert Read(path).refused[0].remedy.en.endswith("(--mapping)")
    mapping = tmp_path / "cot.yaml"
    mapping.write_text(
        "type: KS\ncolumns:\n  Mã: '-'\n  Tên bé: nksHoTen\n  Vào sổ: so\n  Xã: unit.commune\n",
        encoding="utf-8",
    )
    row = Read(path, mapped=mapped_columns(mapping)).row
    assert row.values == {"nksHoTen": "Trần Thị Hòa", "so": "07/2010"}
    assert row.units == {"commune": "An Đức"}


def test_a_mapping_file_that_names_no_column_is_refused(tmp_path):
    mapping = tmp_path / "cot.yaml"
    mapping.write_text("type: KS\ncolumns:\n  Tên: hoTenBe\n", encoding="utf-8")
    with pytest.raises(Exception, match="hoTenBe"):
        mapped_columns(mapping)


def encrypted_xlsx() -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    )


def encrypted_xls() -> bytes:
    """An old workbook whose second record says that the rest is encrypted ([MS-XLS] 2.4.117)."""
    book = xlwt.Workbook()
    book.add_sheet("KS").write(0, 0, "so")
    records = book.get_biff_data()
    begin = 4 + struct.unpack_from("<H", records, 2)[0]
    file_pass = struct.pack("<HHHHH", 0x2F, 6, 0, 0, 0)
    stream = io.BytesIO()
    XlsDoc().save(stream, records[:begin] + file_pass + records[begin:])
    return stream.getvalue()


def zipped(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "x")
    return stream.getvalue()


USELESS = {
    "empty": (b"", "rỗng"),
    "blank": (b"\r\n\r\n,,,\r\n", "không có dòng nào"),
    "html": (b"<html><table><tr><td>so</td></tr></table></html>", "HTML"),
    "xml": (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "XML"),
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "rar": (b"Rar!\x1a\x07", "RAR"),
    "zip": (zipped("so.txt"), "nén"),
    "xlsb": (zipped("xl/workbook.bin"), "xlsb"),
    "broken_xlsx": (zipped("xl/workbook.xml"), "hỏng"),
    "cut_xlsx": (b"PK\x03\x04" + b"\0" * 50, "hỏng"),
    "password": (encrypted_xlsx(), "mật khẩu"),
    "password_xls": (encrypted_xls(), "mật khẩu"),
    "broken_xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\1" * 600, "hỏng"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 40, "không phải bảng"),
    "letter": ("Kính gửi Sở Tư pháp, đề nghị xem xét.\n".encode(), "tiêu đề"),
    "no_columns": (b"a;b;c\n1;2;3\n", "tiêu đề"),
}  # fmt: skip


@pytest.mark.parametrize("name", USELESS)
def test_a_file_that_gives_nothing_says_why_and_the_others_go_on(tmp_path, name):
    data, said = USELESS[name]
    useless = tmp_path / "hong.xlsx"
    useless.write_bytes(data)
    good = text_file(tmp_path / "tot.csv", table(births(1), HEADER))
    read = Read(useless, good, tmp_path / "thieu.xlsx")
    assert len(read.records) == 1
    first, missing = read.refused
    assert said in first.cause.vi and first.remedy and first.where == str(useless)
    assert "không còn ở đó" in missing.cause.vi


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path):
    [error] = Read(tmp_path).refused
    assert "thư mục" in error.cause.vi
