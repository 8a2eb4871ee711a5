"""Weekly reports of communes added up in the browser: who is missing, and the sum to take away."""

import datetime
import io
import secrets
from urllib.parse import quote

import openpyxl
import pytest

from ocr_pipeline.exchange.reporting.report_form import shipped_form
from ocr_pipeline.exchange.reporting.report_workbook import report_bytes
from ocr_pipeline.exchange.reporting.weekly_report import ReportLine, WeeklyReport
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review.accounts import Role
from tests.builders.review_office import NOW

FORM = shipped_form()
HERE, THERE = "xã Lộc Thuận, tỉnh Bến Tre", "xã Phước Ngãi, tỉnh Bến Tre"
PROVINCE = "tỉnh Bến Tre"
WEEK = FORM.level("commune").due(NOW.date()).date()


def report(unit, read):
    line = ReportLine(unit, RegisterType.KS, {"books_counted": 3, "records_read": read})
    made = datetime.datetime.combine(WEEK, datetime.time(9))
    one = WeeklyReport(FORM.id, FORM.names, "commune", unit, WEEK, made, (line,))
    return report_bytes(one, FORM)


@pytest.fixture
def chi(office):
    return office.browser("chi", Role.REVIEWER)


def sent(browser, files):
    batch = secrets.token_hex(16)
    headers = {
        "x-csrf": browser.csrf, "content-type": "application/octet-stream",
        "sec-fetch-site": "same-origin", "origin": "http://127.0.0.1",
    }  # fmt: skip
    for name, data in files.items():
        address = f"/api/uploads/unit-report?batch={batch}&name={quote(name)}"
        assert browser.client.put(address, content=data, headers=headers).status_code == 204
    return f"unit={quote(PROVINCE)}&week={WEEK}&batch={batch}"


def test_reports_are_added_up_and_the_missing_commune_is_named(chi):
    units = f"{HERE}\n{THERE}\n".encode()
    asked = sent(chi, {"don_vi.txt": units, "a.xlsx": report(HERE, 417), "b.xlsx": b"no table"})
    page = chi.get(f"/roll-up?{asked}").text
    assert "417" in page and "chưa nộp" in page and "b.xlsx" in page
    taken = chi.client.get(f"/roll-up/excel?{asked}")
    book = openpyxl.load_workbook(io.BytesIO(taken.content))
    assert 417 in [cell.value for cells in book["Báo cáo"].iter_rows() for cell in cells]
    printed = chi.client.get(f"/roll-up/page?{asked}")
    assert PROVINCE.upper() in printed.text and THERE in printed.text
    assert THERE in chi.get("/roll-up").text  # the list is remembered


def test_a_list_that_names_nobody_is_told_on_the_page(chi):
    asked = sent(chi, {"don_vi.txt": b"\n", "a.xlsx": report(HERE, 1)})
    answer = chi.get(f"/roll-up?{asked}")
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    gone = chi.get(f"/roll-up?unit=x&batch={secrets.token_hex(16)}")
    assert gone.status_code == 404 and 'role="alert"' in gone.text
