"""What a sketch of a form lacks, or what looks wrong on it: each with its place.

What every layout in the making may lack is said by `proposing.checklist`; here stands what only a
sketch can have: proposals that nobody has looked at, fields without a column, columns given twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ocr_pipeline.errors import Text
from ocr_pipeline.layout.form_sketch import (
    FormSketch,
    SketchCaption,
    SketchField,
    is_complete,
    layout_so_far,
)
from ocr_pipeline.layout.schema import BoxMm
from ocr_pipeline.proposing.checklist import Lack, Missing, checklist
from ocr_pipeline.review.captions import caption


@dataclass(frozen=True, slots=True)
class SketchRemark:
    """Something that a sketch lacks, or that looks wrong.

    Attributes:
        serious: pages would be read wrongly or refused; else worth a look.
        rule: name of the rule.
        message: what it is, and what to do.
        keys: things of the sketch that are meant.
        codes: columns that are meant.
        place: x, y in mm to look at; None: no place.

    """

    serious: bool
    rule: str
    message: Text
    keys: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    place: tuple[float, float] | None = None


def sketch_remarks(sketch: FormSketch) -> list[SketchRemark]:
    """All remarks on a sketch, the serious ones first."""
    found = [
        *_unagreed(sketch),
        *_incomplete(sketch),
        *_twice(sketch),
        *_outside(sketch),
        *_captions(sketch),
        *_lacks(sketch),
    ]
    return sorted(found, key=lambda one: not one.serious)


def boxes_of(field: SketchField) -> list[BoxMm]:
    """Every box of a field: its lines, or its tick boxes."""
    return [*field.lines, *(option.box for option in field.options)]


def _unagreed(sketch: FormSketch) -> Iterator[SketchRemark]:
    waiting = [field for field in sketch.fields if not field.accepted]
    if waiting:
        yield SketchRemark(
            False,
            "proposals",
            Text(
                f"{len(waiting)} đề xuất chưa được chấp nhận hay bỏ",
                f"{len(waiting)} proposals were neither accepted nor removed",
            ),
            tuple(field.key for field in waiting),
            place=_place(waiting[0]),
        )


def _incomplete(sketch: FormSketch) -> Iterator[SketchRemark]:
    for field in sketch.fields:
        if not field.accepted or is_complete(field):
            continue
        told = Text("trường chưa có cột", "the field has no column")
        if not boxes_of(field):
            told = Text("trường chưa có ô nào", "the field has no box")
        yield SketchRemark(True, "incomplete", told, (field.key,), place=_place(field))


def _twice(sketch: FormSketch) -> Iterator[SketchRemark]:
    seen: dict[str, SketchField] = {}
    for field in sketch.fields:
        if not field.accepted or not field.code:
            continue
        if field.code in seen:
            name = caption(field.code)
            told = Text(f"hai trường cùng là “{name.vi}”", f"two fields are “{name.en}”")
            keys = (seen[field.code].key, field.key)
            yield SketchRemark(True, "twice", told, keys, (field.code,), _place(field))
        seen.setdefault(field.code, field)


def _outside(sketch: FormSketch) -> Iterator[SketchRemark]:
    for field in sketch.fields:
        for x, y, width, height in boxes_of(field) if field.accepted else ():
            if min(x, y) < 0 or x + width > sketch.page.width or y + height > sketch.page.height:
                told = Text("ô nằm ngoài trang", "the box lies outside of the page")
                yield SketchRemark(True, "outside", told, (field.key,), place=(x, y))


def _captions(sketch: FormSketch) -> Iterator[SketchRemark]:
    for one in sketch.captions:
        if not one.text.strip():
            told = Text("chữ in này chưa được gõ lại", "these printed words have not been typed")
            place = (one.box[0], one.box[1])
            yield SketchRemark(True, "no_words", told, (one.key,), place=place)


def _lacks(sketch: FormSketch) -> Iterator[SketchRemark]:
    found = checklist(layout_so_far(sketch), sketch.type)
    proposed = {field.code for field in sketch.fields if field.code}
    columns = [one for one in found if one.lack is Lack.COLUMN and one.key not in proposed]
    for serious in (True, False):
        codes = tuple(one.key for one in columns if one.serious is serious)
        if codes:
            told = Text(f"{len(codes)} cột chưa có trường", f"{len(codes)} columns have no field")
            yield SketchRemark(serious, Lack.COLUMN.value, told, codes=codes)
    printed = [one for one in sketch.captions if one.text.strip()]
    for one in found:
        if one.lack is not Lack.COLUMN:
            place = (one.box[0], one.box[1]) if one.box else None
            keys = _keys(sketch, printed, one)
            yield SketchRemark(one.serious, one.lack.value, one.message, keys, place=place)


def _keys(sketch: FormSketch, printed: list[SketchCaption], one: Missing) -> tuple[str, ...]:
    """The thing of the sketch that a line of the checklist means."""
    if one.key.startswith("captions["):
        return (printed[int(one.key[len("captions[") : -1])].key,)
    code = one.key.removeprefix("fields.")
    return tuple(field.key for field in sketch.fields if field.code == code)[:1]


def _place(field: SketchField) -> tuple[float, float] | None:
    boxes = boxes_of(field)
    return (boxes[0][0], boxes[0][1]) if boxes else None
