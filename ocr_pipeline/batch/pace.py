"""How fast a run goes on at the moment, and when it will be ready."""

from __future__ import annotations

from collections import deque

WINDOW_SECONDS = 600.0  # seconds that the present pace is measured over
_GRAIN_SECONDS = 5.0  # seconds between two marks: their number stays small
_LEAST_SECONDS = 10.0  # seconds before anything can be said


class Pace:
    """Pages a minute over the last ten minutes; a pause makes it fall, as it should.

    Times are seconds of a clock that never goes back.

    Args:
        now: when the run began.

    """

    def __init__(self, now: float) -> None:
        self._marks: deque[tuple[float, int]] = deque([(now, 0)])
        self._last = (now, 0)

    def note(self, done: int, now: float) -> None:
        """So many pages have been dealt with by now."""
        self._last = (now, done)
        if now - self._marks[-1][0] >= _GRAIN_SECONDS:
            self._marks.append(self._last)
        while len(self._marks) > 1 and now - self._marks[1][0] >= WINDOW_SECONDS:
            self._marks.popleft()

    def per_minute(self) -> float:
        """Pages a minute; 0 as long as nothing can be said."""
        (begin, before), (end, done) = self._marks[0], self._last
        if end - begin < _LEAST_SECONDS:
            return 0.0
        return 60.0 * (done - before) / (end - begin)

    def seconds_left(self, pages: int) -> float | None:
        """Seconds that so many pages will take; None when nobody can say."""
        rate = self.per_minute()
        return 60.0 * pages / rate if rate > 0 else None
