"""Kinds of differences as data: what they are called, and which of them count as agreement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ocr_pipeline.data_files import Strict, Wording, load_data
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.exchange.reconciling.compared_fields import compared_fields

_DATA = Path(__file__).parent / "data"


class DifferenceEntry(Wording):
    """A kind of difference.

    Attributes:
        agrees: a field that differs in this way still counts as equal.
        agrees_in: the same for single fields, which goes before `agrees`.
        cause_vi: the likely cause, in Vietnamese.
        cause_en: the same in English.

    """

    agrees: bool
    agrees_in: dict[str, bool] = {}
    cause_vi: str
    cause_en: str

    @property
    def cause(self) -> Text:
        """The likely cause in both languages."""
        return Text(self.cause_vi, self.cause_en)


class DifferenceFile(Strict):
    """`differences.yaml`: the kinds by their id."""

    differences: dict[str, DifferenceEntry]


class AgreementEntry(Strict):
    """What an office changes about a kind; None leaves what ships."""

    agrees: bool | None = None
    agrees_in: dict[str, bool] = {}


class AgreementFile(Strict):
    """A file of an office: only the kinds that it sees otherwise."""

    differences: dict[str, AgreementEntry]


class ReasonFile(Strict):
    """`reasons.yaml`: why a person is in their class."""

    reasons: dict[str, Wording]


@dataclass(frozen=True, slots=True)
class AgreementRules:
    """Which differences count as agreement.

    Attributes:
        kinds: by id, in the order in which lists show them.

    """

    kinds: Mapping[str, DifferenceEntry]

    def agrees(self, field: str, kind: str) -> bool:
        """Whether a field that differs in this way counts as equal."""
        entry = self.kinds[kind]
        return entry.agrees_in.get(field, entry.agrees)


@cache
def shipped_differences() -> Mapping[str, DifferenceEntry]:
    """The kinds that ship with the program."""
    return load_data(_DATA / "differences.yaml", DifferenceFile).differences


@cache
def reasons() -> Mapping[str, Text]:
    """Wording of `PersonOutcome.reason`."""
    file = load_data(_DATA / "reasons.yaml", ReasonFile)
    return {name: entry.message for name, entry in file.reasons.items()}


def agreement_rules(path: Path | None = None) -> AgreementRules:
    """The rules that ship, with what an office's file changes.

    Raises:
        BadInputError: the file cannot be read, or names a kind or field that does not exist.

    """
    kinds = dict(shipped_differences())
    if path is None:
        return AgreementRules(kinds)
    file = load_data(path, AgreementFile, BadInputError)
    for name, entry in file.differences.items():
        strange = [name] if name not in kinds else entry.agrees_in.keys() - compared_fields()
        if strange:
            word = "”, “".join(sorted(strange))
            raise BadInputError(
                Text(f"không có “{word}”", f"there is no “{word}”"),
                where=str(path),
                remedy=Text("Dùng tên trong bảng đi kèm", "Use the names of the shipped table"),
            )
        changed: dict[str, object] = {"agrees_in": kinds[name].agrees_in | entry.agrees_in}
        if entry.agrees is not None:
            changed["agrees"] = entry.agrees
        kinds[name] = kinds[name].model_copy(update=changed)
    return AgreementRules(kinds)
