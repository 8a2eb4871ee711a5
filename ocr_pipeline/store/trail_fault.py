"""What a check of the audit trail finds: plain data."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_pipeline.errors import Text


@dataclass(frozen=True, slots=True)
class TrailFault:
    """A place where the trail does not hold, or where the database says what it does not tell.

    Attributes:
        line: number of the line; 0 when no line is concerned.
        reason: what is wrong.
        where: book, page, position and field, or person; "" for a line that is wrong itself.

    """

    line: int
    reason: Text
    where: str = ""
