"""The closed list of keys that a person may choose, and the page where it is done."""

from __future__ import annotations

import json
import re

import pytest

from ocr_pipeline.data_files import ShippedDataError, parse_data
from review_ui.shortcuts import FILE, ShortcutFile, shortcuts
from review_ui.translations import LANGUAGES, words

USUAL = {
    "blank": "F4", "unreadable": "F8", "ask": "F9", "skip": "F10", "undo": "Alt+Backspace",
    "everywhere": "Alt+s", "page": "F2", "past": "F7", "find": "F3", "doubt": "F6",
    "no_record": "Ctrl+Delete", "help": "F1",
}  # fmt: skip


def test_the_usual_keys_are_those_people_know():
    assert {name: one.usual for name, one in shortcuts().actions.items()} == USUAL


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_has_words(language):
    named = words(language)["js"]["keys"]
    assert [action for action in shortcuts().actions if not named.get(action)] == []


@pytest.mark.parametrize("action", USUAL)
def test_no_action_offers_a_key_that_is_typed_or_belongs_to_others(action):
    choices = shortcuts().choices(action)
    taken = {key for keys in shortcuts().taken.values() for key in keys}
    assert choices[0] == USUAL[action] and len(choices) == len(set(choices)) > 10
    assert taken.isdisjoint(choices)
    assert all(re.fullmatch(r"F\d{1,2}|Alt\+[a-z]", key) for key in choices[1:])


def test_the_browsers_and_input_methods_own_keys_are_known():
    taken = {key for keys in shortcuts().taken.values() for key in keys}
    assert {"F5", "F11", "F12", "Alt+d", "Alt+F4", "Alt+z", "Enter", "Tab", "Ctrl+z"} <= taken


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ("usual: F8", "usual: F4", "F4"),
        ("usual: F8", "usual: F5", "F5"),
        ("[F1, F2,", "[F1, F11,", "F11"),
        ("[Alt+a,", "[Alt+z,", "Alt+z"),
        ("instead: [letter]", "instead: [letters]", "letters"),
    ],
)
def test_a_list_with_a_key_of_two_uses_is_refused(right, wrong, named):
    text = FILE.read_text("utf-8").replace(right, wrong, 1)
    with pytest.raises(ShippedDataError) as caught:
        parse_data(text, ShortcutFile, "shortcuts.yaml")
    assert named in caught.value.cause.vi and named in caught.value.cause.en


def test_the_account_page_offers_the_list_and_serves_it(office):
    page = office.browser("an").get("/account").text
    assert 'id="own-keys"' in page and "/static/js/own_keys.js" in page
    served = re.search(r'<script type="application/json" id="shortcuts">(.*?)</script>', page)
    assert json.loads(served[1]) == shortcuts().served()
    assert list(json.loads(served[1])["actions"]) == list(USUAL), "in the order of the file"
