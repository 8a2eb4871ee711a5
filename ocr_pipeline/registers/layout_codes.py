"""Codes a layout may use: Excel columns, composite blanks and writings without a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.templates import DATA, generations, load_template
from ocr_pipeline.registers.types import RegisterType


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


@cache
def rules() -> dict[str, Any]:
    """The content of `derive.yaml`."""
    content: dict[str, Any] = yaml.safe_load((DATA / "derive.yaml").read_text(encoding="utf-8"))
    return content


@cache
def composites(type: RegisterType | str) -> Mapping[str, Composite]:
    """Composite codes of a register type."""
    found = {}
    for entry in rules()["composites"]:
        persons = entry["persons"].get(str(type), []) if "persons" in entry else [""]
        if "types" in entry and str(type) not in entry["types"]:
            continue
        for p in persons:
            into = tuple(column.replace("{p}", p) for column in entry["into"])
            code = entry["code"].replace("{p}", p)
            found[code] = Composite(code, FieldKind(entry["kind"]), entry["split"], into)
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
    kinds.update({c: FieldKind(k) for c, k in rules()["paper_only"].get(str(type), {}).items()})
    return kinds


def paper_codes(type: RegisterType | str) -> set[str]:
    """Every code a layout of this register type may use."""
    return set(paper_kinds(type))
