"""Which column each blank of a form fills, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocr_pipeline.errors import Text
from ocr_pipeline.proposing.blanks import WritingBlank
from ocr_pipeline.proposing.caption_words import (
    CaptionRole,
    KnownCaption,
    caption_words,
    column_of,
    letters_of,
)
from ocr_pipeline.proposing.layout_proposal import Source
from ocr_pipeline.proposing.sections import Sections
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.registers.layout_codes import composites, paper_kinds

_UNDER, _LINELESS, _FIRST_PERSON, _HEADING, _DATE_ALONE = 0.85, 0.7, 0.9, 0.7, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class ChosenField:
    """A blank with its column.

    Attributes:
        code: the column.
        kind: what it holds.
        blank: where it is written.
        year: only a year is asked for.
        score: 0–1.
        source: what the column was concluded from.
        reason: the same in words.

    """

    code: str
    kind: FieldKind
    blank: WritingBlank
    year: bool
    score: float
    source: Source
    reason: Text

    @property
    def date_parts(self) -> bool:
        """Whether day, month and year have blanks of their own."""
        parts = {c.known.code for c, _ in self.blank.inside if c.known is not None}
        return self.kind is FieldKind.DATE and len(self.blank.lines) > 1 and bool(parts)


def choose_columns(
    blanks: Sequence[WritingBlank], sections: Sections, type: str
) -> tuple[list[ChosenField], list[tuple[WritingBlank, str]]]:
    """Columns of blanks, and the blanks without one, each with the code that was taken already.

    Every column is given once: to the blank that is surest of it, of equals to the first.
    """
    options: list[ChosenField] = []
    left: list[tuple[WritingBlank, str]] = []
    for blank in blanks:
        found = _options(blank, sections, type)
        options += found
        if not found:
            left.append((blank, ""))
    best: dict[str, ChosenField] = {}
    for option in options:
        known = best.get(option.code)
        if known is None or option.score > known.score + 0.01:
            if known is not None:
                left.append((known.blank, known.code))
            best[option.code] = option
        else:
            left.append((option.blank, option.code))
    kept = set(map(id, best.values()))
    return [option for option in options if id(option) in kept], left


def _options(blank: WritingBlank, sections: Sections, type: str) -> list[ChosenField]:
    caption = blank.caption
    known = caption.known if caption is not None else None
    if caption is None or known is None:
        return []
    words = caption.text.strip(" :.")
    if known.role is CaptionRole.DATE_PART:
        return _lone_date(blank, known, type)
    score, source, why, person = caption.alike, Source.CAPTION, None, ""
    if known.role is CaptionRole.HEAD:
        score, source = _HEADING, Source.SECTION
    elif known.role is not CaptionRole.FIELD:
        return []
    elif not known.code and not known.person:
        person, headed = sections.person_at(caption)
        source, score = Source.SECTION, score * (1 if headed else _FIRST_PERSON)
        why = Text(f"“{words}” của phần {person}", f"“{words}” in the part of {person}")
    code = column_of(known, person, type)
    score *= (_UNDER if blank.under else 1) * (_LINELESS if blank.lineless else 1)
    reason = why or Text(f"chữ in “{words}”", f"printed words “{words}”")
    kinds = paper_kinds(type)
    if code not in kinds:
        return []
    chosen = ChosenField(code, kinds[code], blank, known.year, score, source, reason)
    return _divided(chosen, type) or [chosen]


def _lone_date(blank: WritingBlank, known: KnownCaption, type: str) -> list[ChosenField]:
    """`ngày … tháng … năm …` without words before: usually the day of registration."""
    if known.code != "ngày" or len(blank.lines) < 3 or "ngayDangKy" not in paper_kinds(type):
        return []
    reason = Text(
        "“ngày … tháng … năm …” không có chữ in nào khác",
        "“ngày … tháng … năm …” without other words",
    )
    return [
        ChosenField(
            "ngayDangKy", FieldKind.DATE, blank, False, _DATE_ALONE, Source.NEIGHBOUR, reason
        )
    ]


def _divided(chosen: ChosenField, type: str) -> list[ChosenField]:
    """The parts of a blank that fills two columns, where the form has a blank for each."""
    parts = caption_words().splits.get(chosen.code)
    blank = chosen.blank
    if parts is None or not set(composites(type)[chosen.code].into) >= set(parts):
        return []
    units = [count for c, count in blank.inside if letters_of(c.text) in ("gio", "phut")]
    if units:
        first = max(units)
    elif len(blank.lines) == 2 and abs(blank.lines[0].y - blank.lines[1].y) < 2:
        first = 1
    else:
        return []
    kinds = paper_kinds(type)
    halves = (
        replace_lines(blank, 0, first),
        replace_lines(blank, first, len(blank.lines)),
    )
    return [
        replace(chosen, code=code, kind=kinds[code], blank=half)
        for code, half in zip(parts, halves, strict=True)
        if half.lines
    ]


def replace_lines(blank: WritingBlank, first: int, last: int) -> WritingBlank:
    """A part of a blank: its lines from `first` to `last`."""
    inside = [(c, n - first) for c, n in blank.inside if first <= n < last]
    return WritingBlank(blank.caption, blank.lines[first:last], inside, blank.under, blank.lineless)
