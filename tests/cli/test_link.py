"""`sohoa link` as a user calls it: keyed rows and a folder of scans, to zip, `.xls` and lists."""

import json
import shutil
import zipfile
from datetime import UTC, datetime

import openpyxl
import pytest
import xlrd

from ocr_pipeline.errors import ExitCode
from ocr_pipeline.registers.rows import compose_row
from ocr_pipeline.registers.templates import load_template
from ocr_pipeline.resources import shipped
from ocr_pipeline.review.accounts import Role, User
from ocr_pipeline.review.link_queue import say_no_row, waiting_links
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.models import LedgerRow, RunRow
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import list_sample
from tests.builders.keyed_files import table, xlsx_file

SAMPLE = shipped("sample_scans") / "kt-2019"
PAGES = [f"scan000{n}.jpg" for n in (1, 2, 3, 4)]
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OTHER = "19.11.1931"  # day of birth
LAN = User("lan", Role.REVIEWER, "", True)


@pytest.fixture
def scans(tmp_path):
    """Four pages of a book of deaths, with its line of the inventory."""
    folder = tmp_path / "sổ quét"
    (folder / "kt-2019").mkdir(parents=True)
    for page in PAGES:
        shutil.copy(SAMPLE / page, folder / "kt-2019")
    list_sample(folder, "kt-2019")
    return folder


def rows_of(book):
    """What is true of pages 1 to 5, in the columns of the import template."""
    truth = json.loads((SAMPLE / "truth.json").read_text("utf-8"))
    template = load_template("KT")
    for page in truth["pages"][:5]:
        for record in page["records"]:
            values = {code: one["value"] for code, one in record["fields"].items()}
            yield compose_row(template, values, book)


def opened(folder):
    workspace = Workspace.open(folder)
    with workspace.read_session() as session:
        [book] = load_books(session)
    return workspace, book


def work_done(workspace):
    """Pages that each run has read, and what the ledger knows of pages and their ink."""
    with workspace.read_session() as session:
        runs = [row.done for row in session.query(RunRow).order_by(RunRow.id)]
        known = sorted((row.stage, row.input) for row in session.query(LedgerRow))
    return runs, [one for one in known if one[0] != "links"]


@pytest.mark.long
def test_from_a_keyed_file_and_scans_to_zip_and_xls_and_again_without_reading(
    sohoa, scans, tmp_path
):
    read = sohoa("run", scans, "-w", tmp_path / "ws", "--workers", 1)
    assert read.code in (ExitCode.DONE, ExitCode.FAILURES), read.err
    workspace, book = opened(tmp_path / "ws")
    with workspace:
        rows = list(rows_of(book))
        true_birth = rows[1]["nktNgaySinh"]
        true_number = rows[2]["so"]
        rows[1]["nktNgaySinh"] = OTHER
        rows[2]["so"] = rows[0]["so"]
        kept = [*rows[:3], rows[4]]  # the row of page 4 is missing, as is page 5
        keyed = tmp_path / "kt.xlsx"
        header = load_template("KT").headers()
        xlsx_file(keyed, table(kept, header))
        command = ("link", keyed, scans, "-w", tmp_path / "ws", "--out", tmp_path / "out")

        first = sohoa(*command, "--json")
        assert first.code is ExitCode.FAILURES, first.err
        said = json.loads(first.out)
        [counted] = said["books"]
        assert (counted["accepted"], counted["waiting"], counted["rows_without_page"]) == (3, 1, 1)
        assert [(one["page"], one["row"]) for one in said["links"] if one["row"]] == [
            (PAGES[0], 2), (PAGES[1], 3), (PAGES[2], 4),
        ]  # fmt: skip
        told = {(o["page"], o["column"], o["keyed"], o["page_says"]) for o in said["differences"]}
        assert (PAGES[1], "nktNgaySinh", OTHER, true_birth) in told
        assert [(one["row"], "đã có ở dòng khác" in one["why"]) for one in said["held"]] == [
            (4, True)
        ]
        assert counted["packed"] == 0 and "chờ người" in counted["refused"]
        before = work_done(workspace)

        [waiting] = waiting_links(workspace, LAN, book.id)
        assert waiting.link.page == PAGES[3]
        say_no_row(workspace, LAN, waiting.page, 1, NOW)
        kept[1]["nktNgaySinh"], kept[2]["so"] = true_birth, true_number  # mended after the pages
        xlsx_file(keyed, table(kept, header))
        second = sohoa(*command)
        assert second.code is ExitCode.DONE, second.out + second.err
        after = work_done(workspace)
        assert after[0] == [*before[0], 0] and after[1] == before[1], "a page was read again"

    [excel] = (tmp_path / "out").rglob("*.xls")
    sheet = xlrd.open_workbook(str(excel)).sheet_by_index(0)
    column = [title.split()[0] for title in sheet.row_values(0)].index("nktHoTen")
    assert sheet.col_values(column)[1:] == [row["nktHoTen"] for row in rows[:3]]
    with zipfile.ZipFile(excel.with_suffix(".zip")) as archive:
        assert len(archive.namelist()) == 3 and archive.testzip() is None
        assert all(archive.read(name).startswith(b"%PDF") for name in archive.namelist())
    lists = openpyxl.load_workbook(tmp_path / "out" / "lien_ket.xlsx")
    assert [row[1].value for row in lists["Trang không có dòng"].iter_rows(min_row=2)] == [PAGES[3]]
    checked = sohoa("check", tmp_path / "out")
    assert checked.code is ExitCode.DONE, checked.out + checked.err
