"""A layout moved onto the print of another house: captions, lines and fields stand there.

Registration run the other way round: what is looked for is not a known form on a page, but where on
the pages the print of the nearest known form went.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.layout.anchors import FINE_PER_MM
from ocr_pipeline.layout.caption_surface import PlacedBox
from ocr_pipeline.layout.common_print import CommonPrint
from ocr_pipeline.layout.field_footing import own_leader
from ocr_pipeline.layout.line_maps import Map, ink_map
from ocr_pipeline.layout.print_match import PrintMatch, match_print
from ocr_pipeline.layout.schema import BoxMm, Caption, Layout, LayoutField, Leader, PrintedRule
from ocr_pipeline.layout.tick_square import square_near

Place = tuple[int, int]
"""Index of a piece of print in its layout, and of the record it belongs to."""
Shift = tuple[float, float]

_BESIDE_LEADER_MM = 3.0  # a caption that ends this close before a leader says where it begins
_SAME_ROW_MM = 2.0
_WHOLE_SHARE = 0.6  # of its old length: a leader seen to less of it was not seen to its end
_SHORTEST_MM = 8.0  # of a blank to write in
_FREE_END_MM = 3.0  # a box that ends this far from its line's end lies where its share of it lies
_AROUND_WORD_MM = 0.8
_AROUND_LINE_MM = 0.9


@dataclass(frozen=True, slots=True)
class AdaptedBox:
    """Where one box of a field went.

    Attributes:
        code: of the field.
        line: its line or tick box, from 0.
        box: where it stands now, of the first record.
        shift: of its upper left corner, right and down, in mm.
        held_by: what confirms the place: `leader`, `box`, or "" for no print of its own.

    """

    code: str
    line: int
    box: BoxMm
    shift: Shift
    held_by: str


@dataclass(frozen=True, slots=True, eq=False)
class AdaptedLayout:
    """A layout as another house printed it.

    Attributes:
        layout: with everything in its new place.
        reference: the print alone, (H, W) uint8 at the layout's `reference_dpi`.
        moved: every box of every field.
        missing: words of the old layout that were not found: the new one lacks them.
        reworded: words of the old layout in whose place others stand.
        form_shift: by how much the form as a whole moved, in mm: the middle of all shifts.

    """

    layout: Layout
    reference: Gray
    moved: tuple[AdaptedBox, ...]
    missing: tuple[str, ...]
    reworded: tuple[str, ...]
    form_shift: Shift

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """Codes of the fields with a box that nothing of the print confirms."""
        return tuple(dict.fromkeys(one.code for one in self.moved if not one.held_by))


def adapt(common: CommonPrint, like: Layout) -> AdaptedLayout:
    """Move a layout onto the print that the pages of a book share.

    Args:
        common: that print.
        like: the nearest layout; its page size and origin are those of `common`.

    """
    found = match_print(common.reduced(FINE_PER_MM), common.reduced_lines(FINE_PER_MM), like)
    return _Move(common, like, found).adapted()


class _Move:
    def __init__(self, common: CommonPrint, like: Layout, found: PrintMatch) -> None:
        self.common, self.like, self.found = common, like, found
        ink = ink_map(common.reduced(FINE_PER_MM), FINE_PER_MM)
        self.soft: Map = np.asarray(cv2.GaussianBlur(ink, (0, 0), 1.0), np.float32)
        self.offsets = self._record_offsets()
        self.shifts = self._field_of_shifts()

    def adapted(self) -> AdaptedLayout:
        captions, missing, reworded = self._captions()
        leaders = {k: line for k in range(len(self.like.leaders)) if (line := self._leader(k))}
        fields, moved = self._fields(leaders)
        layout = self.like.model_copy(
            update={
                "captions": tuple(captions),
                "leaders": tuple(leaders.values()),
                "rules": tuple(self._rules()),
                "fields": tuple(fields),
                "records": self.like.records.model_copy(update={"offsets": self.offsets}),
            }
        )
        shifts = np.array([one.shift for one in moved]).reshape(-1, 2)
        middle = np.median(shifts, axis=0) if len(shifts) else np.zeros(2)
        return AdaptedLayout(
            layout, self._reference(layout), tuple(moved), tuple(missing), tuple(reworded),
            (float(middle[0]), float(middle[1])),
        )  # fmt: skip

    def _record_offsets(self) -> tuple[Shift, ...]:
        """Offsets of the records: the middle of what their leaders and rules say."""
        base = self.like.records.offsets
        if len(base) < 2:
            return base
        tops = {
            record: {
                index: (line[0], line[2])
                for (index, n), line in self.found.leaders.items()
                if line is not None and n == record and self.like.leaders[index].scope == "record"
            }
            for record in range(len(base))
        }
        offsets = [(0.0, 0.0)]
        for record in range(1, len(base)):
            apart = [
                (x - tops[0][k][0], y - tops[0][k][1])
                for k, (x, y) in tops[record].items()
                if k in tops[0]
            ]
            if not apart:
                offsets.append(base[record])
                continue
            dx, dy = np.median(np.array(apart), axis=0)
            offsets.append((round(float(dx), 2), round(float(dy), 2)))
        return tuple(offsets)

    def _first_record(self, key: Place, x: float, y: float, scope: str) -> Shift:
        """A place of a repeated piece of print as of the first record."""
        dx, dy = self.offsets[key[1]] if scope == "record" else (0.0, 0.0)
        return x - dx, y - dy

    def _captions(self) -> tuple[list[Caption], list[str], list[str]]:
        kept: list[Caption] = []
        missing: list[str] = []
        reworded: list[str] = []
        for index, caption in enumerate(self.like.captions):
            placed = self._caption(index, caption)
            if placed is None and caption.anchor:
                missing.append(caption.text)
                continue
            if placed is None:  # a dash: goes with the print around it
                x, y, width, height = caption.box
                dx, dy = self._shift_at(x + width / 2, y + height / 2)
                box = (x + dx, y + dy, width, height)
            else:
                box = placed.box
                if not placed.same_words:
                    reworded.append(caption.text)
            kept.append(caption.model_copy(update={"box": _rounded(self._on_page(box))}))
        return kept, missing, reworded

    def _caption(self, index: int, caption: Caption) -> PlacedBox | None:
        found = [
            (key, placed)
            for key, placed in self.found.captions.items()
            if key[0] == index and placed is not None
        ]
        if not found:
            return None
        key, best = max(found, key=lambda one: one[1].score)
        boxes = np.array(
            [
                (*self._first_record(k, p.box[0], p.box[1], caption.scope), p.box[2], p.box[3])
                for k, p in found
            ]
        )
        x, y, width, height = (float(v) for v in np.median(boxes, axis=0))
        return PlacedBox((x, y, width, height), best.score, best.same_words)

    def _leader(self, index: int) -> Leader | None:
        base = self.like.leaders[index]
        lines = [
            (*self._first_record(key, line[0], line[2], base.scope), line[1] - line[0])
            for key, line in self.found.leaders.items()
            if key[0] == index and line is not None
        ]
        if not lines:
            return None
        x1, y, length = (float(v) for v in np.median(np.array(lines), axis=0))
        x2 = x1 + length
        x1 = self._after_caption(base, x1)
        return base.model_copy(update={"x1": round(x1, 1), "x2": round(x2, 1), "y": round(y, 1)})

    def _after_caption(self, base: Leader, x1: float) -> float:
        """The begin of a leader; its dots run into the colon of the words before it."""
        before = self._beside(base, after=False)
        if before is None or abs(before[1].right - x1) >= 4:
            return x1
        caption, placed = before
        gap = base.x1 - caption.box[0] - caption.box[2]
        return max(x1, placed.right + min(max(gap, 0.0), 1.0))

    def _rules(self) -> list[PrintedRule]:
        rules = []
        for index, rule in enumerate(self.like.rules):
            points = [
                (
                    *self._first_record(key, line[0], line[1], rule.scope),
                    *self._first_record(key, line[2], line[3], rule.scope),
                )
                for key, line in self.found.rules.items()
                if key[0] == index and line is not None
            ]
            if points:
                middle = np.median(np.array(points), axis=0)
                x1, y1, x2, y2 = (round(float(v), 1) for v in middle)
                rules.append(rule.model_copy(update={"points": (x1, y1, x2, y2)}))
        return rules

    def _field_of_shifts(self) -> list[tuple[float, float, float, float]]:
        """x, y in the layout and the shift there, of all the print that was found."""
        known = []
        for (index, record), placed in self.found.captions.items():
            caption = self.like.captions[index]
            if placed is not None and placed.same_words and caption.box[2] > 4:
                dx, dy = self._base_offset(record, caption.scope)
                x, y = caption.box[0] + dx, caption.box[1] + dy
                known.append((x, y, placed.box[0] - x, placed.box[1] - y))
        for (index, record), line in self.found.leaders.items():
            leader = self.like.leaders[index]
            if line is not None:
                dx, dy = self._base_offset(record, leader.scope)
                x, y = leader.x1 + dx, leader.y + dy
                known.append((x, y, line[0] - x, line[2] - y))
                if line[1] - line[0] > _WHOLE_SHARE * (leader.x2 - leader.x1):  # else not its end
                    x = leader.x2 + dx
                    known.append((x, y, line[1] - x, line[2] - y))
        return known

    def _base_offset(self, record: int, scope: str) -> Shift:
        return self.like.records.offsets[record] if scope == "record" else (0.0, 0.0)

    def _shift_at(self, x: float, y: float) -> Shift:
        """How far print near a place of the layout moved; the nearer, the more it says."""
        if not self.shifts:
            return 0.0, 0.0
        table = np.array(self.shifts)
        apart = np.hypot((table[:, 0] - x) / 2, table[:, 1] - y)  # rows move as a whole
        weights = 1 / (2 + apart) ** 3
        shift = (table[:, 2:] * weights[:, None]).sum(axis=0) / weights.sum()
        return float(shift[0]), float(shift[1])

    def _fields(self, leaders: Mapping[int, Leader]) -> tuple[list[LayoutField], list[AdaptedBox]]:
        fields: list[LayoutField] = []
        moved: list[AdaptedBox] = []
        for field in self.like.fields:
            lines = [self._line_box(field, box, leaders) for box in field.lines]
            ticks = [self._tick_box(option.box) for option in field.options]
            for number, (old, (new, held)) in enumerate(
                zip((*field.lines, *(o.box for o in field.options)), (*lines, *ticks), strict=True)
            ):
                shift = (new[0] - old[0], new[1] - old[1])
                moved.append(AdaptedBox(field.code, number, new, shift, held))
            options = tuple(
                option.model_copy(update={"box": box})
                for option, (box, _) in zip(field.options, ticks, strict=True)
            )
            update = {"lines": tuple(box for box, _ in lines), "options": options}
            fields.append(field.model_copy(update=update))
        return fields, moved

    def _line_box(
        self, field: LayoutField, box: BoxMm, leaders: Mapping[int, Leader]
    ) -> tuple[BoxMm, str]:
        x, y, width, height = box
        own = own_leader(self.like, field, box)
        if own is None:
            dx, dy = self._shift_at(x + width / 2, y + height)
            return _rounded(self._on_page((x + dx, y + dy, width, height))), ""
        old = self.like.leaders[own]
        new = self._whole(old, leaders[own]) if own in leaders else self._unseen(old)
        stretch = (new.x2 - new.x1) / (old.x2 - old.x1)

        def end(at: float, old_end: float, new_end: float) -> float:
            if abs(at - old_end) < _FREE_END_MM:
                return new_end + at - old_end
            return new.x1 + (at - old.x1) * stretch

        left, right = end(x, old.x1, new.x1), end(x + width, old.x2, new.x2)
        top = new.y - (old.y - y)
        held_by = "leader" if own in leaders else ""
        return _rounded(self._on_page((left, top, right - left, height))), held_by

    def _whole(self, old: Leader, new: Leader) -> Leader:
        """A leader to its end: where much of it was not seen and no words follow, it goes on."""
        if new.x2 - new.x1 > _WHOLE_SHARE * (old.x2 - old.x1) or self._beside(old, after=True):
            return new
        return new.model_copy(update={"x2": max(new.x2, old.x2 + self._shift_at(old.x2, old.y)[0])})

    def _unseen(self, old: Leader) -> Leader:
        """Where a leader that was not found should be: from the words before to those after."""
        dx1, dy = self._shift_at(old.x1, old.y)
        x1, x2 = old.x1 + dx1, old.x2 + self._shift_at(old.x2, old.y)[0]
        if before := self._beside(old, after=False):
            caption, placed = before
            x1 = placed.right + max(old.x1 - caption.box[0] - caption.box[2], 0.0)
        if after := self._beside(old, after=True):
            caption, placed = after
            x2 = placed.box[0] - max(caption.box[0] - old.x2, 0.0)
        if x2 - x1 < _SHORTEST_MM:  # the words say nothing of it
            x1, x2 = old.x1 + dx1, old.x2 + dx1
        return old.model_copy(update={"x1": x1, "x2": x2, "y": old.y + dy})

    def _beside(self, leader: Leader, *, after: bool) -> tuple[Caption, PlacedBox] | None:
        """The caption that ends right before a leader, or begins right after it, where found."""
        for index, caption in enumerate(self.like.captions):
            x, y, width, height = caption.box
            gap = x - leader.x2 if after else leader.x1 - x - width
            level = abs(y + 0.8 * height - leader.y) < _SAME_ROW_MM
            if level and caption.scope == leader.scope and -0.5 < gap < _BESIDE_LEADER_MM:
                placed = self._caption(index, caption)
                return (caption, placed) if placed else None
        return None

    def _tick_box(self, box: BoxMm) -> tuple[BoxMm, str]:
        """The square that stands where a tick box went."""
        x, y, width, height = box
        dx, dy = self._shift_at(x + width / 2, y + height / 2)
        moved = (x + dx, y + dy, width, height)
        found = square_near(self.soft, moved)
        return _rounded(self._on_page(found or moved)), "box" if found else ""

    def _on_page(self, box: BoxMm) -> BoxMm:
        """The box without what would lie outside the page."""
        x, y, width, height = box
        page = self.like.page
        x, y = min(max(x, 0.0), page.width - 2), min(max(y, 0.0), page.height - 2)
        return x, y, min(width, page.width - x - 0.1), min(height, page.height - y - 0.1)

    def _reference(self, layout: Layout) -> Gray:
        """The print alone: what stands elsewhere on all pages is writing, not print."""
        scale = layout.reference_dpi / 25.4
        whole = self.common.reduced(scale)
        lines = self.common.reduced_lines(scale)
        keep = np.zeros(whole.shape, np.uint8)
        tracks = np.zeros(whole.shape, np.uint8)
        for dx, dy, scope in _repetitions(layout):
            for caption in (c for c in layout.captions if c.scope == scope):
                x, y, width, height = caption.box
                _fill(keep, (x + dx, y + dy, width, height), scale, _AROUND_WORD_MM)
            for rule in (r for r in layout.rules if r.scope == scope):
                x1, y1, x2, y2 = rule.points
                box = (min(x1, x2) + dx, min(y1, y2) + dy, abs(x2 - x1), abs(y2 - y1))
                _fill(keep, box, scale, _AROUND_LINE_MM)
            for leader in (m for m in layout.leaders if m.scope == scope):
                box = (leader.x1 + dx, leader.y + dy, leader.x2 - leader.x1, 0.0)
                _fill(tracks, box, scale, _AROUND_LINE_MM)
            for field in (f for f in layout.fields if f.scope == scope):
                for option in field.options:
                    x, y, width, height = option.box
                    _fill(keep, (x + dx, y + dy, width, height), scale, 1.0)
        picture = np.where(keep > 0, whole, 255)
        return np.asarray(np.where(tracks > 0, np.minimum(picture, lines), picture), np.uint8)


def _repetitions(layout: Layout) -> Sequence[tuple[float, float, str]]:
    return [(0.0, 0.0, "page"), *((dx, dy, "record") for dx, dy in layout.records.offsets)]


def _fill(mask: Gray, box: BoxMm, scale: float, around: float) -> None:
    x, y, width, height = box
    top, left = max(round((y - around) * scale), 0), max(round((x - around) * scale), 0)
    mask[
        top : round((y + height + around) * scale) + 1,
        left : round((x + width + around) * scale) + 1,
    ] = 1


def _rounded(box: BoxMm) -> BoxMm:
    x, y, width, height = (round(float(v), 1) for v in box)
    return x, y, width, height
