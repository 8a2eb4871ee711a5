"""The order in which people count files."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = re.compile(r"(\d+)")


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sorting key under which `trang 2.jpg` comes before `trang 10.jpg`, whatever the case."""
    folded = unicodedata.normalize("NFC", name).casefold()
    parts = (part for part in _DIGITS.split(folded) if part)
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts)
