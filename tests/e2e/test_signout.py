"""Whoever signs out, or finds somebody else signed in, leaves nothing half typed in the browser."""

from __future__ import annotations

import re

from tests.e2e.station import PASSWORD

HALF = "Nguyễn Thị Dở Dang"
DECIDED = "Trần Văn Đã Quyết"

LOGIN = re.compile(r"/login(\?|$)")

KEPT = """async () => ({
  local: Object.entries(localStorage).flat().join("\\n"),
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
})"""


def kept(own) -> str:
    """All text of localStorage; nothing may lie in the other stores of the browser."""
    found = own.page.evaluate(KEPT)
    assert (found["session"], found["databases"], found["caches"]) == (0, 0, 0)
    return found["local"]


def log_out(own) -> None:
    own.page.click(".who summary")
    own.page.click("#log-out button")


def at_login(own) -> None:
    own.page.wait_for_url(LOGIN)


def sign_in(own, name: str) -> None:
    own.page.goto(f"{own.station.address}/login")
    own.page.fill("[name=name]", name)
    own.page.fill("[name=password]", PASSWORD)
    with own.page.expect_navigation():
        own.page.keyboard.press("Enter")


def half_typed(own, book: str) -> dict[str, str]:
    """A field with something typed into it and not decided."""
    own.open(f"/review?book={book}&kind=person_name")
    item = own.shown()
    own.type(HALF)
    assert HALF in kept(own)
    return item


def test_signing_out_leaves_nothing_half_typed_and_back_shows_nothing(seat, book):
    lan = seat("lan")
    half_typed(lan, book)
    other_page = lan.page.context.new_page()
    other_page.goto(f"{lan.station.address}/review?book={book}&kind=date")
    lan.page.bring_to_front()
    log_out(lan)
    at_login(lan)
    other_page.wait_for_url(LOGIN)
    assert "sohoa.draft" not in kept(lan) and HALF not in kept(lan)
    lan.page.go_back()
    at_login(lan)
    assert HALF not in lan.page.content() and not lan.page.locator("#value").count()


def test_another_person_finds_nothing_of_one_whose_session_ended(seat, book):
    lan, hoa = seat("lan"), seat("hoa")
    half_typed(lan, book)
    left_open = lan.page
    lan.page.context.clear_cookies()  # the session ended by time
    lan.page = lan.page.context.new_page()
    sign_in(lan, lan.name)
    assert HALF in kept(lan)  # its own person goes on
    lan.page.context.clear_cookies()
    sign_in(lan, hoa.name)
    left_open.wait_for_function("(name) => document.body?.dataset.user === name", arg=hoa.name)
    assert "sohoa.draft" not in kept(lan) and HALF not in kept(lan)
    assert HALF not in left_open.content()


def test_unsent_decisions_are_told_and_kept_for_their_own_person(seat, book):
    lan, hoa = seat("lan"), seat("hoa")
    lan.open(f"/review?book={book}&kind=person_name")
    item = lan.shown()
    lan.page.route("**/api/decide", lambda route: route.fulfill(status=507, json={}))
    lan.type(DECIDED)
    lan.decide(lambda: lan.press("Enter"))
    lan.shown()
    lan.type(HALF)

    log_out(lan)
    dialog = lan.page.locator("dialog.sign-out")
    dialog.locator("text=Còn 1 mục chưa gửi").wait_for()
    lan.press("Enter")  # stays
    dialog.wait_for(state="detached")
    assert HALF in kept(lan) and lan.page.input_value("#value") == HALF

    lan.page.click("#log-out button")
    dialog.locator(".danger").click()
    at_login(lan)
    assert HALF not in kept(lan) and DECIDED in kept(lan)

    lan.page.unroute("**/api/decide")
    sign_in(lan, hoa.name)
    lan.open(f"/review?book={book}&kind=date")
    lan.shown()
    assert lan.name in lan.page.inner_text(".notice.others")
    assert DECIDED in kept(lan) and DECIDED not in lan.page.content()
    log_out(lan)
    at_login(lan)
    assert DECIDED in kept(lan)  # another one's sign-out does not take it away

    sign_in(lan, lan.name)
    lan.open(f"/review?book={book}&kind=date")
    lan.saved()
    assert lan.api("GET", f"/api/fields/{item['field']}")["value"] == DECIDED
    assert DECIDED not in kept(lan)


def test_decisions_are_sent_before_the_session_ends(seat, book):
    lan = seat("lan")
    lan.open(f"/review?book={book}&kind=person_name")
    lan.shown()
    lan.page.route("**/api/decide", lambda route: route.abort())
    lan.type(DECIDED)
    lan.decide(lambda: lan.press("Enter"))
    lan.until("() => document.querySelector('#save-state').dataset.state === 'offline'")
    lan.page.unroute("**/api/decide")
    log_out(lan)
    at_login(lan)
    assert DECIDED not in kept(lan)
    fields = [f for record in lan.station.fields(book) for f in record.values()]
    assert DECIDED in [f.value for f in fields]


def test_without_a_server_nobody_is_told_to_be_signed_out(seat, book):
    lan = seat("lan")
    half_typed(lan, book)
    lan.page.route("**/logout", lambda route: route.abort())
    log_out(lan)
    lan.page.locator("dialog.sign-out .error").wait_for()
    lan.press("Enter")
    assert HALF in kept(lan) and lan.page.input_value("#value") == HALF
    lan.page.unroute("**/logout")
    lan.page.click("#log-out button")
    at_login(lan)
    assert HALF not in kept(lan)
