"""Notices against a real mail server and a real web server on this machine."""

import json
import threading
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from ocr_pipeline.errors import UsageError
from ocr_pipeline.reports.morning_report import as_html, as_text
from ocr_pipeline.reports.notices import mail, webhook
from ocr_pipeline.reports.notices.delivery import (
    Notices,
    plan_notices,
    send_notices,
    shown,
)
from ocr_pipeline.reports.notices.mail import MailServer
from tests.builders import finished_runs

SECRET = "mat-khau-7"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(mail.time, "sleep", lambda _: None)


class Inbox:
    """What a mail server does with what it is given: it keeps it, after as many refusals."""

    def __init__(self, refusals=()):
        self.mails, self.refusals = [], list(refusals)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


class AnyPort(Controller):
    """A mail server on a port that is free."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def post():
    """Starts mail servers."""
    running = []

    def start(inbox, **options):
        controller = AnyPort(inbox, hostname="127.0.0.1", port=0, **options)
        controller.start()
        running.append(controller)
        return MailServer("127.0.0.1", controller.port, "none", sender="a@b.example")

    yield start
    for controller in running:
        controller.stop()


def send(server, made=None, to=("lan@xa.example",)):
    made = made or finished_runs.report()
    return send_notices(
        Notices(tuple(to), server), made, lambda: as_html(made), lambda: as_text(made)
    )


def test_the_report_comes_as_text_with_the_page_attached(post):
    inbox = Inbox()
    made = finished_runs.report({"ending": "until", "left": 340})
    outcome = send(post(inbox), made, ("lan@xa.example", "an@xa.example"))
    assert [(one.to, one.tries, one.cause) for one in outcome] == [
        ("lan@xa.example", 1, None),
        ("an@xa.example", 1, None),
    ]
    first, second = inbox.mails
    assert (first["To"], second["To"]) == ("lan@xa.example", "an@xa.example")
    assert "còn 340 trang" in first["Subject"] and first["From"] == "a@b.example"
    body = first.get_body(("plain",)).get_content()
    assert body.replace("\r\n", "\n").strip() == as_text(made).strip()
    [page] = first.iter_attachments()
    assert page.get_content_type() == "text/html" and page.get_filename().endswith(".html")
    assert page.get_content().replace("\r\n", "\n").strip() == as_html(made).strip()


def test_a_server_that_is_busy_for_a_moment_is_asked_again(post):
    inbox = Inbox(["451 try later"])
    [outcome] = send(post(inbox))
    assert (outcome.tries, outcome.cause, len(inbox.mails)) == (2, None, 1)


def test_a_refused_address_is_not_tried_again(post):
    inbox = Inbox(["550 no such person"])
    [outcome] = send(post(inbox))
    assert outcome.tries == 1 and "550" in outcome.cause.vi and inbox.mails == []


def test_a_server_that_is_not_there_is_told(post):
    server = post(Inbox())
    away = MailServer("127.0.0.1", 9, "none", sender=server.sender)
    [outcome] = send(away)
    assert outcome.tries == 3 and "ConnectionRefusedError" in outcome.cause.en
    assert outcome.as_json()["sent"] is False


def test_starttls_is_not_given_up_silently(post):
    inbox = Inbox()
    plain = post(inbox)
    [outcome] = send(MailServer(plain.host, plain.port, "starttls", sender=plain.sender))
    assert "STARTTLS" in outcome.cause.en and inbox.mails == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_it_logs_in_where_that_is_wanted(post):
    seen = []

    def check(server, session, envelope, mechanism, data):
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == SECRET.encode(), handled=False)

    inbox = Inbox()
    server = post(inbox, authenticator=check, auth_required=True, auth_require_tls=False)
    for password, sent in ((SECRET, True), ("wrong", False)):
        user = MailServer(server.host, server.port, "none", "sohoa", password, server.sender)
        [outcome] = send(user)
        assert (outcome.cause is None) is sent
        assert SECRET not in repr(user)
    assert seen[0] == (b"sohoa", SECRET.encode()) and len(inbox.mails) == 1


class Ear(BaseHTTPRequestHandler):
    answers: list = []
    heard: list = []

    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((self.path, self.headers["Content-Type"], json.loads(data)))
        self.send_response(self.answers.pop(0) if self.answers else 204)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def do_GET(self):
        self.heard.append((self.path, "GET", None))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def ear():
    Ear.answers, Ear.heard = [], []
    server = HTTPServer(("127.0.0.1", 0), Ear)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/bao?token={SECRET}"
    server.shutdown()
    thread.join()
    server.server_close()


def call(url, made=None):
    [outcome] = send_notices(
        Notices(webhook=url), made or finished_runs.report(), lambda: "", lambda: ""
    )
    return outcome


def test_a_webhook_gets_the_figures(ear):
    made = finished_runs.report({"ending": "disk", "left": 5, "again": 2})
    assert call(ear, made).cause is None
    [(path, kind, data)] = Ear.heard
    assert path.endswith(f"token={SECRET}") and kind.startswith("application/json")
    assert data == webhook.summary(made)
    assert data["schema"] == "sohoa-run-1" and data["ending"] == "disk" and data["tone"] == "bad"
    assert data["pages"]["left"] == 5 and data["fields"]["by_kind"] == {"person_name": 5}
    assert data["started"] == "2026-11-24T11:00:00+00:00"
    assert "/so quet" not in json.dumps(data) and data["workspace"] == "ho so"


@pytest.mark.parametrize(
    ("answers", "tries", "sent"),
    [([503, 200], 2, True), ([500, 502, 503], 3, False), ([404], 1, False), ([302], 1, False)],
)
def test_what_a_webhook_answers(ear, answers, tries, sent):
    Ear.answers = list(answers)
    outcome = call(ear)
    assert (outcome.tries, outcome.cause is None) == (tries, sent)
    assert len(Ear.heard) == tries and all(kind != "GET" for _, kind, _ in Ear.heard)
    assert SECRET not in str(outcome.as_json())


def test_a_silent_webhook_is_given_up(monkeypatch):
    import socket

    monkeypatch.setattr(webhook, "_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        outcome = call(f"http://127.0.0.1:{deaf.getsockname()[1]}/")
    assert outcome.tries == 3 and outcome.cause is not None


def test_a_bug_in_a_notice_costs_nothing_but_the_notice(ear):
    def bug():
        raise ZeroDivisionError("Nguyễn Văn Tám")

    server = MailServer("127.0.0.1", 9, "none")
    notices = Notices(("lan@xa.example",), server, ear)
    mailed, posted = send_notices(notices, finished_runs.report(), bug, bug)
    assert "ZeroDivisionError" in mailed.cause.vi and "Nguyễn" not in mailed.cause.vi
    assert posted.cause is None


def write(folder, text):
    (folder / "notify.yaml").write_text(text, encoding="utf-8")


def test_settings_come_from_file_then_environment_then_command_line(tmp_path):
    write(
        tmp_path,
        "mail_to: lan@xa.example\nwebhook: https://x.example/a\n"
        f"smtp: {{host: thu.example, user: so@xa.example, password: {SECRET}}}\n",
    )
    plan = plan_notices(tmp_path, environment={})
    assert plan.mail_to == ("lan@xa.example",) and plan.webhook == "https://x.example/a"
    assert plan.server == MailServer(
        "thu.example", 587, "starttls", "so@xa.example", SECRET, "so@xa.example"
    )
    changed = plan_notices(
        tmp_path,
        ["an@xa.example"],
        "http://y.example/",
        {"SOHOA_SMTP_HOST": "khac.example", "SOHOA_SMTP_SECURITY": "tls"},
    )
    assert changed.mail_to == ("an@xa.example",) and changed.webhook == "http://y.example/"
    assert (changed.server.host, changed.server.port) == ("khac.example", 465)
    assert SECRET not in repr(changed) and "x.example/a" not in repr(plan)


def test_nobody_is_told_when_nobody_asks(tmp_path):
    assert plan_notices(tmp_path, environment={}) == Notices()


@pytest.mark.parametrize(
    ("text", "mail_to", "url"),
    [
        ("", ["lan@xa.example"], ""),  # no server
        ("smtp: {host: a}", ["lan"], ""),
        ("smtp: {host: a}", ["lan@xa.example, an@xa.example"], ""),
        ("smtp: {host: a}", ["lan@xa.example\nBcc: x@y.example"], ""),
        ("smtp: {host: a, port: many}", ["lan@xa.example"], ""),
        ("smtp: {host: a, security: ssl3}", ["lan@xa.example"], ""),
        ("smtp: {hots: a}", [], ""),
        ("smtp: [a]", [], ""),
        ("- a", [], ""),
        ("{", [], ""),
        ("", [], "file:///etc/passwd"),
        ("", [], "https://"),
    ],
)
def test_a_slip_is_told_before_the_night(tmp_path, text, mail_to, url):
    write(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        plan_notices(tmp_path, mail_to, url, {})
    assert caught.value.cause.vi and caught.value.remedy and caught.value.where


def test_a_token_in_an_address_is_not_shown():
    assert shown(f"https://user:{SECRET}@x.example/{SECRET}?{SECRET}") == "https://x.example"
