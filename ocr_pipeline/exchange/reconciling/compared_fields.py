"""Which fields of a person are compared, and from which columns of a row they come."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from ocr_pipeline.data_files import Strict, Wording, load_data


class ComparedFieldEntry(Wording):
    """A compared field.

    Attributes:
        how: how two values are compared.
        columns: where it stands; the first one with a value counts.
        roles: whose rows have it; empty for everybody's.

    """

    how: Literal["name", "date", "place", "listed", "sex", "id"]
    columns: tuple[str, ...]
    roles: tuple[str, ...] = ()


class ComparedFieldFile(Strict):
    """`compared_fields.yaml`: fields by id; by register type whom its rows tell of."""

    fields: dict[str, ComparedFieldEntry]
    roles: dict[str, dict[str, str]]


@cache
def _file() -> ComparedFieldFile:
    return load_data(Path(__file__).parent / "data" / "compared_fields.yaml", ComparedFieldFile)


def compared_fields() -> Mapping[str, ComparedFieldEntry]:
    """The fields by id, in the order of lists."""
    return _file().fields


def roles(type: str) -> Mapping[str, str]:
    """Whom rows of a register type tell of, each with the person named beside them or ""."""
    return _file().roles.get(type, {})


def columns_of(field: str, role: str, other: str) -> tuple[str, ...]:
    """The columns of a field of the person `role`; none where such a row does not have it."""
    entry = compared_fields()[field]
    if entry.roles and role not in entry.roles:
        return ()
    return tuple(name.format(role=role, other=other) for name in entry.columns)
