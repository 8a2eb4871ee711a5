"""What a decision makes known is offered in the very next field; what was seen stays."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from ocr_pipeline.store.books import replace_pages, save_book
from ocr_pipeline.store.records import replace_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace
from tests.builders.books import make_book
from tests.builders.drawn_pages import page_row, unsure_record

BOOK = make_book(year=2016)
READ = {"meHoTen": "Vo Thi Man", "nycHoTen": "Vo Thi Mon", "nguoiKy": "Le Van Tam"}
MOTHER = "Võ Thị Mận"
PICKS = "() => [...document.querySelectorAll('#readings .reading-text')].map((e) => e.innerText)"


@pytest.fixture
def lan(tmp_path, own_station, seat):
    """Somebody before the first field of a record whose informant is the mother."""
    with Workspace.open(tmp_path / "job") as ws, ws.transaction() as session:
        page = page_row(BOOK, tmp_path, 0, PageKind.RECORD)
        save_book(session, BOOK)
        replace_pages(session, BOOK.id, [page])
        replace_records(session, BOOK.id, [unsure_record(page.name, READ)])
    lan = seat("lan", at=own_station(tmp_path / "job"))
    lan.open(f"/review/record?book={BOOK.id}")
    assert lan.shown()["code"] == "meHoTen"
    return lan


def type_mother(lan):
    lan.page.fill("#value", MOTHER)
    lan.decide(lambda: lan.press("Enter"))
    assert lan.page.get_attribute("#screen", "data-code") == "nycHoTen"


@contextmanager
def answer_held(lan, offers=MOTHER):
    """The server does not get the mother's name before the end of the block."""
    held = []
    lan.page.route("**/api/decide", lambda route: held.append(route))
    yield
    lan.until("() => document.querySelector('#save-state').dataset.state === 'sending'")
    lan.one_held(held).continue_()
    lan.saved()
    lan.page.unroute("**/api/decide")
    lan.until(f"(name) => ({PICKS})().includes(name)", offers)


def informant(lan):
    [record] = lan.station.fields(BOOK.id)
    return record["nycHoTen"].value


def test_a_field_that_nobody_has_looked_at_yet_opens_with_it(lan):
    lan.page.evaluate(
        "() => { const usual = window.setTimeout; window.looks = []; window.setTimeout = "
        "(action, ms, ...more) => ms === 150 ? looks.push(action) : usual(action, ms, ...more); }"
    )
    type_mother(lan)
    lan.saved()
    assert lan.page.get_attribute("#screen", "data-sight") in ("loading", "new")
    lan.until("(name) => document.querySelector('#value').value === name", MOTHER)
    assert lan.page.evaluate(PICKS)[0] == MOTHER
    assert lan.page.evaluate("() => getSelection().toString()") == MOTHER
    lan.until(
        "() => { looks.splice(0).map((look) => look());"
        " return document.querySelector('#screen').dataset.sight === 'seen'; }"
    )
    assert lan.shown()["value"] == MOTHER
    lan.decide(lambda: lan.press("Enter"))
    lan.saved()
    assert informant(lan) == MOTHER


def test_under_ones_eyes_it_comes_behind_and_nothing_under_a_key_changes(lan):
    with answer_held(lan):
        type_mother(lan)
        shown = lan.shown()
        before = lan.page.evaluate(PICKS)
        assert MOTHER not in [shown["value"], *before]
    after = lan.page.evaluate(PICKS)
    assert after[: len(before)] == before and MOTHER in after[len(before) :]
    assert lan.shown()["value"] == shown["value"]
    lan.decide(lambda: lan.press(str(after.index(MOTHER) + 1)))
    lan.saved()
    assert informant(lan) == MOTHER


def test_what_was_taken_back_is_offered_no_more(lan):
    type_mother(lan)
    lan.saved()
    lan.until(f"(name) => ({PICKS})().includes(name)", MOTHER)
    lan.decide(lambda: lan.press("Control+z"))
    assert lan.shown()["code"] == "meHoTen"
    lan.page.fill("#value", "Võ Thị Mười")
    with answer_held(lan, offers="Võ Thị Mười"):
        lan.decide(lambda: lan.press("Enter"))
        assert MOTHER not in [lan.shown()["value"], *lan.page.evaluate(PICKS)]


def test_what_was_typed_meanwhile_stays(lan):
    with answer_held(lan):
        type_mother(lan)
        lan.type("Lê Thị")
    assert lan.page.input_value("#value") == "Lê Thị"
