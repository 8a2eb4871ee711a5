"""What the review station refuses, besides what a role may not do (`rights`)."""

from __future__ import annotations

from ocr_pipeline.errors import MachineError, SohoaError, Text


class NotFoundError(SohoaError):
    """There is no such field, record, page, book or person."""


class StaleError(SohoaError):
    """What was shown has changed since: nothing is written over it."""


class BookClosedError(SohoaError):
    """The book has been approved: nothing in it changes until the approval is withdrawn."""


class BusyError(MachineError):
    """Too many wait for the same thing; it passes by itself."""


class NotAllowedYetError(SohoaError):
    """Something has to be done first."""


def no_such(what_vi: str, what_en: str, where: object) -> NotFoundError:
    """The error for something that is not there (any more)."""
    return NotFoundError(
        Text(f"Không có {what_vi} này", f"There is no such {what_en}"),
        where=str(where),
        remedy=Text("Tải lại trang", "Load the page again"),
    )
