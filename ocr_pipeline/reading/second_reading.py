"""What a second network says of a field that the first one has read.

The two were trained on other data, in other shapes, and so err in other places: a value that both
read is far surer than either says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from ocr_pipeline.reading.confidence import UNCALIBRATED_CAP, with_confidence
from ocr_pipeline.registers.fields import Field, FieldKind, Script

# On 48 drawn books of unseen hands (4,492 fields) these accept 67.6 % of the fields, 0.33 % of them
# wrong; the first network alone 59.4 %, 0.52 % wrong. Weights of 0.6 and 1.0: 66.0 and 68.8 %,
# 0.30 and 0.39 %.
_SAME, _OTHER = 0.8, 1.0
# Of 14 accepted fields of which the second network was as sure of another value 4 were wrong; of
# 189 of which it was less sure 3 were.
_SURE_OF_ANOTHER = 0.9
# Both networks decode names with the same lists, and may be pulled to the same listed name: with
# these odds taken off 10 of 317 accepted names were wrong (4 by a wrong label), without 14 of 345.
_LISTED = {FieldKind.PERSON_NAME: 0.53}  # natural logarithm: 0.97 becomes 0.95
_MOST = 0.995  # what agreement alone makes of a field
_LEAST = 1e-4


def second_opinion(first: Mapping[str, Field], second: Mapping[str, Field]) -> dict[str, Field]:
    """The fields of a record as the first network read them, with what the second says of each.

    Where both read the same value the odds that it is right are multiplied, where the second is
    surer of another than not they are divided; where it is sure of another the field goes to a
    person. Values never change.

    Args:
        first: fields by code, with their confidences.
        second: the same fields as the other network reads them.

    """
    return {code: _weighed(field, second[code]) for code, field in first.items()}


def _weighed(field: Field, other: Field) -> Field:
    if field.kind is FieldKind.TICK or Script.BLANK in (field.script, other.script):
        return field
    if field.special or not (field.value and other.value):
        return field
    odds, said = _logit(field.confidence), _logit(other.confidence)
    if field.value == other.value:
        if field.confidence <= UNCALIBRATED_CAP:  # nothing is known of it
            return field
        most = max(field.confidence, _MOST)
        more = _SAME * said - _LISTED.get(field.kind, 0.0)
        return with_confidence(field, min(_probability(odds + more), most))
    sure = _probability(odds - _OTHER * max(said, 0.0))
    most = UNCALIBRATED_CAP if other.confidence >= _SURE_OF_ANOTHER else field.confidence
    return with_confidence(field, min(sure, most))


def _probability(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def _logit(probability: float) -> float:
    inside = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(inside / (1 - inside))
