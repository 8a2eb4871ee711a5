"""Vietnamese syllables with weights: all that the spelling allows, and the common ones more.

The spelling rules are those of school grammars: c/k, g/gh and ng/ngh before front vowels, i merging
with gi, two tones before a final stop.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.text.lexicons import DATA
from ocr_pipeline.text.normalise import place_tones

_TONES: tuple[str, ...] = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_STOP_TONES: tuple[str, ...] = ("\u0301", "\u0323")
_FRONT = frozenset("ieêy")
_TIER = 3.0


class SyllablesFile(Strict):
    """`syllables.yaml`: what syllables are made of; words are separated by blanks.

    Attributes:
        common: tiers of common syllables, the most common first.

    """

    onsets: tuple[str, ...]
    open_rimes: str
    stops: str
    q_rimes: str
    common: tuple[str, ...]


@cache
def syllables() -> dict[str, float]:
    """Every possible syllable, in small letters (NFC), with a weight of 1 or more."""
    data = _data()
    found = dict.fromkeys(_possible(data), 1.0)
    weight = 30.0
    for tier in data.common:
        for word in tier.split():
            found[word] = max(found.get(word, 0.0), weight)
        weight /= _TIER
    return found


def _possible(data: SyllablesFile) -> Iterator[str]:
    plain = data.open_rimes.split() + data.stops.split()
    for onset in data.onsets:
        for rime in data.q_rimes.split() if onset == "q" else plain:
            tones = _STOP_TONES if rime.endswith(("c", "p", "t", "ch")) else _TONES
            if _fits(onset, rime):
                body = onset + (rime[1:] if onset == "gi" and rime[0] == "i" else rime)
                for tone in tones:
                    yield from _spelled(body, onset, tone)


def _fits(onset: str, rime: str) -> bool:
    front = rime[0] in _FRONT
    if onset in ("k", "gh", "ngh"):
        return front
    if onset in ("c", "g", "ng"):
        return not front
    return bool(onset) or not rime.startswith("iê")  # yêu, yên … are written with y


def _spelled(body: str, onset: str, tone: str) -> Iterator[str]:
    """The syllable with its tone in the old and the new way (hòa, hoà)."""
    vowels = [k for k, c in enumerate(body) if k >= len(onset) - (onset == "gi") and c.isalpha()]
    vowels = [k for k in vowels if unicodedata.normalize("NFD", body[k])[0] in "aeiouy"]
    if onset == "q" or (onset == "gi" and len(vowels) > 1):
        vowels = vowels[1:] or vowels
    if not tone:
        yield body
        return
    place = vowels[-1]
    word = unicodedata.normalize("NFC", body[: place + 1] + tone) + body[place + 1 :]
    yield from {place_tones(word, "old"), place_tones(word, "new")}


@cache
def _data() -> SyllablesFile:
    return load_data(DATA / "syllables.yaml", SyllablesFile)
