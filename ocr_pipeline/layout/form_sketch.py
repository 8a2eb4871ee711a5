"""A sketch of a form: what a person has marked on one of its pages so far, not in use yet.

A sketch may lack what a layout needs (a column of a field, a field at all): it is kept while
somebody works on it, and becomes a layout when it is saved.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field

from ocr_pipeline.data_files import Strict
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.layout.layout_draft import dump
from ocr_pipeline.layout.loading import parse_layout
from ocr_pipeline.layout.schema import (
    BoxMm,
    Caption,
    Layout,
    LayoutField,
    Leader,
    Millimetres,
    PageSize,
    PrintedRule,
    TickOption,
)
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.text.normalise import nfc, strip_marks

MOST_THINGS = 600
"""Fields, captions, rules or leaders of one sketch; an A3 table has 150."""

REFERENCE_DPI = 100

Key = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
_Short = Annotated[str, Field(max_length=300)]


class SketchField(Strict):
    """A field of a sketch.

    Attributes:
        key: names it in its sketch; the person does not see it.
        code: as of a layout; "" where nobody has said what stands there.
        kind: as of a layout; None where nobody has said it.
        lines: as of a layout.
        options: as of a layout.
        accepted: a person agreed; else it is a proposal, and does not go into the layout.

    """

    key: Key
    code: Annotated[str, Field(pattern=r"^([a-z][A-Za-z0-9]*)?$", max_length=100)] = ""
    kind: FieldKind | None = None
    lines: Annotated[tuple[BoxMm, ...], Field(max_length=40)] = ()
    join: Annotated[str, Field(max_length=5)] = " "
    options: Annotated[tuple[TickOption, ...], Field(max_length=40)] = ()
    scope: Literal["page", "record"] = "record"
    lexicon: _Short = ""
    prefix: _Short = ""
    accepted: bool = True


class SketchCaption(Strict):
    """Printed words of a sketch; all but `key` as of a layout."""

    key: Key
    text: _Short = ""
    box: BoxMm
    bold: bool = False
    italic: bool = False
    anchor: bool = True
    scope: Literal["page", "record"] = "record"


class SketchRule(Strict):
    """A ruled line of a sketch; all but `key` as of a layout."""

    key: Key
    points: tuple[Millimetres, Millimetres, Millimetres, Millimetres]
    thickness: Annotated[float, Field(gt=0, le=3)] = 0.3
    scope: Literal["page", "record"] = "page"


class SketchLeader(Strict):
    """A dotted line of a sketch; all but `key` as of a layout."""

    key: Key
    x1: Millimetres
    x2: Millimetres
    y: Millimetres
    scope: Literal["page", "record"] = "record"


class FormSketch(Strict):
    """A form as far as it is marked; geometry in mm of the straightened page, as of a layout.

    Attributes:
        type: code of the register type.
        era: the years or the circular that the form belongs to.
        title: what people call the form.
        page: size of the page.
        offsets: shift of each record of the sheet from the first one, in mm.

    """

    type: Annotated[str, Field(pattern=r"^[A-Z]{1,5}$")]
    era: _Short = ""
    title: _Short = ""
    page: PageSize
    offsets: Annotated[
        tuple[tuple[Millimetres, Millimetres], ...], Field(min_length=1, max_length=60)
    ] = ((0.0, 0.0),)
    fields: Annotated[tuple[SketchField, ...], Field(max_length=MOST_THINGS)] = ()
    captions: Annotated[tuple[SketchCaption, ...], Field(max_length=MOST_THINGS)] = ()
    rules: Annotated[tuple[SketchRule, ...], Field(max_length=MOST_THINGS)] = ()
    leaders: Annotated[tuple[SketchLeader, ...], Field(max_length=MOST_THINGS)] = ()


def is_complete(field: SketchField) -> bool:
    """Whether a field may go into a layout: a person agreed, and it has a column and a place."""
    has_place = bool(field.options if field.kind is FieldKind.TICK else field.lines)
    return bool(field.accepted and field.code and field.kind and has_place)


def layout_of(sketch: FormSketch, identity: str, version: int) -> Layout:
    """The layout that a sketch makes; fields that are not complete are left out.

    Args:
        sketch: the sketch.
        identity: id of the layout, e.g. `KS-1976-ha-bac`.
        version: its version, from 1.

    Raises:
        BadInputError: it has no complete field.
        LayoutError: a column is no column of the register, a box lies outside of the page …

    """
    if not any(map(is_complete, sketch.fields)):
        raise BadInputError(
            Text("Chưa có trường nào được chấp nhận", "No field has been accepted yet"),
            remedy=Text(
                "Chấp nhận các đề xuất, hoặc vẽ một trường và chọn cột",
                "Accept the proposals, or draw a field and choose its column",
            ),
        )
    data = _layout_data(sketch, identity, version, sketch.fields)
    return parse_layout(dump(data), identity)


def layout_so_far(sketch: FormSketch) -> Layout:
    """The layout that a sketch would become if all proposals were accepted, in any state.

    A code given twice counts once.
    """
    agreed = (field.model_copy(update={"accepted": True}) for field in reversed(sketch.fields))
    once = {field.code: field for field in agreed if is_complete(field)}
    fields = tuple(reversed(once.values()))
    return Layout.model_validate(_layout_data(sketch, f"{sketch.type}-x", 1, fields))


def _layout_data(
    sketch: FormSketch, identity: str, version: int, fields: tuple[SketchField, ...]
) -> dict[str, Any]:
    return {
        "id": identity,
        "type": sketch.type,
        "era": sketch.era or identity,
        "title": sketch.title or identity,
        "version": version,
        "page": sketch.page.model_dump(),
        "reference_dpi": REFERENCE_DPI,
        "records": {"offsets": [list(offset) for offset in sketch.offsets]},
        "captions": [_kept(one, Caption) for one in sketch.captions if one.text.strip()],
        "rules": [_kept(one, PrintedRule) for one in sketch.rules],
        "leaders": [_kept(one, Leader) for one in sketch.leaders],
        "fields": [_kept_field(one) for one in fields if is_complete(one)],
    }


def layout_text(layout: Layout) -> str:
    """A layout as `layout.yaml`."""
    return dump(layout.model_dump(mode="json", exclude_defaults=True))


def sketch_of(layout: Layout, *, accepted: bool = True) -> FormSketch:
    """A layout as a sketch, to go on with it.

    Args:
        layout: the layout.
        accepted: its fields need nobody's agreement any more.

    """

    def keyed(prefix: str, things: Any, **more: Any) -> list[dict[str, Any]]:
        return [
            {"key": f"{prefix}{index}", **thing.model_dump(mode="json"), **more}
            for index, thing in enumerate(things, start=1)
        ]

    return FormSketch.model_validate(
        {
            "type": layout.type,
            "era": layout.era,
            "title": layout.title,
            "page": layout.page.model_dump(),
            "offsets": layout.records.offsets,
            "fields": keyed("f", layout.fields, accepted=accepted),
            "captions": keyed("c", layout.captions),
            "rules": keyed("r", layout.rules),
            "leaders": keyed("l", layout.leaders),
        }
    )


def new_identity(sketch: FormSketch, taken: set[str]) -> str:
    """An id for the layout of a sketch that no other layout has, made of type and era.

    Args:
        sketch: the sketch.
        taken: ids of other layouts.

    """
    words = re.sub(r"[^A-Za-z0-9]+", "-", strip_marks(nfc(sketch.era))).strip("-")[:40]
    base = f"{sketch.type}-{words or 'moi'}"
    found, number = base, 2
    while found in taken:
        found, number = f"{base}-{number}", number + 1
    return found


def _kept(thing: Strict, into: type[Strict]) -> dict[str, Any]:
    data = {name: value for name, value in thing.model_dump(mode="json").items() if name != "key"}
    return into.model_validate(data).model_dump(mode="json", exclude_defaults=True)


def _kept_field(field: SketchField) -> dict[str, Any]:
    left_out = {"key", "accepted", "lines" if field.kind is FieldKind.TICK else "options"}
    data = field.model_dump(mode="json", exclude=left_out)
    return LayoutField.model_validate(data).model_dump(mode="json", exclude_defaults=True)
