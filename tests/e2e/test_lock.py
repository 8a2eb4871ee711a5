"""Nobody at the computer: pages cover themselves, and go on once their person is back."""

from __future__ import annotations

from ocr_pipeline.review.accounts import Role
from tests.e2e.station import PASSWORD
from tests.e2e.test_signout import DECIDED, HALF, kept

LOCKED = "dialog.lock-screen"


def at_work(own, book: str) -> dict[str, str]:
    """A field with something typed into it, on a page whose clock can be moved."""
    own.page.clock.install()
    own.open(f"/review?book={book}&kind=person_name")
    item = own.shown()
    own.type(HALF)
    return item


def leave(own, minutes: str) -> None:
    own.page.clock.fast_forward(minutes)


def unlock(page, name: str = "", password: str = PASSWORD) -> None:
    if name:
        page.fill(f"{LOCKED} [name=name]", name)
    page.fill(f"{LOCKED} [name=password]", password)
    page.keyboard.press("Enter")


def covered(page) -> None:
    """Nothing of the page is to be seen or read, and no picture is in the document."""
    page.locator(LOCKED).wait_for()
    assert not page.locator("main").is_visible() and not page.locator("header.top").is_visible()
    assert page.locator("img, canvas").count() == 0
    assert HALF not in page.evaluate("() => document.body.innerText")


def test_ten_minutes_without_a_key_lock_all_pages_and_the_person_goes_on(seat, book):
    lan = seat("lan")
    item = at_work(lan, book)
    other = lan.page.context.new_page()
    other.goto(f"{lan.station.address}/?")
    lan.page.bring_to_front()
    leave(lan, "09:50")
    assert not lan.page.locator(LOCKED).count()
    leave(lan, "00:20")
    covered(lan.page)
    covered(other)
    other.wait_for_function("async () => (await fetch('/api/session')).status === 401")

    lan.press("Escape", "Escape", "PageDown", "Enter")  # neither opens the page nor decides
    covered(lan.page)
    unlock(lan.page, password="không phải mật khẩu")
    lan.page.locator(f"{LOCKED} .error:visible").wait_for()
    unlock(lan.page)
    lan.page.locator(LOCKED).wait_for(state="detached")
    other.locator(LOCKED).wait_for(state="detached")
    assert lan.page.locator("#crop img").is_visible()
    assert lan.page.evaluate("() => document.activeElement.id") == "value"
    assert lan.page.input_value("#value") == HALF
    lan.decide(lambda: lan.press("Enter"))
    lan.saved()
    assert lan.api("GET", f"/api/fields/{item['field']}")["value"] == HALF


def test_another_person_at_a_locked_screen_finds_nothing_of_the_first(seat, book):
    lan, hoa = seat("lan"), seat("hoa")
    at_work(lan, book)
    lan.page.route("**/api/decide", lambda route: route.abort())
    lan.page.fill("#value", DECIDED)
    lan.decide(lambda: lan.press("Enter"))
    lan.shown()
    lan.type(HALF)
    leave(lan, "10:10")
    covered(lan.page)
    unlock(lan.page, hoa.name)
    lan.page.wait_for_function("(name) => document.body?.dataset.user === name", arg=hoa.name)
    lan.until("(half) => !Object.entries(localStorage).join().includes(half)", HALF)
    assert DECIDED in kept(lan)
    assert DECIDED not in lan.page.content()
    lan.page.unroute("**/api/decide")
    lan.open(f"/review?book={book}&kind=date")
    lan.shown()
    lan.saved()
    fields = [f for record in lan.station.fields(book) for f in record.values()]
    assert DECIDED not in [f.value for f in fields]


def test_a_session_that_ended_is_opened_within_the_page_and_the_work_goes_on_by_itself(seat, book):
    lan = seat("lan")
    lan.open(f"/review?book={book}&kind=person_name")
    item = lan.shown()
    lan.page.context.clear_cookies()
    lan.type(DECIDED)  # asks the server what it thinks of it, or the decision does
    lan.press("Enter")
    covered_by = lan.page.locator(LOCKED)
    covered_by.wait_for()
    unlock(lan.page)
    covered_by.wait_for(state="detached")
    lan.saved()
    assert lan.api("GET", f"/api/fields/{item['field']}")["value"] == DECIDED


def test_a_form_of_an_ended_session_is_not_lost(seat):
    quan = seat("quan", role=Role.ADMIN)
    quan.open("/people")
    name = f"moi{quan.name}"
    form = "form[action='/people']"
    quan.page.fill(f"{form} [name=name]", name)
    quan.page.fill(f"{form} [name=password]", PASSWORD)
    quan.page.context.clear_cookies()
    quan.press("Enter")
    unlock(quan.page)
    quan.page.get_by_text(name).first.wait_for()


def test_what_is_being_typed_when_the_session_ends_is_no_password(seat, book):
    lan = seat("lan")
    at_work(lan, book)
    lan.saved()
    lan.page.clock.pause_at(lan.page.evaluate("Date.now() / 1000 + 2"))  # no key comes too late
    lan.type(HALF)
    lan.page.context.clear_cookies()
    refused = "async () => (await fetch('/api/session')).status === 401"
    assert lan.page.evaluate(refused)
    lan.page.evaluate(
        "() => import('/static/js/api.js').then((api) => { api.get('/api/session'); })"
    )
    assert lan.page.evaluate(refused)  # an answer later
    lan.type(HALF)
    assert not lan.page.locator(LOCKED).count()
    assert lan.page.input_value("#value") == HALF * 3
    lan.page.clock.run_for(1000)
    lan.page.locator(LOCKED).wait_for()
    assert lan.page.input_value(f"{LOCKED} [name=password]") == ""


def test_polls_of_an_open_page_are_told_from_the_persons_requests(seat, book):
    lan = seat("lan")
    at_work(lan, book)
    lan.saved()
    with lan.page.expect_response("**/api/queue/waiting*") as polled:
        leave(lan, "05:00")
    assert polled.value.request.headers.get("x-background") == "1"
