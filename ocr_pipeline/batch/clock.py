"""The time of a run: seconds that never jump, and the wall clock, which may."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_JUMP_SECONDS = 30.0  # seconds by which the wall clock may drift from one look to the next


class Clock:
    """Looks at the clocks of the machine; tests put another one in its place."""

    def seconds(self) -> float:
        """Seconds of a clock that never goes back and goes on while the machine sleeps."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.monotonic()

    def now(self) -> datetime:
        """The wall clock (UTC)."""
        return datetime.now(UTC)


class RunTime:
    """The time since a run began, by the steady clock: a jump of the wall clock changes nothing.

    Args:
        clock: where to look.

    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.started = clock.now()
        self._start = self._last = clock.seconds()
        self._drift = 0.0

    def seconds(self) -> float:
        """Seconds since the run began."""
        return self._clock.seconds() - self._start

    def now(self) -> datetime:
        """When it is, counted from the start of the run: never before, never far ahead."""
        return self.started + timedelta(seconds=self.seconds())

    def until(self, when: datetime | None) -> float | None:
        """The moment `when`, as seconds since the run began; None for never."""
        return None if when is None else (when - self.started).total_seconds()

    def jumped(self) -> float:
        """By how many seconds the wall clock has jumped since the last look; 0 when it has not."""
        drift = (self._clock.now() - self.now()).total_seconds()
        change = drift - self._drift
        self._drift = drift
        return change if abs(change) > _JUMP_SECONDS else 0.0
