"""The time of day at which a run is to stop."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ocr_pipeline.errors import Text, UsageError

_CLOCK = re.compile(r"([01]?\d|2[0-3])[:hg]([0-5]\d)")


def next_time(text: str, now: datetime | None = None) -> datetime:
    """The next moment (UTC) at which it is `text` o'clock here: today or tomorrow.

    Args:
        text: `HH:MM`; `06h00` and `06g00` are understood, too.
        now: the present when None.

    Raises:
        UsageError: this is no time of day.

    """
    match = _CLOCK.fullmatch(text.strip().lower())
    if match is None:
        raise UsageError(
            Text("Giờ dừng phải là một giờ trong ngày", "The stop time must be a time of day"),
            where=f"--until {text}",
            remedy=Text("Ví dụ: --until 06:00", "For example: --until 06:00"),
        )
    here = (now or datetime.now(UTC)).astimezone().replace(tzinfo=None)
    then = here.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
    if then <= here:
        then += timedelta(days=1)
    return then.astimezone(UTC)  # by the clock on the wall: summer time changes on the way count
