"""What a ditto mark stands for: the value of the same field one record further up.

A page is filled in when it is read, a book once more when it is judged, for the record above may
lie on the page before or have been decided by a person meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from typing import Annotated

from pydantic import AfterValidator
from pydantic import Field as Value

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.registers.fields import Candidate, Field, FieldKind, Special, State
from ocr_pipeline.registers.templates import DATA
from ocr_pipeline.text.normalise import strip_marks

AROUND = ".-–—_"
"""Characters around a ditto mark that say nothing."""


def bare_writing(text: str) -> str:
    """A writing without blanks, case, tone marks, and dots or dashes around it."""
    return strip_marks("".join(text.lower().split())).strip(AROUND)


def _all_bare(writings: frozenset[str]) -> frozenset[str]:
    return frozenset(map(bare_writing, writings))


Writings = Annotated[frozenset[str], AfterValidator(_all_bare)]
"""Writings as `bare_writing` gives them."""

Share = Annotated[float, Value(ge=0, le=1)]


class DittoFile(Strict):
    """`ditto_marks.yaml`.

    Attributes:
        writings: writings that say "as above".
        values: by kind, those of them that a value of this kind looks like.
        kinds: kinds of which no value is as small as a ditto mark.
        sure: how sure it is that a mark of these kinds which reads as one of `writings` is one.
        unsure: the same of any other mark.

    """

    writings: Writings
    values: dict[FieldKind, Writings]
    kinds: frozenset[FieldKind]
    sure: Share
    unsure: Share


@cache
def ditto_file() -> DittoFile:
    """Contents of `data/ditto_marks.yaml`."""
    return load_data(DATA / "ditto_marks.yaml", DittoFile)


def reads_as_ditto(text: str, kind: str = "") -> bool:
    """Whether a writing in a field of this kind says "as above"."""
    bare, known = bare_writing(text), ditto_file()
    return bare in known.writings and not any(
        bare in values for other, values in known.values.items() if other == kind
    )


def is_sure_mark(field: Field) -> bool:
    """Whether a ditto mark is one beyond doubt, so that nobody has to look at it."""
    known = ditto_file()
    return field.kind in known.kinds and reads_as_ditto(field.as_written, field.kind)


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
        All fields. A ditto mark has the value above it, as sure as that one and the mark are
        together; below nothing it has no value and no confidence.

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
    mark = ditto_file().sure if is_sure_mark(own) else ditto_file().unsure
    sure = mark * above.confidence
    n_best = (Candidate(own.as_written, above.value, sure),)
    return replace(own, value=above.value, confidence=sure, n_best=n_best)
