"""Times as the store keeps them: always UTC; SQLite forgets to say so."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(time: datetime) -> datetime:
    """The time with its zone, as it was given."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
