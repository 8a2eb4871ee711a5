"""A second network that reads the same ink, and the hypotheses of both weighed together.

The two were trained on other data, in other shapes, and so err in other places. Their scores cannot
be averaged frame by frame: a CTC network says a character in a frame of its own choice, and the
mean of both reads 74 % of the values right where the first alone reads 77 %. Hypotheses can be
weighed: each network says how probable it holds the text that the other has found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocr_pipeline.reading.beam import BeamLimits
from ocr_pipeline.reading.ctc import likelihoods_of_lines
from ocr_pipeline.reading.decoding import LineScores, Pool, PoolEntry, joined
from ocr_pipeline.reading.recogniser import Scores

# What each network's log-probability counts for: on 48 drawn books of unseen hands (4,252 written
# fields) 3,457 are right, 3,446 with 0.5 and 0.5, 3,368 with the first alone.
_FIRST, _SECOND = 0.6, 0.3
# Natural log: how much less probable than its favourite a network may hold a text. Without a limit
# as many are right, but a character that one of them does not know could never be read.
_MOST_DOUBT = 20.0
_REACH = 10.0  # natural log: hypotheses further behind the best of their pool are left out
_FLOOR = BeamLimits().floor


@dataclass(frozen=True, slots=True)
class SecondReading:
    """What the second network says of one field.

    Attributes:
        alphabet: its characters.
        lines: its scores of each line of the field that holds ink.
        writing: those of the lines in which it reads something.
        pool: its own hypotheses.

    """

    alphabet: str
    lines: tuple[Scores, ...]
    writing: LineScores
    pool: Pool

    def of_lines(self, kept: Sequence[int]) -> LineScores:
        """Its scores of these lines of the field, counted among those that hold ink."""
        return replace(self.writing, lines=tuple(self.lines[line] for line in kept))


@dataclass(frozen=True, slots=True)
class ReadingPair:
    """A field with what each network says of it.

    Attributes:
        first: the first network's scores.
        pool: its hypotheses.
        second: the second network's scores of the same lines.
        reading: what the second network makes of the field by itself.

    """

    first: LineScores
    pool: Pool
    second: LineScores
    reading: SecondReading


def weigh_both(fields: Sequence[ReadingPair], alphabet: str) -> list[Pool]:
    """The hypotheses of both networks, each weighed by what both say of it.

    Args:
        fields: of a page.
        alphabet: the first network's characters.

    Returns:
        One pool a field: the first network's hypotheses and those that only the second has found,
        without the improbable ones. `acoustic` is what the first network says, `second` what the
        second does. A field of which the first has none stays without.

    """
    pools = [_probable(field.pool) for field in fields]
    new = [_unknown(field, pool) for field, pool in zip(fields, pools, strict=True)]
    heard = _said([field.first for field in fields], alphabet, new)
    theirs = fields[0].reading.alphabet if fields else ""
    whole = [pool + more for pool, more in zip(pools, new, strict=True)]
    said = _said([field.second for field in fields], theirs, whole)
    return [
        [_weighed(entry, first, second) for entry in entries]
        for entries, first, second in zip(
            whole, map(_with_own, pools, heard), map(_limited, said), strict=True
        )
    ]


def _probable(pool: Pool) -> Pool:
    least = max((entry.score for entry in pool), default=0.0) - _REACH
    return [entry for entry in pool if entry.score >= least]


def _unknown(field: ReadingPair, pool: Pool) -> Pool:
    """What the second network alone has found."""
    known = {(entry.rank, entry.hypothesis.text) for entry in pool}
    found = _probable(field.reading.pool) if pool else []
    return [one for one in found if (one.rank, one.hypothesis.text) not in known]


def _said(
    writings: Sequence[LineScores], alphabet: str, pools: Sequence[Pool]
) -> list[dict[str, float]]:
    """What a network says of the texts of some fields' hypotheses (natural logs)."""
    texts = [sorted({entry.hypothesis.text for entry in pool}) for pool in pools]
    lines = [(joined(writing, alphabet), own) for writing, own in zip(writings, texts, strict=True)]
    found = likelihoods_of_lines(lines, alphabet, _FLOOR)
    return [
        dict(zip(own, values.tolist(), strict=True))
        for own, values in zip(texts, found, strict=True)
    ]


def _with_own(pool: Pool, heard: dict[str, float]) -> dict[str, float]:
    """What the first network says of its own hypotheses and, with a limit, of the others."""
    own = {entry.hypothesis.text: entry.hypothesis.acoustic for entry in pool}
    return _limited(heard, max(own.values(), default=0.0)) | own


def _limited(said: dict[str, float], most: float | None = None) -> dict[str, float]:
    """The same, nothing much less probable than `most`, or than the most probable one."""
    best = max(said.values(), default=0.0) if most is None else most
    return {text: max(value, best - _MOST_DOUBT) for text, value in said.items()}


def _weighed(entry: PoolEntry, heard: dict[str, float], said: dict[str, float]) -> PoolEntry:
    found = entry.hypothesis
    first, second = heard[found.text], said[found.text]
    score = entry.score - found.acoustic + _FIRST * first + _SECOND * second
    return PoolEntry(score, entry.rank, replace(found, acoustic=first, second=second))


def as_first_says(pool: Pool) -> Pool:
    """The hypotheses of `weigh_both`, weighed by the first network alone."""
    return [_reweighed(entry, 1.0, 0.0) for entry in pool]


def as_second_says(pool: Pool) -> Pool:
    """The hypotheses of `weigh_both`, weighed by the second network alone."""
    return [_reweighed(entry, 0.0, 1.0) for entry in pool]


def _reweighed(entry: PoolEntry, first: float, second: float) -> PoolEntry:
    said = entry.hypothesis
    more = (first - _FIRST) * said.acoustic + (second - _SECOND) * (said.second or 0.0)
    return replace(entry, score=entry.score + more)
