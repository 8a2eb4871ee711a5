"""Fits what `link.yaml` says of probabilities, on drawn books with planted rows.

Logistic regression with one rule: no weight may turn against its meaning. One that would is left
out, so that more evidence never makes a link, or an agreement, less probable.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple
from typing import Any

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats
from ocr_pipeline.bench.link_quality import LinkTrial
from ocr_pipeline.exchange.linking.assignment import assign
from ocr_pipeline.exchange.linking.field_checks import check_features
from ocr_pipeline.exchange.linking.ink_fit import RecordInk
from ocr_pipeline.exchange.linking.link import evidence_of, log_odds, ranks_of
from ocr_pipeline.exchange.linking.link_rules import LinkRules
from ocr_pipeline.exchange.linking.row_values import row_value
from ocr_pipeline.registers.fields import FieldKind

Bools = npt.NDArray[np.bool_]

_NAMES = ("same", "same_sure", "other_sure", "fit", "rival")
_SIGNS = (1.0, 1.0, -1.0, 1.0, -1.0)
_LEAST_DIFFERENCES = 12  # of a kind, for weights of its own
_LEAST_SHARE = 1e-9  # of a pair that comes into question
_STRENGTH = 1.0  # of the prior that keeps weights small


def fitted_rules(trials: Sequence[LinkTrial], rules: LinkRules) -> dict[str, Any]:
    """The parts of `link.yaml` that are fitted: `calibration` and `weights` of the verdicts.

    Needs scikit-learn.
    """
    odds, right = _links(trials, rules)
    shift, [scale] = _logistic(odds[:, None], right, (1.0,))
    features, agrees, kinds = _fields(trials)
    weights = {}
    groups = {kind: kinds == kind for kind in sorted(set(kinds))}
    groups = {k: own for k, own in groups.items() if (~agrees[own]).sum() >= _LEAST_DIFFERENCES}
    for name, own in {**groups, "*": np.ones(len(kinds), bool)}.items():
        base, values = _logistic(features[own], agrees[own], _SIGNS)
        weights[name] = {
            "base": _short(base),
            **dict(zip(_NAMES, map(_short, values), strict=True)),
        }
    return {
        "calibration": {"shift": _short(shift), "scale": _short(max(scale, 0.05))},
        "weights": weights,
        "links": {"pairs": len(right), "right": int(right.sum())},
        "fields": {"compared": len(agrees), "different": int((~agrees).sum())},
    }


def _short(value: float) -> float:
    return round(float(value), 3)


def _links(trials: Sequence[LinkTrial], rules: LinkRules) -> tuple[Floats, Bools]:
    """Log-odds of all pairs that come into question, and whether they are right.

    All of them: of the proposed ones alone hardly any is wrong, and nothing can be fitted.
    """
    odds, right = [], []
    for trial in trials:
        evidence = evidence_of(trial.book, trial.records, trial.rows, rules)
        found = assign(evidence, ranks_of(trial.rows), rules)
        for record, row, shares in zip(trial.records, found.rows, found.probabilities, strict=True):
            true = trial.right_row((record.page, record.position))
            for at, share in enumerate(shares):
                if share > _LEAST_SHARE or at == row or trial.rows[at].id == true:
                    odds.append(log_odds(float(share)))
                    right.append(trial.rows[at].id == true)
    return np.array(odds), np.array(right)


def _fields(trials: Sequence[LinkTrial]) -> tuple[Floats, Bools, npt.NDArray[np.str_]]:
    """Features of the fields of records with their own rows, whether they agree, their kinds."""
    features, agrees, kinds = [], [], []
    for trial in trials:
        by_id = {row.id: row for row in trial.rows}
        for record in trial.records:
            place = (record.page, record.position)
            row = by_id.get(trial.right_row(place))
            for code, value in _filled(trial, record, row.values) if row else ():
                features.append(astuple(check_features(record.fields[code], value)))
                agrees.append((place, code) not in trial.planted.differences)
                kinds.append(str(record.fields[code].field.kind))
    return np.array(features), np.array(agrees), np.array(kinds)


def _filled(
    trial: LinkTrial, record: RecordInk, values: dict[str, str]
) -> Iterable[tuple[str, str]]:
    """Fields that neither the page nor the row leaves empty."""
    for code, ink in record.fields.items():
        value = row_value(values, trial.book.type, code)
        if value and not ink.is_blank and ink.field.kind is not FieldKind.FREE_TEXT:
            yield code, value


def _logistic(features: Floats, right: Bools, signs: Sequence[float]) -> tuple[float, list[float]]:
    """Constant and weights; a weight with the wrong sign is 0 and the others are fitted anew."""
    from sklearn.linear_model import LogisticRegression

    used = list(range(features.shape[1]))
    if len(set(right.tolist())) < 2:  # nothing is wrong: the evidence is taken as it is
        return 0.0, [1.0 if features.shape[1] == 1 else 0.0] * features.shape[1]
    while True:
        model = LogisticRegression(C=1 / _STRENGTH, max_iter=2000)
        model.fit(features[:, used], right)
        found = dict(zip(used, model.coef_[0], strict=True))
        wrong = [n for n in used if found[n] * signs[n] < 0]
        if not wrong:
            return float(model.intercept_[0]), [
                float(found.get(n, 0.0)) for n in range(features.shape[1])
            ]
        used = [n for n in used if n != min(wrong, key=lambda n: found[n] * signs[n])]
