"""One file says what a field is called: the same on every screen, in both languages."""

import json
import re

import pytest

from ocr_pipeline.registers.layout_codes import paper_codes
from ocr_pipeline.registers.templates import DATA, load_template
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review.accounts import Role
from ocr_pipeline.review.captions import caption, captions

TEMPLATES = sorted(path.stem for path in (DATA / "templates").glob("*.yaml"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_column_of_a_template_has_a_caption_in_both_languages(name):
    type, generation = name.split("-")
    for variant in ("", *load_template(type, generation).variants):
        for column in load_template(type, generation, variant).columns:
            named = captions()[column.name]
            assert column.name not in (named.vi, named.en), column.name
            assert named.vi.strip() and named.en.strip() and named.vi != named.en, column.name


@pytest.mark.parametrize("type", RegisterType)
def test_every_code_on_paper_has_a_caption_of_its_own(type):
    codes = paper_codes(type)
    assert not [code for code in codes if caption(code).vi == code]
    for language in ("vi", "en"):
        named = [getattr(caption(code), language) for code in codes]
        assert not {name for name in named if named.count(name) > 1}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_screens_are_given_these_captions(office, language):
    browser = office.browser("an", Role.OPERATOR)
    browser.client.cookies.set("lang", language)
    page = browser.get("/review/field").text
    found = re.search(r'<script[^>]*id="words"[^>]*>(.*?)</script>', page, re.S)
    words = json.loads(found[1])
    assert words["caption"] == {code: getattr(text, language) for code, text in captions().items()}
    others = json.dumps({key: own for key, own in words.items() if key != "caption"})
    assert not [code for code in captions() if len(code) > 6 and f'"{code}"' in others]
