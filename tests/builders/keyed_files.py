"""Files of keyed births as offices hand them over: exports, templates, spoilt in every way."""

import csv
import io
from pathlib import Path

import openpyxl
import xlwt

from ocr_pipeline.registers.templates import load_template

POLICE_HEADER = (
    "DC_DVNHAPHUYEN DC_DVNHAPXA SO QUYENSO TRANGSO NGAYDANGKY LOAIDANGKY NOIDANGKY NGUOIKY "
    "CHUCVUNGUOIKY NGUOITHUCHIEN GHICHU NKSSODINHDANH NKSHOTEN NKSGIOITINH NKSNGAYSINH "
    "NKSNGAYSINHBANGCHU NKSNOISINH NKSNOISINHDVHC NKSQUEQUAN NKSDANTOC NKSQUOCTICH NKSQUOCTICHKHAC "
    "NKSLOAIKHAISINH NKSMATTICH NKSMATTICHNGAYGHICHUTUYENBO NKSMATTICHCANCUTUYENBO "
    "NKSMATTICHNGAYGHICHUHUYTUYENBO NKSMATTICHCANCUHUYTUYENBO NKSHANCHENANGLUCHANHVI "
    "NKSHANCHENANGLUCHANHVINGAYGHICHUTUYENBO NKSHANCHENANGLUCHANHVICANCUTUYENBO "
    "NKSHANCHENANGLUCHANHVINGAYGHICHUHUYTUYENBO NKSHANCHENANGLUCHANHVINGAYCANCUHUYTUYENBO "
    "MESODINHDANHCANHAN MEHOTEN MENGAYSINH MEDANTOC MEQUOCTICH MEQUOCTICHKHAC MELOAICUTRU "
    "MENOICUTRU MELOAIGIAYTOTUYTHAN MESOGIAYTOTUYTHAN CHASODINHDANHCANHAN CHAHOTEN CHANGAYSINH "
    "CHADANTOC CHAQUOCTICH CHAQUOCTICHKHAC CHALOAICUTRU CHANOICUTRU CHALOAIGIAYTOTUYTHAN "
    "CHASOGIAYTOTUYTHAN NYCHOTEN NYCQUANHE NYCLOAIGIAYTOTUYTHAN NYCGIAYTOKHAC NYCSOGIAYTOTUYTHAN "
    "NYCNGAYCAPGIAYTOTUYTHAN NYCNOICAPGIAYTOTUYTHAN"
).split()

#: A birth as the population platform exports it.
POLICE_BIRTH = {
    "DC_DVNHAPHUYEN": "Huyện Ba Tri", "DC_DVNHAPXA": "Xã Phước Ngãi", "SO": "01/",
    "QUYENSO": "01/2005",
    "TRANGSO": "1", "NGAYDANGKY": "15/03/2005", "LOAIDANGKY": "1",
    "NOIDANGKY": "UBND xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre", "NGUOIKY": "LÊ VĂN BA",
    "CHUCVUNGUOIKY": "Chủ tịch", "NKSSODINHDANH": "083205001234", "NKSHOTEN": "NGUYỄN VĂN AN",
    "NKSGIOITINH": "1", "NKSNGAYSINH": "01/03/2005", "NKSNOISINHDVHC": "Tỉnh Bến Tre",
    "NKSQUEQUAN": ", , , ", "NKSDANTOC": "Kinh", "NKSQUOCTICH": "Việt Nam",
    "NKSLOAIKHAISINH": "1",
    "MEHOTEN": "TRẦN THỊ BÉ", "MENGAYSINH": "1980", "CHAHOTEN": "NGUYỄN VĂN TƯ",
    "CHANGAYSINH": "1978",
    "NYCHOTEN": "TRẦN THỊ BÉ", "NYCQUANHE": "Mẹ",
}  # fmt: skip

#: The same birth in the columns of the import template of 2019.
BIRTH = {
    "so": "01/2005", "quyenSo": "01/2005", "trangSo": "1", "ngayDangKy": "15.03.2005",
    "loaiDangKy": "1", "noiDangKy": "Ủy ban nhân dân xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre",
    "nksHoTen": "Nguyễn Văn An", "nksGioiTinh": "1", "nksNgaySinh": "01.03.2005",
    "nksDanToc": "Kinh", "nksQuocTich": "Việt Nam", "meHoTen": "Trần Thị Bé",
}  # fmt: skip
HEADER = load_template("KS").headers()


def police_births(count: int, **more: str) -> list[dict[str, str]]:
    """Births with numbers of their own."""
    return [
        POLICE_BIRTH | {"SO": f"{n}/", "NKSSODINHDANH": f"0832050{n:05d}"} | more
        for n in range(1, count + 1)
    ]


def births(count: int, **more: object) -> list[dict[str, object]]:
    return [BIRTH | {"so": f"{n:02d}/2005"} | more for n in range(1, count + 1)]


def table(rows, header=POLICE_HEADER) -> list[list[object]]:
    """The header and rows in its order; names of cells are words of the header."""
    return [list(header), *([row.get(title.split()[0], "") for title in header] for row in rows)]


def text_of(rows, delimiter=",") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def text_file(path: Path, rows, delimiter=",", encoding="utf-8") -> Path:
    path.write_bytes(text_of(rows, delimiter).encode(encoding))
    return path


def xlsx_file(path: Path, rows, sheet="Sheet1", change=None) -> Path:
    """A workbook with one sheet; `change(book, sheet)` spoils it."""
    book = openpyxl.Workbook()
    tab = book.active
    tab.title = sheet
    for row in rows:
        tab.append(["" if value is None else value for value in row])
    if change:
        change(book, tab)
    book.save(path)
    return path


def xls_file(path: Path, rows, sheet="Sheet1", change=None) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    tab = book.add_sheet(sheet)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value not in ("", None):
                tab.write(number, column, value)
    if change:
        change(book, tab)
    book.save(str(path))
    return path
