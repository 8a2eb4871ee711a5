"""Messages without the values that must not be seen: a doubt may quote another field."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from ocr_pipeline.errors import Text
from ocr_pipeline.registers.fields import Doubt
from ocr_pipeline.store.keyings import FieldNow
from ocr_pipeline.store.models import FieldRow

MASK = "•••"
"""Stands in a message for a value that is hidden."""

_LEAST_LETTERS = 3  # of a masked value: codes and single digits tell nothing in a message


def hidden_values(rows: Iterable[FieldRow | FieldNow], lanes: Collection[str]) -> tuple[str, ...]:
    """Values that messages about the same record must not quote, longest first."""
    found = {row.value for row in rows if row.lane in lanes and len(row.value) >= _LEAST_LETTERS}
    return tuple(sorted(found, key=lambda value: (-len(value), value)))


def masked(message: Text, values: Sequence[str]) -> Text:
    """The message with `MASK` instead of these values."""
    if not values:
        return message
    quoted = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, values))})(?!\w)")
    return Text(quoted.sub(MASK, message.vi), quoted.sub(MASK, message.en))


def masked_doubts(doubts: Sequence[Doubt], values: Sequence[str]) -> tuple[Doubt, ...]:
    """The doubts, with `MASK` instead of these values in what they say."""
    return tuple(replace(one, message=masked(one.message, values)) for one in doubts)
