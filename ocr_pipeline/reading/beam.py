"""CTC prefix beam search over all lines of a page at once, guided by an automaton.

The search (Hannun et al., "First-Pass Large Vocabulary Continuous Speech Recognition using
Bi-Directional Recurrent DNNs", 2014) walks the lines in step, with arrays instead of loops over
hypotheses: a page costs little more than its longest line.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats
from ocr_pipeline.reading.automaton import END, StepTable
from ocr_pipeline.reading.recogniser import Scores

Ints = npt.NDArray[np.int64]
Entry = TypeVar("Entry", bound=np.generic)


@dataclass(frozen=True, slots=True)
class BeamSearch:
    """How one line is searched.

    Attributes:
        start: start state's name in the automaton.
        weight: factor on the automaton's log weights.
        bonus: natural log added for every character, against the weights' bias to short texts.
        wanted: sets of characters; the most probable one of each set is tried in every frame,
            however improbable it is there.

    """

    start: str
    weight: float = 1.0
    bonus: float = 0.0
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BeamLimits:
    """What the beam search may leave out.

    Attributes:
        beam: hypotheses kept a line.
        characters: characters tried in a frame.
        blank: frames whose blank is at least this probable are passed over.
        ratio: extensions less probable than this part of the best hypothesis are dropped.
        floor: probability spread evenly over all classes before the search: a network is never as
            sure as it says, and a grammar must be able to get past a misread character.

    """

    beam: int = 16
    characters: int = 12
    blank: float = 0.999
    ratio: float = 1e-5
    floor: float = 1e-4


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One reading: its text, and what network and automaton say of it (natural logs).

    Attributes:
        text: the reading.
        acoustic: what the network says.
        language: what the automaton says.
        total: both together, weighted.
        second: what the second network says; None where none was asked.

    """

    text: str
    acoustic: float
    language: float
    total: float
    second: float | None = None


def beam_search(
    lines: Sequence[Scores],
    searches: Sequence[BeamSearch],
    automaton: StepTable,
    alphabet: str,
    limits: BeamLimits | None = None,
) -> list[list[Hypothesis]]:
    """The most probable texts of each line among those its automaton accepts.

    Args:
        lines: (frames, 1 + len(alphabet)) natural log-probabilities each.
        searches: start state and weights, one a line.
        automaton: grammars and language models.
        alphabet: the recogniser's characters.
        limits: width of the search.

    Returns:
        For each line its hypotheses, best total first; none if the automaton accepts nothing that
        the search came by.

    """
    if not lines:
        return []
    limits = limits or BeamLimits()
    frames = [
        _frames(
            line, _allowed(automaton, search.start, alphabet), limits, _columns(search, alphabet)
        )
        for line, search in zip(lines, searches, strict=True)
    ]
    order = np.argsort([-len(f.probabilities) for f in frames], kind="stable")
    beam = _Beam([searches[i] for i in order], automaton, alphabet, limits)
    ordered = [frames[i] for i in order]
    lengths = np.array([len(f.probabilities) for f in ordered])
    probabilities, best, after_blank = (
        _by_time([getattr(f, name) for f in ordered], lengths[0])
        for name in ("probabilities", "best", "after_blank")
    )
    for t, active in enumerate((lengths[:, None] > np.arange(lengths[0])).sum(axis=0).tolist()):
        beam.advance(probabilities[t, :active], best[t, :active], after_blank[t, :active])
    found = beam.finish()
    out: list[list[Hypothesis]] = [[] for _ in lines]
    for place, hypotheses in zip(order, found, strict=True):
        skipped = frames[place].skipped
        out[place] = [
            Hypothesis(h.text, h.acoustic + skipped, h.language, h.total + skipped)
            for h in hypotheses
        ]
    return out


@dataclass(frozen=True, slots=True)
class _Frames:
    probabilities: Floats  # (T, classes): frames that may hold a character
    best: Ints  # (T, characters): columns to try
    after_blank: npt.NDArray[np.bool_]  # (T,) a passed-over blank lies right before
    skipped: float  # log-probability of the frames passed over


def _allowed(automaton: StepTable, start: str, alphabet: str) -> npt.NDArray[np.bool_]:
    return _readable(automaton.symbols[start], alphabet)


@lru_cache(maxsize=256)
def _readable(symbols: str, alphabet: str) -> npt.NDArray[np.bool_]:
    known = set(symbols)
    return np.array([True, *(c in known for c in alphabet)])


def _columns(search: BeamSearch, alphabet: str) -> list[Ints]:
    """Columns of the characters of each set that is wanted."""
    found = ([alphabet.find(c) for c in characters] for characters in search.wanted)
    return [np.array([place for place in places if place >= 0]) for places in found]


def _frames(
    scores: Scores,
    allowed: npt.NDArray[np.bool_],
    limits: BeamLimits,
    wanted: Sequence[Ints] = (),
) -> _Frames:
    probabilities = np.exp(scores.astype(np.float64))
    if limits.floor:
        probabilities = (1 - limits.floor) * probabilities + limits.floor / probabilities.shape[1]
    probabilities = np.where(allowed, probabilities, 0.0)
    blank = probabilities[:, 0]
    kept = np.flatnonzero(blank < limits.blank)
    gaps = np.diff(kept, prepend=-1) > 1
    skipped = float(np.log(np.delete(blank, kept)).sum())
    probabilities = probabilities[kept]
    ranked = -probabilities[:, 1:]
    for columns in wanted:
        if len(columns):
            first = columns[ranked[:, columns].argmin(axis=1)]
            ranked[np.arange(len(ranked)), first] = -2.0  # before whatever is probable
    count = min(limits.characters + len(wanted), int(allowed.sum()) - 1)
    best = np.argpartition(ranked, count - 1, axis=1)[:, :count] + 1
    return _Frames(probabilities, best, gaps, skipped)


def _by_time(lines: Sequence[npt.NDArray[Entry]], frames: int) -> npt.NDArray[Entry]:
    """(T, ...) of each line as (frames, lines, ...); 0 where a line has ended."""
    out = np.zeros((frames, len(lines), *lines[0].shape[1:]), lines[0].dtype)
    for place, line in enumerate(lines):
        out[: len(line), place] = line
    return out


def _picked(table: npt.NDArray[Entry], columns: Ints) -> npt.NDArray[Entry]:
    """The entries `table[i, columns[i, j]]`; `numpy.take_along_axis` without its overhead."""
    first = table.shape[1] * np.arange(len(columns))
    picked: npt.NDArray[Entry] = table.reshape(-1)[first[:, None] + columns]
    return picked


class _Steps:
    """`Automaton.step` that remembers: from frame to frame most steps are the same."""

    _SLOTS = 1 << 16

    def __init__(self, automaton: StepTable) -> None:
        self.automaton = automaton
        self._size = len(automaton.alphabet) + 1
        self._keys = np.full(self._SLOTS, -1, np.int64)
        self._targets = np.zeros(self._SLOTS, np.int32)
        self._weights = np.zeros(self._SLOTS)

    def __call__(
        self, states: npt.NDArray[np.int32], codes: Ints
    ) -> tuple[npt.NDArray[np.int32], Floats]:
        """As `Automaton.step`."""
        wanted = states.astype(np.int64) * self._size + codes
        slots = wanted % self._SLOTS
        targets, weights = self._targets[slots], self._weights[slots]
        new = np.flatnonzero(self._keys[slots] != wanted)
        if len(new):
            targets[new], weights[new] = self.automaton.step(states[new], codes[new])
            slots = slots[new]  # where two share one, the last of them stays, in all three
            self._keys[slots] = wanted[new]
            self._targets[slots], self._weights[slots] = targets[new], weights[new]
        return targets, weights


_LAST = threading.local()  # steps: those of the automaton that this thread used last


def _steps(automaton: StepTable) -> _Steps:
    """The steps of an automaton, remembered from page to page: most are those of the book."""
    steps: _Steps | None = getattr(_LAST, "steps", None)
    if steps is None or steps.automaton is not automaton:
        steps = _LAST.steps = _Steps(automaton)
    return steps


class _Beam:
    """Hypotheses of all lines, (lines, beam) arrays; a prefix is known by its hash."""

    def __init__(
        self,
        searches: Sequence[BeamSearch],
        automaton: StepTable,
        alphabet: str,
        limits: BeamLimits,
    ) -> None:
        shape = (len(searches), limits.beam)
        self.limits, self.automaton, self.alphabet = limits, automaton, alphabet
        self.step = _steps(automaton)
        codes = automaton.codes(alphabet)
        self.code = np.concatenate(([-1], np.where(codes < 0, -1, codes)))
        self.weight = np.array([s.weight for s in searches])
        self.bonus = np.array([s.bonus for s in searches])
        self.blank, self.other = np.zeros(shape), np.zeros(shape)  # ends in blank, in a character
        self.blank[:, 0] = 1.0
        self.scale = np.zeros(len(searches))
        self.hash = np.zeros(shape, np.uint64)
        self.hash[:, 0] = 1
        self.parent = np.zeros(shape, np.uint64)
        self.last = np.zeros(shape, np.int64)
        self.state = np.zeros(shape, np.int32)
        self.state[:, 0] = [automaton.starts[s.start] for s in searches]
        self.factor = np.ones(shape)  # of the last character's arc
        self.language = np.zeros(shape)
        self.node = np.zeros(shape, np.int64)
        self.parents: list[Ints] = [np.zeros(1, np.int64)]
        self.columns: list[Ints] = [np.zeros(1, np.int64)]
        self.nodes = 1

    def advance(self, frame: Floats, best: Ints, after_blank: npt.NDArray[np.bool_]) -> None:
        """One frame: (n, classes) probabilities, (n, k) columns to try, of the first n lines."""
        n = len(frame)
        blank, other = self.blank[:n], self.other[:n]
        last, hashes, factor = self.last[:n], self.hash[:n], self.factor[:n]
        blank[after_blank] += other[after_blank]
        other[after_blank] = 0.0
        total = blank + other
        spoken = _picked(frame, last)
        spoken[last == 0] = 0.0
        stay_blank = total * frame[:, :1]
        stay_other = other * spoken
        extended = self._extend(frame, best, blank, total, last)
        # An extension that is already in the beam goes there instead.
        line, child = np.nonzero(self.parent[:n] > 0)
        same = hashes[line] == self.parent[:n][line, child][:, None]
        pair, parent = np.nonzero(same)
        line, child = line[pair], child[pair]
        column = last[line, child]
        source = np.where(last[line, parent] == column, blank[line, parent], total[line, parent])
        stay_other[line, child] += frame[line, column] * factor[line, child] * source
        tried, place = np.nonzero(best[line] == column[:, None])
        extended[line[tried], parent[tried], place] = 0.0
        self._select(n, best, stay_blank, stay_other, extended)

    def _extend(
        self, frame: Floats, best: Ints, blank: Floats, total: Floats, last: Ints
    ) -> Floats:
        tried = _picked(frame, best)
        repeats = last[:, :, None] == best[:, None, :]
        source: Floats = np.where(repeats, blank[:, :, None], total[:, :, None])
        source *= tried[:, None, :]
        return source

    def _select(
        self, n: int, best: Ints, stay_blank: Floats, stay_other: Floats, extended: Floats
    ) -> None:
        width = self.limits.beam
        stay = stay_blank + stay_other
        peak = np.maximum(stay.max(axis=1), extended.max(axis=(1, 2)))
        found = np.flatnonzero(extended > (self.limits.ratio * peak)[:, None, None])
        origin, place = np.divmod(found, best.shape[1])
        line = origin // width
        column = best[line, place]
        target, arc = self.step(self.state.reshape(-1)[origin], self.code[column])
        alive = target >= 0
        line, origin, column, target = line[alive], origin[alive], column[alive], target[alive]
        log_factor = self.weight[line] * arc[alive] + self.bonus[line]
        value = extended.ravel()[found[alive]] * np.exp(log_factor)
        # All candidates of a line in one row: the hypotheses that stay, then the new ones.
        counts = np.bincount(line, minlength=n)
        offset = np.arange(len(line)) - (np.cumsum(counts) - counts)[line]
        pool = np.zeros((n, width + max(int(counts.max()), 1)))
        pool[:, :width] = stay
        pool[line, width + offset] = value
        which = np.full(pool.shape, -1)
        which[line, width + offset] = np.arange(len(line))
        chosen = np.argpartition(-pool, width - 1, axis=1)[:, :width]
        self._replace(
            n, chosen, which, stay_blank, stay_other, origin, column, target, value, log_factor
        )

    def _replace(
        self,
        n: int,
        chosen: Ints,
        which: Ints,
        stay_blank: Floats,
        stay_other: Floats,
        source: Ints,
        column: Ints,
        target: npt.NDArray[np.int32],
        value: Floats,
        log_factor: Floats,
    ) -> None:
        width = self.limits.beam
        new = _picked(which, chosen)
        fresh = new >= 0
        fresh_new = new[fresh]
        stays = ~fresh & (chosen < width)
        # Places in the arrays of all lines: of the hypothesis that stays, or is extended.
        origin = width * np.arange(n)[:, None] + np.where(stays, chosen, 0)
        origin[fresh] = source[fresh_new]

        def take(values: npt.NDArray[Entry]) -> npt.NDArray[Entry]:
            taken: npt.NDArray[Entry] = values.reshape(-1)[origin]
            return taken

        blank = np.where(stays, take(stay_blank), 0.0)
        other = np.where(stays, take(stay_other), 0.0)
        other[fresh] = value[fresh_new]
        peak = (blank + other).max(axis=1)
        peak[peak <= 0] = 1.0
        parent, last, factor = take(self.parent), take(self.last), take(self.factor)
        state, language, node = take(self.state), take(self.language), take(self.node)
        hashes = take(self.hash)
        parent[fresh] = hashes[fresh]
        hashes[fresh] = hashes[fresh] * np.uint64(1_000_003) + column[fresh_new].astype(np.uint64)
        last[fresh], state[fresh] = column[fresh_new], target[fresh_new]
        factor[fresh] = np.exp(log_factor[fresh_new])
        language[fresh] += log_factor[fresh_new]
        self.parents.append(node[fresh])
        self.columns.append(column[fresh_new])
        node[fresh] = self.nodes + np.arange(len(fresh_new))
        self.nodes += len(fresh_new)
        dead = blank + other <= 0
        parent[dead], hashes[dead] = 0, 0
        self.blank[:n], self.other[:n] = blank / peak[:, None], other / peak[:, None]
        self.scale[:n] += np.log(peak)
        self.parent[:n], self.hash[:n], self.last[:n] = parent, hashes, last
        self.factor[:n], self.state[:n] = factor, state
        self.language[:n], self.node[:n] = language, node

    def finish(self) -> list[list[Hypothesis]]:
        """Hypotheses of each line that end in a final state, best first."""
        parents = np.concatenate(self.parents).tolist()
        columns = np.concatenate(self.columns).tolist()
        total = self.blank + self.other
        line, place = np.nonzero(total > 0)
        _, end = self.automaton.step(self.state[line, place], np.full(len(line), END))
        alive = np.isfinite(end)
        line, place, end = line[alive], place[alive], end[alive]
        acoustic = np.log(total[line, place]) + self.scale[line] - self.language[line, place]
        language = self.language[line, place] + self.weight[line] * end
        out: list[list[Hypothesis]] = [[] for _ in total]
        for i in np.argsort(-(acoustic + language), kind="stable"):
            text, node = [], int(self.node[line[i], place[i]])
            while node:
                text.append(self.alphabet[columns[node] - 1])
                node = parents[node]
            out[line[i]].append(
                Hypothesis(
                    "".join(reversed(text)),
                    float(acoustic[i]),
                    float(language[i]),
                    float(acoustic[i] + language[i]),
                )
            )
        return out
