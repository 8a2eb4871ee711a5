"""The weekly report in the browser: made, taken, typed into and sent back."""

import io
import secrets
from urllib.parse import quote

import openpyxl
import pytest

from ocr_pipeline.review.accounts import Role
from tests.builders.review_office import fill

UNIT = "xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
OUTSIDE = "Làm ngoài phần mềm"


@pytest.fixture
def browser(office, tmp_path):
    fill(office.workspace, tmp_path / "scans")
    return office.browser("chi", Role.REVIEWER)


def taken(browser, more=""):
    answer = browser.client.get(f"/weekly-report/excel?unit={quote(UNIT)}{more}")
    assert answer.status_code == 200, answer.text
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def send(browser, batch, part, data):
    headers = {
        "x-csrf": browser.csrf, "content-type": "application/octet-stream",
        "sec-fetch-site": "same-origin", "origin": "http://127.0.0.1",
    }  # fmt: skip
    address = f"/api/uploads/report?batch={batch}&part={part}"
    return browser.client.put(address, content=data, headers=headers).status_code


def typed_into(book, figure):
    """The Excel file with one figure of work done elsewhere, as people type it."""
    sheet = book[OUTSIDE]
    [row] = [cells for cells in sheet.iter_rows() if cells[0].value == UNIT][:1]
    next(cell for cell in row if cell.value is None and not cell.protection.locked).value = figure
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_the_one_unit_with_books_is_offered_and_its_report_shown(browser):
    page = browser.get("/weekly-report").text
    assert UNIT in page and "/weekly-report/excel?" in page
    assert taken(browser).sheetnames[0] == "Báo cáo"
    printed = browser.client.get(f"/weekly-report/page?unit={quote(UNIT)}")
    assert UNIT.upper() in printed.text and "attachment" in printed.headers["content-disposition"]


def test_what_was_typed_comes_back_into_the_next_report(browser):
    batch = secrets.token_hex(16)
    assert send(browser, batch, "outside", typed_into(taken(browser), 417)) == 204
    back = taken(browser, f"&batch={batch}")
    assert 417 in [cell.value for cells in back[OUTSIDE].iter_rows() for cell in cells]
    assert "417" in browser.get(f"/weekly-report?unit={quote(UNIT)}&batch={batch}").text


def test_a_file_that_is_no_report_is_told_on_the_page(browser):
    batch = secrets.token_hex(16)
    assert send(browser, batch, "last", b"no table") == 204
    answer = browser.client.get(f"/weekly-report?unit={quote(UNIT)}&batch={batch}")
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    gone = browser.client.get(f"/weekly-report?unit={quote(UNIT)}&batch={secrets.token_hex(16)}")
    assert gone.status_code == 404 and 'role="alert"' in gone.text


def test_who_keys_values_makes_no_report(browser, office):
    keyer = office.browser("an", Role.OPERATOR)
    assert keyer.client.get("/weekly-report").status_code == 403
    assert send(keyer, secrets.token_hex(16), "last", b"x") == 403
