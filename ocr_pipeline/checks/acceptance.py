"""How sure the machine must be of a field (`acceptance.yaml`, `policy.yaml` of an office)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field as Value

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.registers.fields import FieldKind

Share = Annotated[float, Value(ge=0, le=1)]

#: A threshold lies above it. Fields of which nothing is known (a network without calibration, a
#: book's own hand against a sure reading without it) are at most as sure: people look at them.
NO_CONFIDENCE = 0.5

Threshold = Annotated[float, Value(gt=NO_CONFIDENCE, le=1)]


class AcceptanceFile(Strict):
    """`acceptance.yaml`: the shipped values.

    Attributes:
        threshold: least confidence of an accepted field.
        thresholds: the same by kind, where it differs.
        error_budget: highest share of wrong values expected among a book's accepted fields.

    """

    threshold: Threshold
    thresholds: dict[FieldKind, Threshold]
    error_budget: Share


class OfficePolicyFile(Strict):
    """`policy.yaml` of an office: what differs from the shipped values; keys as in those.

    Attributes:
        networks: folder of the office's own networks, where several workspaces share it; "": that
            of the workspace.
        learn_hands: in a run each book learns its hand by itself.

    """

    threshold: Threshold | None = None
    thresholds: dict[FieldKind, Threshold] = {}
    error_budget: Share | None = None
    networks: str = ""
    learn_hands: bool = True


@cache
def shipped_acceptance() -> AcceptanceFile:
    """The values that count where nobody set others."""
    return load_data(Path(__file__).with_name("acceptance.yaml"), AcceptanceFile)


def by_kind(thresholds: Mapping[FieldKind, float]) -> dict[str, float]:
    """The thresholds with the kinds as plain texts."""
    return {kind.value: value for kind, value in thresholds.items()}


@dataclass(frozen=True, slots=True)
class AcceptancePolicy:
    """How sure the machine must be; the shipped values where nothing is said.

    Attributes:
        threshold: least confidence of an accepted field.
        thresholds: the same by kind, where it differs.
        error_budget: highest share of wrong values expected among a book's accepted fields; the
            least sure of them go to a person until it is kept.

    """

    threshold: float = field(default_factory=lambda: shipped_acceptance().threshold)
    thresholds: Mapping[str, float] = field(
        default_factory=lambda: by_kind(shipped_acceptance().thresholds)
    )
    error_budget: float = field(default_factory=lambda: shipped_acceptance().error_budget)

    @classmethod
    def of(cls, office: OfficePolicyFile, own: Mapping[str, float]) -> AcceptancePolicy:
        """The policy for a book: `own` thresholds, then those of the office, then the shipped."""
        shipped = shipped_acceptance()
        return cls(
            shipped.threshold if office.threshold is None else office.threshold,
            {**by_kind(shipped.thresholds), **by_kind(office.thresholds), **own},
            shipped.error_budget if office.error_budget is None else office.error_budget,
        )

    def at_least(self, raised: Mapping[str, float]) -> AcceptancePolicy:
        """The policy with these thresholds by kind wherever they are higher."""
        higher = {k: t for k, t in raised.items() if t > self.thresholds.get(k, self.threshold)}
        return replace(self, thresholds={**self.thresholds, **higher}) if higher else self

    def needed(self, kind: FieldKind) -> float:
        """Least confidence for a kind; above `NO_CONFIDENCE`, whatever was set."""
        least = math.nextafter(NO_CONFIDENCE, 1)
        return max(self.thresholds.get(kind, self.threshold), least)
