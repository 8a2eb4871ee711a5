"""Print in its order: rows down a page, captions and lines along a row, shifted together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats

_FIRM_MM = 3.0  # things closer together than this keep their distance
_CRUSHED = 2.0  # what is lost where two of them would stand closer than half their distance
LEAST_LEADER_MM = 5.0
"""No leader is shorter."""

FAR_MM = 26.0
"""How far the ends of a leader may stand from where the layout has them."""


def height_in(rows: Sequence[tuple[float, float]], y: float) -> float:
    """Where height `y` of the layout lies in the picture, by rows that are known (both, in mm)."""
    return float(np.interp(y, [row[0] for row in rows], [row[1] for row in rows]))


def best_chain(
    gains: Floats, steps: Floats, drift: float, gaps: Floats | None = None
) -> npt.NDArray[np.intp]:
    """The shift of each of several things in order, whose neighbours move nearly alike (Viterbi).

    Args:
        gains: (N, S) what each thing gains by each shift.
        steps: (S,) the shifts in mm.
        drift: what is lost for each mm that two neighbours differ by.
        gaps: (N - 1,) mm between neighbours: those close together keep their distance.

    """
    apart = steps[:, None] - steps  # of a thing against the one before
    total = gains[0]
    back = []
    for k, gain in enumerate(gains[1:]):
        cost = drift * np.abs(apart)
        if gaps is not None:
            gap = max(float(gaps[k]), 0.5)
            cost = cost * (1 + _FIRM_MM / gap) + _CRUSHED * (apart <= -0.4 * gap)
        choices = total[None, :] - cost
        before = choices.argmax(axis=1)
        back.append(before)
        total = choices[np.arange(len(steps)), before] + gain
    chosen = [int(total.argmax())]
    for before in reversed(back):
        chosen.append(int(before[chosen[-1]]))
    return np.array(chosen[::-1], np.intp)


def assigned(
    expected: Sequence[tuple[float, float, bool]], pieces: Sequence[tuple[float, float]]
) -> list[tuple[float, float] | None]:
    """Pieces of line for leaders, in order: the cheapest way to give each leader one or none.

    Args:
        expected: begin and end of each leader in mm, and whether the begin is sure.
        pieces: begin and end of the pieces found, from left to right.

    """
    count, most = len(expected), len(pieces)
    cost = np.full((count + 1, most + 1), 0.0)
    choice = np.zeros((count + 1, most + 1), int)
    for i in range(1, count + 1):
        cost[i, 0] = i * FAR_MM
        for j in range(1, most + 1):
            x1, x2, sure = expected[i - 1]
            a, b = pieces[j - 1]
            own = (1.0 if sure else 0.5) * abs(a - x1) + 0.5 * abs(b - x2)
            overlap = min(b, x2) - max(a, x1)
            if overlap <= 0:
                own += 10
            ways = (cost[i - 1, j - 1] + own, cost[i, j - 1], cost[i - 1, j] + FAR_MM)
            choice[i, j] = int(np.argmin(ways))
            cost[i, j] = ways[choice[i, j]]
    result: list[tuple[float, float] | None] = [None] * count
    i, j = count, most
    while i and j:
        if choice[i, j] == 0:
            result[i - 1] = pieces[j - 1]
            i, j = i - 1, j - 1
        elif choice[i, j] == 1:
            j -= 1
        else:
            i -= 1
    return result


def shared_out(
    expected: Sequence[tuple[float, float, bool]],
    chosen: list[tuple[float, float] | None],
    pieces: Sequence[tuple[float, float]],
    blocks: Sequence[tuple[float, float]],
) -> list[tuple[float, float] | None]:
    """Leaders with the pieces that a pen has cut off, and with their part of what runs on.

    Args:
        expected: as for `assigned`.
        chosen: what that gave.
        pieces: all pieces.
        blocks: words between which leaders end.

    """

    def apart(a: float, b: float) -> bool:
        return any(min(a, b) < (x1 + x2) / 2 < max(a, b) for x1, x2 in blocks)

    result = list(chosen)
    for piece in pieces:
        if piece in chosen:
            continue
        middle = (piece[0] + piece[1]) / 2
        beside = [
            (max(own[0] - piece[1], piece[0] - own[1]), k)
            for k, own in enumerate(result)
            if own is not None and not apart(middle, (own[0] + own[1]) / 2)
        ]
        if beside and min(beside)[0] < FAR_MM:
            k = min(beside)[1]
            own = result[k]
            assert own is not None
            result[k] = (min(own[0], piece[0]), max(own[1], piece[1]))
    for k, own in enumerate(result):
        if own is not None:
            continue
        for near in (k - 1, k + 1):
            whole = result[near] if 0 <= near < len(result) else None
            first, last = min(k, near), max(k, near)
            if whole is None or not whole[0] < expected[last][0] < whole[1]:
                continue
            cut = expected[last][0] - 0.5 * max(expected[last][0] - expected[first][1], 0)
            if cut - whole[0] > LEAST_LEADER_MM and whole[1] - cut > LEAST_LEADER_MM:
                result[first], result[last] = (whole[0], cut - 1), (cut + 1, whole[1])
                break
    return result
