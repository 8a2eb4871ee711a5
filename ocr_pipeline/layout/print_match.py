"""Where the print of one layout stands in a picture of similar print: captions, rules, leaders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr_pipeline.arrays import Floats, Gray
from ocr_pipeline.layout.anchors import FINE_PER_MM
from ocr_pipeline.layout.caption_surface import (
    ALONG_MM,
    UP_MM,
    CaptionSurface,
    PlacedBox,
    caption_surface,
    evened,
    pixel,
    pixels,
    soft,
)
from ocr_pipeline.layout.line_maps import ink_map, line_maps
from ocr_pipeline.layout.print_items import (
    PrintItem,
    captions_of,
    column_edges,
    column_of,
    leaders_of,
    level_rules,
    rows_of,
    stands_beside,
)
from ocr_pipeline.layout.print_order import (
    FAR_MM,
    LEAST_LEADER_MM,
    assigned,
    best_chain,
    height_in,
    shared_out,
)
from ocr_pipeline.layout.rule_places import PlacedRule, level_floors, place_rules, upright_walls
from ocr_pipeline.layout.schema import Layout

_STEP_MM = 0.5  # between the places tried for a row or a rule
_LEAST_WORD = 0.48  # correlation of a caption with the same words in other letters
_FAR_WORD = 0.012  # more for each mm along the row
_ROW_DRIFT = 0.09  # what a row loses for each mm it moves against the row above
_ITEM_DRIFT = 0.012  # the same for a caption and the one before it on its row
_LINE_INK = 0.3  # of the print
_LEADER_SHARE = 0.5  # what a leader as long as this says of its row, against a caption
_RULE_SHARE = 4.0
_LONG_MM = 100.0
_SURE_WORD = 0.75  # correlation beyond which the words are these, whatever stands beside them
_SAME_WORDS_MM = 1.3  # the same words begin and end within this of where they are found
_SAME_WORDS_SHARE = 0.03
_DARK = 0.55  # of the print: writing that pages have in common by chance is fainter
_WORD_GAP_MM = 2.4  # between words of one caption
_TINY_MM = 2.0  # a dash looks like a dot of a leader: it is not looked for
_STRIP_MM = 0.5
_FLOOR_MM = 0.7  # what belongs to a level rule, from its middle
_WALL_MM = 0.8  # what belongs to an upright rule, from its middle
_GAP_MM = 3.6  # between two pieces of one leader: a tall letter stands between


@dataclass(frozen=True, slots=True)
class PrintMatch:
    """Where the print of a layout was found; by index, and record for what is repeated.

    Attributes:
        captions: place of a caption; None where its words were not found.
        leaders: x1, x2, y in mm; None where no line was found.
        rules: x1, y1, x2, y2 in mm; None where no line was found.

    """

    captions: dict[tuple[int, int], PlacedBox | None]
    leaders: dict[tuple[int, int], tuple[float, float, float] | None]
    rules: dict[tuple[int, int], tuple[float, float, float, float] | None]


def match_print(picture: Gray, lines: Gray, layout: Layout) -> PrintMatch:
    """Look for all print of a layout in a picture whose print is similar.

    Args:
        picture: (H, W) uint8 at `FINE_PER_MM`, print alone, of the layout's page size.
        lines: the same with the dots of leaders joined.
        layout: what is looked for.

    """
    return _Search(picture, lines, layout).match()


class _Search:
    def __init__(self, picture: Gray, lines: Gray, layout: Layout) -> None:
        self.layout = layout
        self.ink = evened(ink_map(picture, FINE_PER_MM))
        self.soft = soft(self.ink)
        along = ink_map(lines, FINE_PER_MM)
        self.line_ink = evened(along)
        self.level = line_maps(along, FINE_PER_MM).level
        self.surfaces: dict[tuple[int, int], CaptionSurface] = {}
        self.columns = column_edges(layout)
        self.walls: list[PlacedRule] = []
        self.floors: list[tuple[float, float, float]] = []

    def match(self) -> PrintMatch:
        items = [*captions_of(self.layout), *leaders_of(self.layout)]
        for item in items:
            if item.kind == "caption" and item.x2 - item.x1 > _TINY_MM:
                self.surfaces[item.key] = caption_surface(
                    self.soft, self.layout.captions[item.index], item
                )
        rules = level_rules(self.layout)
        rows = rows_of([*items, *rules])
        moved = self._place_rows(rows, None)
        places = tuple((row[0].y, row[0].y + shift) for row, shift in zip(rows, moved, strict=True))
        captions: dict[tuple[int, int], PlacedBox | None] = {}
        leaders: dict[tuple[int, int], tuple[float, float, float] | None] = {}
        placed_rules = place_rules(self.ink, self.layout, places)
        self.walls = upright_walls(self.layout, placed_rules)
        self.floors = level_floors(placed_rules)
        for column in self._by_column(items):
            inside = [rule for rule in rules if stands_beside(rule, column)]
            own = rows_of([*column, *inside])
            for row, shift in zip(own, self._place_rows(own, places), strict=True):
                words = [i for i in row if i.kind == "caption" and i.x2 - i.x1 > _TINY_MM]
                lines = [item for item in row if item.kind == "leader"]
                if words or lines:
                    captions.update(self._place_words(words, shift))
                    leaders.update(self._place_lines(lines, words, captions, shift))
        return PrintMatch(captions, leaders, placed_rules)

    def _by_column(self, items: Sequence[PrintItem]) -> list[list[PrintItem]]:
        return list(_grouped(items, lambda item: column_of(item, self.columns)).values())

    def _place_rows(
        self, rows: Sequence[Sequence[PrintItem]], known: tuple[tuple[float, float], ...] | None
    ) -> Floats:
        """How far each row moves up or down: together they say it, a single one may be mistaken."""
        steps = np.asarray(np.arange(-UP_MM, UP_MM + 0.01, _STEP_MM), np.float64)
        gains = np.zeros((len(rows), len(steps)))
        for k, row in enumerate(rows):
            for item in row:
                if item.key in self.surfaces and item.kind == "caption":
                    gains[k] += self.surfaces[item.key].by_row(steps)
                elif item.kind != "caption":
                    share = _LEADER_SHARE if item.kind == "leader" else _RULE_SHARE
                    length = min(item.x2 - item.x1, _LONG_MM) / _LONG_MM
                    gains[k] += share * length * self._line_gain(item, steps)
            if known:
                expected = height_in(known, row[0].y) - row[0].y
                gains[k] -= 0.03 * np.abs(steps - expected)
        gaps: Floats = np.diff([row[0].y for row in rows])
        return steps[best_chain(gains, steps, _ROW_DRIFT, gaps)]

    def _line_gain(self, item: PrintItem, steps: Floats) -> Floats:
        first, last = pixel(item.x1 + 4), pixel(item.x2 - 4)
        if last - first < 4:
            first, last = pixel(item.x1), pixel(item.x2)
        first, last = max(first, 0), min(last, self.level.shape[1])
        rows = np.clip(pixels(item.y + steps), 1, self.level.shape[0] - 2)
        along = self.level[:, first:last].mean(axis=1)
        near = np.maximum(np.maximum(along[rows - 1], along[rows]), along[rows + 1])
        return np.asarray(near, float)

    def _place_words(
        self, items: Sequence[PrintItem], shift: float
    ) -> dict[tuple[int, int], PlacedBox | None]:
        """Captions of a row: those whose words are found, then print that stands for others."""
        if not items:
            return {}
        steps = np.asarray(np.arange(-ALONG_MM, ALONG_MM + 0.01, _STEP_MM), np.float64)
        gains = np.stack([self.surfaces[i.key].along_row(steps, shift) for i in items])
        chosen = steps[best_chain(gains, steps, _ITEM_DRIFT)]
        placed: dict[tuple[int, int], PlacedBox | None] = {}
        taken: list[tuple[float, float]] = []
        for item, dx in zip(items, chosen, strict=True):
            one = self._worded(item, self.surfaces[item.key].at(float(dx), shift))
            if any(min(b, one.right) - max(a, one.box[0]) > 1.5 for a, b in taken):
                continue
            sure = one.score >= _LEAST_WORD + _FAR_WORD * abs(float(dx))
            placed[item.key] = one if sure else None
            if sure:
                taken.append((one.box[0], one.right))
        for item in items:
            if placed.get(item.key) is None:
                placed[item.key] = self._other_words(item, shift, taken)
        return placed

    def _worded(self, item: PrintItem, found: PlacedBox) -> PlacedBox:
        """The caption with its box around all the words that stand there, whatever they are."""
        x, y, width, height = found.box
        runs = self._words(y + 0.8 * height, x - 30, x + width + 30)
        around = [run for run in runs if min(run[1], x + width) - max(run[0], x) > 1.0]
        if not around:
            return found
        left, right = min(a for a, _ in around), max(b for _, b in around)
        near = _SAME_WORDS_MM + _SAME_WORDS_SHARE * width
        if abs(left - x) < near and abs(right - x - width) < near:
            left, right = min(left, x), max(right, x + width)
            return PlacedBox((left, y, right - left, height), found.score)
        if found.score >= _SURE_WORD and left > x - 1:  # other print stands close by
            return found
        return PlacedBox((left, y, right - left, height), found.score, same_words=False)

    def _other_words(
        self, item: PrintItem, shift: float, taken: Sequence[tuple[float, float]]
    ) -> PlacedBox | None:
        """Print of the row near the caption's place that no other caption has taken."""
        y = item.y + shift
        free = [
            run
            for run in self._words(y, item.x1 - 12, item.x2 + 12)
            if not any(min(b, run[1]) - max(a, run[0]) > 0 for a, b in taken)
        ]
        near = [run for run in free if abs(run[0] - item.x1) < 9 and run[1] - run[0] > 3]
        if not near:
            return None
        left, right = min(near, key=lambda run: abs(run[0] - item.x1))
        height = self.layout.captions[item.index].box[3]
        return PlacedBox((left, y - 0.8 * height, right - left, height), 0.0, same_words=False)

    def _words(self, y: float, left: float, right: float) -> list[tuple[float, float]]:
        """Where dark letters stand on a base line at height `y`: x1 and x2 of groups of words."""
        left, right = self._between_walls(left, right, y)
        top, bottom = max(pixel(y - 3.4), 0), max(pixel(y - 0.7), 1)
        x0, x1 = max(pixel(left), 0), max(pixel(right), 1)
        lettered = self.ink[top:bottom, x0:x1].max(axis=0, initial=0) > _DARK
        return _joined_runs(lettered, x0, _WORD_GAP_MM, 0.8)

    def _between_walls(self, left: float, right: float, y: float) -> tuple[float, float]:
        """The stretch cut off at the upright rules around its middle."""
        middle = (left + right) / 2
        walls = [wall.x for wall in self.walls if wall.top < y < wall.bottom]
        left = max([left, *(x + _WALL_MM for x in walls if x < middle)])
        return left, min([right, *(x - _WALL_MM for x in walls if x >= middle)])

    def _place_lines(
        self,
        lines: Sequence[PrintItem],
        words: Sequence[PrintItem],
        captions: dict[tuple[int, int], PlacedBox | None],
        shift: float,
    ) -> dict[tuple[int, int], tuple[float, float, float] | None]:
        """The pieces of line of a row, given to its leaders in their order."""
        if not lines:
            return {}
        y = self._line_height(lines, shift)
        if y is None:
            return {line.key: None for line in lines}
        found: dict[tuple[int, int], tuple[float, float, float] | None] = {}
        beside = _grouped(words, self._cell_of)
        for cell, own in _grouped(lines, self._cell_of).items():
            found |= self._place_in_cell(own, beside.get(cell, []), captions, y)
        return found

    def _cell_of(self, item: PrintItem) -> int:
        """Number of the cell that an item stands in, among those beside each other."""
        beside = [wall for wall in self.walls if wall.stood_beside(item)]
        return sum(wall.was[1] < item.x1 + 1 for wall in beside)

    def _place_in_cell(
        self,
        lines: Sequence[PrintItem],
        words: Sequence[PrintItem],
        captions: dict[tuple[int, int], PlacedBox | None],
        y: float,
    ) -> dict[tuple[int, int], tuple[float, float, float] | None]:
        left, right = min(i.x1 for i in lines) - FAR_MM, max(i.x2 for i in lines) + FAR_MM
        own, walls = self._cell_of(lines[0]), [w.x for w in self.walls if w.stood_beside(lines[0])]
        left = max([left, *(x + _WALL_MM for x in walls[:own])])
        right = min([right, *(x - _WALL_MM for x in walls[own:])])
        taken = [placed for word in words if (placed := captions.get(word.key))]
        blocks = [(placed.box[0], placed.right) for placed in taken]
        if len(taken) < len(words):  # print that no caption accounts for
            blocks += self._words(y, left, right)
        pieces = self._segments(y, left, right, blocks)
        expected = [self._expected(line, words, captions) for line in lines]
        chosen = shared_out(expected, assigned(expected, pieces), pieces, blocks)
        return {
            line.key: None if piece is None else (*piece, y)
            for line, piece in zip(lines, chosen, strict=True)
        }

    def _line_height(self, lines: Sequence[PrintItem], shift: float) -> float | None:
        steps = np.asarray(np.arange(-1.6, 1.61, 0.1), np.float64)
        gain = np.sum([(i.x2 - i.x1) * self._fine_gain(i, shift + steps) for i in lines], axis=0)
        total = sum(i.x2 - i.x1 for i in lines)
        heights = lines[0].y + shift + steps
        for left, right, floor in self.floors:
            if any(min(right, i.x2) - max(left, i.x1) > 0.5 * (i.x2 - i.x1) for i in lines):
                gain[np.abs(heights - floor) < _FLOOR_MM] = 0  # darker than the dots above it
        best = int(np.argmax(gain))
        if gain[best] < 0.2 * total:
            return None
        return float(heights[best])

    def _fine_gain(self, item: PrintItem, steps: Floats) -> Floats:
        first, last = max(pixel(item.x1), 0), min(pixel(item.x2), self.level.shape[1])
        along = self.level[:, first:last].mean(axis=1)
        places = (item.y + steps) * FINE_PER_MM
        return np.asarray(np.interp(places, np.arange(len(along)), along), np.float64)

    def _segments(
        self, y: float, left: float, right: float, blocks: Sequence[tuple[float, float]]
    ) -> list[tuple[float, float]]:
        """Pieces of dotted or ruled line along a height outside of `blocks`, x1 and x2 in mm."""
        top, bottom = max(pixel(y - _STRIP_MM), 0), pixel(y + _STRIP_MM) + 1
        x0, x1 = max(pixel(left), 0), min(pixel(right), self.ink.shape[1])
        inked = self.line_ink[top:bottom, x0:x1].max(axis=0, initial=0) > _LINE_INK
        for first, last in blocks:
            inked[max(pixel(first) - x0 - 1, 0) : max(pixel(last) - x0 + 2, 0)] = False
        edges = [left, *(v for block in sorted(blocks) for v in block), right]
        pieces: list[tuple[float, float]] = []
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            part = inked[max(pixel(first) - x0, 0) : max(pixel(last) - x0 + 1, 0)]
            start = max(pixel(first), x0)
            pieces += _joined_runs(part, start, _GAP_MM, LEAST_LEADER_MM)
        return pieces

    def _expected(
        self,
        line: PrintItem,
        words: Sequence[PrintItem],
        captions: dict[tuple[int, int], PlacedBox | None],
    ) -> tuple[float, float, bool]:
        """Where a leader should begin and end by the captions beside it; whether these are sure."""
        before = [w for w in words if w.x2 <= line.x1 + 1.5]
        after = [w for w in words if w.x1 >= line.x2 - 1.5]
        x1, x2, sure = line.x1, line.x2, False
        if before and (placed := captions.get(before[-1].key)):
            x1 += placed.box[0] + placed.box[2] - before[-1].x2
            sure = line.x1 - before[-1].x2 < 4
        if after and (placed := captions.get(after[0].key)):
            x2 += placed.box[0] - after[0].x1
        return x1, x2, sure


def _grouped(
    items: Sequence[PrintItem], place: Callable[[PrintItem], int]
) -> dict[int, list[PrintItem]]:
    """Pieces of print by the column or cell that they stand in."""
    groups: dict[int, list[PrintItem]] = {}
    for item in items:
        groups.setdefault(place(item), []).append(item)
    return groups


def _joined_runs(
    inked: npt.NDArray[np.bool_], x0: int, gap: float, least: float
) -> list[tuple[float, float]]:
    """Stretches of ink in mm, joined over gaps, the short ones left out."""
    places = np.flatnonzero(inked)
    if not len(places):
        return []
    groups = np.split(places, np.flatnonzero(np.diff(places) > gap * FINE_PER_MM) + 1)
    runs = [((g[0] + x0 - 0.5) / FINE_PER_MM, (g[-1] + x0 + 0.5) / FINE_PER_MM) for g in groups]
    return [(float(a), float(b)) for a, b in runs if b - a >= least]
