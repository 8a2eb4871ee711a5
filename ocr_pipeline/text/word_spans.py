"""Where the words of a value begin and end."""

from __future__ import annotations

import re

Span = tuple[int, int]
"""Where a word begins and ends in a value, in characters."""

_WORD = re.compile(r"[^\s,;]+")


def word_spans(value: str) -> list[Span]:
    """The words of a value in their order, without the commas behind them."""
    return [match.span() for match in _WORD.finditer(value)]
