"""What every answer carries, what never gets in: headers, foreign names, large requests, bugs."""

from html.parser import HTMLParser

import pytest

from ocr_pipeline.errors import UsageError
from ocr_pipeline.review import book_views
from ocr_pipeline.review.accounts import Role
from review_ui.settings import checked_address
from tests.builders.review_office import BOOK

PAGES = [
    "/",
    "/login",
    "/account",
    "/review",
    "/review/record",
    "/group",
    "/record/1",
    "/page/1",
    f"/book/{BOOK.id}",
    "/dashboard",
    "/policies",
    "/people",
    "/import",
    "/runs",
    "/order",
    "/audit?verify=true",
    "/help/api",
    "/handbook/reviewer",
    "/no-such-page",
]


class Inline(HTMLParser):
    """Finds what a strict policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        code = tag == "script" and "src" not in known and known.get("type") != "application/json"
        if tag == "style" or code or "style" in known:
            self.found.append(self.get_starttag_text())
        self.found += [name for name in known if name.startswith("on")]
        for name in ("src", "href", "action"):
            if not (known.get(name) or "/").startswith(("/", "#")):
                self.found.append(known[name])


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_page_has_inline_code_or_style_or_looks_elsewhere(office, lang):
    browser = office.browser("an")
    browser.client.cookies.set("lang", lang, domain="127.0.0.1")
    for page in PAGES:
        answer = browser.get(page)
        assert answer.status_code in (200, 303, 404), page
        inline = Inline()
        inline.feed(answer.text)
        assert not inline.found, page


@pytest.mark.parametrize(
    "address", ["/", "/login", "/api/books", "/no-such-page", "/pictures/forged", "/static/nothing"]
)
@pytest.mark.parametrize("name", ["", "an"])
def test_every_answer_carries_the_headers(office, address, name):
    headers = office.browser(name).get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == ("no-cache" if address.startswith("/static") else "no-store")
    assert "strict-transport-security" not in headers


def test_static_files_are_asked_for_again_and_need_no_session(office):
    browser = office.browser()
    answer = browser.get("/static/css/base.css")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-cache"
    again = browser.get("/static/css/base.css", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert browser.get("/static/../app.py").status_code == 404
    assert browser.get("/static/%2e%2e/app.py").status_code == 404


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1.elsewhere.example", "", "[::2]"])
def test_foreign_host_names_are_refused(office, host):
    answer = office.browser("an").get("/", headers={"host": host})
    assert answer.status_code == 400
    assert "content-security-policy" in answer.headers


def test_too_large_requests_are_refused(office):
    browser = office.browser("an")
    body = b'{"fields": [' + b"1," * 600_000 + b"1]}"
    whole = browser.client.post(
        "/api/queue/renew",
        content=body,
        headers={"x-csrf": browser.csrf, "content-type": "application/json"},
    )
    assert whole.status_code == 413

    def parts():
        for start in range(0, len(body), 50_000):
            yield body[start : start + 50_000]

    unannounced = browser.client.post(
        "/api/queue/renew",
        content=parts(),
        headers={"x-csrf": browser.csrf, "content-type": "application/json"},
    )
    assert unannounced.status_code == 413
    assert unannounced.json()["error"]["en"] == "The data sent is too large"


@pytest.mark.parametrize(
    ("address", "json"),
    [
        ("/api/queue/take", {"count": 0}),
        ("/api/queue/take", {"colour": "red"}),
        ("/api/queue/take", {"filter": {"kind": "colour"}}),
        ("/api/decide", {"decisions": []}),
        ("/api/decide", {"decisions": [{"field": 2**31, "action": "confirm"}]}),
        ("/api/decide", {"decisions": [{"field": 1, "action": "confirm", "value": "a\x00b"}]}),
        ("/api/decide", {"decisions": [{"field": 1, "action": "confirm", "value": "x" * 2001}]}),
        ("/api/pages/1/place", {}),
        ("/api/pages/1/place", {"after": 1, "continuation_of": 1}),
        ("/api/pages/1/reread", {"layout": "KS-2016", "corners": [[0, 0]] * 3}),
    ],
)
def test_data_that_do_not_fit_are_told_with_their_place(office, address, json):
    answer = office.browser("an").post(address, json)
    assert answer.status_code == 422
    assert answer.json()["where"].startswith("body")
    assert answer.json()["error"]["vi"]


def test_errors_are_told_in_the_readers_language(office):
    browser = office.browser("an", Role.OPERATOR)
    page = browser.get("/people")
    assert page.status_code == 403 and "không có quyền làm việc này" in page.text
    browser.client.cookies.set("lang", "en", domain="127.0.0.1")
    assert "may not do this" in browser.get("/people").text
    told = browser.get("/api/records/999").json()
    assert told["error"]["vi"] and told["error"]["en"] and told["remedy"]["en"]


def test_no_traceback_reaches_anybody(tmp_path, monkeypatch):
    from tests.builders.review_office import ReviewOffice

    office = ReviewOffice(tmp_path)

    def bug(*_):
        raise ZeroDivisionError("Nguyễn Văn An")

    monkeypatch.setattr(book_views, "books", bug)
    for address in ("/", "/api/books"):
        answer = office.browser("an").get(address)
        assert answer.status_code == 500
        assert "Traceback" not in answer.text and "Nguyễn" not in answer.text
        assert "Lỗi chương trình" in answer.text
        assert "content-security-policy" in answer.headers
    crash = office.crashes()[0]
    assert "ZeroDivisionError" in crash and "Nguyễn" not in crash
    office.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.2"])
def test_loopback_addresses_need_nothing(host):
    checked_address(host, "")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "sohoa.xa.example"])
def test_the_network_is_refused_without_tls(host):
    with pytest.raises(UsageError) as refused:
        checked_address(host, "")
    assert "--behind-tls" in refused.value.remedy.en
    checked_address(host, "https://sohoa.xa.example")


@pytest.mark.parametrize("url", ["http://sohoa.xa.example", "sohoa.xa.example", "https://a/b"])
def test_the_address_of_the_proxy_must_be_https(url):
    with pytest.raises(UsageError):
        checked_address("0.0.0.0", url)


def test_json_and_scripts_travel_packed_and_pages_with_their_token_do_not(office):
    browser = office.browser("an")
    browser.client.headers["accept-encoding"] = "gzip"
    taken = browser.post("/api/queue/take", json={"count": 12})
    assert taken.headers["content-encoding"] == "gzip" and taken.json()["items"]
    assert browser.get("/static/js/api.js").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in browser.get("/").headers
    picture = taken.json()["items"][0]["crop"]["url"]
    assert "content-encoding" not in browser.get(picture).headers
