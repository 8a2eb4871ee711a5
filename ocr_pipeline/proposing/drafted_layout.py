"""Writes what was found on a form as a layout with its notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.errors import Text
from ocr_pipeline.layout.form_drawing import BASELINE, draw_form, load_font
from ocr_pipeline.layout.schema import (
    BoxMm,
    Caption,
    Layout,
    LayoutField,
    Leader,
    PageSize,
    PrintedRule,
    Records,
)
from ocr_pipeline.proposing.blanks import WritingBlank
from ocr_pipeline.proposing.caption_words import letters_of, narrower_lexicon
from ocr_pipeline.proposing.common_sheet import CommonSheet
from ocr_pipeline.proposing.field_columns import ChosenField
from ocr_pipeline.proposing.found_captions import FoundCaption
from ocr_pipeline.proposing.found_form import FoundForm
from ocr_pipeline.proposing.layout_proposal import (
    LayoutProposal,
    OpenBlank,
    PartNote,
    Source,
)
from ocr_pipeline.proposing.line_boxes import BELOW_MM, height_below, rounded
from ocr_pipeline.proposing.printed_lines import LevelLine
from ocr_pipeline.proposing.table_fields import TableField
from ocr_pipeline.proposing.written_words import is_written

Scope = Literal["page", "record"]

_REFERENCE_DPI = 100
_EM_SHARE = 1.107  # of the font size: ascent and descent, the height of a caption's box
_FONT_PIXELS = 100.0
_ANCHOR_LETTERS, _ANCHOR_MM = 3, 4.5
_SURE_ANCHOR = 0.8
_AROUND_MM = 0.5


@dataclass(frozen=True, slots=True)
class FormParts:
    """Name and size of a layout."""

    id: str
    type: str
    era: str
    title: str
    size: tuple[float, float]


def draft(parts: FormParts, common: CommonSheet, found: FoundForm, turn: int) -> LayoutProposal:
    """The proposal of a found form: layout, reference picture, notes."""
    found = _without_written(found)
    layout = _layout(parts, found)
    notes = [
        PartNote(f"fields.{one.code}", round(one.score, 2), one.source, one.reason)
        for one in found.chosen
    ]
    notes += [_tick_note(field, score) for field, score in found.ticks]
    notes += [
        PartNote(f"fields.{one.field.code}", round(one.score, 2), Source.CAPTION, one.reason)
        for one in _table_fields(found)
    ]
    notes += [_caption_note(index, caption) for index, caption in enumerate(_printed(found))]
    return LayoutProposal(
        layout=layout,
        reference=clean_reference(common.picture, layout),
        sheet=common.picture,
        notes=tuple(notes),
        blanks=_open_blanks(found),
        evidence=found.evidence,
        turn=turn,
        pages=common.pages,
        left_out=common.left_out,
    )


def _layout(parts: FormParts, found: FoundForm) -> Layout:
    boxes = _Boxes(found.writable, found.size)
    lines = found.lines
    rules = [_rule(s.x1, s.y, s.x2, s.y) for s in lines.solid if s not in found.writable]
    rules += [_rule(line.x, line.y1, line.x, line.y2) for line in lines.upright]
    scope = _scope(found)
    fields = [_field(one, boxes, scope) for one in found.chosen]
    known = {field.code for field in fields}
    ticks = [field for field, _ in found.ticks if field.code not in known]
    fields += [field.model_copy(update={"scope": scope}) for field in ticks]
    fields += [one.field for one in _table_fields(found)]
    leaders = [_leader(line, scope) for line in found.writable]
    leaders += [_leader(line, "record") for line in (found.table.leaders if found.table else ())]
    return Layout(
        id=parts.id,
        type=parts.type,
        era=parts.era,
        title=parts.title,
        page=PageSize(width=found.size[0], height=found.size[1]),
        reference_dpi=_REFERENCE_DPI,
        records=_records(found),
        captions=tuple(_captions(_printed(found), scope)),
        rules=tuple(rules),
        leaders=tuple(leaders),
        fields=tuple(fields),
    )


def _scope(found: FoundForm) -> Scope:
    """Whom the parts beside a table belong to: all its records; else the one of the page."""
    return "page" if found.table is not None and len(found.table.grid.rows) > 1 else "record"


def _records(found: FoundForm) -> Records:
    """Where the records stand: one on a page without a table."""
    if found.table is None:
        return Records()
    tops = [top for top, _ in found.table.grid.rows]
    return Records(offsets=tuple((0.0, _mm(top - tops[0])) for top in tops))


def _printed(found: FoundForm) -> list[FoundCaption]:
    """All printed words: beside a table and in its head."""
    return [*found.captions, *(found.table.captions if found.table is not None else ())]


def _table_fields(found: FoundForm) -> list[TableField]:
    """Fields of a table whose column no blank beside it has."""
    if found.table is None:
        return []
    taken = {one.code for one in found.chosen} | {field.code for field, _ in found.ticks}
    return [one for one in found.table.fields if one.field.code not in taken]


def _leader(line: LevelLine, scope: Scope) -> Leader:
    return Leader(x1=_mm(line.x1), x2=_mm(line.x2), y=_mm(line.y), scope=scope)


def _without_written(found: FoundForm) -> FoundForm:
    """The form without the words that stand where people write: they are no print."""
    boxes = _Boxes(found.writable, found.size)
    written = [boxes.of(line) for line in found.writable]
    written += [boxes.of(line) for one in found.chosen for line in one.blank.lines]
    captions = [one for one in found.captions if not is_written(one.box, written)]
    return replace(found, captions=captions)


def _open_blanks(found: FoundForm) -> tuple[OpenBlank, ...]:
    boxes = _Boxes(found.writable, found.size)
    blanks = [_open(blank, code, boxes) for blank, code in found.open if blank.lines]
    reason = Text("ô đánh dấu không có chữ quen thuộc", "a tick box without known words")
    blanks += [OpenBlank((rounded(box),), "", reason) for box in found.open_ticks]
    for lines, words in found.table.open if found.table is not None else ():
        blanks.append(OpenBlank(lines, words, _unknown_column(words)))
    return tuple(blanks)


def _unknown_column(words: str) -> Text:
    if not words:
        return Text("không đọc được chữ ở đầu cột", "the head of the column cannot be read")
    return Text(f"chưa biết cột của “{words}”", f"the column of “{words}” is not known")


def _tick_note(field: LayoutField, score: float) -> PartNote:
    count = len(field.options)
    reason = Text(f"{count} ô đánh dấu có chữ bên cạnh", f"{count} tick boxes with words beside")
    return PartNote(f"fields.{field.code}", round(score, 2), Source.TICK_BOX, reason)


def _mm(value: float) -> float:
    return round(value, 1)


def _rule(x1: float, y1: float, x2: float, y2: float) -> PrintedRule:
    return PrintedRule(points=(_mm(x1), _mm(y1), _mm(x2), _mm(y2)))


class _Boxes:
    """Boxes to write in, above lines: as high as the distance to the line above allows."""

    def __init__(self, lines: Sequence[LevelLine], size: tuple[float, float]) -> None:
        self._lines, self._size = lines, size

    def of(self, line: LevelLine) -> BoxMm:
        above = [
            line.y - other.y
            for other in self._lines
            if line.y - other.y > 2 and min(line.x2, other.x2) - max(line.x1, other.x1) > 2
        ]
        height = height_below(min(above, default=20.0))
        x1, x2 = max(line.x1, 0.0), min(line.x2, self._size[0])
        bottom = min(line.y + BELOW_MM, self._size[1])
        top = max(bottom - height, 0.0)
        return _mm(x1), _mm(top), _mm(x2 - x1), _mm(bottom - top)


def _field(one: ChosenField, boxes: _Boxes, scope: Scope) -> LayoutField:
    return LayoutField(
        code=one.code,
        kind=one.kind,
        lines=tuple(boxes.of(line) for line in one.blank.lines),
        join="." if one.date_parts else " ",
        scope=scope,
        lexicon=narrower_lexicon(one.code, one.kind, year=one.year),
    )


def _captions(found: Sequence[FoundCaption], scope: Scope) -> list[Caption]:
    """Captions in boxes as high as ascent and descent of their letters."""
    sizes = [_em(caption) for caption in found]
    usual = float(np.median(sizes)) if sizes else 4.0
    captions = []
    for caption, size in zip(found, sizes, strict=True):
        height = float(np.clip(size, 0.75 * usual, 2 * usual)) * _EM_SHARE
        top = caption.baseline - BASELINE * height
        x, _, width, _ = caption.box
        captions.append(
            Caption(
                text=_spelt(caption),
                box=(_mm(x), _mm(top), _mm(width), _mm(height)),
                anchor=_holds(caption),
                scope=scope,
            )
        )
    return captions


def _em(caption: FoundCaption) -> float:
    """Size of the letters in mm, by how long the words are."""
    natural = load_font("serif", "regular", _FONT_PIXELS).getlength(caption.text) / _FONT_PIXELS
    return caption.box[2] / max(natural, 0.1)


def _holds(caption: FoundCaption) -> bool:
    """Whether the words are sure and long enough to hold the layout in its place."""
    long = len(letters_of(caption.text)) >= _ANCHOR_LETTERS and caption.box[2] >= _ANCHOR_MM
    sure = caption.alike >= _SURE_ANCHOR or caption.confidence >= _SURE_ANCHOR
    return long and sure


def _spelt(caption: FoundCaption) -> str:
    """The words with the tone marks of the list, where the letters are the same."""
    if caption.known is None:
        return caption.text
    right = [c for c in caption.known.wording if letters_of(c)]
    if letters_of(caption.text) != letters_of(caption.known.wording):
        return caption.text
    letters = iter(right)
    spelt = ""
    for character in caption.text:
        if letters_of(character):
            letter = next(letters)
            spelt += letter.upper() if character.isupper() else letter.lower()
        else:
            spelt += character
    return spelt


def _caption_note(index: int, caption: FoundCaption) -> PartNote:
    if caption.known is not None:
        reason = Text(
            f"giống “{caption.known.wording}” {caption.alike:.0%}",
            f"{caption.alike:.0%} like “{caption.known.wording}”",
        )
        return PartNote(f"captions[{index}]", round(caption.alike, 2), Source.CAPTION, reason)
    reason = Text(
        "chữ in không có trong danh sách; kiểm tra xem có phải chữ viết không",
        "words that the list does not have; see whether they are print",
    )
    score = round(min(caption.confidence, 0.9) * 0.75, 2)
    return PartNote(f"captions[{index}]", score, Source.PRINT, reason)


def _open(blank: WritingBlank, code: str, boxes: _Boxes) -> OpenBlank:
    words = blank.caption.text if blank.caption else ""
    if code:
        reason = Text(f"cột {code} đã có trường khác", f"column {code} has a field already")
    elif words:
        reason = _unknown_column(words)
    else:
        reason = Text("không có chữ in bên cạnh", "no printed words beside it")
    return OpenBlank(tuple(boxes.of(line) for line in blank.lines), words, reason)


def clean_reference(sheet: Gray, layout: Layout) -> Gray:
    """The form alone at the layout's resolution: print where the layout has some, else white."""
    scale = layout.reference_dpi / 25.4
    size = (round(layout.page.width * scale), round(layout.page.height * scale))
    small = np.asarray(cv2.resize(sheet, size, interpolation=cv2.INTER_AREA), np.uint8)
    mask = np.zeros_like(small)
    for caption in layout.captions:
        x, y, width, height = caption.box
        corner = (round((x - _AROUND_MM) * scale), round((y - _AROUND_MM) * scale))
        end = (round((x + width + _AROUND_MM) * scale), round((y + height + _AROUND_MM) * scale))
        cv2.rectangle(mask, corner, end, 1, -1)
    drawn = layout.model_copy(update={"captions": ()})
    lines = draw_form(drawn, layout.reference_dpi)
    return np.asarray(np.minimum(np.where(mask > 0, small, 255), lines), np.uint8)
