"""How well the values of rows fit the ink of a field, as the network sees it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from ocr_pipeline.arrays import Floats
from ocr_pipeline.exchange.linking.row_values import comparable, means_same, texts_on_paper
from ocr_pipeline.reading.ctc import greedy, log_likelihoods
from ocr_pipeline.reading.decoding import LineScores, joined
from ocr_pipeline.reading.recogniser import Scores
from ocr_pipeline.registers.fields import Field, Special
from ocr_pipeline.text.normalise import key

WORST_FIT = -30.0
"""Nats below the free reading; what fits worse counts as this, or was not compared."""

#: Of a value that a row has and the page leaves empty, or the other way round.
_ONE_EMPTY = -4.0
#: Probability spread over all characters: one that the network reads wrongly costs 7 nats.
_FLOOR = 1e-3
#: Probability of a value that none of the readings means.
_UNREAD = 1e-4
_MOST_LETTERS = 200


@dataclass(frozen=True)
class ComparedInk:
    """One field of a page: what was read of it, and the scores behind it.

    Attributes:
        field: as judged, with its other readings.
        writing: its frame scores; without lines where nothing is written.
        alphabet: the network's characters.

    """

    field: Field
    writing: LineScores
    alphabet: str

    @property
    def is_blank(self) -> bool:
        """Nothing is written there, as far as the network sees."""
        return not self.raw.strip()

    @property
    def is_unseen(self) -> bool:
        """It was read, but the scan shows its ink no more: its readings alone speak for it."""
        return not self.writing.lines and bool(self.field.value)

    @property
    def is_telling(self) -> bool:
        """Its ink says what it means by itself: a ditto mark does not."""
        return self.field.special is not Special.DITTO

    @cached_property
    def raw(self) -> str:
        """The free reading."""
        if self.is_unseen:
            return self.field.as_written or self.field.value
        return self.writing.join.join(greedy(line, self.alphabet) for line in self.writing.lines)

    @cached_property
    def fit_of_free_reading(self) -> float:
        """Natural log of how probable the network holds what it likes best, any grammar or none."""
        texts = [self.raw, *(one.text for one in self.field.n_best)]
        return max(float(self._seen(texts).max()), WORST_FIT * 100)

    @cached_property
    def _scores(self) -> Scores:
        return joined(self.writing, self.alphabet)

    def _seen(self, texts: Sequence[str]) -> Floats:
        usable = [text[:_MOST_LETTERS] for text in texts] or [""]
        return log_likelihoods(self._scores, usable, self.alphabet, _FLOOR)

    def fits(self, values: Sequence[str]) -> dict[str, float]:
        """How much worse than the free reading each value fits, in its best form.

        Returns:
            Nats, `WORST_FIT` to 0, by value.

        """
        found: dict[str, float] = {}
        texts: list[str] = []
        owners: list[str] = []
        for value in dict.fromkeys(values):
            if not value or self.is_blank:
                found[value] = 0.0 if self.is_blank and not value else _ONE_EMPTY
                continue
            if not self.is_telling:
                same = means_same(self.field.kind, self.field.value, value)
                found[value] = 0.0 if same else _ONE_EMPTY
                continue
            if self.is_unseen:
                found[value] = self._fit_of_readings(value)
                continue
            own = self._texts(value)
            texts += own
            owners += [value] * len(own)
        if texts:
            seen = self._seen(texts) - self.fit_of_free_reading
            for value, fit in zip(owners, seen, strict=True):
                found[value] = max(found.get(value, WORST_FIT), min(float(fit), 0.0))
        return found

    def _fit_of_readings(self, value: str) -> float:
        """How much less probable than the best reading those are that mean the value."""
        field = self.field
        own = sum(c.probability for c in field.n_best if means_same(field.kind, c.value, value))
        if means_same(field.kind, field.value, value):
            own = max(own, field.confidence)
        best = max([field.confidence, *(c.probability for c in field.n_best)])
        return min(math.log(max(own, _UNREAD) / max(best, _UNREAD)), 0.0)

    def _texts(self, value: str) -> list[str]:
        """The ways in which the value may stand here, readings that mean it among them."""
        kind = self.field.kind
        read = [c.text for c in self.field.n_best if means_same(kind, c.value, value)]
        known = set(self.alphabet)
        forms = dict.fromkeys([*read, *texts_on_paper(kind, value)])
        return [form for form in forms if known.issuperset(form)]

    def likeliest(self, values: Iterable[str], most: int) -> list[str]:
        """The values that look most like the readings of the field: the others are not compared."""
        pool = list(dict.fromkeys(value for value in values if value))
        if len(pool) <= most:
            return pool
        kind = self.field.kind
        keys = [_bare(comparable(kind, value)) for value in pool]
        wanted = [self.raw, self.field.value, *(c.value for c in self.field.n_best[:3])]
        best: dict[int, float] = {}
        for text in {_bare(comparable(kind, one) or one) for one in wanted if one}:
            found = process.extract(text, keys, scorer=fuzz.ratio, limit=most, processor=None)
            for _, score, place in found:
                best[place] = max(best.get(place, 0.0), score)
        ranked = sorted(best, key=lambda place: (-best[place], place))[:most]
        return [pool[place] for place in ranked]


def _bare(text: str) -> str:
    return key(text, accents=False)


@dataclass(frozen=True)
class RecordInk:
    """One record on a page.

    Attributes:
        page: name of the page.
        position: of the record on it, from 1.
        layout: id of the form.
        fields: by code, without boxes to tick.

    """

    page: str
    position: int
    layout: str
    fields: Mapping[str, ComparedInk]
