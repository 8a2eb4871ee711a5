"""The columns that a field of a form may fill, as people look for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from ocr_pipeline.errors import Text
from ocr_pipeline.registers.layout_codes import paper_kinds
from ocr_pipeline.review.captions import caption, options


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of the Excel file, or a blank of the paper that fills several.

    Attributes:
        code: of the column or blank.
        kind: how it is read.
        name: what people call it.
        values: codes that a tick field of it may have, and what they mean.

    """

    code: str
    kind: str
    name: Text
    values: dict[str, Text] = field(default_factory=dict)


@cache
def form_columns(type: str) -> tuple[FormColumn, ...]:
    """Every column that a form of this register type may have, in the order of the Excel file."""
    return tuple(
        FormColumn(code, kind.value, caption(code), dict(options(type, code, kind)))
        for code, kind in paper_kinds(type).items()
    )
