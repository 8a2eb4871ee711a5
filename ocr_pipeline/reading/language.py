"""The automaton that decoding walks: the package's grammars and language models side by side."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import numpy as np
import yaml

from ocr_pipeline.reading.automaton import Automaton, union
from ocr_pipeline.reading.grammar import compile_grammar

_DATA = Path(__file__).parent / "data"
_STEP = 1 / 12  # grain of stored log weights: a byte each


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
    """Grammars of `data/grammars.yaml` and models of `data/language.npz` (about 0.3 s, once)."""
    grammars = yaml.safe_load((_DATA / "grammars.yaml").read_text("utf-8"))
    parts = [compile_grammar(grammars["rules"], name, ALPHABET) for name in grammars["grammars"]]
    return union([*parts, load(_DATA / "language.npz")])


def save(models: Automaton, path: Path) -> None:
    """Write language models to a compressed file, weights rounded to a twelfth."""
    np.savez_compressed(
        path,
        alphabet=np.array(models.alphabet),
        keys=np.diff(models.keys, prepend=0).astype(np.uint32),
        targets=models.targets,
        weights=_bytes(models.weights),
        fail=models.fail,
        fail_weights=_bytes(models.fail_weights),
        names=np.array(list(models.starts)),
        starts=np.array(list(models.starts.values()), np.int32),
    )


def load(path: Path) -> Automaton:
    """Read language models written by `save`."""
    with np.load(path) as file:
        names = [str(name) for name in file["names"]]
        alphabet = str(file["alphabet"])
        return Automaton(
            alphabet,
            file["keys"].astype(np.int64).cumsum(),
            file["targets"],
            file["weights"].astype(np.float32) * -_STEP,
            file["fail"],
            file["fail_weights"].astype(np.float32) * -_STEP,
            dict(zip(names, (int(s) for s in file["starts"]), strict=True)),
            dict.fromkeys(names, alphabet),
        )


def _bytes(weights: np.ndarray) -> np.ndarray:
    return np.clip(np.round(-weights / _STEP), 0, 255).astype(np.uint8)
