"""What the handbook says of the screens is on the screens: words, keys, queues, kinds of pages."""

import re

import pytest
import yaml

from ocr_pipeline.review.accounts import Role
from ocr_pipeline.store.states import Lane, PageKind
from tests.builders.markdown import ROOT, handbook

LANGUAGES = ("vi", "en")
KEYS = re.compile(
    r"(Enter|Esc|Tab|Shift|F\d+|PgUp|PgDn|[1-9?/=↑↓→]|Ctrl\+Enter|(Alt|Ctrl)[ +]?.{1,4})$"
)


def words(language):
    text = (ROOT / "review_ui" / "i18n" / f"{language}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def leaves(node):
    if isinstance(node, dict):
        for value in node.values():
            yield from leaves(value)
    else:
        yield str(node)


@pytest.mark.parametrize("language", LANGUAGES)
def test_bold_words_are_on_the_screens(language):
    aside = yaml.safe_load((ROOT / "ocr_pipeline/processing/aside.yaml").read_text("utf-8"))
    shown = {*leaves(words(language)), *(reason[language] for reason in aside.values())}
    shown = {re.sub(r"\{\w+\|[^|]*\|([^|}]*)\}", r"\1", text) for text in shown}  # of several
    starts = {re.split(r"\{| – ", text)[0].strip(" :") for text in shown} - {""}
    ends = {re.split(r"\}", text)[-1].strip() for text in shown} - {""}
    for name, page in handbook(language).items():
        for bold in page.bold:
            assert bold in shown | starts | ends or KEYS.match(bold), f"{name}: {bold}"


#: Every screen of the station: its route, and where its title stands among the words.
SCREENS = {
    "/": "books.title",
    "/login": "login.title",
    "/account": "account.title",
    "/book/{book}": "book.approval",
    "/book/{book}/no-record": "no_record.title",
    "/book/{book}/pages": "pages.title",
    "/book/{book}/print": "book_print.title",
    "/review": "field.title_field",
    "/review/record": "field.title_record",
    "/group": "group.title",
    "/correction/{field}": "group.correction",
    "/packages/{book}": "book.packages",
    "/check": "check.title",
    "/import": "import.title",
    "/keyed": "keyed.title",
    "/links": "links.title",
    "/links/{book}": "links.of_book",
    "/links/{book}/queue": "links.queue",
    "/reconcile": "reconcile.title",
    "/reconcile/{reconciliation}": "reconcile.one",
    "/weekly-report": "weekly_report.title",
    "/roll-up": "roll_up.title",
    "/runs": "runs.title",
    "/runs/{run}/report": "runs.report",
    "/order": "order.title",
    "/layouts": "layouts.title",
    "/layouts/{sketch}": "layouts.teach",
    "/record/{record}": "record.title",
    "/page/{page}": "page.title",
    "/dashboard": "dashboard.title",
    "/policies": "nav.policies",
    "/people": "people.title",
    "/audit": "audit.title",
    "/handbook": "nav.handbook",
}
NO_SCREENS = re.compile(
    r"/api/|/pictures/|/help/api|/handbook/|.*/trail$|/packages/.*/|/keyed/.*/|/(links|reconcile)/.*/files/|/weekly-report/|/roll-up/"
)


def test_every_screen_is_in_the_list_of_screens():
    table = yaml.safe_load((ROOT / "review_ui" / "access.yaml").read_text("utf-8"))
    routes = [route.removeprefix("GET ") for route in table if route.startswith("GET ")]
    assert set(SCREENS) == {route for route in routes if not NO_SCREENS.match(route)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("route", SCREENS)
def test_every_screen_is_named(language, route):
    title = words(language)
    for part in SCREENS[route].split("."):
        title = title[part]
    pages = handbook(language).values()
    headings = {heading.text for page in pages for heading in page.headings}
    named = headings.union(*(page.bold for page in pages))
    ends = (name.casefold() for name in named)
    assert any(n.endswith(title.casefold()) or n.startswith(title.casefold()) for n in ends), title


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_queue_and_role_is_named(language):
    shown = words(language)
    bold = {name for page in handbook(language).values() for name in page.bold}
    assert {shown["lane"][lane] for lane in Lane} <= bold
    assert {shown["role"][role] for role in Role} <= bold


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_the_table_of_keys_is_told(language):
    source = (ROOT / "review_ui/static/js/keys.js").read_text("utf-8")
    table = source.partition("export const HELP")[2].partition("];")[0]
    rows = re.findall(r'\["\w+", \[([^\]]*)\]', table)
    keys = {key for row in rows for key in re.findall(r'"([^"]+)"', row)}
    assert len(keys) > 15
    told = set(handbook(language)["reviewer.md"].bold)
    assert keys - {"…"} <= told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_page_has_its_remedy(language):
    rows = [
        line
        for line in (ROOT / "docs" / language / "operator.md").read_text("utf-8").splitlines()
        if line.startswith("| `")
    ]
    told = {code for row in rows for code in re.findall(r"`([a-z]+)`", row.split("|")[1])}
    decided = {
        PageKind.ASIDE,
        PageKind.CONTINUATION,
        PageKind.PENDING,
    }  # by people, or not read yet
    assert {str(kind) for kind in set(PageKind) - decided} <= told


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_that_are_quoted_are_messages(language):
    page = handbook(language)["troubleshooting.md"]
    sources = [*(ROOT / "ocr_pipeline").rglob("*.py"), *(ROOT / "ocr_pipeline").rglob("*.yaml")]
    sources += (ROOT / "review_ui" / "i18n").glob("*.yaml")
    known = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    text = re.sub(r"\[[^\]]*\]\([^)]*\)", "", page.path.read_text(encoding="utf-8"))
    for quoted in re.findall(r"“([^”]+)”", text):
        for part in quoted.split(" … "):
            assert part in known, quoted
