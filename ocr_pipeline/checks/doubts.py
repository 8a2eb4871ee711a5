"""Doubts that the judgement has about single fields (`judge.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ocr_pipeline.data_files import Strict, Wording, load_data
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import Doubt, Severity
from ocr_pipeline.registers.types import RegisterType


class DoubtEntry(Wording):
    """A kind of doubt: how bad it is, and what is said of it."""

    severity: Severity


class JudgeFile(Strict):
    """`judge.yaml`.

    Attributes:
        doubts: by id.
        expected: codes of blanks that are hardly ever left empty, by register type.
        absent: people that a record may do without: the code of the name, and how all codes of that
            person begin, by register type.

    """

    doubts: dict[str, DoubtEntry]
    expected: dict[RegisterType, tuple[str, ...]]
    absent: dict[RegisterType, dict[str, str]]


def doubt(rule: str, **values: object) -> Doubt:
    """The doubt `rule` with its message filled in."""
    entry = _data().doubts[rule]
    return Doubt(rule, entry.severity, entry.message.format(**values))


def doubt_messages() -> Mapping[str, Text]:
    """The messages of all doubts by id, not filled in."""
    return {id: entry.message for id, entry in _data().doubts.items()}


def is_expected(code: str, type: RegisterType) -> bool:
    """Whether a clerk hardly ever leaves this blank empty."""
    return code in _data().expected.get(type, ())


def absent_people(type: RegisterType) -> Mapping[str, str]:
    """People that a record may do without: code of the name → beginning of all their codes."""
    return _data().absent.get(type, {})


@cache
def _data() -> JudgeFile:
    return load_data(Path(__file__).with_name("judge.yaml"), JudgeFile)
