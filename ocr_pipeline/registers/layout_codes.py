"""Codes a layout may use: Excel columns, composite blanks and writings without a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.templates import DATA, generations, load_template
from ocr_pipeline.registers.types import RegisterType


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Composite:
    """A blank of the paper that fills several columns.

    Attributes:
        code: code in layouts, e.g. `chongGiayTo`.
        kind: how it is read.
        split: name of the splitting rule (`registers.rows`).
        into: columns it fills, in the order the splitting rule gives their values.

    """

    code: str
    kind: FieldKind
    split: str
    into: tuple[str, ...]


class CompositeRule(Strict):
    """A composite blank as `derive.yaml` has it; `{p}` stands for each of `persons` of a type.

    Attributes:
        types: register types that have it; None: those of `persons`, or all.
        persons: prefixes of columns by register type; None when the code names no person.

    """

    code: str
    kind: FieldKind
    split: Literal["id_document", "name_and_position", "time_and_date", "copy"]
    into: tuple[str, ...]
    types: tuple[RegisterType, ...] | None = None
    persons: dict[RegisterType, tuple[str, ...]] | None = None


class Derivation(Strict):
    """A column that follows from others by a rule of `registers.rows`.

    Attributes:
        sources: columns that it follows from: with them lies a doubt about the column.
        beside: further columns that the rule looks at, after `sources`.
        absent: only where the page has no place for the column itself.

    """

    column: str
    sources: Annotated[tuple[str, ...], Field(alias="from"), BeforeValidator(_as_list)]
    beside: tuple[str, ...] = ()
    absent: bool = False
    rule: str


class Default(Strict):
    """What a column gets without a value: the page lacks the field, or the blank is empty."""

    absent: str = ""
    blank: str = ""


class ColumnRules(Strict):
    """`derive.yaml`: codes of the paper beside the columns, and how columns follow from them.

    Attributes:
        paper_only: kinds of writings without a column, by register type and code.
        book_constants: columns that the inventory knows.
        defaults: by register type, `*` for all, and column.

    """

    composites: tuple[CompositeRule, ...]
    paper_only: dict[RegisterType, dict[str, FieldKind]]
    book_constants: dict[str, Literal["volume", "agency"]]
    derived: tuple[Derivation, ...]
    defaults: dict[RegisterType | Literal["*"], dict[str, Default]]


@cache
def column_rules() -> ColumnRules:
    """The content of `derive.yaml`."""
    return load_data(DATA / "derive.yaml", ColumnRules)


@cache
def composites(type: RegisterType | str) -> Mapping[str, Composite]:
    """Composite codes of a register type."""
    found = {}
    for rule in column_rules().composites:
        if rule.types is not None and type not in rule.types:
            continue
        for p in ("",) if rule.persons is None else rule.persons.get(RegisterType(type), ()):
            into = tuple(column.replace("{p}", p) for column in rule.into)
            code = rule.code.replace("{p}", p)
            found[code] = Composite(code, rule.kind, rule.split, into)
    return found


@cache
def paper_kinds(type: RegisterType | str) -> Mapping[str, FieldKind]:
    """Every code a layout of this type may use, with its usual kind."""
    kinds: dict[str, FieldKind] = {}
    for generation in generations(type):
        base = load_template(type, generation)
        for variant in base.variants or ("",):
            kinds.update({c.name: c.kind for c in load_template(type, generation, variant).columns})
    kinds.pop("STT", None)
    kinds.update({code: composite.kind for code, composite in composites(type).items()})
    kinds.update(column_rules().paper_only.get(RegisterType(type), {}))
    return kinds


def paper_codes(type: RegisterType | str) -> set[str]:
    """Every code a layout of this register type may use."""
    return set(paper_kinds(type))
