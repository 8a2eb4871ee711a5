"""Typed letters: a letter without marks stands for any, marks that were typed must be there."""

from __future__ import annotations

import unicodedata
from functools import cache

from ocr_pipeline.text.normalise import key


@cache
def letters_of(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Bare small letters with their marks; đ is d with a stroke."""
    letters: list[tuple[str, frozenset[str]]] = []
    for character in unicodedata.normalize("NFD", key(text).replace("đ", "d\u0335")):
        if unicodedata.combining(character) and letters:
            letter, marks = letters[-1]
            letters[-1] = (letter, marks | {character})
        else:
            letters.append((character, frozenset()))
    return tuple(letters)


def agrees(typed: str, candidate: str) -> bool:
    """The candidate begins like what was typed, marks that were not typed left out of account."""
    wanted, given = letters_of(typed), letters_of(candidate)
    return len(wanted) <= len(given) and all(
        letter == other and marks <= own
        for (letter, marks), (other, own) in zip(wanted, given, strict=False)
    )
