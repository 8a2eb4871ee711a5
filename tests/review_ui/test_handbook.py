"""The handbook in the station: every page, link and picture works, in both languages."""

import re
from urllib.parse import unquote

import pytest

from ocr_pipeline.review.accounts import Role
from tests.builders.markdown import handbook


@pytest.fixture
def browser(office):
    return office.browser("operator-1", Role.OPERATOR)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_is_shown_and_every_link_leads_to_a_heading(browser, language):
    shown = {}
    for name in handbook(language):
        answer = browser.get(f"/handbook/{name[:-3]}?lang={language}")
        assert answer.status_code == 200, name
        shown[name] = answer.text
        assert f'<article class="handbook" lang="{language}">' in answer.text
    for name, text in shown.items():
        for link in re.findall(r'href="(/handbook[^"]*)"', text):
            address, _, fragment = link.replace("&amp;", "&").partition("#")
            if address == "/handbook":  # the menu's own link
                continue
            target = browser.get(address)
            assert target.status_code == 200, (name, link)
            if fragment:
                assert f'id="{unquote(fragment)}"' in target.text, (name, link)
        for source in re.findall(r'<img src="([^"]*)"', text):
            picture = browser.get(source)
            kind = f"image/{source.rpartition('.')[2]}"
            assert picture.headers["content-type"] == kind, (name, source)
            assert picture.content[:4] in (b"\x89PNG", b"RIFF"), (name, source)


def test_the_menu_leads_to_the_contents_in_the_readers_language(browser):
    assert 'href="/handbook"' in browser.get("/").text
    assert "<h1 " in browser.get("/handbook").text
    assert "Sổ tay sohoa" in browser.get("/handbook").text
    browser.client.cookies.set("lang", "en")
    assert "The sohoa handbook" in browser.get("/handbook").text


@pytest.mark.parametrize("address", ["/handbook/none", "/handbook/images/none.png"])
def test_what_is_not_there_is_said_so(browser, address):
    assert browser.get(address).status_code == 404


def test_nothing_outside_the_handbook_is_served(browser):
    for name in ("..%2fREADME", "%2e%2e%2f%2e%2e%2fpyproject", "images%2f..%2fREADME"):
        assert browser.get(f"/handbook/{name}").status_code == 404
