"""Plots as SVG: no script, no inline style, readable by a screen reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup, escape

from ocr_pipeline.written_numbers import short_number

_WIDTH = 620
_LABEL = 212  # room for names at the left
_VALUE = 84  # room for figures at the right
_ROW = 24
_BAR = 14
_TOP = 8
_FOOT = 26
_DAYS_HEIGHT = 190
_WIDEST = 44  # of a column
_MOST_TICKS = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its name, the length of its bar, a mark on it, and the figure beside it."""

    name: str
    value: float
    figure: str
    mark: float | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """One row: a measured share with the interval it lies in, all 0–1."""

    name: str
    value: float
    low: float
    high: float
    figure: str


def bars(title: str, rows: Sequence[Bar], language: str) -> Markup:
    """Horizontal bars, one a row.

    Args:
        title: what is shown, for screen readers.
        rows: from top to bottom.
        language: `vi` or `en`, for the numbers of the scale.

    """
    ticks = scale(max((row.value for row in rows), default=0))
    top = ticks[-1]
    parts = [_grid(ticks, top, len(rows), "", language)]
    for number, row in enumerate(rows):
        y = _TOP + number * _ROW
        parts.append(_name(row.name, y))
        parts.append(
            f'<rect class="bar" x="{_LABEL}" y="{y + (_ROW - _BAR) / 2}" '
            f'width="{_x(row.value, top) - _LABEL:.1f}" height="{_BAR}" rx="2"/>'
        )
        if row.mark is not None:
            x = _x(row.mark, top)
            parts.append(
                f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 3}" y2="{y + _ROW - 3}"/>'
            )
        parts.append(_figure(row.figure, y))
    return _svg(title, _TOP + len(rows) * _ROW + _FOOT, parts)


def ranges(title: str, rows: Sequence[Range], language: str) -> Markup:
    """Measured shares with their intervals, one a row; the scale is in percent."""
    ticks = scale(100 * max((row.high for row in rows), default=0))
    top = ticks[-1]
    parts = [_grid(ticks, top, len(rows), " %", language)]
    for number, row in enumerate(rows):
        y = _TOP + number * _ROW
        middle = y + _ROW / 2
        low, high = _x(100 * row.low, top), _x(100 * row.high, top)
        parts.append(_name(row.name, y))
        parts.append(
            f'<line class="range" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>'
        )
        for x in (low, high):
            ends = f'y1="{middle - 4}" y2="{middle + 4}"'
            parts.append(f'<line class="range" x1="{x:.1f}" x2="{x:.1f}" {ends}/>')
        parts.append(
            f'<circle class="dot" cx="{_x(100 * row.value, top):.1f}" cy="{middle}" r="4"/>'
        )
        parts.append(_figure(row.figure, y))
    return _svg(title, _TOP + len(rows) * _ROW + _FOOT, parts)


def columns(title: str, rows: Sequence[tuple[str, float]], language: str) -> Markup:
    """Upright bars side by side: one number for each day or hour, names below where they fit."""
    ticks = scale(max((value for _, value in rows), default=0))
    left, foot = 46, _DAYS_HEIGHT - 24
    room = _WIDTH - left - 6
    step = room / max(1, len(rows))
    tall = foot - _TOP - 4
    parts = []
    for tick in ticks:
        y = foot - tall * tick / ticks[-1]
        parts.append(
            f'<line class="axis" x1="{left}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="faint number" x="{left - 6}" y="{y + 4:.1f}">'
            f"{short_number(tick, language)}</text>"
        )
    every = ceil(len(rows) * 52 / room) if rows else 1
    for number, (name, value) in enumerate(rows):
        x, high = left + number * step, tall * value / ticks[-1]
        wide = min(step * 0.76, _WIDEST)
        parts.append(
            f'<rect class="bar" x="{x + (step - wide) / 2:.1f}" y="{foot - high:.1f}" '
            f'width="{wide:.1f}" height="{high:.1f}" rx="1">'
            f"<title>{escape(name)}: {short_number(value, language)}</title></rect>"
        )
        if number % every == 0:
            parts.append(
                f'<text class="faint middle" x="{x + step / 2:.1f}" y="{_DAYS_HEIGHT - 7}">'
                f"{escape(name)}</text>"
            )
    return _svg(title, _DAYS_HEIGHT, parts)


def scale(largest: float) -> list[float]:
    """Round numbers from 0 to at least `largest`, at most `_MOST_TICKS` steps."""
    if largest < 1e-9:
        return [0.0, 1.0]
    rough = largest / _MOST_TICKS
    unit = 10.0 ** floor(log10(rough))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= rough)
    return [step * number for number in range(ceil(largest / step - 1e-9) + 1)]


def _x(value: float, top: float) -> float:
    return _LABEL + (_WIDTH - _LABEL - _VALUE) * max(0.0, min(value, top)) / top


def _grid(ticks: Sequence[float], top: float, rows: int, unit: str, language: str) -> str:
    bottom = _TOP + rows * _ROW
    return "".join(
        f'<line class="axis" x1="{_x(tick, top):.1f}" x2="{_x(tick, top):.1f}" y1="{_TOP}" '
        f'y2="{bottom}"/><text class="faint middle" x="{_x(tick, top):.1f}" y="{bottom + 16}">'
        f"{short_number(tick, language)}{escape(unit)}</text>"
        for tick in ticks
    )


def _name(name: str, y: float) -> str:
    return f'<text class="number" x="{_LABEL - 8}" y="{y + _ROW / 2 + 4}">{escape(name)}</text>'


def _figure(figure: str, y: float) -> str:
    return f'<text x="{_WIDTH - _VALUE + 8}" y="{y + _ROW / 2 + 4}">{escape(figure)}</text>'


def _svg(title: str, height: float, parts: Sequence[str]) -> Markup:
    return Markup(
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
