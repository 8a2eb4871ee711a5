"""What a check found, and the rules as data (`rules.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ocr_pipeline.checks.rule_schema import AnyRule, RuleEntry, RuleFile
from ocr_pipeline.data_files import load_data
from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import Severity
from ocr_pipeline.registers.types import RegisterType


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a rule objects to.

    Attributes:
        rule: id in `rules.yaml`.
        severity: hard or soft.
        columns: Excel columns concerned.
        message: what is wrong, filled in.
        row: 0-based place of the record in the book, for checks on books; None for a single record.

    """

    rule: str
    severity: Severity
    columns: tuple[str, ...]
    message: Text
    row: int | None = None


@dataclass(frozen=True, slots=True)
class CheckRule:
    """One rule of `rules.yaml`; `params` are those that its model adds to `RuleEntry`."""

    id: str
    severity: Severity
    check: str
    types: tuple[str, ...]
    columns: tuple[str, ...]
    message: Text
    params: Mapping[str, Any] = field(default_factory=dict)

    def finding(
        self, columns: tuple[str, ...], row: int | None = None, **values: object
    ) -> Finding:
        """A finding of this rule, its message filled in."""
        return Finding(self.id, self.severity, columns, self.message.format(**values), row)


@cache
def rules(scope: str) -> tuple[CheckRule, ...]:
    """Rules of a scope, `record` or `book`, in order."""
    return tuple(_rule(id, entry) for id, entry in getattr(_data(), scope).items())


@cache
def rules_for(type: str) -> tuple[CheckRule, ...]:
    """Record rules that apply to a register type."""
    return tuple(rule for rule in rules("record") if not rule.types or type in rule.types)


@cache
def persons(type: str) -> Mapping[str, str]:
    """Column prefixes of the persons in a register type, with the sex their role implies or ""."""
    return {p: role.sex for p, role in _data().persons.get(RegisterType(type), {}).items()}


@cache
def each_group(type: str, columns: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The columns of a rule as one group, or, with `{p}` in them, one group for each person."""
    if not any("{p}" in column for column in columns):
        return (columns,)
    return tuple(tuple(c.replace("{p}", p) for c in columns) for p in persons(type))


@cache
def each_column(type: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of a rule one by one, those with `{p}` once for each person."""
    spread = (c.replace("{p}", p) for c in columns for p in (persons(type) if "{p}" in c else [""]))
    return tuple(dict.fromkeys(spread))


def _rule(id: str, entry: AnyRule) -> CheckRule:
    common = {*RuleEntry.model_fields, "check"}
    return CheckRule(
        id,
        entry.severity,
        entry.check,
        tuple(entry.types),
        entry.columns,
        entry.message,
        {name: value for name, value in entry if name not in common},
    )


@cache
def _data() -> RuleFile:
    return load_data(Path(__file__).with_name("rules.yaml"), RuleFile)
