"""What is believed of a field before and after the book has had its say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ocr_pipeline.checks.context_settings import Tail
from ocr_pipeline.registers.fields import Candidate, Field, State

DECIDED = frozenset({State.CONFIRMED, State.CORRECTED, State.UNREADABLE})
"""States only a person can give: nothing is re-ranked or doubted any more."""

LEAST_OTHER = 0.2
"""Share of what the first candidate leaves that no other candidate can claim."""

_SMALLEST = 1e-4


@dataclass(frozen=True, slots=True)
class Belief:
    """Probability of each value of the n-best list, and of none of them being right.

    Attributes:
        values: value -> probability.
        other: probability that the truth is not in the list; at least a fifth of what the first
            candidate leaves, because alternatives share only what the decoder thought of. The
            first keeps its calibrated probability.

    """

    values: Mapping[str, float]
    other: float

    @property
    def total(self) -> float:
        """Sum of all weights."""
        return sum(self.values.values()) + self.other


def belief(field: Field) -> Belief:
    """What the reading alone says."""
    if field.state in DECIDED:
        return Belief({field.value: 1.0}, 0.0) if field.value else Belief({}, 1.0)
    values: dict[str, float] = {}
    for candidate in field.n_best:
        if candidate.value and candidate.text:  # without text it is only a suggestion
            values[candidate.value] = values.get(candidate.value, 0.0) + candidate.probability
    if field.value and not values:
        values[field.value] = field.confidence
    if not values:
        return Belief({}, 1.0)
    best = max(values, key=lambda value: values[value])
    first = min(values[best], 1.0 - _SMALLEST)
    others, left = sum(values.values()) - values[best], 1.0 - first
    scale = min(1.0, (1.0 - LEAST_OTHER) * left / others) if others > 0 else 1.0
    shares = {value: first if value == best else p * scale for value, p in values.items()}
    return Belief(shares, left - others * scale)


def revised(
    field: Field, posterior: Belief, source: str, ceiling: float, suggestion: str = ""
) -> Field:
    """The field with its n-best list in the order of a posterior, and an honest confidence.

    Args:
        field: as read.
        posterior: weights after context (need not add up to 1).
        source: what spoke: `numbers`, `dates`, `words`, `recurring` …; kept in `versions`.
        ceiling: no confidence above it, unless the reading itself was surer of that value.
        suggestion: a value that only context proposes; it joins the list without a text of its
            own, never as the first.

    Returns:
        The same field when nothing was decided by context; a changed first value is recorded in
        `versions["reranked"]` as `old → new`.

    """
    total = posterior.total
    if field.state in DECIDED or not posterior.values or total <= 0:
        return field
    limits = {field.value: max(ceiling, field.confidence)}
    shares = {v: min(p / total, limits.get(v, ceiling)) for v, p in posterior.values.items()}
    best = max(shares, key=lambda value: (shares[value], value == field.value))
    texts = {c.value: c.text for c in reversed(field.n_best)}
    ranked = sorted(shares.items(), key=lambda item: (item[0] != best, -item[1]))
    n_best = [Candidate(texts.get(value, value), value, p) for value, p in ranked]
    suggested = [c for c in field.n_best if not c.text and c.value not in shares]
    if suggestion and suggestion not in shares:
        suggested = [Candidate("", suggestion, posterior.other / total / 2)]
    n_best[1:1] = suggested
    versions = {**field.versions, "context": _and(field.versions.get("context", ""), source)}
    if best != field.value:
        versions["reranked"] = f"{field.value or '–'} → {best} ({source})"
    return replace(
        field, value=best, confidence=shares[best], n_best=tuple(n_best), versions=versions
    )


def as_found(field: Field, tail: Tail) -> Field:
    """The field as sure as fields of its confidence were found to be; blanks and marks stay."""
    if field.state in DECIDED or not field.value or not field.n_best:
        return field
    confidence = tail.of(min(max(field.confidence, 0.0), 1.0))
    first = replace(field.n_best[0], probability=confidence)
    return replace(field, confidence=confidence, n_best=(first, *field.n_best[1:]))


def _and(before: str, source: str) -> str:
    return f"{before} {source}".strip()
