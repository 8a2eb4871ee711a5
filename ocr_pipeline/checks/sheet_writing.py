"""Writing that belongs to a sheet is read with each of its records: it is one reading even so.

Taken for several, a misread page number of a table bears itself out: four times 41 outweighed the
10 of the sheet before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocr_pipeline.checks.beliefs import DECIDED, Belief, revised
from ocr_pipeline.registers.fields import Field, Record, State

Fields = list[dict[str, Field]]
Place = tuple[int, str]
"""Index of a record, and code of its field."""

_CERTAIN = 1.0


def set_aside(records: Sequence[Record], fields: Fields) -> dict[Place, int]:
    """Take out of `fields` what was read from the very same place as a field of another record.

    Args:
        records: of a book, in the order of its pages.
        fields: theirs, changed in place.

    Returns:
        For each field taken out the record that keeps it: the one in which a person decided it,
        or else the first.

    """
    keepers: dict[object, int] = {}
    places: dict[Place, object] = {}
    for index, record in enumerate(records):
        for code, own in record.fields.items():
            if not same_place(own, own):  # where it was read is not known
                continue
            place = (record.page, code, own.box)
            places[index, code] = place
            if place not in keepers or _outranks(own, records[keepers[place]].fields[code]):
                keepers[place] = index
    aside = {at: keepers[place] for at, place in places.items() if keepers[place] != at[0]}
    for index, code in aside:
        del fields[index][code]
    return aside


def put_back(records: Sequence[Record], fields: Fields, aside: dict[Place, int]) -> None:
    """Put fields back as the record says that kept theirs; what people decided stays."""
    for (index, code), keeper in aside.items():
        fields[index][code] = as_said(records[index].fields[code], fields[keeper][code])
    for index in {index for index, _ in aside}:  # in the order of the form again
        fields[index] = {code: fields[index][code] for code in records[index].fields}


def _outranks(own: Field, other: Field) -> bool:
    return own.state in DECIDED and other.state not in DECIDED


def same_place(own: Field, other: Field) -> bool:
    """Whether two fields of one code and page were read from the very same place."""
    return bool(own.box.width) and own.box == other.box


def as_said(own: Field, said: Field) -> Field:
    """A field as the one says that was read from the same place: its value, and how sure it is.

    What people decided stays. Where a person found the writing unreadable, the machine is not sure
    of it either.
    """
    if own.state in DECIDED:
        return own
    if said.state is State.UNREADABLE:
        return replace(own, confidence=0.0)
    if said.state in DECIDED:
        sure = Belief({said.value: _CERTAIN}, 0.0) if said.value else Belief({}, _CERTAIN)
        return revised(own, sure, "sheet", _CERTAIN)
    return replace(said, state=own.state, doubts=own.doubts)
