"""The text of a `layout.yaml`, and the lines of a form for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import yaml

from ocr_pipeline.arrays import Gray
from ocr_pipeline.layout.line_maps import Map, ink_map, line_maps

_SCALE_PER_MM = 100 / 25.4  # pixels per mm of the reference picture
_STRONG = 0.5
_LEAST_MM = 14.0
_EVEN = 0.6  # the weakest places of a ruled line against its usual ones
_THIN_MM = 2.0


def dump(data: Mapping[str, Any]) -> str:
    """YAML with one line an entry, in the order given."""
    lines = []
    for key, value in data.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines.append(f"\n{key}:")
            lines += [f"  - {_flow(item)}" for item in value]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    text = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False
    )
    return text.replace("\n...\n", "").strip()


def found_lines(reference: Gray) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rules and leaders seen on a form at 100 dpi, as `layout.yaml` has them."""
    ink = ink_map(reference, _SCALE_PER_MM)
    maps = line_maps(ink, _SCALE_PER_MM)
    rules, leaders = [], []
    for x, y, width, height in _runs(maps.level, level=True):
        row = ink[y : y + height, x : x + width].max(axis=0)
        first, last = _ends(row)
        x1, x2, middle = (
            (x + first) / _SCALE_PER_MM,
            (x + last) / _SCALE_PER_MM,
            (y + height / 2) / _SCALE_PER_MM,
        )
        if _solid(row[first:last]):
            rules.append({"points": _rounded(x1, middle, x2, middle)})
        else:
            leaders.append({"x1": round(x1, 1), "x2": round(x2, 1), "y": round(middle, 1)})
    for x, y, width, height in _runs(maps.upright, level=False):
        column = ink[y : y + height, x : x + width].max(axis=1)
        first, last = _ends(column)
        if _solid(column[first:last]):
            middle = (x + width / 2) / _SCALE_PER_MM
            ends = (y + first) / _SCALE_PER_MM, (y + last) / _SCALE_PER_MM
            rules.append({"points": _rounded(middle, ends[0], middle, ends[1])})
    return rules, sorted(leaders, key=lambda item: (item["y"], item["x1"]))


def _ends(along: Map) -> tuple[int, int]:
    """First and one after the last inked place along a line."""
    inked = np.flatnonzero(along > 0.3 * along.max())
    return int(inked[0]), int(inked[-1]) + 1


def _solid(along: Map) -> bool:
    """Whether ink runs on without gaps, as in a ruled line and not in dots, dashes or letters."""
    weak, usual = np.percentile(along, [8, 70])
    return bool(weak > _EVEN * usual)


def _rounded(*values: float) -> list[float]:
    return [round(value, 1) for value in values]


def _runs(response: Map, *, level: bool) -> list[tuple[int, int, int, int]]:
    """Bounding boxes (x, y, width, height) in pixels of long thin responses."""
    mask = (response > _STRONG).astype(np.uint8)
    bridge = round(3 * _SCALE_PER_MM)
    kernel = np.ones((1, bridge) if level else (bridge, 1), np.uint8)
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel)
    stats = cv2.connectedComponentsWithStats(joined, connectivity=8)[2][1:]
    found = []
    for x, y, width, height, _ in stats.tolist():
        length, across = (width, height) if level else (height, width)
        if length >= _LEAST_MM * _SCALE_PER_MM and across <= _THIN_MM * _SCALE_PER_MM:
            found.append((x, y, width, height))
    return sorted(found, key=lambda box: (box[1], box[0]))
