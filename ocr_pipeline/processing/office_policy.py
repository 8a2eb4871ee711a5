"""The policy file of an office: how sure the machine must be in one workspace, and who says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.checks.acceptance import OfficePolicyFile, shipped_acceptance
from ocr_pipeline.data_files import load_data
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.store.policies import ReviewPolicy

POLICY_FILE = "policy.yaml"

_SHIPPED = "ocr_pipeline/checks/acceptance.yaml"
_REMEDY = Text(
    "Xem mục “Ngưỡng của cơ quan” trong docs/vi/operator.md",
    "See “Thresholds of an office” in docs/en/operator.md",
)


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """A value that counts, and where it comes from.

    Attributes:
        name: `error_budget`, `threshold`, or `threshold KIND`, followed by the book it is about.
        value: between 0 and 1.
        source: the file, or the review station.

    """

    name: str
    value: float
    source: str


def office_policy(folder: Path) -> OfficePolicyFile:
    """What `policy.yaml` of a workspace's folder says; nothing when there is none.

    Raises:
        BadInputError: the file cannot be used; names the key.

    """
    path = folder / POLICY_FILE
    if not path.is_file():
        return OfficePolicyFile()
    return load_data(path, OfficePolicyFile, BadInputError, _REMEDY)


def policy_values(folder: Path, set_in_station: Iterable[ReviewPolicy]) -> list[PolicyValue]:
    """The values that count in a workspace, each with its source; the later ones go first.

    Raises:
        BadInputError: `policy.yaml` cannot be used.

    """
    office, shipped = office_policy(folder), shipped_acceptance()
    own = str(folder / POLICY_FILE)
    found = [
        PolicyValue(name, default, _SHIPPED) if value is None else PolicyValue(name, value, own)
        for name, value, default in (
            ("error_budget", office.error_budget, shipped.error_budget),
            ("threshold", office.threshold, shipped.threshold),
        )
    ]
    for kind, value in {**shipped.thresholds, **office.thresholds}.items():
        source = own if kind in office.thresholds else _SHIPPED
        found.append(PolicyValue(f"threshold {kind.value}", value, source))
    for policy in set_in_station:
        if policy.threshold is not None:
            name = " ".join(filter(None, ("threshold", policy.kind, policy.book)))
            found.append(PolicyValue(name, policy.threshold, "sohoa serve"))
    return found
