"""Messages use one Vietnamese term for one thing, and neither language stands inside the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.messages import MARKED, ROOT, all_messages

_DATA = yaml.safe_load(Path(__file__).with_name("terms.yaml").read_text(encoding="utf-8"))

#: What is no sentence: commands, options, addresses, file names, placeholders, codes, examples.
_CODE = re.compile(
    r"`[^`]*`|“[^”]*”|<[^<>]*>|\{[^{}]*\}|https?://\S*|(?:tcp|tls)://\S*|--[\w-]+(?: [A-Z_ÀẢĐ…]+)?"
    r"|\b(?:sohoa|pip|apt|apt-get) [a-z][\w\[\]./-]*(?: (?:-{0,2}[\w\[\]./=-]+))*"
    r"|\S*[\w~]/[\w./-]*|\S+@\S+|\S*\w\.\w[\w.]*|\.\w+|\b[A-Z]{2,}\w*\b|\w+_\w*|\b[a-z]+[A-Z]\w*|\[[^\]]*\]"
)
_SYLLABLE = re.compile(
    r"(?:ngh?|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?"
    r"(?:uye|uya|uyu|oai|oay|oao|oeo|uay|uoi|uou|ieu|yeu|a[iouy]?|e[ou]?|i[aeu]?|o[aeio]?|u[aeiouy]?|y[eu]?)"
    r"(?:ch|nh|ng|[cmnpt])?",
    re.IGNORECASE,
)


def _sentence(text: str) -> str:
    text = _CODE.sub(" ", text)
    for name in sorted(_DATA["names"], key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text)
    return text


def _documents() -> list[tuple[str, str]]:
    files = [ROOT / "README.vi.md", *sorted((ROOT / "docs" / "vi").glob("*.md"))]
    texts = [(file.name, file.read_text(encoding="utf-8")) for file in files if file.is_file()]
    return [
        (name, re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)", "", text, flags=re.DOTALL))
        for name, text in texts
    ]


@pytest.mark.parametrize("term", _DATA["terms"], ids=lambda term: term["english"])
def test_every_vietnamese_text_uses_the_preferred_term(term):
    texts = [(message.place, message.vi) for message in all_messages()] + _documents()
    wrong = [
        f"{place}: “{found.group()}” in “{text if len(text) < 200 else found.group()}”"
        for place, text in texts
        for pattern in term["forbidden"]
        if (found := re.search(pattern, re.sub(r"\s+", " ", text), re.IGNORECASE))
    ]
    assert not wrong, f"use “{term['preferred']}”:\n" + "\n".join(wrong)


def test_no_english_word_stands_inside_a_vietnamese_sentence():
    english = set(_DATA["english"])
    wrong = [
        f"{message.place}: {words} in “{message.vi}”"
        for message in all_messages()
        if message.vi != message.en and message.place not in _DATA["other_language"]
        if (
            words := [
                word
                for word in re.findall(r"[^\W\d]+", _sentence(message.vi))
                if word.lower() in english
                or (len(word) > 1 and not MARKED.search(word) and not _SYLLABLE.fullmatch(word))
            ]
        )
    ]
    assert not wrong, "\n".join(wrong)


def test_no_vietnamese_word_stands_inside_an_english_sentence():
    wrong = [
        f"{message.place}: “{message.en}”"
        for message in all_messages()
        if MARKED.search(_sentence(message.en)) and message.place not in _DATA["other_language"]
    ]
    assert not wrong, "\n".join(wrong)


def test_every_message_exists_in_both_languages():
    assert [message.place for message in all_messages() if not (message.vi and message.en)] == []


def test_messages_of_every_kind_are_found():
    """The collector sees code, help, data, screens and templates: else nothing is proved."""
    texts = {message.vi for message in all_messages()}
    for known in (
        "Bạn đã nhập sai mật khẩu quá nhiều lần",
        "Tên đăng nhập.",
        "Trường bắt buộc còn trống",
        "Họ tên",
        "Cách xử lý",
        "Đăng nhập",
    ):
        assert known in texts
