"""Signing in and out, sessions that end, failed logins that wait, requests from elsewhere."""

import re
from datetime import timedelta

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ocr_pipeline.errors import UsageError
from ocr_pipeline.review import accounts, audit
from ocr_pipeline.review.accounts import IDLE, LONGEST, Role
from ocr_pipeline.review.login_attempts import LONGEST_PAUSE_SECONDS, attempts_of
from review_ui.routes import login
from review_ui.routes.login import address_of
from review_ui.server import Address, _belief
from review_ui.settings import Settings, checked_proxy
from tests.builders.review_office import PASSWORD, Browser, ReviewOffice


def sign_in(browser: Browser, name: str, password: str = PASSWORD, next: str = "/", **headers):
    return browser.client.post(
        "/login",
        data={"name": name, "password": password, "next": next},
        headers={"sec-fetch-site": "same-origin", **headers},
        follow_redirects=False,
    )


def test_signing_in_opens_a_session_and_signing_out_ends_it(office):
    office.person("an", Role.OPERATOR)
    browser = office.browser()
    answer = sign_in(browser, "an", next="/review?lane=doubt")
    assert (answer.status_code, answer.headers["location"]) == (303, "/review?lane=doubt")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "secure" not in cookie
    token = browser.client.cookies["sohoa"]
    home = browser.get("/")
    browser.csrf = re.search('name="csrf" content="(\\w+)"', home.text)[1]
    assert browser.get("/login").status_code == 303  # signed in already
    closed = browser.form("/logout").headers
    assert (closed["location"], closed["clear-site-data"]) == ("/login", '"cache"')
    browser.client.cookies.set("sohoa", token, domain="127.0.0.1")  # kept by somebody
    assert browser.get("/api/books").status_code == 401


def test_behind_tls_the_cookie_travels_by_tls_only(tmp_path):
    office = ReviewOffice(tmp_path, Settings(public_url="https://sohoa.xa.example"))
    office.person("an", Role.OPERATOR)
    browser = office.browser()
    browser.client.base_url = "https://sohoa.xa.example"
    answer = sign_in(browser, "an", origin="https://sohoa.xa.example")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("__host-sohoa=") and "secure" in cookie and "path=/" in cookie
    assert "max-age" in answer.headers["strict-transport-security"]
    foreign = sign_in(office.browser(), "an", origin="https://elsewhere.example")
    assert foreign.status_code == 403
    office.close()


@pytest.mark.parametrize(("name", "password"), [("an", "sai mật khẩu"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_look_the_same(office, name, password):
    office.person("an", Role.OPERATOR)
    answer = sign_in(office.browser(), name, password)
    assert answer.status_code == 401
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in answer.text
    assert "set-cookie" not in answer.headers


def test_failed_logins_have_to_wait_even_with_the_right_password(office):
    office.person("an", Role.OPERATOR)
    now = [0.0]
    attempts_of(office.workspace).clock = lambda: now[0]
    browser = office.browser()
    answers = [sign_in(browser, "an", f"đoán lần {n}").status_code for n in range(8)]
    assert answers[0] == 401 and answers[-1] == 429
    answer = sign_in(browser, "an")
    assert answer.status_code == 429 and answer.headers["retry-after"] == "15"
    now[0] += 0.5  # half a second less is told as a whole one more: nobody comes too early
    assert sign_in(browser, "an").headers["retry-after"] == "15"
    assert (
        "Wait"
        in browser.client.post(
            "/login", data={"name": "an", "password": "x"}, headers={"cookie": "lang=en"}
        ).text
    )
    now[0] += 14.5
    assert sign_in(browser, "an").status_code == 303


def test_others_behind_the_same_address_sign_in_at_once(office):
    for name in ("an", "bình"):
        office.person(name, Role.OPERATOR)
    answers = {sign_in(office.browser(), "an", f"đoán lần {n}").status_code for n in range(30)}
    assert answers == {401, 429}
    assert sign_in(office.browser(), "bình").status_code == 303


def test_many_names_from_one_address_are_slowed_down_not_refused(office, monkeypatch):
    office.person("an", Role.OPERATOR)
    pauses = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(login, "sleep", pause)
    for number in range(40):
        attempts_of(office.workspace).begin(f"name{number}", "testclient", "")
    assert sign_in(office.browser(), "an").status_code == 303
    assert pauses == [LONGEST_PAUSE_SECONDS]


def test_ones_own_password_waits_as_a_login_does(office):
    browser = office.browser("an", Role.OPERATOR)
    answers = [browser.form("/account", old="sai", new="bến nước sân đình") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 15


def test_a_password_that_is_too_long_is_a_wrong_one(office):
    office.person("an", Role.OPERATOR)
    long, wrong = (sign_in(office.browser(), "an", it) for it in ("x" * 5000, "x" * 20))
    assert long.status_code == wrong.status_code == 401 and long.text == wrong.text


def test_a_common_password_is_refused_in_the_station(office):
    admin = office.browser("quản-trị")
    made = admin.form("/people", name="chi", password="matkhau123", role="operator")
    assert made.status_code == 400 and "dễ đoán" in made.text
    own = admin.form("/account", old=PASSWORD, new="qwertyuiop")
    assert own.status_code == 400 and "dễ đoán" in own.text


@pytest.mark.parametrize(
    ("url", "peer", "told", "believed"),
    [
        ("https://sohoa.xa.example", "10.0.0.2", "10.9.9.9", "10.9.9.9"),
        ("https://sohoa.xa.example", "10.0.0.2", "1.2.3.4, 10.9.9.9", "10.9.9.9"),
        ("https://sohoa.xa.example", "10.0.0.3", "10.9.9.9", "10.0.0.3"),
        ("", "10.0.0.2", "10.9.9.9", "10.0.0.2"),
    ],
)
def test_only_the_proxy_is_believed_about_addresses(url, peer, told, believed):
    app = FastAPI()
    app.get("/")(address_of)
    belief = _belief(Settings(public_url=url), Address("0.0.0.0", 0, "10.0.0.2"))
    config = uvicorn.Config(app, log_config=None, **belief)
    config.load()
    client = TestClient(config.loaded_app, client=(peer, 1))
    assert client.get("/", headers={"x-forwarded-for": told}).json() == believed


@pytest.mark.parametrize("proxy", ["*", "0.0.0.0/0", "::/0", "", "proxy.example", "10.0.0.2,*"])
def test_not_everybody_is_a_proxy(proxy):
    with pytest.raises(UsageError, match="--proxy"):
        checked_proxy(proxy)
    checked_proxy("10.0.0.2, fd00::/8")


@pytest.mark.parametrize(
    "next", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "javascript:x", ""]
)
def test_signing_in_leads_nowhere_else(office, next):
    office.person("an", Role.OPERATOR)
    assert sign_in(office.browser(), "an", next=next).headers["location"] == "/"


def test_a_session_ends_when_idle_and_after_a_day_of_work(office):
    browser = office.browser("an", Role.OPERATOR)
    while office.clock.now < office.clock.now.replace(hour=19):
        office.clock.forward(seconds=IDLE.total_seconds() - 60)
        assert browser.get("/api/books").status_code == 200
    office.clock.forward(seconds=IDLE.total_seconds() + 60)
    assert browser.get("/api/books").status_code == 401
    browser = office.browser("an", Role.OPERATOR)
    end = office.clock.now + LONGEST
    while office.clock.now <= end:
        assert browser.get("/api/books").status_code == 200
        office.clock.forward(minutes=14)
    assert browser.get("/api/books").status_code == 401


def test_a_locked_person_is_out_at_once(office):
    admin, browser = office.browser("quản-trị"), office.browser("an", Role.OPERATOR)
    assert browser.get("/").status_code == 200
    assert admin.form("/people/an/active", active="false").status_code == 303
    assert browser.get("/").status_code == 303
    assert sign_in(office.browser(), "an").status_code == 401


def test_people_are_added_and_changed_by_the_administrator(office):
    admin = office.browser("quản-trị")
    made = admin.form(
        "/people", name="Bình", password="cây-đa-bến-nước", role="operator", display="Lê Bình"
    )
    assert made.status_code == 303
    assert "Lê Bình" in admin.get("/people").text
    again = admin.form("/people", name="bình", password="cây-đa-bến-nước", role="operator")
    assert again.status_code == 400 and "Chọn tên khác" in again.text
    short = admin.form("/people", name="chi", password="ngắn", role="operator")
    assert short.status_code == 400
    assert admin.form("/people/bình/role", role="reviewer").status_code == 303
    assert admin.form("/people/bình/password", password="mật khẩu khác hẳn").status_code == 303
    assert sign_in(office.browser(), "bình", "mật khẩu khác hẳn").status_code == 303
    roles = {user.name: user.role for user in accounts.list_users(office.workspace)}
    assert roles["bình"] is Role.REVIEWER
    last = admin.form("/people/quản-trị/active", active="false")
    assert last.status_code == 409 and "quản trị cuối cùng" in last.text
    assert admin.form("/people/bình/role", role="emperor").status_code == 422


def test_one_changes_ones_own_password_with_the_old_one(office):
    browser = office.browser("an", Role.OPERATOR)
    assert browser.form("/account", old="sai", new="bến nước sân đình").status_code == 401
    assert browser.form("/account", old=PASSWORD, new="bến nước sân đình").status_code == 303
    assert browser.get("/api/books").status_code == 401
    assert sign_in(office.browser(), "an", "bến nước sân đình").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
    ],
)
def test_requests_made_by_other_sites_change_nothing(office, headers):
    browser = office.browser("an", Role.OPERATOR)
    assert browser.post("/api/queue/take", headers=headers).status_code == 403
    assert browser.send("POST", "/logout", data={}, headers=headers).status_code == 403
    assert sign_in(office.browser(), "an", **headers).status_code == 403
    assert browser.post("/api/queue/take").status_code == 200


def test_the_language_is_chosen_once(office):
    browser = office.browser()
    assert "Đăng nhập" in browser.get("/login").text
    answer = browser.client.post(
        "/language",
        data={"lang": "en"},
        headers={"sec-fetch-site": "same-origin", "referer": "http://127.0.0.1/login?next=/x"},
        follow_redirects=False,
    )
    assert answer.headers["location"] == "/login?next=/x"
    assert "Sign in" in browser.get("/login").text


def polled(browser, method: str, address: str, **options):
    """What a page asks by itself, its person away."""
    return browser.send(method, address, headers={"x-background": "1"}, **options)


def test_polls_keep_no_session(office):
    browser = office.browser("an", Role.OPERATOR)
    for _ in range(2 * int(IDLE.total_seconds()) // 60):
        assert polled(browser, "GET", "/api/queue/waiting").status_code == 200
        office.clock.forward(seconds=30)
    office.clock.forward(seconds=30)
    assert polled(browser, "GET", "/api/queue/waiting").status_code == 401
    assert browser.get("/api/session").status_code == 401


def test_work_goes_back_fifteen_minutes_after_its_person_left(office):
    away, other = office.browser("an", Role.OPERATOR), office.browser("bình", Role.OPERATOR)
    taken = away.post("/api/queue/take", json={"count": 100}).json()["items"]
    fields = [item["field"] for item in taken]
    assert fields
    start = office.clock.now
    while office.clock.now < start + IDLE - timedelta(seconds=30):
        office.clock.forward(seconds=150)
        polled(away, "POST", "/api/queue/take", json={"count": 100})
        polled(away, "POST", "/api/queue/renew", json={"fields": fields})
        if office.clock.now < start + IDLE:
            assert other.post("/api/queue/take", json={"count": 100}).json()["items"] == []
    office.clock.forward(seconds=30)
    got = other.post("/api/queue/take", json={"count": 100}).json()["items"]
    assert [item["field"] for item in got] == fields


def test_work_stays_with_whoever_is_there(office):
    browser, other = office.browser("an", Role.OPERATOR), office.browser("bình", Role.OPERATOR)
    taken = browser.post("/api/queue/take", json={"count": 100}).json()["items"]
    for _ in range(10):
        office.clock.forward(seconds=150)
        browser.post("/api/queue/renew", json={"fields": [item["field"] for item in taken]})
        assert other.post("/api/queue/take", json={"count": 100}).json()["items"] == []


def test_a_locked_screen_has_no_session_and_its_person_opens_one_within_the_page(office):
    browser = office.browser("an", Role.OPERATOR)
    assert browser.get("/api/session").json()["token"] == browser.csrf
    assert browser.post("/api/session/lock").status_code == 204
    assert browser.get("/api/session").status_code == 401
    assert browser.get("/record/1").headers["location"].startswith("/login")  # loaded anew
    wrong = browser.post("/api/session", json={"name": "an", "password": "sai"})
    assert wrong.status_code == 401 and "set-cookie" not in wrong.headers
    opened = browser.post("/api/session", json={"name": "An ", "password": PASSWORD})
    assert (opened.status_code, opened.json()["user"]) == (200, "an")
    assert "httponly" in opened.headers["set-cookie"].lower()
    assert browser.post("/api/queue/take").status_code == 403  # the token of the former session
    browser.csrf = opened.json()["token"]
    assert browser.post("/api/queue/take").status_code == 200
    trail = [line["action"] for line in audit.recent(office.workspace)]
    assert "screen_locked" in trail and "logout" not in trail


def test_signing_in_within_a_page_waits_as_at_the_entrance(office):
    office.person("an", Role.OPERATOR)
    browser = office.browser()
    guess = {"name": "an", "password": "đoán"}
    answers = [browser.post("/api/session", json=guess) for _ in range(8)]
    assert [answers[0].status_code, answers[-1].status_code] == [401, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    foreign = browser.post("/api/session", json=guess, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
