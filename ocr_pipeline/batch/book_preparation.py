"""What is done for a book of a run before its pages are planned."""

from __future__ import annotations

from ocr_pipeline.batch.book_learner import BookLearner
from ocr_pipeline.batch.half_joiner import HalfJoiner


class BookPreparation:
    """Halves of sheets are joined before a book's scans are looked at, its hand is learnt after.

    Args:
        halves: joins the halves.
        hands: has the book learn its hand.

    """

    def __init__(self, halves: HalfJoiner, hands: BookLearner) -> None:
        self.halves, self._hands = halves, hands

    def before_scans(self, book_id: str) -> None:
        """Do what changes which pages the book has."""
        self.halves.join(book_id)

    def after_scans(self, book_id: str) -> None:
        """Do what changes how its pages are read."""
        self._hands.learn(book_id)

    def stop(self) -> None:
        """End what is under way at once."""
        self._hands.stop()
        self.halves.stop()
