"""What a line of the audit trail says, in the words of an office: no codes, no numbers of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review.captions import caption
from review_ui.translations import in_language, translate

#: Where the words of a code are, in `i18n/`: each is looked up in these.
_CODES = ("action", "role", "state", "lane", "kind", "audit.value")


def subject_words(subject: str, language: str) -> str:
    """What a line is about: `02 tờ 1.jpg 1 meHoTen` -> `02 tờ 1.jpg · bản ghi 1 · Họ tên mẹ`.

    Args:
        subject: as the trail has it.
        language: `vi` or `en`.

    """
    what, _, rest = subject.partition(":")
    if what == "least":  # the sample rate that the software itself keeps
        of_kind = [_word(rest, language)] if rest else []
        return " · ".join([translate(language, "audit.least"), *of_kind])
    if rest and what in ("user", "page"):
        return f"{translate(language, f'audit.{what}')} {rest}"
    parts = subject.split(" ")
    code = caption(parts[-1])
    told = [in_language(code, language)] if code.vi != parts[-1] else []
    parts = parts[:-1] if told else parts
    if len(parts) > 1 and parts[-1].isdecimal():
        told.insert(0, translate(language, "audit.record", position=parts[-1]))
        parts = parts[:-1]
    return " · ".join([_word(" ".join(parts), language), *told])


def detail_words(details: Mapping[str, Any], language: str) -> str:
    """The details of a line that tell a person something, with their names.

    Args:
        details: as the trail has them; seals of rows and numbers of rows are left to the download.
        language: `vi` or `en`.

    """
    told = []
    for name, value in details.items():
        label = translate(language, f"audit.detail.{name}")
        if label != f"audit.detail.{name}" and value not in ("", None, [], {}):
            told.append(f"{label}: {_value(value, language)}")
    return " · ".join(told)


def _value(value: Any, language: str) -> str:
    if isinstance(value, bool):
        return translate(language, "audit.yes" if value else "audit.no")
    if isinstance(value, str):
        return _word(value, language)
    if isinstance(value, Sequence | Mapping):
        return str(len(value))
    return str(value)


def _word(text: str, language: str) -> str:
    """The words of a code; what is none stays as it is."""
    for tree in _CODES:
        word = translate(language, f"{tree}.{text}")
        if word != f"{tree}.{text}":
            return word
    if text in RegisterType.__members__:
        return in_language(RegisterType(text).label, language)
    return in_language(caption(text), language)
