"""Pairs chosen one to one so that the sum of their weights is largest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from ocr_pipeline.exchange.heaviest_pairs import heaviest_columns

Pair = tuple[int, int]
#: Persons of a side in one group up to which the best choice is computed; beyond it, pair after
#: pair by weight. 200 take a second; real groups are families of up to ten.
_MOST_EXACT = 200


def groups_of_pairs(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    """Pairs that hang together by a person of either side."""
    pairs = list(pairs)
    above: dict[tuple[int, int], tuple[int, int]] = {}

    def top(node: tuple[int, int]) -> tuple[int, int]:
        above.setdefault(node, node)
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    for a, b in pairs:
        above[top((0, a))] = top((1, b))
    groups: dict[tuple[int, int], list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(top((0, pair[0])), []).append(pair)
    yield from groups.values()


def best_assignment(weights: Mapping[Pair, float]) -> list[Pair]:
    """The pairs, each person in one at most, whose weights add up to the most.

    Args:
        weights: of the pairs that are possible; only positive ones are chosen; the same weights
            always give the same pairs.

    """
    useful = {pair: weight for pair, weight in sorted(weights.items()) if weight > 0}
    own = sorted({a for a, _ in useful})
    other = sorted({b for _, b in useful})
    if max(len(own), len(other), 1) > _MOST_EXACT:
        return _by_weight(useful)
    table = np.zeros((len(own), len(other)))
    for (a, b), weight in useful.items():
        table[own.index(a), other.index(b)] = weight
    columns = heaviest_columns(table)
    return [(own[row], other[at]) for row, at in enumerate(columns) if at >= 0]


def _by_weight(weights: Mapping[Pair, float]) -> list[Pair]:
    taken: set[tuple[int, int]] = set()
    chosen = []
    for pair in sorted(weights, key=lambda one: (-weights[one], one)):
        ends = {(0, pair[0]), (1, pair[1])}
        if not ends & taken:
            taken |= ends
            chosen.append(pair)
    return chosen
