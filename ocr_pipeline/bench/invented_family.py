"""Invented parents and children, as they really are."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InventedFamily:
    """Parents, and where they live."""

    father: str
    mother: str
    commune: int
    home: int
    ethnic_group: str


@dataclass(frozen=True, slots=True)
class InventedChild:
    """A person as they really are."""

    number: int
    twin: bool
    name: str
    sex: str
    birth: datetime.date
    family: InventedFamily
    personal_id: str
