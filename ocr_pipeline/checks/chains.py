"""Forward–backward smoothing of a chain of uncertain values that follow each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

State = tuple[int | None, float]
"""A possible value (None: something that was not read) and its weight."""

Step = Callable[[int | None, int | None], float]
"""Probability of the second value after the first; None stands for an unread value."""

_HIDDEN = 0.02  # how often a figure is lost without a trace, beside a link that shows it
_SHOWN = 0.02  # weight of the longer value in a link that shows it


def smooth(chain: Sequence[Sequence[State]], step: Step) -> list[list[float]]:
    """Posterior of every state of every link, normalised per link.

    Args:
        chain: for each link its states; at least one each, weights not all 0.
        step: transition probabilities.

    """
    forward: list[list[float]] = []
    for at, states in enumerate(chain):
        if at == 0:
            forward.append(_normal([weight for _, weight in states]))
            continue
        before = list(zip(chain[at - 1], forward[-1], strict=True))
        forward.append(
            _normal([w * sum(p * step(u, v) for (u, _), p in before) for v, w in states])
        )
    backward = [1.0] * len(chain[-1]) if chain else []
    out: list[list[float]] = []
    for at in range(len(chain) - 1, -1, -1):
        out.append(_normal([f * b for f, b in zip(forward[at], backward, strict=True)]))
        if at:
            after = [(v, w * b) for (v, w), b in zip(chain[at], backward, strict=True)]
            backward = _normal([sum(step(u, v) * p for v, p in after) for u, _ in chain[at - 1]])
    return out[::-1]


def counted_once(
    chain: Sequence[Sequence[State]], misread: Callable[[int, int], bool]
) -> list[list[State]]:
    """The chain where what is misread alike in links that follow each other counts as one witness.

    A hand whose 110, 111 and 112 look like 10, 11 and 12 writes all of them so: both runs of
    numbers fit, and each link by itself says the wrong one. Where some links hold two values that
    lie equally far apart, the odds between the two are theirs on average, not multiplied. One that
    shows the longer value is enough: the links beside it may hide theirs altogether, and all that
    do count as one more witness.

    Args:
        chain: for each link its states.
        misread: whether the second value is easily taken for the first.

    """
    out = [list(states) for states in chain]
    pairs = [_pairs(states, misread) for states in chain]
    for apart in sorted({apart for own in pairs for apart in own}):
        run: list[int] = []
        for at in range(len(chain) + 1):
            if at < len(chain) and (apart in pairs[at] or _may_hide(chain[at], apart, misread)):
                run.append(at)
                continue
            if any(_shows(chain[link], pairs[link].get(apart)) for link in run):
                shown = sum(apart in pairs[link] for link in run)
                for link in run:
                    pair = pairs[link].get(apart)
                    witnesses = shown if pair else len(run) - shown
                    out[link] = _tempered(out[link], apart, pair, witnesses)
            run = []
    return out


def _may_hide(states: Sequence[State], apart: int, misread: Callable[[int, int], bool]) -> bool:
    """Whether the likeliest value of a link may be the shorter of two such."""
    top = states[_top(states)][0]
    return top is not None and misread(top, top + apart)


def _shows(states: Sequence[State], pair: tuple[int, int] | None) -> bool:
    """Whether the longer of two such values is no mere guess among the least likely ones."""
    return pair is not None and states[pair[1]][1] >= _SHOWN


def _top(states: Sequence[State]) -> int:
    """Place of the likeliest value; of the unread one only where there is no other."""
    known = [at for at, (value, _) in enumerate(states) if value is not None]
    return max(known, key=lambda at: (states[at][1], states[at][0]), default=0)


def _pairs(
    states: Sequence[State], misread: Callable[[int, int], bool]
) -> dict[int, tuple[int, int]]:
    """Places of two values of a link, the likeliest two by how far they lie apart."""
    weights: dict[int, float] = {}
    out: dict[int, tuple[int, int]] = {}
    known = [(at, value, weight) for at, (value, weight) in enumerate(states) if value is not None]
    for at, short, one in known:
        for other, long, two in known:
            if misread(short, long) and one * two > weights.get(long - short, 0.0):
                weights[long - short] = one * two
                out[long - short] = (at, other)
    return out


def _tempered(
    states: list[State], apart: int, pair: tuple[int, int] | None, witnesses: int
) -> list[State]:
    """The states with the odds between two of them brought to their root; their sum stays.

    Where the link holds no pair, the longer value is added first.
    """
    if pair is None:
        pair = _top(states), len(states)
        value, weight = states[pair[0]]
        states = [*states, ((value or 0) + apart, _HIDDEN * weight)]
    one, two = pair
    first, second = (states[at][1] ** (1 / witnesses) for at in (one, two))
    both = (states[one][1] + states[two][1]) / (first + second)
    out = list(states)
    out[one] = (states[one][0], first * both)
    out[two] = (states[two][0], second * both)
    return out


def _normal(weights: list[float]) -> list[float]:
    total = sum(weights)
    return [w / total for w in weights] if total > 0 else [1.0 / len(weights)] * len(weights)


def spans_step(spans: Sequence[Sequence[float]], otherwise: float, unread: float) -> Step:
    """Steps by difference: `spans` are [from, to, probability of the whole span].

    Args:
        spans: differences and their probability, shared evenly within a span.
        otherwise: probability of each difference outside all spans.
        unread: probability of each value before or after an unread one.

    """
    table = {
        difference: probability / (int(last) - int(first) + 1)
        for first, last, probability in spans
        for difference in range(int(first), int(last) + 1)
    }

    def step(before: int | None, after: int | None) -> float:
        if before is None or after is None:
            return unread
        return table.get(after - before, otherwise)

    return step
