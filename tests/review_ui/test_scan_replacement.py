"""A better scan in the place of a bad one: over HTTP, with what becomes of the page."""

from dataclasses import replace

import pytest

from ocr_pipeline.review import audit
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.books import book_pages, load_books, save_book
from ocr_pipeline.store.locks import run_lock
from tests.builders.drawn_pages import drawn
from tests.builders.review_office import BOOK

BETTER = drawn("quét lại")


@pytest.fixture
def refused(office):
    """The refused page of the book, whose scans are where the book says."""
    office.app.state.station.uploads._free = lambda _: 10**15
    scans = office.workspace.folder.parent / "scans"
    with office.workspace.transaction() as session:
        save_book(session, replace(BOOK, path=scans))
    return page_named(office, "01 tờ 4.jpg")


def page_named(office, name):
    with office.workspace.read_session() as session:
        [row] = [row for row in book_pages(session, BOOK.id) if row.name == name]
    return row


def put(browser, page, data=BETTER, name="mới.jpg"):
    headers = {"x-csrf": browser.csrf, "content-type": "application/octet-stream"}
    return browser.client.put(
        f"/api/uploads/page/{page}?name={name}", content=data, headers=headers
    )


def test_a_better_scan_takes_the_place_and_the_page_waits(office, refused):
    path = office.workspace.folder.parent / "scans" / refused.name
    before = path.read_bytes()
    answer = put(office.browser("chi", Role.REVIEWER), refused.id)
    assert answer.status_code == 200, answer.text
    now = page_named(office, refused.name)
    assert answer.json() == {
        "page": now.id, "book": BOOK.id, "name": refused.name, "kind": "pending",
    }  # fmt: skip
    assert now.digest != refused.digest and path.read_bytes() == BETTER
    kept = [p for p in (office.workspace.folder / "replaced_scans").rglob("*") if p.is_file()]
    assert [p.read_bytes() for p in kept] == [before]
    line = next(one for one in audit.recent(office.workspace) if one["action"] == "scan_imported")
    assert (line["user"], line["book"], line["subject"]) == ("chi", BOOK.id, refused.name)
    with office.workspace.read_session() as session:
        assert len(book_pages(session, BOOK.id)) == 4 and load_books(session, [BOOK.id])


@pytest.mark.parametrize(
    ("data", "name", "status"),
    [(BETTER[:2000], "a.jpg", 400), (bytes(999), "a.jpg", 400), (BETTER, "../x.jpg", 400)],
)
def test_what_is_no_page_changes_nothing(office, refused, data, name, status):
    path = office.workspace.folder.parent / "scans" / refused.name
    before = path.read_bytes()
    answer = put(office.browser("chi", Role.REVIEWER), refused.id, data, name)
    assert answer.status_code == status and path.read_bytes() == before
    assert page_named(office, refused.name).digest == refused.digest


def test_who_may_not_and_pages_that_are_not_there(office, refused):
    assert put(office.browser("an", Role.OPERATOR), refused.id).status_code == 403
    assert put(office.browser("chi", Role.REVIEWER), 99999).status_code == 404
    assert page_named(office, refused.name).digest == refused.digest


def test_a_page_of_a_file_with_several_pages_is_not_replaced_alone(office, refused):
    with office.workspace.transaction() as session:
        row = session.merge(page_named(office, refused.name))
        row.index = 2
    answer = put(office.browser("chi", Role.REVIEWER), refused.id)
    assert answer.status_code == 409 and "nhiều trang" in answer.json()["error"]["vi"]


def test_a_replaced_page_is_not_read_beside_a_run_nor_by_everybody(office, refused):
    browser = office.browser("chi", Role.REVIEWER)
    assert browser.post(f"/api/pages/{refused.id}/read").status_code == 409, "it does not wait"
    page = put(browser, refused.id).json()["page"]
    with run_lock(office.workspace):
        answer = browser.post(f"/api/pages/{page}/read")
    assert answer.status_code == 409
    assert "lần chạy" in answer.json()["remedy"]["vi"]
    assert office.browser("an", Role.OPERATOR).post(f"/api/pages/{page}/read").status_code == 403
    assert page_named(office, refused.name).kind == "pending"


@pytest.mark.long
def test_a_replaced_page_is_read_at_once(office, refused):
    browser = office.browser("chi", Role.REVIEWER)
    page = put(browser, refused.id).json()["page"]
    told = browser.post(f"/api/pages/{page}/read").json()
    assert told["kind"] == page_named(office, refused.name).kind != "pending"
