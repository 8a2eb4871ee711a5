"""Who looks at which record of the link queue just now, so that two people never get the same one.

The one server of a workspace keeps this in memory: after a restart nobody holds anything, and a
decision that somebody else made meanwhile is told instead of being replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock

from ocr_pipeline.review.queue import HELD_FOR

LinkPlace = tuple[int, int]
"""Id of a page, and a position on its form."""


class LinkLeases:
    """The records that people hold; safe for use by several threads.

    Args:
        clock: gives the time (UTC).

    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock, self._lock = clock, Lock()
        self._held: dict[LinkPlace, tuple[str, datetime]] = {}

    def take(self, user: str, places: Sequence[LinkPlace]) -> LinkPlace | None:
        """The first of these places that nobody else holds, held for this person from now on.

        Whatever he holds of them already comes first; he gives back all others.

        Returns:
            None when others hold all of them, or there are none.

        """
        with self._lock:
            now = self._forget_old()
            own = [place for place in places if self._held.get(place, ("",))[0] == user]
            free = [place for place in places if place not in self._held]
            for place in [one for one, (holder, _) in self._held.items() if holder == user]:
                del self._held[place]
            found = next(iter([*own, *free]), None)
            if found is not None:
                self._held[found] = user, now + HELD_FOR
            return found

    def holder(self, place: LinkPlace) -> str:
        """Who holds a record; "" for nobody."""
        with self._lock:
            self._forget_old()
            return self._held.get(place, ("",))[0]

    def count_others(self, user: str, places: Sequence[LinkPlace]) -> int:
        """How many of these places others hold."""
        with self._lock:
            self._forget_old()
            return sum(self._held.get(place, (user,))[0] != user for place in places)

    def release(self, user: str) -> None:
        """Give back all that a person holds."""
        with self._lock:
            self._held = {place: one for place, one in self._held.items() if one[0] != user}

    def _forget_old(self) -> datetime:
        now = self._clock()
        self._held = {place: one for place, one in self._held.items() if one[1] > now}
        return now
