"""Finds the blanks of a form: the lines to write on, and the captions that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ocr_pipeline.proposing.caption_words import DATE_PARTS, CaptionRole, letters_of
from ocr_pipeline.proposing.found_captions import FoundCaption
from ocr_pipeline.proposing.printed_lines import LevelLine, UprightLine

_ROW_MM = 2.2  # a line lies this near the base line of its caption
_BEFORE_MM = 14.0  # from a caption to the line that follows it
_NEXT_ROW_MM = 14.0  # from one line of a blank to the next
_UNDER_MM = 45.0  # from a caption to a blank under it, as for signatures
_LEAST_LINE_MM = 5.0
_LEAST_BLANK_MM = 10.0
_MOST_BLANK_MM = 150.0
_SIBLING_MM = 8.0  # lines of one blank on one row, a dash between them
_DAY = "ngay"  # in the letters of a caption that asks for a date

Item = FoundCaption | LevelLine


@dataclass(slots=True)
class WritingBlank:
    """Where something is written, and the captions around it.

    Attributes:
        caption: printed words before or above it; None for a blank without any.
        lines: to write on, in reading order.
        inside: captions between its lines (tháng, năm; giờ, phút), with the number of lines before.
        under: the blank lies under its caption.
        lineless: no line is printed; the space up to the next print.

    """

    caption: FoundCaption | None
    lines: list[LevelLine] = field(default_factory=list)
    inside: list[tuple[FoundCaption, int]] = field(default_factory=list)
    under: bool = False
    lineless: bool = False


def find_blanks(
    captions: Sequence[FoundCaption],
    lines: Sequence[LevelLine],
    upright: Sequence[UprightLine],
    width: float,
) -> list[WritingBlank]:
    """Blanks in reading order.

    Args:
        captions: of the page.
        lines: to write on.
        upright: rules that part columns.
        width: of the page in mm.

    """
    usable = [line for line in lines if line.x2 - line.x1 >= _LEAST_LINE_MM]
    blanks: list[WritingBlank] = []
    orphans: list[LevelLine] = []
    for row in _rows(captions, usable):
        found, alone = _of_row(row, upright)
        blanks += found
        orphans += alone
    _join_dates(blanks, upright)
    _adopt(orphans, blanks, upright)
    _without_lines(blanks, captions, upright, width)
    return [blank for blank in blanks if blank.lines]


def _y(item: Item) -> float:
    return item.baseline if isinstance(item, FoundCaption) else item.y


def _x1(item: Item) -> float:
    return item.box[0] if isinstance(item, FoundCaption) else item.x1


def _rows(captions: Sequence[FoundCaption], lines: Sequence[LevelLine]) -> list[list[Item]]:
    rows: list[list[Item]] = []
    items: list[Item] = [*captions, *lines]
    for item in sorted(items, key=_y):
        if rows and _y(item) - _y(rows[-1][0]) < _ROW_MM:
            rows[-1].append(item)
        else:
            rows.append([item])
    return [sorted(row, key=_x1) for row in rows]


def parted(x1: float, x2: float, y: float, upright: Sequence[UprightLine]) -> bool:
    """Whether an upright rule stands between two places on one row."""
    return any(x1 - 1 < rule.x < x2 + 1 and rule.y1 - 1 < y < rule.y2 + 1 for rule in upright)


def _of_row(
    row: Sequence[Item], upright: Sequence[UprightLine]
) -> tuple[list[WritingBlank], list[LevelLine]]:
    """Blanks that begin on a row, and lines without a caption before them."""
    blanks: list[WritingBlank] = []
    orphans: list[LevelLine] = []
    current: WritingBlank | None = None
    end = 0.0
    for item in row:
        if isinstance(item, FoundCaption):
            if current is None or parted(end, item.box[0], item.baseline, upright):
                current = None
            if current is None or not _goes_on(current, item):
                current = WritingBlank(item)
                blanks.append(current)
            else:
                current.inside.append((item, len(current.lines)))
            end = item.x2
            continue
        reach = _SIBLING_MM if current is not None and current.lines else _BEFORE_MM
        away = item.x1 - end > reach or parted(end, item.x1, item.y, upright)
        if current is None or away:
            orphans.append(item)
            current = None
        else:
            current.lines.append(item)
        end = item.x2
    return blanks, orphans


def _goes_on(blank: WritingBlank, caption: FoundCaption) -> bool:
    """Whether printed words stand inside a blank and not before the next one."""
    known = caption.known
    if known is None:
        return False
    if known.role is CaptionRole.MORE:
        before = blank.caption.known if blank.caption else None
        return bool(blank.lines and before and known.code in before.endings)
    return known.role is CaptionRole.DATE_PART and (bool(blank.lines) or known.code == "ngày")


def _join_dates(blanks: list[WritingBlank], upright: Sequence[UprightLine]) -> None:
    """Give the parts of a date that begin a row to the date that the row above has begun."""
    for blank in list(blanks):
        caption, part = blank.caption, _date_part(blank.caption)
        if caption is None or part is None:
            continue
        above = [one for one in blanks if one is not blank and _goes_on_in(one, caption, upright)]
        begun = [one for one in above if _lacks(one, part)]
        if begun:
            date = max(begun, key=lambda one: one.caption.box[0] if one.caption else 0.0)
            before = len(date.lines)
            date.inside += [(caption, before), *((c, before + n) for c, n in blank.inside)]
            date.lines += blank.lines
            blanks.remove(blank)


def _goes_on_in(blank: WritingBlank, caption: FoundCaption, upright: Sequence[UprightLine]) -> bool:
    """Whether a caption stands in the row below a blank, and in its column."""
    if blank.caption is None:
        return False
    row = caption.baseline
    lowest = blank.lines[-1].y if blank.lines else blank.caption.baseline
    near = row - lowest > _ROW_MM and row - blank.caption.baseline < _NEXT_ROW_MM
    x1, x2 = sorted((blank.caption.box[0], caption.box[0]))
    return near and not parted(x1, x2, row, upright)


def _date_part(caption: FoundCaption | None) -> int | None:
    """Which part of a date printed words ask for: 0 day, 1 month, 2 year; None: no part."""
    known = caption.known if caption is not None else None
    if known is None or known.role is not CaptionRole.DATE_PART or known.code not in DATE_PARTS:
        return None
    return DATE_PARTS.index(known.code)


def _lacks(blank: WritingBlank, part: int) -> bool:
    """Whether a date has begun in a blank and this is its next part."""
    assert blank.caption is not None
    captions = (blank.caption, *(caption for caption, _ in blank.inside))
    asked = [one for one in map(_date_part, captions) if one is not None]
    text = letters_of(blank.caption.text)
    if asked:
        return part == asked[-1] + 1 and _DAY in text
    if blank.lines:  # `Sinh ngày …`: the day is asked for by the caption itself
        return part == 1 and text.endswith(_DAY)
    return part == 0 and _DAY in text


def _adopt(
    orphans: Sequence[LevelLine], blanks: list[WritingBlank], upright: Sequence[UprightLine]
) -> None:
    """Give lines without a caption to the blank that they go on, or that lies above them."""
    for line in sorted(orphans, key=lambda line: (round(line.y), line.x1)):
        owner = _row_above(line, blanks, upright) or _beside(line, blanks)
        if owner is None:
            owner = _caption_above(line, blanks, upright)
            if owner is not None:
                owner.under = True
        if owner is None:
            owner = WritingBlank(None)
            blanks.append(owner)
        owner.lines.append(line)


def _row_above(
    line: LevelLine, blanks: Sequence[WritingBlank], upright: Sequence[UprightLine]
) -> WritingBlank | None:
    near = [
        blank
        for blank in blanks
        if blank.lines
        and 2.0 < line.y - blank.lines[-1].y < _NEXT_ROW_MM
        and line.x1 < blank.lines[-1].x2
        and _same_column(line, blank.lines[-1], upright)
    ]
    if not near:
        return None
    lowest = max(blank.lines[-1].y for blank in near)
    same = [blank for blank in near if lowest - blank.lines[-1].y < _ROW_MM]
    return max(same, key=lambda blank: blank.lines[-1].x2)


def _same_column(a: LevelLine, b: LevelLine, upright: Sequence[UprightLine]) -> bool:
    ends = sorted((a.x1 + 2, b.x1 + 2))
    other = sorted((a.x2 - 2, b.x2 - 2))
    return not (parted(ends[0], ends[1], a.y, upright) or parted(other[0], other[1], a.y, upright))


def _beside(line: LevelLine, blanks: Sequence[WritingBlank]) -> WritingBlank | None:
    """The blank whose last line ends shortly before this one, on its row and under its caption."""
    return next(
        (
            blank
            for blank in blanks
            if blank.lines
            and abs(blank.lines[-1].y - line.y) < _ROW_MM
            and 0 < line.x1 - blank.lines[-1].x2 < _SIBLING_MM
        ),
        None,
    )


def _caption_above(
    line: LevelLine, blanks: Sequence[WritingBlank], upright: Sequence[UprightLine]
) -> WritingBlank | None:
    """The lowest caption above a line that has no blank of its own yet."""
    above = [
        blank
        for blank in blanks
        if blank.caption is not None
        and not blank.lines
        and blank.caption.known is not None
        and blank.caption.known.role is CaptionRole.FIELD
        and 2.0 < line.y - blank.caption.baseline < _UNDER_MM
        and min(line.x2, blank.caption.x2) - max(line.x1, blank.caption.box[0]) > 3
        and not parted(
            min(line.x1 + 2, blank.caption.box[0]), max(line.x1 + 2, blank.caption.box[0]),
            line.y, upright,
        )
    ]  # fmt: skip
    return max(
        above, key=lambda blank: blank.caption.baseline if blank.caption else 0, default=None
    )


def _without_lines(
    blanks: Sequence[WritingBlank],
    captions: Sequence[FoundCaption],
    upright: Sequence[UprightLine],
    width: float,
) -> None:
    """The empty space after captions of a form that prints no lines to write on."""
    fields = [
        b
        for b in blanks
        if b.caption and b.caption.known and b.caption.known.role is CaptionRole.FIELD
    ]
    lined = sum(bool(blank.lines) for blank in fields)
    for blank in fields:
        caption = blank.caption
        if blank.lines or caption is None or (lined * 2 > len(fields) and ":" not in caption.text):
            continue
        ends = [c.box[0] for c in captions if c.row == caption.row and c.box[0] > caption.x2]
        ends += [
            rule.x for rule in upright
            if rule.x > caption.x2 and rule.y1 < caption.baseline < rule.y2
        ]  # fmt: skip
        end = min([*ends, width - min(caption.box[0], 15.0)]) - 1.5
        start = caption.x2 + 1.0
        if _LEAST_BLANK_MM <= end - start <= _MOST_BLANK_MM:
            blank.lines.append(LevelLine(start, end, caption.baseline + 0.4))
            blank.lineless = True
