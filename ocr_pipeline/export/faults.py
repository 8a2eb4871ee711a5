"""What can be wrong with a package: one fault = file, row, column, message, remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from ocr_pipeline.data_files import Wording, load_data
from ocr_pipeline.errors import Text
from ocr_pipeline.written_paths import shown


class FaultLevel(StrEnum):
    """How bad a fault is."""

    ERROR = "error"  # the import refuses it, or the record must not be approved
    WARNING = "warning"  # somebody should look at it


@dataclass(frozen=True, slots=True)
class PackageFault:
    """One thing that is wrong.

    Attributes:
        rule: id in `faults.yaml`, or the id of a rule of `checks`.
        level: error or warning.
        file: file concerned; for an entry of a zip `<zip>/<entry>`.
        row: 1-based Excel row, 0 when it concerns no row.
        column: column name without marks, "" when it concerns no column.
        message: what is wrong.
        remedy: what to do.

    """

    rule: str
    level: FaultLevel
    file: str
    row: int
    column: str
    message: Text
    remedy: Text

    def __str__(self) -> str:
        """File, row, column, message and remedy in one line."""
        place = [self.file, *([f"{self.row}"] if self.row else []), *filter(None, [self.column])]
        return f"{', '.join(place)}: {self.message} → {self.remedy}"

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "rule": self.rule,
            "level": self.level.value,
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "message": {"vi": self.message.vi, "en": self.message.en},
            "remedy": {"vi": self.remedy.vi, "en": self.remedy.en},
        }


class FaultEntry(Wording):
    """A kind of fault as `faults.yaml` has it: `do_vi` and `do_en` say what to do."""

    level: FaultLevel
    do_vi: str
    do_en: str

    @property
    def remedy(self) -> Text:
        """What to do, in both languages."""
        return Text(self.do_vi, self.do_en)


FaultFile = dict[str, FaultEntry]
"""`faults.yaml`: kinds of faults by id."""


def fault(
    rule: str, file: object, *, row: int = 0, column: str = "", id: str = "", **values: object
) -> PackageFault:
    """The fault `rule` of `faults.yaml` with its placeholders filled in.

    Args:
        rule: id in `faults.yaml`.
        file: file concerned.
        row: 1-based Excel row.
        column: column name.
        id: id to report instead of `rule` (rules of `checks`).
        values: placeholders; a `Text` fills in each language with its own words.

    """
    entry = _catalogue()[rule]
    values["row"] = row
    return PackageFault(
        rule=id or rule,
        level=entry.level,
        file=shown(str(file)),
        row=row,
        column=column,
        message=entry.message.format(**values),
        remedy=entry.remedy.format(**values),
    )


@cache
def _catalogue() -> FaultFile:
    return load_data(Path(__file__).with_name("faults.yaml"), FaultFile)
