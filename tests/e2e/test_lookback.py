"""Looking back in a real browser: own decisions, the record beside, counters, search."""

from __future__ import annotations

from ocr_pipeline.registers.fields import State
from ocr_pipeline.review.accounts import Role


def strip_opened(lan):
    lan.press("F7")
    lan.until("() => document.activeElement.classList.contains('past-row')")
    return lan.page.locator(".past-row")


def test_a_past_decision_is_changed_and_nothing_that_waits_is_lost(seat, book):
    lan = seat("lan")
    lan.open(f"/review?book={book}&kind=person_name")
    first = lan.shown()
    lan.type("Lê Thị Mai")
    lan.press("Enter")
    second = lan.shown()
    assert second["field"] != first["field"]
    lan.type("Đang gõ dở")
    rows = strip_opened(lan)
    assert rows.count() == 1 and "Lê Thị Mai" in rows.first.inner_text()
    lan.press("Enter")
    lan.until("field => document.querySelector('#screen').dataset.field === field", first["field"])
    lan.until("() => document.querySelector('#screen').dataset.sight === 'seen'")
    assert lan.page.input_value("#value") == "Lê Thị Mai"
    lan.type("Lê Thị Mây")
    lan.press("Enter")
    back = lan.shown()
    assert back["field"] == second["field"]
    assert lan.page.input_value("#value") == "Đang gõ dở"
    lan.saved()
    values = [f.value for record in lan.station.fields(book) for f in record.values()]
    assert "Lê Thị Mây" in values and "Lê Thị Mai" not in values


def test_looking_alone_changes_nothing(seat, book):
    lan = seat("lan")
    lan.open(f"/review?book={book}&kind=person_name")
    first = lan.shown()
    lan.type("Lê Thị Mai")
    lan.press("Enter")
    second = lan.shown()
    for leave in ("Enter", "Escape", "F10"):
        strip_opened(lan)
        lan.press("Enter")
        lan.until("f => document.querySelector('#screen').dataset.field === f", first["field"])
        lan.until("() => document.querySelector('#screen').dataset.sight === 'seen'")
        lan.press(leave)
        assert lan.shown()["field"] == second["field"]
    lan.saved()
    states = [f.state for record in lan.station.fields(book) for f in record.values()]
    assert states.count(State.CORRECTED) == 1
    assert strip_opened(lan).count() == 1


def test_the_record_beside_and_the_counters_move_at_once(seat, book):
    lan = seat("lan")
    lan.open(f"/review/record?book={book}")
    lan.shown()
    lan.until("() => /\\d+ .*\\d+/.test(document.querySelector('#progress').textContent)")
    left = "() => Number(document.querySelector('#progress').textContent.match(/(\\d+)\\D*$/)[1])"
    before = lan.page.evaluate(left)
    # The server is out of reach: what follows is known to the page alone.
    lan.page.route("**/api/decide", lambda route: route.abort())
    lan.type("Trị vừa sửa")
    lan.press("Enter")
    lan.shown()
    assert lan.page.evaluate(left) == before - 1
    lan.until("() => document.querySelector('#siblings').textContent.includes('Trị vừa sửa')")
    lan.page.unroute("**/api/decide")


def test_a_person_is_found_by_name_without_marks(seat):
    lan = seat("lan")
    lan.open("/")
    lan.press("/")
    lan.type("an van nguyen")
    lan.page.wait_for_selector("#finds a[data-record]")
    assert "Nguyễn Văn An" in lan.page.inner_text("#finds")
    lan.press("ArrowDown")
    with lan.page.expect_navigation():
        lan.press("Enter")
    assert "/record/" in lan.page.url


def test_what_is_sent_before_the_scripts_are_there_waits_for_them(seat, book):
    lan = seat("lan")

    held = []
    lan.page.route("**/static/js/find.js", lambda route: held.append(route))
    lan.page.goto(lan.station.address + "/", wait_until="commit")
    lan.page.fill("#find-text", "nguyen")
    lan.page.press("#find-text", "Enter")
    lan.one_held(held).continue_()
    lan.page.locator("#finds:not([hidden])").wait_for()
    assert lan.page.url == lan.station.address + "/", "the browser sent nothing by itself"
    assert lan.page.input_value("#find-text") == "nguyen"


def test_what_is_pressed_before_the_scripts_are_there_is_done_once(seat, book):
    lan = seat("lan")
    held = []
    lan.page.route("**/static/js/field/main.js", lambda route: held.append(route))
    lan.page.goto(f"{lan.station.address}/review?book={book}", wait_until="commit")
    lan.page.dblclick("#help-button")
    lan.one_held(held).continue_()
    lan.page.locator("dialog.help").wait_for()


def test_what_is_chosen_before_the_scripts_are_there_is_heard(seat, tmp_path):
    chi = seat("chi", Role.REVIEWER)
    held = []
    chi.page.route("**/static/js/check.js", lambda route: held.append(route))
    chi.page.goto(chi.station.address + "/check", wait_until="commit")
    excel = tmp_path / "xalocthuan_hbd_tbt.KS.2016.01.xls"
    excel.write_bytes(b"no table")
    chi.page.set_input_files("#files", str(excel))
    chi.one_held(held).continue_()
    chi.page.locator("#reports .tag.bad").wait_for()


def test_a_dialog_that_closes_takes_no_cursor_from_who_types_already(seat, book):
    lan = seat("lan")
    lan.open(f"/review?book={book}&kind=person_name")
    before = lan.shown()
    for dialog in ("F1", "F7"):
        lan.press(dialog)
        lan.page.locator("dialog[open]").wait_for()
        lan.press("Escape", "F9")
        lan.type("hỏi gì đó")
        assert lan.page.input_value(".ask-note-input") == "hỏi gì đó"
        lan.press("Escape")
        lan.page.locator(".ask-note").wait_for(state="detached")
    assert lan.shown() == before
