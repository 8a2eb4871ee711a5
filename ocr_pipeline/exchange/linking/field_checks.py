"""The fields of a page compared with the row that belongs to it: agrees, differs, unclear."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from ocr_pipeline.exchange.linking.ink_fit import ComparedInk, RecordInk
from ocr_pipeline.exchange.linking.link_rules import LinkRules, VerdictWeights
from ocr_pipeline.exchange.linking.row_values import means_same, row_value
from ocr_pipeline.processing.book_links import FieldCheck, Verdict
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.text.normalise import key

_MOST_NATS = 10.0  # what fits worse fits as badly: 20 told 15 % instead of 12 % wrongly
_MOST_ODDS = 6.0
#: Probability of agreement where one of the two is empty and the machine is sure of its reading.
_LEAST = 0.01
#: From which confidence a name is read, below which share (%) of letters it is another one, and
#: how badly (nats) the row's name then fits the ink.
_LEAST_READ, _LEAST_LIKE, _FARTHEST = 0.3, 55.0, -20.0


@dataclass(frozen=True, slots=True)
class CheckFeatures:
    """What the agreement of a field is judged by (see `VerdictWeights`)."""

    same: float
    same_sure: float
    other_sure: float
    fit: float
    rival: float

    def odds(self, weights: VerdictWeights) -> float:
        """Log-odds of agreement."""
        return (
            weights.base
            + weights.same * self.same
            + weights.same_sure * self.same_sure
            + weights.other_sure * self.other_sure
            + weights.fit * self.fit
            + weights.rival * self.rival
        )


def field_checks(
    record: RecordInk, row: Mapping[str, str], type: RegisterType, rules: LinkRules
) -> Iterator[FieldCheck]:
    """Each field of a record, compared with a row; fields that the row's file lacks are left out.

    Args:
        record: on its page.
        row: values by column.
        type: of the register.
        rules: what counts as agreeing and as differing.

    """
    for code, ink in record.fields.items():
        value = row_value(row, type, code)
        if value is None:
            continue
        agreement = _agreement(ink, value, rules)
        yield FieldCheck(
            code, _verdict(ink, value, agreement, rules), value, _other(ink, value, agreement),
            round(agreement, 4),
        )  # fmt: skip


def _agreement(ink: ComparedInk, value: str, rules: LinkRules) -> float:
    if ink.is_blank or not value:
        return _with_one_empty(ink, value)
    if _is_another_name(ink, value):
        return _LEAST
    features = check_features(ink, value)
    odds = features.odds(rules.verdicts.of(ink.field.kind))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


def _is_another_name(ink: ComparedInk, value: str) -> bool:
    """Quite another name is read, and the ink is as unlike the one of the row as can be.

    Of 2,000 drawn names that agree with their rows none is so, however badly it was read.
    """
    field = ink.field
    if field.kind is not FieldKind.PERSON_NAME or field.confidence < _LEAST_READ:
        return False
    texts = (key(text, accents=False) for text in (field.value, value))
    return fuzz.ratio(*texts) < _LEAST_LIKE and ink.fits([value])[value] <= _FARTHEST


def _with_one_empty(ink: ComparedInk, value: str) -> float:
    """Where the row or the page is empty, only whether there is ink decides."""
    sure = ink.field.confidence
    if ink.is_blank:
        return max(sure, 0.5) if not value else max(1.0 - sure, _LEAST)
    if not ink.field.value:  # ink that means nothing: a stroke, a stamp
        return 0.5
    return max((1.0 - sure) / 2, _LEAST)


def check_features(ink: ComparedInk, value: str) -> CheckFeatures:
    """What the ink says of the value of a row; neither is empty."""
    field = ink.field
    same = means_same(field.kind, field.value, value)
    odds = _clipped(_log_odds(field.confidence), _MOST_ODDS)
    fit = ink.fits([value])[value]
    others = [
        c.value for c in field.n_best if c.value and not means_same(field.kind, c.value, value)
    ]
    rival = max(ink.fits(others).values(), default=0.0) - fit if others else -fit / 2
    return CheckFeatures(
        float(same),
        odds if same else 0.0,
        0.0 if same else max(odds, 0.0),  # another reading that is unsure says nothing
        _clipped(fit, _MOST_NATS),
        _clipped(rival, _MOST_NATS),
    )


def _verdict(ink: ComparedInk, value: str, agreement: float, rules: LinkRules) -> Verdict:
    if agreement >= rules.verdicts.agrees:
        return Verdict.UNCLEAR if _is_unlike(ink, value, rules) else Verdict.AGREES
    least = rules.verdicts.differs_from(ink.field.kind)
    if 1.0 - agreement >= least and not _is_doubtful(ink):
        return Verdict.DIFFERS
    return Verdict.UNCLEAR


def _is_unlike(ink: ComparedInk, value: str, rules: LinkRules) -> bool:
    """The ink looks like something else, even where the machine reads nothing with confidence."""
    if ink.is_blank or means_same(ink.field.kind, ink.field.value, value):
        return False
    return ink.fits([value])[value] <= rules.verdicts.unlike


def _is_doubtful(ink: ComparedInk) -> bool:
    """Struck out, a ditto mark, a line unread, free words: a difference may be of wording alone."""
    return ink.field.special is not None or ink.field.kind is FieldKind.FREE_TEXT


def _other(ink: ComparedInk, value: str, agreement: float) -> str:
    """What the page says: the row's value where it agrees, else the likeliest other reading."""
    field = ink.field
    if agreement >= 0.5 or not means_same(field.kind, field.value, value):
        return value if agreement >= 0.5 and value else field.value
    others = (c.value for c in field.n_best if not means_same(field.kind, c.value, value))
    return next((other for other in others if other), field.value)


def _log_odds(share: float) -> float:
    share = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(share / (1 - share))


def _clipped(value: float, most: float) -> float:
    return max(-most, min(most, value))
