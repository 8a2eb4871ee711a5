"""The print of a layout piece by piece, with every record's repetition, in rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr_pipeline.layout.schema import Layout

_ROW_MM = 2.0  # print closer than this stands on one row


@dataclass(frozen=True, slots=True)
class PrintItem:
    """A caption, leader or level rule of one record, at its place in the layout.

    Attributes:
        kind: `caption`, `leader` or `rule`.
        index: in the layout.
        record: from 0.
        x1: its left end in mm.
        x2: its right end.
        y: its height; of a caption, that of its base line.

    """

    kind: str
    index: int
    record: int
    x1: float
    x2: float
    y: float

    @property
    def key(self) -> tuple[int, int]:
        """Index and record."""
        return self.index, self.record


def captions_of(layout: Layout) -> list[PrintItem]:
    """Captions; `y` is their base line."""
    return [
        PrintItem("caption", k, n, x + dx, x + dx + width, y + dy + 0.8 * height)
        for k, caption in enumerate(layout.captions)
        for x, y, width, height in [caption.box]
        for n, (dx, dy) in enumerate(layout.offsets_of(caption.scope))
    ]


def leaders_of(layout: Layout) -> list[PrintItem]:
    """Leaders."""
    return [
        PrintItem("leader", k, n, m.x1 + dx, m.x2 + dx, m.y + dy)
        for k, m in enumerate(layout.leaders)
        for n, (dx, dy) in enumerate(layout.offsets_of(m.scope))
    ]


def rule_points(layout: Layout) -> list[tuple[int, int, tuple[float, float, float, float]]]:
    """Index, record and ends of all rules."""
    return [
        (k, n, (x1 + dx, y1 + dy, x2 + dx, y2 + dy))
        for k, rule in enumerate(layout.rules)
        for x1, y1, x2, y2 in [rule.points]
        for n, (dx, dy) in enumerate(layout.offsets_of(rule.scope))
    ]


def level_rules(layout: Layout) -> list[PrintItem]:
    """Level rules."""
    return [
        PrintItem("rule", k, n, min(x1, x2), max(x1, x2), y1)
        for k, n, (x1, y1, x2, y2) in rule_points(layout)
        if abs(y1 - y2) < 0.2
    ]


def stands_beside(rule: PrintItem, column: Sequence[PrintItem]) -> bool:
    """Whether a rule runs over or under some item of a column."""
    return any(min(rule.x2, item.x2) - max(rule.x1, item.x1) > 4 for item in column)


def column_edges(layout: Layout) -> list[tuple[float, float, float]]:
    """Upper end, place and lower end of the long upright rules, from left to right."""
    found = []
    for _, _, (x1, y1, x2, y2) in rule_points(layout):
        if abs(x1 - x2) < 0.2 and abs(y1 - y2) > 0.35 * layout.page.height:
            found.append((min(y1, y2), x1, max(y1, y2)))
    return sorted(found, key=lambda edge: edge[1])


def column_of(item: PrintItem, edges: Sequence[tuple[float, float, float]]) -> int:
    """Number of the column an item stands in; -1 above and below all columns."""
    beside = [edge for edge in edges if edge[0] < item.y - 1 < edge[2]]
    if not beside:
        return -1
    return sum(edge[1] < item.x1 + 1 for edge in beside)


def rows_of(items: Sequence[PrintItem]) -> list[list[PrintItem]]:
    """Items of one height together, from top to bottom, each from left to right."""
    rows: list[list[PrintItem]] = []
    for item in sorted(items, key=lambda i: i.y):
        if rows and item.y - rows[-1][0].y < _ROW_MM:
            rows[-1].append(item)
        else:
            rows.append([item])
    return [sorted(row, key=lambda i: i.x1) for row in rows]
