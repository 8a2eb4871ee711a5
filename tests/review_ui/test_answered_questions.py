"""The home page tells who asked what was answered; nobody else."""

import re

import pytest

from ocr_pipeline.review.accounts import Role

TITLES = {"vi": "Câu hỏi đã được trả lời", "en": "Answered questions"}
NEW = "1 câu trả lời mới"


@pytest.fixture
def field(office):
    """Lan asked about a field of the first record and Chi answered; gives the field."""
    lan, chi = office.browser("lan", Role.OPERATOR), office.browser("chi", Role.REVIEWER)
    field = next(
        one for one in lan.get("/api/records/1").json()["fields"] if one["code"] == "nksHoTen"
    )
    decide(lan, field, action="ask", note="<b>Mai</b> hay Mây?", lane="doubt")
    office.clock.forward(minutes=5)
    decide(chi, field, action="correct", value="Lê Thị Mây", lane="senior")
    office.clock.forward(minutes=5)
    return field["field"]


def decide(browser, field, **decision):
    sent = {"field": field["field"], "base": field["base"], **decision}
    [outcome] = browser.post("/api/decide", {"decisions": [sent]}).json()["outcomes"]
    assert outcome["ok"], outcome


def test_home_shows_the_answer_and_its_record_and_marks_it_once(office, field):
    lan = office.browser("lan")
    first = lan.get("/").text
    assert TITLES["vi"] in first and NEW in first
    assert "&lt;b&gt;Mai&lt;/b&gt; hay Mây?" in first and "Lê Thị Mây" in first
    [row] = re.findall(rf'<tr data-field="{field}">(.*?)</tr>', first, re.S)
    assert "Họ tên" in row and ">chi<" in row
    [address] = re.findall(r'href="(/record/[^"]+)"', row)
    assert lan.get(address.replace("&amp;", "&")).status_code == 200
    second = lan.get("/").text
    assert TITLES["vi"] in second and NEW not in second


@pytest.mark.parametrize("name", ["chi", "hoa"])
def test_nobody_else_sees_it(office, field, name):
    page = office.browser(name, Role.REVIEWER).get("/").text
    assert TITLES["vi"] not in page and "Lê Thị Mây" not in page


def test_it_is_told_in_english(office, field):
    lan = office.browser("lan")
    lan.client.cookies.set("lang", "en", domain="127.0.0.1")
    assert TITLES["en"] in lan.get("/").text
