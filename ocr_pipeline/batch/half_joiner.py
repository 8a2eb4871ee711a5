"""Books whose half sheets are joined within a run; what goes wrong with it costs no book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from ocr_pipeline.crash_log import trace_of
from ocr_pipeline.errors import Text
from ocr_pipeline.layout.picture_fault import JOIN_HALVES
from ocr_pipeline.processing.half_joining import HalfJoining, HalfJoiningSummary, has_untried_halves
from ocr_pipeline.processing.page_outcome import PageStatus


class HalfJoiner:
    """What the feeder of a run calls.

    Args:
        joining: joins the halves; None where the workers may not see the folder that keeps them.
        log: structured log without personal data.
        noticed: told of each book whose halves were looked at.

    """

    def __init__(
        self, joining: HalfJoining | None, log: Any, noticed: Callable[[Text], None]
    ) -> None:
        self._joining, self._log, self._noticed = joining, log, noticed

    def will_try(self, shown: PageStatus) -> bool:
        """Whether a page is a half that will be tried: refused for now, and no failure yet."""
        return self._joining is not None and shown.remedy == JOIN_HALVES

    def is_due(self, session: Session, book_id: str) -> bool:
        """Whether the book has halves that nobody has tried to join."""
        return self._joining is not None and has_untried_halves(session, book_id)

    def join(self, book_id: str) -> None:
        """Join the halves of a book, if it is due; its scans are to be looked at then."""
        if self._joining is None:
            return
        try:
            joined = self._joining.join(book_id)
        except Exception as error:  # the halves stay refused; the next run tries again
            self._log.error("halves not joined", book=book_id, trace=trace_of(error))
            return
        if joined is None:
            return
        self._log.info(
            "halves", book=book_id, sheets=joined.sheets, by_order=joined.by_order,
            alone=joined.alone,
        )  # fmt: skip
        self._noticed(_words(joined))

    def stop(self) -> None:
        """End the joining under way."""
        if self._joining is not None:
            self._joining.stop()


def _words(joined: HalfJoiningSummary) -> Text:
    vi = f"Sổ {joined.book}: {joined.sheets} tờ ghép từ hai nửa"
    en = f"{joined.book}: {joined.sheets} sheets joined from halves"
    if joined.by_order:
        vi += f", trong đó {joined.by_order} tờ theo thứ tự ảnh"
        en += f", {joined.by_order} of them by the order of the scans"
    if joined.alone:
        vi += f"; {joined.alone} nửa tờ không có nửa kia"
        en += f"; {joined.alone} halves without their other half"
    return Text(vi, en)
