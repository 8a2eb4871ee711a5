"""The schema of `layout.yaml`: one page of one register type and era, in millimetres.

Origin: top left of the page; x to the right, y down. Field, caption, leader and tick geometry of
repeated records (A3 tables) is given for the first record; `records` shifts it to the others.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ocr_pipeline.data_files import DataValueError, Strict
from ocr_pipeline.registers.fields import FieldKind

Millimetres = Annotated[float, Field(ge=-2000, le=2000)]
BoxMm = tuple[Millimetres, Millimetres, Millimetres, Millimetres]
"""x, y, width, height in mm."""


class PageSize(Strict):
    """Size of the page side in mm."""

    width: Annotated[float, Field(gt=0, le=1200)]
    height: Annotated[float, Field(gt=0, le=1200)]


class Caption(Strict):
    """Printed words of the form: anchors of registration, and the text to blank out of crops."""

    text: str
    box: BoxMm
    bold: bool = False
    italic: bool = False
    anchor: bool = True
    scope: Literal["page", "record"] = "record"


class PrintedRule(Strict):
    """A ruled straight line from (x1, y1) to (x2, y2), thickness in mm."""

    points: tuple[Millimetres, Millimetres, Millimetres, Millimetres]
    thickness: Annotated[float, Field(gt=0, le=3)] = 0.3
    scope: Literal["page", "record"] = "page"


class Leader(Strict):
    """A dotted leader line to write on: from x1 to x2 at baseline y."""

    x1: Millimetres
    x2: Millimetres
    y: Millimetres
    scope: Literal["page", "record"] = "record"


class TickOption(Strict):
    """One tick box of a field and the value the field takes when it is ticked."""

    box: BoxMm
    value: str


class LayoutField(Strict):
    """One field of the paper.

    Attributes:
        code: Excel column it fills, or a paper code that `registers/data/derive.yaml` turns into
            columns.
        kind: grammar and lexicon to read it with.
        lines: boxes of the lines of writing, in reading order; the parts of a date in separate
            blanks are lines too.
        join: what stands between the texts of two lines: " " for wrapped text, "." for date parts.
        options: tick boxes (kind `tick` only), instead of lines.
        scope: `page` when all records of the sheet share it (page number of an A3 table).
        lexicon: name of a narrower lexicon or grammar than the kind's own, e.g. `year`.
        prefix: words printed in the blank that are not part of the value.

    """

    code: Annotated[str, Field(pattern=r"^[a-z][A-Za-z0-9]*$")]
    kind: FieldKind
    lines: tuple[BoxMm, ...] = ()
    join: str = " "
    options: tuple[TickOption, ...] = ()
    scope: Literal["page", "record"] = "record"
    lexicon: str = ""
    prefix: str = ""

    @model_validator(mode="after")
    def _lines_or_options(self) -> LayoutField:
        if (self.kind is FieldKind.TICK) != bool(self.options):
            raise DataValueError(
                f"{self.code}: ô đánh dấu có options, các trường khác có lines",
                f"{self.code}: a tick field has options, all others have lines",
            )
        if self.kind is not FieldKind.TICK and not self.lines:
            raise DataValueError(f"{self.code}: thiếu lines", f"{self.code}: no lines")
        return self


class Records(Strict):
    """Repeated records on one sheet: offsets (dx, dy) in mm from the first record's geometry."""

    offsets: tuple[tuple[Millimetres, Millimetres], ...] = ((0.0, 0.0),)


class Layout(Strict):
    """One page of a register: what is printed on it and where its fields are.

    Attributes:
        id: unique, e.g. `KS-2016`.
        type: register type code (KS, KT, KH, CMC, HN, CN, GH, TD, CDGH).
        era: the years or circular the form belongs to, e.g. `2016`, `2006`, `before-1999`.
        reference_dpi: resolution of `reference.png`, the empty form beside the YAML file.

    """

    id: Annotated[str, Field(pattern=r"^[A-Z]+-[A-Za-z0-9-]+$")]
    type: Annotated[str, Field(pattern=r"^[A-Z]+$")]
    era: str
    title: str
    version: int = 1
    page: PageSize
    reference_dpi: Annotated[int, Field(ge=50, le=300)] = 100
    records: Records = Records()
    captions: tuple[Caption, ...] = ()
    rules: tuple[PrintedRule, ...] = ()
    leaders: tuple[Leader, ...] = ()
    fields: tuple[LayoutField, ...]

    def offsets_of(self, scope: Literal["page", "record"]) -> tuple[tuple[float, float], ...]:
        """Shifts (dx, dy) in mm of what is on the sheet once, or once for each of its records."""
        return self.records.offsets if scope == "record" else ((0.0, 0.0),)

    @model_validator(mode="after")
    def _codes_once(self) -> Layout:
        codes = [field.code for field in self.fields]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            codes_twice = ", ".join(twice)
            raise DataValueError(
                f"mã trường có hai lần: {codes_twice}", f"field codes given twice: {codes_twice}"
            )
        return self
