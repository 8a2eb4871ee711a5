"""What the review station refuses, besides what a role may not do (`rights`)."""

from __future__ import annotations

from ocr_pipeline.errors import SohoaError, Text


class NotFound(SohoaError):
    """There is no such field, record, page, book or person."""


class Stale(SohoaError):
    """What was shown has changed since: nothing is written over it."""


class BookClosed(SohoaError):
    """The book has been approved: nothing in it changes until the approval is withdrawn."""


class NotAllowedYet(SohoaError):
    """Something has to be done first."""


def no_such(what_vi: str, what_en: str, where: object) -> NotFound:
    """The error for something that is not there (any more)."""
    return NotFound(
        Text(f"Không có {what_vi} này", f"There is no such {what_en}"),
        where=str(where),
        remedy=Text("Tải lại trang", "Load the page again"),
    )
