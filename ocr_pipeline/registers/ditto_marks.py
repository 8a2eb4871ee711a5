"""What a ditto mark stands for: the value of the same field one record further up.

A page is filled in when it is read, a book once more when it is judged, for the record above may
lie on the page before or have been decided by a person meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from ocr_pipeline.registers.fields import Candidate, Field, Special, State

CEILING = 0.9  # a proposal is never surer: the mark may be dirt, and a person looks at it anyway


def fill_dittos(
    fields: Mapping[str, Field],
    above: Mapping[str, Field],
    settled: Collection[State] = (),
) -> dict[str, Field]:
    """The fields of a record with a proposal for each ditto mark.

    Args:
        fields: of the record, by code.
        above: fields of the record above; empty for the first one.
        settled: fields in these states stay as they are.

    Returns:
        All fields. A ditto mark has the value above it, as sure as that one but not surer than
        `CEILING`; below nothing it has no value and no confidence.

    """
    return {
        code: _proposed(own, above.get(code))
        if own.special is Special.DITTO and own.state not in settled
        else own
        for code, own in fields.items()
    }


def _proposed(own: Field, above: Field | None) -> Field:
    if above is None or not above.value:
        return replace(own, value="", confidence=0.0, n_best=())
    sure = min(CEILING, above.confidence)
    n_best = (Candidate(own.as_written, above.value, sure),)
    return replace(own, value=above.value, confidence=sure, n_best=n_best)
