"""What a layout in the making still lacks: a pure function, for the screen and the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Literal

from ocr_pipeline.errors import Text
from ocr_pipeline.layout.schema import BoxMm, Caption, Layout, LayoutField
from ocr_pipeline.proposing.caption_words import CaptionRole, caption_words, person_code
from ocr_pipeline.proposing.found_captions import match_caption
from ocr_pipeline.registers.layout_codes import column_rules, composites, paper_kinds
from ocr_pipeline.registers.templates import generations, load_template
from ocr_pipeline.registers.types import RegisterType

LEAST_ANCHORS = 10
"""Printed words and rules that a layout needs at least."""

_REGION_ROWS = 3
_LEAST_IN_REGION = 2
_NEAR_MM = 25.0  # print further from a field does not hold it
_OVERLAP_SHARE = 0.3


class Lack(StrEnum):
    """What kind of thing is missing."""

    COLUMN = "column"  # an Excel column without a field
    CAPTION = "caption"  # a caption of the type that the form has not got, or not found
    PRINT = "print"  # a field without print near it
    ANCHORS = "anchors"  # too little print to hold the page, or a part of it
    OVERLAP = "overlap"  # two boxes lie on each other


@dataclass(frozen=True, slots=True)
class Missing:
    """One line of the checklist.

    Attributes:
        lack: what kind of thing is missing.
        key: place in the layout, or the column.
        serious: records could not go out, or pages would be read wrongly; else worth a look.
        message: what is missing, in plain words.
        box: where, in mm; None when it has no place.

    """

    lack: Lack
    key: str
    serious: bool
    message: Text
    box: BoxMm | None = None


def checklist(layout: Layout, type: RegisterType | str) -> list[Missing]:
    """What the layout lacks, serious things first.

    Args:
        layout: in any state.
        type: register type code.

    """
    found = [
        *_columns(layout, type),
        *_captions_without_field(layout, type),
        *_fields_without_print(layout),
        *_regions(layout),
        *_overlaps(layout),
    ]
    return sorted(found, key=lambda one: not one.serious)


def _columns(layout: Layout, type: RegisterType | str) -> Iterable[Missing]:
    """Columns that records need and no field, composite or rule fills."""
    filled = {field.code for field in layout.fields}
    for code, composite in composites(type).items():
        if code in filled:
            filled |= set(composite.into)
    rules = column_rules()
    known = filled | set(rules.book_constants)
    known |= {rule.column for rule in rules.derived if set(rule.sources) & filled}
    known |= {
        code
        for of_type in ("*", RegisterType(type))
        for code, default in rules.defaults.get(of_type, {}).items()
        if default.absent
    }
    asked = _captioned_codes(type)
    for column in load_template(type, generations(type)[0]).columns:
        if column.name in known or not (column.mandatory or column.name in asked):
            continue
        yield Missing(
            Lack.COLUMN,
            column.name,
            column.mandatory,
            Text(
                f"cột {column.name} chưa có trường nào",
                f"column {column.name} has no field",
            ),
        )


def _captioned_codes(type: RegisterType | str) -> set[str]:
    """Columns that forms of this type usually ask for."""
    words, kinds = caption_words(), paper_kinds(type)
    persons = words.persons.get(RegisterType(type), ())
    usual = ("HoTen", "NgaySinh", "DanToc", "QuocTich", "NoiCuTru")
    codes = {person.prefix + ending for person in persons for ending in usual}
    codes |= {"nguoiKy", "chucVuNguoiKy", "nguoiThucHien", "ghiChu", "ngayDangKy"}
    return codes & set(kinds)


def _captions_without_field(layout: Layout, type: RegisterType | str) -> Iterable[Missing]:
    """Printed captions that ask for a column that no field of the layout fills."""
    codes = {field.code for field in layout.fields}
    persons = [person.prefix for person in caption_words().persons.get(RegisterType(type), ())]
    for index, caption in enumerate(layout.captions):
        match = match_caption(caption.text, str(RegisterType(type)))
        if match is None or match[0].role not in (CaptionRole.FIELD, CaptionRole.TICK):
            continue
        known = match[0]
        wanted = {known.code} - {""}
        if not wanted:
            named = [known.person] if known.person else persons
            wanted = {person_code(type, person, known.endings) for person in named} - {""}
        parts = caption_words().splits.get(known.code, ())
        if wanted and not (wanted | set(parts)) & codes:
            yield Missing(
                Lack.CAPTION,
                f"captions[{index}]",
                False,
                Text(
                    f"chữ in “{caption.text}” chưa có trường",
                    f"the printed words “{caption.text}” have no field",
                ),
                caption.box,
            )


def _boxes(field: LayoutField) -> list[BoxMm]:
    return [*field.lines, *(option.box for option in field.options)]


def _fields_without_print(layout: Layout) -> Iterable[Missing]:
    anchors = [caption.box for caption in layout.captions if caption.anchor]
    anchors += [(m.x1, m.y - 0.2, m.x2 - m.x1, 0.4) for m in layout.leaders]
    anchors += [_around(rule.points) for rule in layout.rules]
    for field in layout.fields:
        for box in _boxes(field):
            if not any(_distance(box, anchor) < _NEAR_MM for anchor in anchors):
                yield Missing(
                    Lack.PRINT,
                    f"fields.{field.code}",
                    True,
                    Text(
                        f"gần trường {field.code} không có chữ in, đường kẻ nào",
                        f"there is no print near the field {field.code}",
                    ),
                    box,
                )
                break


def _around(points: tuple[float, float, float, float]) -> BoxMm:
    x1, y1, x2, y2 = points
    return min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1)


def _distance(a: BoxMm, b: BoxMm) -> float:
    across = max(a[0] - b[0] - b[2], b[0] - a[0] - a[2], 0)
    down = max(a[1] - b[1] - b[3], b[1] - a[1] - a[3], 0)
    return float((across**2 + down**2) ** 0.5)


def _regions(layout: Layout) -> Iterable[Missing]:
    anchors = [caption for caption in layout.captions if caption.anchor]
    if len(anchors) + len(layout.rules) < LEAST_ANCHORS:
        count = len(anchors) + len(layout.rules)
        yield Missing(
            Lack.ANCHORS,
            "captions",
            True,
            Text(
                f"chỉ có {count} mốc (chữ in, đường kẻ); cần ít nhất {LEAST_ANCHORS}",
                f"only {count} anchors (words, rules); at least {LEAST_ANCHORS} are needed",
            ),
        )
    height = layout.page.height / _REGION_ROWS
    for number, names in enumerate((("trên", "top"), ("giữa", "middle"), ("dưới", "bottom"))):
        top = number * height
        box = (0.0, round(top, 1), layout.page.width, round(height, 1))
        count = _anchors_within(layout, anchors, top, height)
        if _has_field(layout.fields, top, height) and count < _LEAST_IN_REGION:
            yield Missing(
                Lack.ANCHORS,
                "captions",
                False,
                Text(
                    f"phần {names[0]} của trang chỉ có {count} mốc",
                    f"the {names[1]} of the page has only {count} anchors",
                ),
                box,
            )


def _anchors_within(layout: Layout, anchors: Sequence[Caption], top: float, height: float) -> int:
    """Words, and level rules and leaders, whose place is in a band of the page."""
    heights = [caption.box[1] + dy for caption in anchors for dy in _shifts(layout, caption.scope)]
    heights += [m.y + dy for m in layout.leaders for dy in _shifts(layout, m.scope)]
    heights += [r.points[1] + dy for r in layout.rules for dy in _shifts(layout, r.scope)]
    return sum(top <= y < top + height for y in heights)


def _shifts(layout: Layout, scope: Literal["page", "record"]) -> list[float]:
    return [dy for _, dy in layout.offsets_of(scope)]


def _has_field(fields: Sequence[LayoutField], top: float, height: float) -> bool:
    return any(top <= box[1] < top + height for field in fields for box in _boxes(field))


def _overlaps(layout: Layout) -> Iterable[Missing]:
    boxes = [(field.code, box) for field in layout.fields for box in _boxes(field)]
    told: set[tuple[str, str]] = set()
    for (one, a), (other, b) in combinations(boxes, 2):
        width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
        height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
        shared = max(width, 0) * max(height, 0) / max(min(a[2] * a[3], b[2] * b[3]), 0.01)
        if shared > _OVERLAP_SHARE and (one, other) not in told:
            told.add((one, other))
            yield Missing(
                Lack.OVERLAP,
                f"fields.{one}",
                True,
                Text(f"ô của {one} chồng lên ô của {other}", f"{one} overlaps {other}"),
                a,
            )
