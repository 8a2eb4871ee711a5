"""Numbers as people write them: a decimal comma in Vietnamese, a decimal point in English."""

from __future__ import annotations

from ocr_pipeline.errors import Text

_SPACE = "\N{NO-BREAK SPACE}"  # between thousands: a point or a comma means another thing elsewhere


def number(value: float, digits: int = 0, language: str = "vi") -> str:
    """`1234567.5` as `1 234 567,5`, or `1 234 567.5` in English.

    Args:
        value: the number.
        digits: so many stand after the comma.
        language: `vi` or `en`.

    """
    return _pointed(f"{value:,.{digits}f}".replace(",", _SPACE), language)


def short_number(value: float, language: str = "vi") -> str:
    """As few digits as say it, ten at most: `2,5`, `100`."""
    return _pointed(f"{value:.10g}", language)


def numbers(value: float, digits: int = 0) -> Text:
    """A number in both languages, to be filled into a message."""
    return Text(number(value, digits, "vi"), number(value, digits, "en"))


def _pointed(written: str, language: str) -> str:
    return written if language == "en" else written.replace(".", ",")
