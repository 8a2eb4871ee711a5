"""Every page and state: no rule of axe-core is broken, nothing is cut off on small screens.

The pages are the GET routes of `access.yaml`, so that a new one is looked at from its first day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from sqlalchemy import select

from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.models import FieldRow, PageRow, RecordRow
from ocr_pipeline.store.workspace import Workspace
from review_ui.access import access_table
from tests.builders.linked_books import link_drawn_book
from tests.e2e.station import SCREEN

axe = pytest.importorskip("axe_playwright_python.sync_playwright")

#: 1366×768 at 150 %, and a tablet held across.
SMALL_SCREENS = [{"width": 911, "height": 512}, {"width": 1024, "height": 768}]

#: What stands out of the window to the side, or is cut off by its own frame: an input whose text is
#: longer than itself scrolls, and so does what stands in a frame that scrolls sideways.
CUT_OFF = """() => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  const faults = wide > 1 ? [`the page scrolls ${wide} px to the side`] : [];
  const scrolls = (e) => { for (let p = e.parentElement; p; p = p.parentElement)
    if (["auto", "scroll"].includes(getComputedStyle(p).overflowX)) return true; return false; };
  for (const e of document.querySelectorAll("a, button, input, select, textarea, summary")) {
    const box = e.getBoundingClientRect();
    if (!box.width || !e.checkVisibility() || e.matches(".skip") || scrolls(e)) continue;
    const name = (e.id || e.textContent.trim() || e.name || e.tagName).slice(0, 40);
    if (box.left < -1 || box.right > innerWidth + 1) faults.push(`${name}: out of the window`);
    for (let p = e.parentElement; p; p = p.parentElement) {
      const frame = p.getBoundingClientRect();
      const { overflowX, overflowY } = getComputedStyle(p);
      const aside = box.right > frame.right + 1 || box.left < frame.left - 1;
      const below = box.bottom > frame.bottom + 1 || box.top < frame.top - 1;
      const hides = ["hidden", "clip"];
      if (hides.includes(overflowX) && aside || hides.includes(overflowY) && below) {
        faults.push(`${name}: cut off by ${p.id || p.className || p.tagName}`); break;
      }
    }
  }
  return faults;
}"""

#: What is too small for a finger (44 px): a link within a text has its line, a box its label.
TOO_SMALL = """() => [...document.querySelectorAll(
  "a, button, input:not([type=hidden]), select, textarea, summary")].filter((e) => {
  if (!e.checkVisibility() || e.matches(".skip, .away, .corner")) return false;
  if (e.matches("a") && getComputedStyle(e).display === "inline") return false;
  const { width, height } = (e.closest("label") || e).getBoundingClientRect();
  return width && height && (Math.round(width) < 44 || Math.round(height) < 44);
}).map((e) => (e.id || e.textContent.trim() || e.name || e.tagName).slice(0, 40))"""


def broken(page) -> list[str]:
    """Rules of axe-core that the page breaks, with the first element of each."""
    found = axe.Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def cut_off(page) -> list[str]:
    """What does not fit on the small screens."""
    faults = []
    for size in SMALL_SCREENS:
        page.set_viewport_size(size)
        faults += [f"{size['width']}: {fault}" for fault in page.evaluate(CUT_OFF)]
    page.set_viewport_size(SCREEN)
    return faults


def speak(own, language: str) -> None:
    own.page.context.add_cookies([{"name": "lang", "value": language, "url": own.station.address}])


def settled(page) -> None:
    """Wait until the page has got what it asks for."""
    page.wait_for_load_state("networkidle")


def addresses(own, book: str) -> Iterator[str]:
    """One address of each GET route; one whose places are not known here fails."""
    with Workspace.open(own.station.workspace) as ws, ws.read_session() as session:
        record = session.scalars(select(RecordRow.id).where(RecordRow.book == book)).first()
        field = session.scalars(select(FieldRow.id).where(FieldRow.record == record)).first()
        scan = session.scalars(select(PageRow.id).where(PageRow.book == book)).first()
        link_drawn_book(ws, book)
    places = {"book": book, "record": record, "page": scan, "name": "reviewer", "form": "excel",
              "run": 1, "field": field, "batch": "0" * 32, "sketch": "0" * 12,
              "reconciliation": "0" * 12}  # fmt: skip
    for route in access_table():
        method, path = route.split(" ")
        if method == "GET" and not path.startswith(("/api/", "/pictures/")):
            yield re.sub(r"\{(\w+)\}", lambda found: quote(str(places[found[1]])), path)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", ["vi", pytest.param("en", marks=pytest.mark.long)])
def test_every_page_is_for_everybody(seat, book, language):
    quan = seat("quan", Role.ADMIN)
    speak(quan, language)
    faults = {}
    for path in [*addresses(quan, book), "/nowhere", "/review?lane=senior", "/review?lane=sample"]:
        if (
            quan.page.request.get(quan.station.address + path)
            .headers["content-type"]
            .startswith("text/html")
        ):
            quan.open(path)
            settled(quan.page)
            if found := broken(quan.page) + cut_off(quan.page):
                faults[path] = found
    assert not faults, "\n".join(f"{path}: {one}" for path, own in faults.items() for one in own)


def states(own, book: str) -> Iterator[str]:
    """What a page can look like besides how it opens; each is on the screen when it is named."""
    page = own.page
    own.open("/login")
    yield "signed in already"
    own.open(f"/review?book={book}&kind=person_name")
    own.until("() => document.querySelector('#screen').dataset.sight === 'seen'")
    own.type("nguyen thi")
    page.locator("#suggestions:not([hidden])").wait_for()
    yield "completions"
    own.press("Escape", "Escape", "F2")
    settled(page)
    yield "the whole page"
    own.press("F2", "F1")
    page.locator("dialog.help").wait_for()
    yield "the keys"
    own.press("Escape", "F9")
    page.locator(".ask-note").wait_for()
    yield "a question"
    own.press("Escape", "F7")
    page.locator("dialog.past").wait_for()
    settled(page)
    yield "the last decisions"
    own.press("Escape", "F3")
    own.type("nguyen")
    page.locator("#finds a[data-record]").first.wait_for()
    yield "found by name"
    own.press("Escape", "Escape")
    stopped = {"status": 507, "json": {}}
    page.route("**/api/decide", lambda route: route.fulfill(**stopped))
    own.decide(lambda: own.press("Enter"))
    own.until("() => document.querySelector('#save-state').dataset.state === 'full'")
    yield "a full disk"
    page.click(".who summary")
    yield "the menu of the person"
    page.click("#log-out button")
    page.locator("dialog.sign-out .danger").wait_for()
    yield "a sign-out that asks"
    own.press("Enter")
    page.unroute("**/api/decide")
    own.open(f"/group?book={book}&kind=sex")
    page.locator(".group-card").first.click()
    own.until("() => document.querySelector('#confirm-group').textContent.includes(3)")
    yield "a group"
    page.context.clear_cookies()
    own.open("/login")
    page.fill("[name=name]", own.name)
    page.fill("[name=password]", "sai")
    own.press("Enter")
    page.locator(".notice.error").wait_for()
    yield "a wrong password"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", ["vi", pytest.param("en", marks=pytest.mark.long)])
def test_every_state_is_for_everybody(seat, book, language):
    lan = seat("lan", Role.REVIEWER)
    speak(lan, language)
    faults = []
    for state in states(lan, book):
        faults += [f"{state}: {one}" for one in broken(lan.page) + cut_off(lan.page)]
    assert not faults, "\n".join(faults)


@pytest.mark.timeout(300)
def test_a_finger_hits_what_it_aims_at(seat, book, browser):
    quan = seat("quan", Role.ADMIN)
    context = browser.new_context(
        viewport={"width": 768, "height": 1024},
        has_touch=True,
        is_mobile=True,
        storage_state=quan.page.context.storage_state(),
    )
    page = context.new_page()
    faults = {}
    for path in addresses(quan, book):
        if "html" in page.request.get(quan.station.address + path).headers["content-type"]:
            page.goto(quan.station.address + path)
            settled(page)
            aside = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
            if found := page.evaluate(TOO_SMALL) + (["scrolls aside"] if aside > 1 else []):
                faults[path] = found
    context.close()
    assert not faults


def test_the_lock_screen_is_for_everybody(seat, book):
    lan = seat("lan")
    lan.open(f"/review?book={book}&kind=person_name")
    lan.shown()
    lan.page.context.clear_cookies()
    lan.page.evaluate(
        "() => { import('/static/js/api.js').then((api) => api.get('/api/session')); }"
    )
    lan.page.locator("dialog.lock-screen").wait_for()
    assert broken(lan.page) + cut_off(lan.page) == []
