"""What a sample shows of an error: exact bounds for a share (Clopper, Pearson 1934).

A sample in which nothing was wrong shows at 95 % that at most 3 ÷ n of all are (“rule of three”);
the exact number for 0.5 % is 598.
"""

from __future__ import annotations

import math

#: The share of wrong fields among accepted ones that a sample shall show not to be exceeded.
ERROR_BUDGET = 0.005
_DOUBT = 0.05  # chance that a share above the bound looks like this
_STEPS = 60  # of halving: beyond the precision of a float


def upper_bound(wrong: int, checked: int) -> float:
    """The share of wrong ones that is not exceeded, at 95 %; 1 when nothing was checked."""
    if wrong >= checked:
        return 1.0
    low, high = wrong / checked, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if _chance(wrong, checked, middle) < _DOUBT else (middle, high)
    return high


def lower_bound(wrong: int, checked: int) -> float:
    """The share of wrong ones that is surely reached, at 95 %; 0 when nothing was wrong."""
    return 1.0 - upper_bound(checked - wrong, checked) if wrong else 0.0


def needed_sample(wrong: int, budget: float = ERROR_BUDGET) -> int:
    """How many fields have to be checked in all, when so many are wrong, to show the budget.

    Args:
        wrong: wrong ones among them, 0 or more.
        budget: share of wrong ones to be shown not exceeded, over 0 and below 1.

    """
    enough = wrong + 1
    while _chance(wrong, enough, budget) > _DOUBT:
        enough *= 2
    short = enough // 2
    while enough - short > 1:
        middle = (short + enough) // 2
        if _chance(wrong, middle, budget) > _DOUBT:
            short = middle
        else:
            enough = middle
    return enough


def _chance(most: int, count: int, share: float) -> float:
    """Chance of at most so many wrong ones in a sample, at this share (binomial)."""
    if most >= count:
        return 1.0
    right, wrong = math.log1p(-share), math.log(share)
    of_all = math.lgamma(count + 1)
    return math.fsum(
        math.exp(
            of_all
            - math.lgamma(n + 1)
            - math.lgamma(count - n + 1)
            + n * wrong
            + (count - n) * right
        )
        for n in range(most + 1)
    )
