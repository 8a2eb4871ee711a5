"""Which row belongs to which record of a book: all together, one to one, with probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats
from ocr_pipeline.exchange.heaviest_pairs import heaviest_columns
from ocr_pipeline.exchange.linking.link_rules import LinkRules, OrderRule

_ROUNDS = 200  # at most; books of 200 records come to rest after some 20
_STILL = 1e-9
_MOST = 60.0  # nats: what is surer than this is as sure


@dataclass(frozen=True, slots=True)
class Assignment:
    """Rows of records.

    Attributes:
        rows: (records,) index of the row of each record; -1 for none.
        probabilities: (records, rows) how probable each pair is, not calibrated; what is missing to
            1 in a line is the probability that the record has no row.

    """

    rows: npt.NDArray[np.intp]
    probabilities: Floats


def assign(
    evidence: Floats, ranks: Sequence[float], rules: LinkRules, total: int = 0
) -> Assignment:
    """Assign rows to the records of a book.

    Args:
        evidence: (records, rows) log-odds of the fields, records in the order of the book.
        ranks: (rows,) where each row stands in the order of numbers; nan where it has none.
        rules: shares that are expected.
        total: rows that came into question before these were picked out; 0: no more than these.

    """
    records, rows = evidence.shape
    if not records or not rows:
        return Assignment(np.full(records, -1), np.zeros((records, rows)))
    prior = np.log((1 - rules.no_row) / max(total, rows)) - np.log(rules.no_row)
    alone = np.clip(evidence + prior, -_MOST, _MOST)
    first = shares(alone)
    told = alone + _order(first, np.asarray(ranks, float), rules.order)
    weights = np.clip(told, -_MOST, _MOST)
    return Assignment(heaviest_columns(weights), shares(weights))


def shares(weights: Floats) -> Floats:
    """Probabilities of pairs when each record has one row or none, and each row one record or none.

    Belief propagation over all such choices, a choice weighing the product of its pairs: exact
    where rows compete without a circle (one pair of weight w has the log-odds w), and it comes to
    rest on every table. Scaling of rows and columns (Sinkhorn) halves the log-odds.
    """
    pairs = np.exp(weights)
    # How free each side is if the other one of the pair is left out: (records, rows).
    record_free: Floats = np.ones_like(pairs)
    row_free: Floats = np.ones_like(pairs)
    for _ in range(_ROUNDS):
        before = record_free
        row_free = 1.0 / (1.0 + _others(pairs * record_free, axis=0))
        record_free = 1.0 / (1.0 + _others(pairs * row_free, axis=1))
        if np.abs(record_free - before).max() < _STILL:
            break
    odds = pairs * record_free * row_free
    found: Floats = odds / (1.0 + odds)
    return found


def _others(terms: Floats, axis: int) -> Floats:
    """For each term the sum of all others of its line; the largest one is no difference of sums."""
    at = np.expand_dims(terms.argmax(axis=axis), axis)
    without = terms.copy()
    np.put_along_axis(without, at, 0.0, axis)
    rest = without.sum(axis=axis, keepdims=True)
    found: Floats = rest + np.take_along_axis(terms, at, axis) - without
    np.put_along_axis(found, at, rest, axis)
    return found


def _order(found: Floats, ranks: Floats, rule: OrderRule) -> Floats:
    """Log-odds of pairs by the order: rows of neighbours are neighbours in the order of numbers."""
    records, rows = found.shape
    best, sure = found.argmax(axis=1), found.max(axis=1) >= rule.sure
    known = [(r, ranks[best[r]]) for r in range(records) if sure[r] and np.isfinite(ranks[best[r]])]
    told = np.zeros((records, rows))
    for record in range(records):
        near = sorted(
            (abs(r - record), rank - r) for r, rank in known if r != record
        )[: 2 * rule.reach]  # fmt: skip
        if len(near) < 2:
            continue
        expected = record + np.median([offset for _, offset in near])
        away = np.abs(ranks - expected)
        share = np.exp(-away / 1.5)
        share = np.where(np.isfinite(away), share / max(np.nansum(share), 1e-9), 1.0 / rows)
        told[record] = np.log((1 - rule.strays) * share * rows + rule.strays)
    return told
