"""Reconciling in the browser: begun with two sent files, lists taken away, decisions taken in."""

import io
import secrets
import time
import zipfile

import openpyxl
import pytest

from ocr_pipeline.exchange import reconcile_desk
from ocr_pipeline.exchange.reconciling.list_words import list_words
from ocr_pipeline.review.accounts import Role
from tests.builders.keyed_files import police_births, table, text_of

NAMES = ["NGUYỄN VĂN AN", "LÊ THỊ BÌNH", "PHẠM GIA KHÁNH"]


@pytest.fixture
def chi(office):
    return office.browser("chi", Role.REVIEWER)


def births(**changed):
    rows = police_births(3)
    for place, (row, name) in enumerate(zip(rows, NAMES, strict=True)):
        row |= {"NKSHOTEN": name, "NKSNGAYSINH": f"0{place + 1}/03/2005"}
    rows[2] |= changed
    return text_of(table(rows)).encode()


def send(browser, address, data):
    batch = secrets.token_hex(16)
    headers = {
        "x-csrf": browser.csrf, "content-type": "application/octet-stream",
        "sec-fetch-site": "same-origin", "origin": "http://127.0.0.1",
    }  # fmt: skip
    answer = browser.client.put(address.format(batch), content=data, headers=headers)
    assert answer.status_code == 204, answer.text
    return batch


def keyed(browser, name, data):
    return send(browser, f"/api/uploads/keyed?batch={{}}&name={name}", data)


def done(browser, number):
    until = time.monotonic() + 120
    while not (told := browser.get(f"/api/reconcile/{number}").json())["done"]:
        assert time.monotonic() < until
        time.sleep(0.1)
    return told


def test_two_files_are_reconciled_and_lists_go_out_and_come_back(chi):
    civil = keyed(chi, "ho_tich.csv", births())
    population = keyed(chi, "dan_cu.csv", births(NKSHOTEN="PHẠM GIA KHANH"))
    answer = chi.post("/api/reconcile", {"civil": civil, "population": population})
    number = answer.json()["number"]
    told = done(chi, number)
    assert told["error"] is None and told["summary"]["sides"]["a"]["persons"] == 3
    page = chi.get(f"/reconcile/{number}").text
    assert "ho_tich.csv" in page and reconcile_desk.LISTS in page
    taken = chi.client.get(f"/reconcile/{number}/files/{reconcile_desk.LISTS}")
    lists = zipfile.ZipFile(io.BytesIO(taken.content))
    [name] = [one for one in lists.namelist() if one.endswith("danh_sach.KS.xlsx")]
    assert not any("parquet" in one for one in lists.namelist())

    book = openpyxl.load_workbook(io.BytesIO(lists.read(name)))
    words = list_words().columns
    sheet, row = next(
        (sheet, cell.row)
        for sheet in book
        for cell in sheet["A"]
        if str(cell.value).startswith(told["summary"]["run"])
    )
    column = {str(cell.value): cell.column for line in sheet.iter_rows() for cell in line}
    sheet.cell(row, column[words["decision"]]).value = list_words().decisions["a_right"].vi
    data = io.BytesIO()
    book.save(data)
    batch = send(chi, "/api/uploads/returned?batch={}&name=xa.xlsx", data.getvalue())
    assert chi.post(f"/api/reconcile/{number}/returned", {"batch": batch}).status_code == 204
    back = done(chi, number)["intake"]
    assert (back["taken"], back["refused"]) == (0, 1)  # without its justification
    assert back["faults"][0]["cause"]["vi"] in chi.get(f"/reconcile/{number}").text


def test_where_the_library_is_missing_the_page_tells_how_to_install_it(chi, monkeypatch):
    monkeypatch.setattr(reconcile_desk, "find_spec", lambda name: None)
    assert "pip install" in chi.get("/reconcile").text
    refused = chi.post("/api/reconcile", {"civil": "0" * 32, "population": "0" * 32})
    assert refused.status_code == 503 and "sohoa[reconcile]" in refused.json()["remedy"]["vi"]


def test_a_file_that_is_no_table_is_told(chi):
    civil, population = keyed(chi, "a.csv", births()), keyed(chi, "hong.xlsx", b"no table")
    asked = {"civil": civil, "population": population}
    told = done(chi, chi.post("/api/reconcile", asked).json()["number"])
    assert told["where"] == "hong.xlsx" and told["error"]["vi"]
    assert chi.get("/reconcile/nothing").status_code == 404
