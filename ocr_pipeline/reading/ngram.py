"""Character n-gram models of long memory, as automata with failure arcs.

With a memory of ten characters or so a list of names or places becomes a weighted lexicon, and what
is not listed is still read, at the price of stepping back to shorter contexts. Smoothing:
interpolated absolute discounting (Ney, Essen, Kneser, "On structuring probabilistic dependences",
1994); pruning: weighted difference (Seymore, Rosenfeld, "Scalable backoff language models", 1996).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr_pipeline.reading.automaton import DEAD, END, Automaton

_START = "\x02"
_STOP = ""
_DISCOUNT = 0.6
_UNSEEN_SHARE = 0.02  # share of the probabilities without memory kept for characters never seen

Counts = dict[str, dict[str, float]]
"""Context → following character ("" = end) → how often, or how probable."""


@dataclass(frozen=True, slots=True)
class Ngrams:
    """A model as a tree of contexts: little to store, and all that an automaton needs.

    Attributes:
        parent: (contexts,) the context without its last character; parents come first.
        last: (contexts,) code of that character.
        back: (contexts,) natural log of the back-off weight.
        counts: (contexts,) number of arcs.
        codes: (arcs,) code of the character (`END` for the end), context by context, ascending.
        weights: (arcs,) natural log-probabilities.

    """

    parent: npt.NDArray[np.int32]
    last: npt.NDArray[np.uint8]
    back: npt.NDArray[np.float32]
    counts: npt.NDArray[np.uint8]
    codes: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.float32]

    def automaton(self, name: str, alphabet: str) -> Automaton:
        """The automaton with its start state's name; contexts are states, back-off is failure."""
        size = len(alphabet) + 2  # with the character that begins a text
        parent, last = self.parent.astype(np.int64), self.last.astype(np.int64)
        children = parent * size + last
        children[0] = -1
        order = np.argsort(children, kind="stable")
        tree = children[order]
        fail = np.full(len(parent), DEAD, np.int64)

        def follow(
            states: npt.NDArray[np.int64], codes: npt.NDArray[np.int64]
        ) -> npt.NDArray[np.int64]:
            """The longest known suffix of context + character."""
            out = np.zeros(len(states), np.int64)
            todo = np.arange(len(states))
            while len(todo):
                wanted = states * size + codes
                place = np.minimum(np.searchsorted(tree, wanted), len(tree) - 1)
                hit = tree[place] == wanted
                out[todo[hit]] = order[place[hit]]
                on = ~hit & (states != 0)
                todo, states, codes = todo[on], fail[states[on]], codes[on]
            return out

        depth = _depths(parent)
        for level in range(1, int(depth.max()) + 1):
            states = np.flatnonzero(depth == level)
            above = parent[states]
            fail[states] = 0 if level == 1 else follow(fail[above], last[states])
        sources = np.repeat(np.arange(len(parent)), self.counts)
        codes = self.codes.astype(np.int64)
        targets = np.where(codes == END, DEAD, follow(sources, codes))
        start = int(follow(np.zeros(1, np.int64), np.array([size - 1]))[0])
        return Automaton(
            alphabet,
            sources * (size - 1) + codes,
            targets.astype(np.int32),
            self.weights,
            fail.astype(np.int32),
            self.back,
            {name: start},
            {name: alphabet},
        )


def _depths(parent: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    depth = np.zeros(len(parent), np.int64)
    state = np.arange(len(parent))
    while state.any():
        depth += state > 0
        state = parent[state]
    return depth


def train_ngrams(
    texts: Iterable[tuple[str, float]],
    alphabet: str,
    *,
    order: int = 8,
    minimum: float = 1.5,
    gain: float = 2.5,
) -> Ngrams:
    """A model of texts with weights.

    Args:
        texts: text and how often it is expected (any scale; a weight of 1 counts once).
        alphabet: characters of the model; others in the texts are left out.
        order: characters of memory, plus one.
        minimum: a context is kept if it was seen at least this often.
        gain: a character's arc is kept if it gains at least this much log-likelihood over the
            shorter context on the texts.

    Returns:
        A model that accepts every text over the alphabet; the probabilities of all texts sum to 1.

    """
    counts = _count(texts, set(alphabet), order)
    kept = {h for h, seen in counts.items() if not h or sum(seen.values()) >= minimum}
    # A context without its shorter forms could not be reached.
    kept = {h for h in kept if all(h[:k] in kept for k in range(1, len(h)))}
    counts = {h: counts[h] for h in sorted(kept, key=lambda h: (len(h), h))}
    model = _smooth(counts, alphabet)
    _prune(model, counts, gain)
    return _pack(model, alphabet)


def adapted(
    base: Ngrams, texts: Mapping[str, float], alphabet: str, *, share: float, order: int = 10
) -> Ngrams:
    """A model that leans towards some texts wherever it is in a context of theirs.

    In such a context a character's probability is `share` of the texts' own plus the rest of the
    base model's; everywhere else the base model speaks alone.

    Args:
        base: the general model.
        texts: text -> how often it is expected.
        alphabet: characters of both.
        share: 0–1.
        order: characters of memory of the texts, plus one.

    """
    codes = {c: k + 1 for k, c in enumerate(alphabet)} | {_STOP: END, _START: len(alphabet) + 1}
    counts = {
        bytes(codes[c] for c in context): {codes[c]: n for c, n in seen.items()}
        for context, seen in _count(texts.items(), set(alphabet), order).items()
    }
    ids = _ids(sorted(counts, key=lambda h: (len(h), h)), base, len(alphabet) + 2)
    states = _states(ids, len(base.parent))
    ends = np.append(np.cumsum(base.counts, dtype=np.int64), np.zeros(len(ids), np.int64))
    asked = [(h, c) for h in ids for c in {*counts[h], *_arcs(base, ids[h], int(ends[ids[h]]))}]
    _, plain = base.automaton("base", alphabet).step(
        np.array([states[h] for h, _ in asked]), np.array([c for _, c in asked])
    )
    totals = {h: sum(seen.values()) for h, seen in counts.items()}
    own = np.array([counts[h].get(c, 0.0) / totals[h] for h, c in asked])
    weights = np.log(share * own + (1 - share) * np.exp(plain)).astype(np.float32)
    leaning = np.float32(math.log(1 - share))
    return _with_arcs(base, ids, [(ids[h], c) for h, c in asked], weights, leaning)


def _with_arcs(
    base: Ngrams,
    ids: Mapping[bytes, int],
    arcs: Sequence[tuple[int, int]],
    weights: npt.NDArray[np.float32],
    more_back: np.float32,
) -> Ngrams:
    """The model with these arcs in place of its own in some contexts, old and new.

    Args:
        base: the model.
        ids: numbers of the contexts, new ones after those of the model.
        arcs: (number of the context, code) of all their arcs.
        weights: (arcs,) natural logs.
        more_back: natural log by which their back-off weights change, but that of no context.

    """
    added = [h for h, number in ids.items() if number >= len(base.parent)]
    back = np.concatenate([base.back, np.zeros(len(added), np.float32)])
    back[[number for h, number in ids.items() if h]] += more_back
    sources = np.repeat(np.arange(len(base.parent)), base.counts)
    kept = ~np.isin(sources, list(ids.values()))
    size = 1 + int(max(base.codes.max(initial=0), *(code for _, code in arcs)))
    own = np.array([number * size + code for number, code in arcs], np.int64)
    keys = np.concatenate([sources[kept] * size + base.codes[kept], own])
    order = np.argsort(keys)
    return Ngrams(
        np.concatenate([base.parent, np.array([ids[h[:-1]] for h in added], np.int32)]),
        np.concatenate([base.last, np.array([h[-1] for h in added], np.uint8)]),
        back,
        np.bincount(keys // size, minlength=len(back)).astype(np.uint8),
        (keys[order] % size).astype(np.uint8),
        np.concatenate([base.weights[kept], weights])[order],
    )


def _ids(contexts: Iterable[bytes], base: Ngrams, size: int) -> dict[bytes, int]:
    """Numbers of contexts, shorter ones first: the base model's own, then new ones.

    Args:
        contexts: each after the one without its last character.
        base: the model.
        size: of its characters, with the one that begins a text.

    """
    children = base.parent.astype(np.int64) * size + base.last
    children[0] = -1
    order = np.argsort(children, kind="stable")
    tree = children[order]
    out: dict[bytes, int] = {}
    following = len(base.parent)
    for context in contexts:
        wanted = out[context[:-1]] * size + context[-1] if context else -1
        place = min(int(np.searchsorted(tree, wanted)), len(tree) - 1)
        if tree[place] == wanted:
            out[context] = int(order[place])
        else:
            out[context] = following
            following += 1
    return out


def _states(ids: Mapping[bytes, int], known: int) -> dict[bytes, int]:
    """For each context, shorter ones first, the longest suffix among the first `known` numbers."""
    out: dict[bytes, int] = {}
    for context, number in ids.items():
        out[context] = number if number < known else out[context[1:]]
    return out


def _arcs(model: Ngrams, state: int, end: int) -> list[int]:
    """Codes of the arcs of a context, which end before `end`; none of one that is new."""
    if state >= len(model.parent):
        return []
    codes: list[int] = model.codes[end - int(model.counts[state]) : end].tolist()
    return codes


def _count(texts: Iterable[tuple[str, float]], known: set[str], order: int) -> Counts:
    counts: Counts = defaultdict(lambda: defaultdict(float))
    for text, weight in texts:
        padded = _START + "".join(c for c in text if c in known)
        for place in range(1, len(padded) + 1):
            following = padded[place] if place < len(padded) else _STOP
            for length in range(min(order, place + 1)):
                counts[padded[place - length : place]][following] += weight
    return counts


def _smooth(counts: Counts, alphabet: str) -> Counts:
    """Interpolated probabilities of the characters seen in each context, shorter ones first."""
    everything = [*alphabet, _STOP]
    model: Counts = {}
    left: dict[str, float] = {}
    for context, seen in counts.items():
        total = sum(seen.values())
        if not context:
            share = _UNSEEN_SHARE / len(everything)
            own = {c: (1 - _UNSEEN_SHARE) * seen.get(c, 0.0) / total + share for c in everything}
        else:
            left[context] = sum(_DISCOUNT * min(n, 1.0) for n in seen.values()) / total
            shorter = _suffix(context[1:], counts)
            own = {
                c: (n - _DISCOUNT * min(n, 1.0)) / total
                + left[context] * _probability(c, shorter, model, left)
                for c, n in seen.items()
            }
        model[context] = own
    return model


def _probability(character: str, context: str, model: Counts, left: Mapping[str, float]) -> float:
    factor = 1.0
    while character not in model[context]:
        factor *= left[context]
        context = _suffix(context[1:], model)
    return factor * model[context][character]


def _prune(model: Counts, counts: Counts, gain: float) -> None:
    """Take out arcs that the shorter context predicts nearly as well, longest contexts first."""
    for context in sorted(model, key=lambda h: (-len(h), h)):
        if not context:
            continue
        own, seen = model[context], counts[context]
        shorter = _suffix(context[1:], model)
        for character in list(own):
            if context + character in model:  # the way to a longer context
                continue
            plain = _plain(character, shorter, model)
            if seen[character] * (math.log(own[character]) - math.log(plain)) < gain:
                del own[character]
        if not own:
            del model[context]


def _plain(character: str, context: str, model: Counts) -> float:
    """Probability without back-off weights: an estimate good enough to compare with."""
    while character not in model[context]:
        context = _suffix(context[1:], model)
    return model[context][character]


def _suffix(context: str, known: Mapping[str, object]) -> str:
    while context not in known:
        context = context[1:]
    return context


def _pack(model: Counts, alphabet: str) -> Ngrams:
    """The model's tables."""
    code = {character: k + 1 for k, character in enumerate(alphabet)}
    code |= {_STOP: END, _START: len(alphabet) + 1}
    back: dict[str, float] = {"": 1.0}
    for context in sorted(model, key=len):
        if not context:
            continue
        own, shorter = model[context], _suffix(context[1:], model)
        covered = sum(_probability(c, shorter, model, back) for c in own)
        free, there = max(1 - sum(own.values()), 1e-4), max(1 - covered, 1e-4)
        back[context] = min(free / there, 1.0)
    names = {context: bytes(code[c] for c in context) for context in model}
    return _stored(
        {names[h]: {code[c]: p for c, p in own.items()} for h, own in model.items()},
        {names[h]: weight for h, weight in back.items()},
    )


def _stored(model: Mapping[bytes, Mapping[int, float]], back: Mapping[bytes, float]) -> Ngrams:
    """Tables of contexts given as codes, in order of length, so that parents come first."""
    contexts = sorted(model, key=lambda h: (len(h), h))
    ids = {context: state for state, context in enumerate(contexts)}
    arcs = [arc for h in contexts for arc in sorted(model[h].items())]
    return Ngrams(
        np.array([ids[h[:-1]] if h else 0 for h in contexts], np.int32),
        np.array([h[-1] if h else 0 for h in contexts], np.uint8),
        np.log([back[h] for h in contexts]).astype(np.float32),
        np.array([len(model[h]) for h in contexts], np.uint8),
        np.array([c for c, _ in arcs], np.uint8),
        np.log([p for _, p in arcs]).astype(np.float32),
    )
