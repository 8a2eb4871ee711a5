"""Figures in words: durations and times of day; the same in every message."""

from __future__ import annotations

from datetime import datetime

from ocr_pipeline.errors import Text


def clock(time: datetime) -> str:
    """The time of day here, as `06:00`."""
    return f"{time.astimezone():%H:%M}"


def day_and_clock(time: datetime) -> str:
    """Day and time of day here, as `24.11.2026 06:00`."""
    return f"{time.astimezone():%d.%m.%Y %H:%M}"


def duration(seconds: float) -> Text:
    """A time span as people say it: `45 giây / 45 s`, `12 phút / 12 min`, `3 giờ 05 / 3 h 05`."""
    if seconds < 90:
        return Text(f"{seconds:.0f} giây", f"{seconds:.0f} s")
    minutes = round(seconds / 60)
    if minutes < 90:
        return Text(f"{minutes} phút", f"{minutes} min")
    hours, rest = divmod(minutes, 60)
    return Text(f"{hours} giờ {rest:02d}", f"{hours} h {rest:02d}")
