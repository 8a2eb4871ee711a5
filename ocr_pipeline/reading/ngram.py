"""Character n-gram models of long memory, as automata with failure arcs.

With a memory of ten characters or so a list of names or places becomes a weighted lexicon, and what
is not listed is still read, at the price of stepping back to shorter contexts. Smoothing:
interpolated absolute discounting (Ney, Essen, Kneser, "On structuring probabilistic dependences",
1994); pruning: weighted difference (Seymore, Rosenfeld, "Scalable backoff language models", 1996).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

from ocr_pipeline.reading.automaton import DEAD, Automaton, Builder

_START = "\x02"
_STOP = ""
_DISCOUNT = 0.6
_UNSEEN = 0.02  # share of the probabilities without memory kept for characters never seen

Counts = dict[str, dict[str, float]]
"""Context → following character ("" = end) → how often, or how probable."""


def train_ngrams(
    texts: Iterable[tuple[str, float]],
    name: str,
    alphabet: str,
    *,
    order: int = 8,
    minimum: float = 1.5,
    gain: float = 2.5,
) -> Automaton:
    """A model of texts with weights.

    Args:
        texts: text and how often it is expected (any scale; a weight of 1 counts once).
        name: name of the start state.
        alphabet: characters of the automaton; others in the texts are left out.
        order: characters of memory, plus one.
        minimum: a context is kept if it was seen at least this often.
        gain: a character's arc is kept if it gains at least this much log-likelihood over the
            shorter context on the texts.

    Returns:
        An automaton that accepts every text over the alphabet; the weights of all texts sum to 1.

    """
    counts = _count(texts, set(alphabet), order)
    kept = {h for h, seen in counts.items() if not h or sum(seen.values()) >= minimum}
    # A context without its shorter forms could not be reached.
    kept = {h for h in kept if all(h[:k] in kept for k in range(1, len(h)))}
    counts = {h: counts[h] for h in sorted(kept, key=lambda h: (len(h), h))}
    model = _smooth(counts, alphabet)
    _prune(model, counts, gain)
    return _pack(model, name, alphabet)


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
            share = _UNSEEN / len(everything)
            own = {c: (1 - _UNSEEN) * seen.get(c, 0.0) / total + share for c in everything}
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


def _pack(model: Counts, name: str, alphabet: str) -> Automaton:
    builder = Builder(alphabet)
    ids = {context: builder.state() for context in sorted(model, key=lambda h: (len(h), h))}
    back: dict[str, float] = {}
    for context, state in ids.items():
        own = model[context]
        if context:
            shorter = _suffix(context[1:], ids)
            covered = sum(_probability(c, shorter, model, back) for c in own)
            free, there = 1 - sum(own.values()), 1 - covered
            back[context] = max(free, 1e-4) / max(there, 1e-4) if there > 1e-9 else 1e-4
            builder.failure(state, ids[shorter], math.log(back[context]))
        for character, probability in own.items():
            target = DEAD if character == _STOP else ids[_suffix(context + character, ids)]
            builder.arc(state, character, target, math.log(probability))
    return builder.build({name: ids[_suffix(_START, ids)]}, {name: alphabet})
