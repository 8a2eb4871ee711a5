"""`sohoa reconcile`: what a person sees, what a program gets, the exit code."""

import json

import openpyxl
import pytest

from ocr_pipeline.errors import ExitCode
from ocr_pipeline.exchange.reconciling.listed_person import heading
from tests.builders.keyed_files import HEADER, births, table, xlsx_file

NAMES = ("Nguyễn Văn An", "Lê Thị Hoa", "Trần Quốc Bảo", "Phạm Minh Châu")


@pytest.fixture
def sides(tmp_path):
    """Four births of both sides; the second differs in its day, the third is another one."""
    a, b = births(4), births(4)
    for number, (name, one, other) in enumerate(zip(NAMES, a, b, strict=True), 1):
        birth = f"{number + 2:02d}.0{number}.2005"
        one |= {"nksHoTen": name, "nksNgaySinh": birth, "chaHoTen": f"Cha {name}"}
        other |= one
    b[1] |= {"nksNgaySinh": "05.02.2005"}
    b[2] |= {"nksHoTen": "Đỗ Xuân Kiên", "nksNgaySinh": "30.12.2004", "meHoTen": "Vũ Thị Là",
             "chaHoTen": "Đỗ Tú"}  # fmt: skip
    return [
        xlsx_file(tmp_path / name, table(rows, HEADER))
        for name, rows in (("ho_tich.xlsx", a), ("dan_cu.xlsx", b))
    ]


def test_two_files_become_lists_and_returned_lists_become_decisions(sohoa, sides, tmp_path):
    out = tmp_path / "dc"
    done = sohoa("reconcile", *sides, "--out", out)
    assert done.code is ExitCode.DONE, done.out + done.err
    assert "4 dòng = 0 dòng để riêng + 0 bản ghi" in done.out
    assert "Không tìm thấy / not found\t1\t1" in done.out
    [path] = (out / "theo_xa").rglob("danh_sach.KS.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["Khác ngày sinh"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, columns[heading("decision")], "Hộ tịch đúng")
    returned = tmp_path / "tra_ve.xlsx"
    book.save(returned)
    refused = sohoa("reconcile", "--returned", returned, "--out", out)
    assert refused.code is ExitCode.BAD_INPUT
    assert "tra_ve.xlsx (Khác ngày sinh) 2: thiếu căn cứ" in refused.err
    sheet.cell(2, columns[heading("justification")], "Sổ gốc, trang 5")
    book.save(returned)
    taken = sohoa("reconcile", "--returned", returned, "--out", out, "--json")
    said = json.loads(taken.out)
    assert taken.code is ExitCode.DONE and (said["taken"], said["faults"]) == (1, [])
    assert said["waiting"] == said["listed"] - 1
    again = sohoa("reconcile", "--returned", returned, "--out", out)
    assert "Nhận 0 quyết định mới; 1 đã có từ trước" in again.out


def test_json_of_a_reconciliation_adds_up(sohoa, sides, tmp_path):
    done = sohoa("reconcile", *sides, "--out", tmp_path / "dc", "--json")
    said = json.loads(done.out)
    for side in said["sides"].values():
        classes = [n for kinds in side["classes"].values() for n in kinds.values()]
        assert sum(classes) == side["persons"] == side["rows"] == 4


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--out", "x"), ExitCode.USAGE),
        (("a.xlsx", "--out", "x"), ExitCode.USAGE),
        (("a.xlsx", "b.xlsx"), ExitCode.USAGE),
        (("a.xlsx", "b.xlsx", "--replace", "--out", "x"), ExitCode.USAGE),
        (("--returned", "--out", "x"), ExitCode.USAGE),
        (("a.xlsx", "b.xlsx", "--out", "x"), ExitCode.BAD_INPUT),
        (("--returned", "a.xlsx", "--out", "x"), ExitCode.BAD_INPUT),
        (("--show-agreement", "--agreement", "no.yaml"), ExitCode.BAD_INPUT),
    ],
)
def test_what_makes_no_sense_is_told_in_both_languages(
    sohoa, tmp_path, monkeypatch, arguments, code
):
    monkeypatch.chdir(tmp_path)
    done = sohoa("reconcile", *arguments)
    assert done.code is code, done.err
    assert len(done.err.strip().splitlines()) >= 2 and "Traceback" not in done.err
    assert not (tmp_path / "x").exists()


def test_a_missing_file_of_a_side_stops_before_anybody_is_called_not_found(sohoa, sides, tmp_path):
    sides[1].write_bytes(b"PK\x03\x04")
    done = sohoa("reconcile", *sides, "--out", tmp_path / "dc")
    assert done.code is ExitCode.BAD_INPUT and "dan_cu.xlsx" in done.err
    assert not (tmp_path / "dc").exists()


def test_the_table_of_agreement_shows_what_an_office_changed(sohoa, tmp_path):
    own = tmp_path / "khop.yaml"
    own.write_text(
        "differences:\n  i_or_y: {agrees: true}\n  less_precise: {agrees_in: {birth: true}}\n",
        encoding="utf-8",
    )
    shown = sohoa("reconcile", "--show-agreement").out
    assert "middle_name_missing\tthiếu chữ đệm / a middle name is missing\tkhông / no" in shown
    changed = json.loads(sohoa("reconcile", "--show-agreement", "--agreement", own, "--json").out)
    assert changed["i_or_y"]["agrees"] and changed["less_precise"]["agrees_in"] == {"birth": True}
