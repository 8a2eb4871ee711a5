"""Build `reading/data/language.npz`: the language models that guide decoding, one a field kind.

Run `python -m ocr_pipeline.training.language_models --prose FILE` after a change of the lists or
the phrases; the texts come from lists, seeded generators and the prose of `prose_corpus`, so
the same input gives the same file.
"""

from __future__ import annotations

import argparse
import gzip
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.reading import language
from ocr_pipeline.reading.ngram import Ngrams, train_ngrams
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.text import lexicons
from ocr_pipeline.text.places import Gazetteer, short_name
from ocr_pipeline.text.syllables import syllables
from ocr_pipeline.training import register_texts
from ocr_pipeline.training.invented_cases import Register
from ocr_pipeline.training.invented_people import Society, society_data

#: Model → (generated texts, characters of memory, least count of a context, gain of an arc).
MODELS: dict[str, tuple[int, int, float, float]] = {
    "person_name": (50_000, 8, 3, 2.0),
    "place": (12_000, 10, 3, 2.5),
    "agency": (10_000, 10, 3, 2.5),
    "id_document": (12_000, 7, 3, 2.0),
    "free_text": (20_000, 7, 3, 2.0),
    "ethnic_group": (3_000, 12, 1, 0.0),
    "nationality": (3_000, 12, 1, 0.0),
    "relation": (3_000, 12, 1, 0.0),
    "id_type": (3_000, 12, 1, 0.0),
    "position": (3_000, 12, 1, 0.0),
}

Counts = dict[str, float]


def build(prose: Sequence[str] = (), seed: int = 2026) -> dict[str, Ngrams]:
    """All language models by name; `prose`: sentences for the model of open text."""
    cases = _cases(seed)
    corpora: dict[str, Counts] = {}
    for place, (name, (number, _, _, _)) in enumerate(MODELS.items()):
        rng = np.random.default_rng([seed, place])
        corpora[name] = defaultdict(float)
        for _ in range(number):
            corpora[name][register_texts.field_text(rng, name)[1]] += 1
        for text, count in cases[name].items():
            corpora[name][text] += count
        if name in _LISTED:
            _add(corpora[name], _LISTED[name]())
    _add(corpora["place"], _streets())
    _add(corpora["free_text"], _shares(cases, ("place", "date", "id_document"), 0.1))
    models = {
        name: train_ngrams(
            sorted(corpora[name].items()),
            language.ALPHABET,
            order=order,
            minimum=minimum,
            gain=gain,
        )
        for name, (_, order, minimum, gain) in MODELS.items()
    }
    line = sorted(_open_text(corpora, prose).items())
    models["line"] = train_ngrams(line, language.ALPHABET, order=8, minimum=2, gain=1.5)
    return models


def _add(counts: Counts, more: Mapping[str, float]) -> None:
    for text, count in more.items():
        counts[text] = counts.get(text, 0.0) + count


def _cases(seed: int, records: int = 40) -> dict[str, Counts]:
    """Texts by kind from invented registers of every type, province and time."""
    kinds = {f.code: f.kind for loaded in load_layouts() for f in loaded.layout.fields}
    out: dict[str, Counts] = defaultdict(lambda: defaultdict(float))
    for place, province in enumerate(society_data().regions):
        for at, type_code in enumerate(("KS", "KT", "KH", "CMC", "HN")):
            rng = np.random.default_rng([seed, place, at])
            society = Society(province, rng)
            year = int(rng.integers(1985, 2024))
            register = Register(type_code, society, society.place(), year, 1, rng)
            for case in register.cases(range(1, records + 1)):
                for code, writing in case.fields.items():
                    if code in kinds and kinds[code] is not FieldKind.TICK and writing.as_written:
                        out[kinds[code]][writing.as_written] += 1
    return out


def _names() -> Mapping[str, float]:
    """Every listed surname, middle and given name where it stands in a name."""
    out: Counts = defaultdict(float)
    rng = np.random.default_rng(1)
    first, middle = list(lexicons.surnames()), list(lexicons.middle_names())
    for given in lexicons.given_names():
        for _ in range(3):
            out[" ".join((_any(rng, first[:40]), _any(rng, middle[:40]), given))] += 1
    for name in middle:
        out[" ".join((_any(rng, first[:40]), name, _any(rng, list(lexicons.given_names()))))] += 2
    for name in first:
        for _ in range(3):
            out[
                " ".join((name, _any(rng, middle[:40]), _any(rng, list(lexicons.given_names()))))
            ] += 1
    return out


def _any(rng: np.random.Generator, items: list[str]) -> str:
    return items[int(rng.integers(len(items)))]


def _places() -> Mapping[str, float]:
    """Every unit of the gazetteer, with and without the kinds of units."""
    out: Counts = defaultdict(float)
    for unit in Gazetteer.load().units:
        parts = unit.address.split(", ")
        lower = ", ".join(p[:1].lower() + p[1:] for p in parts)
        out[lower] += 0.5
        out[lower[:1].upper() + lower[1:]] += 1.5
        out[unit.address] += 0.5
        out[", ".join(short_name(p) for p in parts)] += 1
    return out


def _streets(number: int = 25_000) -> Mapping[str, float]:
    """Addresses in towns: house number, lane, street, then the units above."""
    communes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for province, district, commune in register_texts.lists().places:
        communes[short_name(province), short_name(district)].append(commune)
    path = Path(__file__).parent / "data" / "streets.tsv.gz"
    rows = []
    province = district = ""
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        if not line.startswith("#"):
            first, second, street = line.split("\t")
            province, district = first or province, second or district
            rows.append((province, district, street))
    rng = np.random.default_rng(7)
    out: Counts = defaultdict(float)
    for place in rng.integers(len(rows), size=number):
        province, district, street = rows[int(place)]
        house = f"{rng.integers(1, 700)}" + _any(rng, ["", "", "", "A", "B", "/3", "/12", "/27"])
        lane = _any(
            rng, ["", "", "", f" ngõ {rng.integers(1, 300)}", f" ngách {rng.integers(1, 99)}"]
        )
        lead = _any(rng, ["", "Số ", "số ", "Số nhà "])
        word = _any(rng, [" ", " ", ", ", " đường ", ", đường ", " phố ", " Đường "])
        parts = [f"{lead}{house}{lane}{word}{street}"]
        near = communes.get((short_name(province), short_name(district)))
        if near and rng.random() < 0.7:
            parts.append(_any(rng, near))
        bare = rng.random() < 0.2
        parts += [short_name(district) if bare else district, province]
        out[", ".join(parts[: len(parts) - int(rng.random() < 0.15)])] += 1
    return out


def _listed(lexicon: str, weight: float = 3.0) -> Mapping[str, float]:
    """Spellings and variants of a closed list, in small letters too."""
    entries = getattr(lexicons, lexicon)()
    total = sum(entries.weights.values())
    out: Counts = defaultdict(float)
    for word, count in entries.weights.items():
        for form in (word, word, word.lower()):
            out[form] += weight + 2000 * count / total / 3
    for word in entries.variants:
        out[word] += weight
    return out


_LISTED: dict[str, Callable[[], Mapping[str, float]]] = {
    "person_name": _names,
    "place": _places,
    "ethnic_group": partial(_listed, "ethnic_groups"),
    "nationality": partial(_listed, "nationalities"),
    "relation": partial(_listed, "relations"),
    "position": partial(_listed, "positions"),
    "id_type": partial(_listed, "id_types"),
}


def _shares(cases: Mapping[str, Counts], kinds: tuple[str, ...], share: float) -> Counts:
    out: Counts = defaultdict(float)
    for kind in kinds:
        for text, count in cases[kind].items():
            out[text] += share * count
    return out


def _open_text(corpora: Mapping[str, Counts], prose: Sequence[str]) -> Counts:
    """Text of any sort: prose, the registers' words and all possible syllables in any order."""
    out: Counts = defaultdict(float)
    _add(out, _lines_of(prose))
    known = {word: np.log1p(count) for word, count in _words(corpora).items()}
    _add(out, {text: 0.5 * n for text, n in _in_any_order(known, 120_000, 5).items()})
    _add(out, {text: 0.5 * n for text, n in _in_any_order(syllables(), 120_000, 6).items()})
    return out


def _lines_of(prose: Sequence[str]) -> Counts:
    """Prose broken into lines anywhere, as writing is."""
    rng = np.random.default_rng(1)
    known = set(language.ALPHABET)
    out: Counts = defaultdict(float)
    for sentence in prose:
        words = "".join(c for c in sentence if c in known).split()
        while words:
            count = int(rng.integers(6, 14))
            out[" ".join(words[:count])] += 1
            words = words[count:]
    return out


def _words(corpora: Mapping[str, Counts]) -> Counts:
    seen: Counts = defaultdict(float)
    for corpus in corpora.values():
        for text, count in corpus.items():
            for word in text.split():
                seen[word] += count
    return seen


def _in_any_order(weights: Mapping[str, float], number: int, seed: int) -> Counts:
    """Lines of words drawn by weight: small letters mostly, with figures, commas and stops."""
    rng = np.random.default_rng(seed)
    words = sorted(weights)
    share = np.array([weights[w] for w in words])
    drawn = rng.choice(len(words), size=number, p=share / share.sum())
    case, figure, stop = rng.random((3, number))
    out = []
    for place, index in enumerate(drawn):
        word = words[index]
        if case[place] > 0.85:
            word = word.upper() if case[place] > 0.97 else word[:1].upper() + word[1:]
        if figure[place] < 0.04:
            word = str(int(rng.integers(1, 10 ** int(rng.integers(1, 5)))))
        out.append(word + ("," if stop[place] < 0.05 else "." if stop[place] < 0.1 else ""))
    return dict(Counter(" ".join(out[k : k + 8]) for k in range(0, number, 8)))


def main() -> None:
    """Write the file where the package looks for it."""
    parser = argparse.ArgumentParser(prog="ocr_pipeline.training.language_models")
    parser.add_argument("--prose", type=Path, help="sentences as training.prose writes them")
    options = parser.parse_args()
    prose = gzip.decompress(options.prose.read_bytes()).decode() if options.prose else ""
    models = build(prose.splitlines())
    path = Path(language.__file__).parent / "data" / "language.npz"
    language.save(models, path)
    for name, model in models.items():
        print(f"{name}: {len(model.parent)} contexts, {len(model.codes)} arcs")
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
