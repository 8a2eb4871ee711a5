"""Gives tick boxes the values that the words beside them stand for."""

from __future__ import annotations

from collections.abc import Sequence

from ocr_pipeline.layout.schema import BoxMm, LayoutField, TickOption
from ocr_pipeline.proposing.caption_words import CaptionRole
from ocr_pipeline.proposing.found_captions import FoundCaption
from ocr_pipeline.registers.fields import FieldKind

_BESIDE_MM = 60.0
_LEVEL_MM = 4.5


def tick_fields(
    ticks: Sequence[BoxMm], captions: Sequence[FoundCaption]
) -> tuple[list[tuple[LayoutField, float]], list[BoxMm]]:
    """Fields of tick boxes, each with its score, and the boxes without known words beside them."""
    options: dict[str, list[tuple[TickOption, float]]] = {}
    left: list[BoxMm] = []
    for box in ticks:
        caption = _beside(box, captions)
        if caption is None or caption.known is None:
            left.append(box)
            continue
        known = caption.known
        taken = options.setdefault(known.code, [])
        if any(option.value == known.value for option, _ in taken):
            left.append(box)
        else:
            x, y, width, height = (round(value, 1) for value in box)
            taken.append((TickOption(box=(x, y, width, height), value=known.value), caption.alike))
    fields = [
        (
            LayoutField(
                code=code, kind=FieldKind.TICK, options=tuple(option for option, _ in found)
            ),
            min(alike for _, alike in found),
        )
        for code, found in options.items()
        if found
    ]
    return fields, left


def _beside(box: BoxMm, captions: Sequence[FoundCaption]) -> FoundCaption | None:
    """The words of a tick box: on its row, the nearest on either side."""
    x, y, width, height = box
    near = []
    for caption in captions:
        if caption.known is None or caption.known.role is not CaptionRole.TICK:
            continue
        off = abs(caption.box[1] + caption.box[3] / 2 - y - height / 2)
        away = max(x - caption.x2, caption.box[0] - x - width)
        if off < _LEVEL_MM and -2 < away < _BESIDE_MM:
            near.append((off + away / 20, caption))
    return min(near, key=lambda one: one[0])[1] if near else None
