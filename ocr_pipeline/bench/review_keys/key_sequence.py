"""The keys pressed for one field, and what they cost a hand that writes Vietnamese with Telex."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

_HORN = "\u031b"


class Way(StrEnum):
    """How a field was decided."""

    CONFIRMED = "confirmed"  # what stood under Enter
    PICKED = "picked"  # an offer, a reading or a code by its number
    BLANK = "blank"  # the key of an empty field
    TYPED = "typed"  # letters, with completion or without
    SETTLED = "settled"  # by the deed that decided another field
    MISSED = "missed"  # nothing that can be entered gives the true value


@dataclass(frozen=True, slots=True)
class KeySequence:
    """Keys in their order; a letter stands for all keys that make it.

    Attributes:
        way: how the field is decided with them.
        presses: a single character, or a key by its name (`Enter`, `Alt+2`, `Control+ArrowLeft`).
            A chord is one press: the hand strikes once.

    """

    way: Way
    presses: tuple[str, ...]

    @property
    def telex(self) -> int:
        """Keys with the Telex input method: `ế` is e, e, s."""
        return telex_keys(self.presses)

    @property
    def plain(self) -> int:
        """Keys when a letter with its marks is one key."""
        return len(self.presses)


def telex_keys(presses: Iterable[str]) -> int:
    """Keys with Telex for presses in their order."""
    total, before = 0, ""
    for press in presses:
        total += letter_keys(press, before) if len(press) == 1 else 1
        before = press
    return total


@cache
def letter_keys(letter: str, before: str = "") -> int:
    """Telex keys for one character: itself, one for each mark, one for the stroke of đ.

    A capital is a chord and so one press. `ươ` is u, o, w: the horn of the second is not typed.
    """
    if letter in "đĐ":
        return 2
    parts = unicodedata.normalize("NFD", letter)
    if parts[0] in "oO" and _HORN in parts and before and before in "ưƯ":
        return len(parts) - 1
    return len(parts)


@cache
def bare(text: str) -> str:
    """A text without its marks, as fingers type it that wait for a completion."""
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def begins_bare(text: str, typed: str) -> bool:
    """Whether a text begins like what was typed, marks and case left out of account."""
    return bare(text).lower().startswith(bare(typed).lower())
