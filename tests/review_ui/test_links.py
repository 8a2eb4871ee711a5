"""Linking in the browser: one record after the other, no two people on one, packages at the end."""

import io
import secrets
import time
import zipfile

import pytest

from ocr_pipeline.exchange.link_cards import Likeness
from ocr_pipeline.exchange.linking import link_job
from ocr_pipeline.processing.book_links import BookLinks, Verdict
from ocr_pipeline.review.accounts import Role
from tests.builders.keyed_files import police_births, table, text_of
from tests.builders.linked_books import NAMES, link_drawn_book
from tests.builders.review_office import BOOK

API, PAGE = f"/api/links/{BOOK.id}", f"/links/{BOOK.id}"


@pytest.fixture
def lan(office):
    link_drawn_book(office.workspace, BOOK.id)
    return office.browser("lan", Role.REVIEWER)


def ask(browser, path, **body):
    answer = browser.post(f"{API}/{path}", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def place_of(told):
    return {"page": told["card"]["page"], "position": told["card"]["position"]}


def standing(browser):
    return browser.get(API).json()["standing"]


def finished(browser):
    until = time.monotonic() + 60
    while (told := browser.get(API).json())["making"] and time.monotonic() < until:
        time.sleep(0.05)
    return told


def test_each_record_is_told_beside_its_row_with_what_differs(lan):
    told = ask(lan, "next")
    assert (told["waiting"], told["others"]) == (2, 0)
    row, *others = told["card"]["rows"]
    assert (row["person"], row["probability"]) == (NAMES[1], 0.7) and len(others) == 2
    likeness = {field["code"]: field["likeness"] for field in row["fields"]}
    assert likeness["ngayDangKy"] == Likeness.DIFFERS and likeness["nksHoTen"] == Likeness.AGREES
    other = {field["code"]: field["likeness"] for field in others[0]["fields"]}
    assert other["nksHoTen"] == Likeness.OTHER_READING and other["nksGioiTinh"] == Likeness.AGREES
    assert {one.value for one in Verdict} < {one.value for one in Likeness}


def test_a_decision_brings_the_next_record_and_can_be_taken_back(lan):
    first = ask(lan, "next")
    second = ask(lan, "decide", **place_of(first), row=first["card"]["rows"][0]["id"])
    assert second["waiting"] == 1 and place_of(second) != place_of(first)
    none = ask(lan, "decide", **place_of(second), row="")
    assert none == {"card": None, "waiting": 0, "others": 0}
    assert (standing(lan)["chosen"], standing(lan)["no_row"]) == (1, 1)
    back = ask(lan, "undo", **place_of(second))
    assert place_of(back) == place_of(second) and standing(lan)["waiting"] == 1
    assert lan.post(f"{API}/undo", place_of(second)).status_code == 404


def test_no_two_people_get_the_same_record(office, lan):
    mai = office.browser("mai", Role.REVIEWER)
    first, second = ask(lan, "next"), ask(mai, "next")
    assert place_of(first) != place_of(second) and second["others"] == 1
    row = second["card"]["rows"][0]["id"]
    refused = lan.post(f"{API}/decide", {**place_of(second), "row": row})
    assert refused.status_code == 409 and refused.json()["where"] == "mai"
    an = office.browser("an", Role.REVIEWER)
    assert ask(an, "next") == {"card": None, "waiting": 2, "others": 2}
    lan.post("/api/links/release")
    assert place_of(ask(an, "next")) == place_of(first)
    office.clock.forward(minutes=11)
    assert place_of(ask(lan, "next")) == place_of(first)
    ask(lan, "decide", **place_of(first), row="")
    late = an.post(f"{API}/decide", {**place_of(first), "row": row})
    assert late.status_code == 409


def test_what_is_put_off_comes_last_and_rows_are_found_by_words(lan):
    first = ask(lan, "next")
    lan.post("/api/links/release")
    other = ask(lan, "next", skipped=[place_of(first)])
    assert place_of(other) != place_of(first)
    found = lan.get(f"{API}/rows", params={**place_of(other), "q": "pham gia dung"}).json()["rows"]
    assert found[0]["person"] == NAMES[3] and found[0]["probability"] is None


def test_the_package_is_made_when_nothing_waits_and_holds_zip_excel_and_lists(lan):
    assert lan.post(f"{API}/package").status_code == 204
    assert "2" in finished(lan)["error"]["vi"]
    told = ask(lan, "next")
    while told["card"]:
        told = ask(lan, "decide", **place_of(told), row=told["card"]["rows"][0]["id"])
    lan.post(f"{API}/package")
    done = finished(lan)
    assert done["error"] is None and done["package"]["records"] == 3
    names = [file["name"] for file in done["package"]["files"]]
    assert [name.rpartition(".")[2] for name in names] == ["xls", "zip", "json", "xlsx"]
    taken = lan.client.get(f"{PAGE}/files/{names[1]}")
    assert len(zipfile.ZipFile(io.BytesIO(taken.content)).namelist()) == 3
    page = lan.get(PAGE).text
    assert names[0] in page and NAMES[3] in page  # the row without a page is listed


def test_linking_is_begun_from_a_file_that_was_sent(office, lan, monkeypatch):
    batch = secrets.token_hex(16)
    headers = {
        "x-csrf": lan.csrf, "content-type": "application/octet-stream",
        "sec-fetch-site": "same-origin", "origin": "http://127.0.0.1",
    }  # fmt: skip
    data = text_of(table(police_births(3))).encode()
    lan.client.put(f"/api/uploads/keyed?batch={batch}&name=tinh.csv", content=data, headers=headers)
    assert "tinh.csv" in lan.get("/links").text
    mai = office.browser("mai", Role.REVIEWER)
    assert "tinh.csv" not in mai.get("/links").text
    assert mai.post("/api/linking", {"batch": batch}).status_code == 404
    seen = []

    def link_book(ws, book, rows, advance):
        seen.append(book.id)
        return BookLinks(book.id, tuple(rows), ())

    monkeypatch.setattr(link_job, "link_book", link_book)
    answer = lan.post("/api/linking", {"batch": batch, "book": BOOK.id})
    until = time.monotonic() + 60
    while not answer.json()["job"]["done"] and time.monotonic() < until:
        time.sleep(0.05)
        answer = lan.get("/api/linking")
    assert answer.json()["job"]["error"] is None, answer.text
    assert seen == [BOOK.id]


def test_a_file_that_is_no_table_is_told(lan):
    batch = secrets.token_hex(16)
    assert lan.post("/api/linking", {"batch": batch}).status_code == 404
    assert lan.get("/links/no-such-book").status_code == 404
