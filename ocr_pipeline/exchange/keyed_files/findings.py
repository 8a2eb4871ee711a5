"""What is found in keyed files: values that were mended, and what is not understood."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ocr_pipeline.data_files import Strict, Wording, load_data
from ocr_pipeline.errors import Text

_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class RowKey:
    """Which row of which file: what decisions about a row are kept under.

    Attributes:
        file: path as it was given.
        sheet: name of the sheet; "" where the file has just one table.
        row: row or line, from 1; 0 for the sheet or file itself.

    """

    file: str
    sheet: str
    row: int

    @property
    def shown(self) -> str:
        """For messages: `tinh.xlsx (KS) 12`."""
        sheet = f" ({self.sheet})" if self.sheet else ""
        return f"{self.file}{sheet}" + (f" {self.row}" if self.row else "")


@dataclass(frozen=True, slots=True)
class Mending:
    """One change to one cell.

    Attributes:
        column: column of the template.
        before: the text before this change.
        after: the text after it.
        rule: id in `mending.yaml`.

    """

    column: str
    before: str
    after: str
    rule: str

    @property
    def message(self) -> Text:
        """What was done."""
        return mending_file().mended[self.rule].message


@dataclass(frozen=True, slots=True)
class KeyedFault:
    """Something in a keyed file that is not understood, or a row that is no record.

    Attributes:
        key: where.
        column: column of the template; "" when it concerns the row or the sheet.
        rule: id in `mending.yaml`.
        message: what is wrong.
        remedy: what to do.

    """

    key: RowKey
    column: str
    rule: str
    message: Text
    remedy: Text

    @property
    def harmless(self) -> bool:
        """Nobody has to do anything: a row of totals is set aside."""
        return mending_file().faults[self.rule].harmless

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "file": self.key.file, "sheet": self.key.sheet, "row": self.key.row,
            "column": self.column, "rule": self.rule,
            "message": {"vi": self.message.vi, "en": self.message.en},
            "remedy": {"vi": self.remedy.vi, "en": self.remedy.en},
        }  # fmt: skip


class KeyedFaultEntry(Wording):
    """A kind of fault: `do_vi` and `do_en` say what to do; a harmless one asks for nothing."""

    do_vi: str
    do_en: str
    harmless: bool = False


class MendingFile(Strict):
    """`mending.yaml`: what is said of each rule."""

    mended: dict[str, Wording]
    faults: dict[str, KeyedFaultEntry]


def keyed_fault(key: RowKey, rule: str, *, column: str = "", **values: object) -> KeyedFault:
    """The fault `rule` of `mending.yaml` with its placeholders filled in."""
    entry = mending_file().faults[rule]
    shown = {name: _shortened(value) for name, value in values.items()}
    return KeyedFault(
        key, column, rule,
        entry.message.format(column=column, **shown), Text(entry.do_vi, entry.do_en),
    )  # fmt: skip


def _shortened(value: object) -> object:
    if isinstance(value, str) and len(value) > _LONGEST_SHOWN:
        return value[: _LONGEST_SHOWN - 1] + "…"
    return value


@cache
def mending_file() -> MendingFile:
    """The rules with their wording."""
    return load_data(Path(__file__).parent / "data" / "mending.yaml", MendingFile)
