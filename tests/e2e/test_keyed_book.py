"""A clerk's walk: the police's keyed file and a folder of scans, to the package and the report."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from ocr_pipeline.resources import shipped
from ocr_pipeline.review.accounts import Role
from tests.builders.books import list_sample
from tests.builders.keyed_files import POLICE_HEADER, table, text_file
from tests.e2e.station import sohoa

AGENCY = "UBND xã Phước Ngãi, huyện Ba Tri, tỉnh Bến Tre"
FOLDER = "ks-2018"
CARD_SEEN = """() => { const told = document.querySelector('#links')?.dataset ?? {};
  return told.state === 'card' && told.sight === 'seen'; }"""
OUTCOME = "main :is(td:last-child, [role=alert])"  # of linking: a line of the shelf, or a refusal
NOTHING_WAITS = "() => document.querySelector('#links')?.dataset.state === 'idle'"
LACKING = "04/2018"  # was never keyed: the page has no row


def keyed_file(path: Path) -> int:
    """The births of the sample book as the police export them, one of them left out."""
    told = (shipped("sample_scans") / FOLDER / "truth.json").read_text("utf-8")
    pages = json.loads(told)["pages"]
    rows = []
    for record in (record for page in pages for record in page["records"]):
        values = {code: one["value"] for code, one in record["fields"].items()}
        if values["so"] == LACKING:
            continue
        known = {code.upper(): value for code, value in values.items()}
        row = {name: known.get(name, "") for name in POLICE_HEADER}
        row |= {"SO": f"{values['so'].partition('/')[0]}/", "NOIDANGKY": AGENCY}
        row["NKSHOTEN"] = row["NKSHOTEN"].upper()
        row["NGAYDANGKY"] = row["NGAYDANGKY"].replace(".", "/")
        rows.append(row)
    text_file(path, table(rows))
    return len(rows)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_clerk_comes_from_keyed_rows_and_scans_to_package_and_report(seat, own_station, tmp_path):
    scans = tmp_path / "scans"
    scans.mkdir()
    (scans / FOLDER).symlink_to(shipped("sample_scans") / FOLDER)
    list_sample(scans, FOLDER)
    told = sohoa("run", scans, "--workspace", tmp_path / "read", "--workers", 1)
    assert told.returncode == 0, told.stderr
    rows = keyed_file(tmp_path / "cong_an.csv")

    lan = seat("lan", Role.REVIEWER, own_station(tmp_path / "read"))
    page = lan.open("/keyed")
    page.set_input_files("#files", str(tmp_path / "cong_an.csv"))
    page.locator("a[href^='/links?batch=']").click()
    page.click("#start button.primary")
    page.locator(OUTCOME).wait_for(timeout=300_000)
    page.locator("a.tag.warn").click()  # what waits for a person
    lan.until(CARD_SEEN)
    lan.press("0")  # no row belongs to the page
    lan.until(NOTHING_WAITS)
    page.click("#undo-idle")  # taken back, and said again
    lan.until(CARD_SEEN)
    lan.press("0")
    lan.until(NOTHING_WAITS)
    page.click("#idle a.primary")
    page.click("#make")
    archive = page.locator("a[href$='.zip']")
    archive.wait_for(timeout=120_000)
    with page.expect_download() as taken:
        archive.click()
    taken.value.save_as(tmp_path / taken.value.suggested_filename)
    with zipfile.ZipFile(tmp_path / taken.value.suggested_filename) as package:
        assert len(package.namelist()) == rows
    with page.expect_download() as taken:
        page.locator("a[href$='.xls']").click()
    taken.value.save_as(tmp_path / taken.value.suggested_filename)
    checked = sohoa("check", tmp_path / taken.value.suggested_filename, "--json")
    assert checked.returncode == 0, checked.stdout

    lan.open("/weekly-report")
    with page.expect_download() as taken:
        page.locator("a[href^='/weekly-report/excel']").click()
    taken.value.save_as(tmp_path / "bao_cao.xlsx")
    assert openpyxl.load_workbook(tmp_path / "bao_cao.xlsx").sheetnames[0] == "Báo cáo"
