"""Pairs chosen one to one so that the sum of their weights is largest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

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
        weights: of the pairs that are possible; only positive ones are chosen. Of equal sums the
            one with the smaller numbers is taken.

    """
    useful = {pair: weight for pair, weight in sorted(weights.items()) if weight > 0}
    own = sorted({a for a, _ in useful})
    other = sorted({b for _, b in useful})
    if max(len(own), len(other), 1) > _MOST_EXACT:
        return _by_weight(useful)
    # One column more for each row: to stay without a partner costs nothing.
    costs = [[-useful.get((a, b), 0.0) for b in other] + [0.0] * len(own) for a in own]
    columns = _cheapest(costs)
    chosen = [(own[row], other[at]) for row, at in enumerate(columns) if at < len(other)]
    return [pair for pair in chosen if pair in useful]


def _by_weight(weights: Mapping[Pair, float]) -> list[Pair]:
    taken: set[tuple[int, int]] = set()
    chosen = []
    for pair in sorted(weights, key=lambda one: (-weights[one], one)):
        ends = {(0, pair[0]), (1, pair[1])}
        if not ends & taken:
            taken |= ends
            chosen.append(pair)
    return chosen


def _cheapest(costs: list[list[float]]) -> list[int]:
    """Column of each row, by the Hungarian method with potentials; rows ≤ columns, O(n³)."""
    height, width = len(costs), len(costs[0]) if costs else 0
    row_price, column_price = [0.0] * (height + 1), [0.0] * (width + 1)
    owner = [0] * (width + 1)  # row of each column, from 1; 0 for none
    for row in range(1, height + 1):
        owner[0], at = row, 0
        least, way = [float("inf")] * (width + 1), [0] * (width + 1)
        seen = [False] * (width + 1)
        while owner[at]:
            seen[at] = True
            at = _next_column(costs, owner, row_price, column_price, least, way, seen, at)
        while at:
            owner[at] = owner[way[at]]
            at = way[at]
    columns = [0] * height
    for column in range(1, width + 1):
        if owner[column]:
            columns[owner[column] - 1] = column - 1
    return columns


def _next_column(
    costs: list[list[float]], owner: list[int], row_price: list[float],
    column_price: list[float], least: list[float], way: list[int], seen: list[bool], at: int,
) -> int:  # fmt: skip
    """Grow the tree of alternating paths by the cheapest column."""
    row, nearest, step = owner[at], 0, float("inf")
    for column in range(1, len(seen)):
        if seen[column]:
            continue
        cost = costs[row - 1][column - 1] - row_price[row] - column_price[column]
        if cost < least[column]:
            least[column], way[column] = cost, at
        if least[column] < step:
            step, nearest = least[column], column
    for column in range(len(seen)):
        if seen[column]:
            row_price[owner[column]] += step
            column_price[column] -= step
        else:
            least[column] -= step
    return nearest
