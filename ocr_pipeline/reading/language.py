"""The automaton that decoding walks: the package's grammars and language models side by side."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.reading.automaton import Automaton, followed, lexicon, union
from ocr_pipeline.reading.grammar import compile_grammar
from ocr_pipeline.reading.ngram import Ngrams
from ocr_pipeline.text import lexicons

_DATA = Path(__file__).parent / "data"
_STEP = 1 / 12  # grain of stored log weights: a byte each


class JoinedEntry(Strict):
    """A text, a mark, and another text, in one field.

    Attributes:
        first: name of a language model.
        marks: characters of which one stands between the two.
        second: name of a lexicon.

    """

    first: str
    marks: str
    second: str


class GrammarFile(Strict):
    """`grammars.yaml`.

    Attributes:
        lexicons: closed lists of `text.lexicons`.
        grammars: names of the rules that are compiled; a letter stands for its capital, too.
        sentences: names of others, whose first letter is a capital, and whose others are as spelt.
        followed: names of what is put together of a language model and a lexicon.
        rules: regular expressions by name.

    """

    lexicons: tuple[
        Literal["ethnic_groups", "nationalities", "relations", "positions", "id_types"], ...
    ]
    grammars: tuple[str, ...]
    sentences: tuple[str, ...]
    followed: dict[str, JoinedEntry]
    rules: dict[str, str]


def _alphabet() -> str:
    """Blank, punctuation, digits, Latin letters and all Vietnamese letters, both cases."""
    plain = " !\"#%&'()*+,-./0123456789:;?" + "".join(
        f"{c.upper()}{c}" for c in "abcdefghijklmnopqrstuvwxyzđ"
    )
    bases = {
        "a": "\u0306\u0302",
        "e": "\u0302",
        "i": "",
        "o": "\u0302\u031b",
        "u": "\u031b",
        "y": "",
    }
    marked = [
        unicodedata.normalize("NFC", base + shape + tone)
        for base, shapes in bases.items()
        for shape in ("", *shapes)
        for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
        if shape or tone
    ]
    return plain + "".join(f"{c.upper()}{c}" for c in marked)


ALPHABET = _alphabet()
"""Characters of every grammar and language model."""


@cache
def automaton() -> Automaton:
    """Grammars of `data/grammars.yaml` and models of `data/language.npz` (0.9 s, once)."""
    data = load_data(_DATA / "grammars.yaml", GrammarFile)
    grammars = [compile_grammar(data.rules, name, ALPHABET) for name in data.grammars]
    grammars += [
        compile_grammar(data.rules, name, ALPHABET, sentence=True) for name in data.sentences
    ]
    parts: dict[str, Automaton] = {}
    parts |= {name: lexicon(ALPHABET, _forms(name), name) for name in data.lexicons}
    parts |= {name: model.automaton(name, ALPHABET) for name, model in models().items()}
    joined = [
        followed(parts[one.first], one.marks, parts[one.second], name)
        for name, one in data.followed.items()
    ]
    return union([*grammars, *parts.values(), *joined])


@cache
def models() -> dict[str, Ngrams]:
    """The language models of `data/language.npz`."""
    return load(_DATA / "language.npz")


def _forms(name: str) -> dict[str, float]:
    """Words of a list of `text.lexicons` and how clerks write them: small, capital, variants."""
    listed = getattr(lexicons, name)()
    words = {
        word: 1.0 + weight / min(listed.weights.values())
        for word, weight in (listed.weights.items())
    }
    for variant, word in listed.variants.items():
        words.setdefault(variant, 0.2 * words[word])
    out: dict[str, float] = {}
    for word, weight in words.items():
        for form, share in (
            (word, 0.7),
            (word.lower(), 0.15),
            (word.title(), 0.05),
            (word.upper(), 0.1),
        ):
            out[form] = out.get(form, 0.0) + share * weight
    return out


def save(models: Mapping[str, Ngrams], path: Path) -> None:
    """Write language models to a compressed file, weights rounded to a twelfth."""
    arrays: dict[str, npt.NDArray[Any]] = {"alphabet": np.array(ALPHABET)}
    for name, model in models.items():
        arrays |= {
            f"{name}/parent": np.diff(model.parent, prepend=0).astype(np.uint16),
            f"{name}/last": model.last,
            f"{name}/back": _bytes(model.back),
            f"{name}/counts": model.counts,
            f"{name}/codes": model.codes,
            f"{name}/weights": _bytes(model.weights),
        }
    np.savez_compressed(path, allow_pickle=False, **arrays)


def load(path: Path) -> dict[str, Ngrams]:
    """Read language models written by `save`.

    Raises:
        ValueError: they were made for another alphabet.

    """
    with np.load(path) as file:
        if str(file["alphabet"]) != ALPHABET:
            raise ValueError(f"{path.name}: made for another alphabet; build it again")
        names = [key.removesuffix("/parent") for key in file.files if key.endswith("/parent")]
        return {
            name: Ngrams(
                file[f"{name}/parent"].astype(np.int64).cumsum().astype(np.int32),
                file[f"{name}/last"],
                _weights(file[f"{name}/back"]),
                file[f"{name}/counts"],
                file[f"{name}/codes"],
                _weights(file[f"{name}/weights"]),
            )
            for name in names
        }


def _bytes(weights: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    return np.clip(np.round(-weights / _STEP), 0, 255).astype(np.uint8)


def _weights(stored: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return stored.astype(np.float32) * np.float32(-_STEP)
