"""Books that learn their hand on the way into a run; what goes wrong with it costs no book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ocr_pipeline.crash_log import trace_of
from ocr_pipeline.errors import Text
from ocr_pipeline.processing.automatic_learning import AutomaticLearning
from ocr_pipeline.processing.hand_trials import LearningResult
from ocr_pipeline.processing.hand_wording import hand_words

_TOLD = (LearningResult.KEPT, LearningResult.KNOWN, LearningResult.FAILED)


class BookLearner:
    """What the feeder of a run calls.

    Args:
        learning: makes the trials; None where no book learns by itself.
        log: structured log without personal data.
        noticed: told of each hand that is kept, and of each trial that failed.

    """

    def __init__(
        self, learning: AutomaticLearning | None, log: Any, noticed: Callable[[Text], None]
    ) -> None:
        self._learning, self._log, self._noticed = learning, log, noticed

    def learn(self, book_id: str) -> None:
        """Have a book learn its hand, if it is due."""
        if self._learning is None:
            return
        try:
            trial = self._learning.learn(book_id)
        except Exception as error:  # the book is read as it was; the next run tries again
            self._log.error("hand not learnt", book=book_id, trace=trace_of(error))
            return
        if trial is None:
            return
        self._log.info(
            "hand", book=book_id, result=trial.result.value, fields=trial.fields,
            tested=trial.tested, before=trial.wrong_before, after=trial.wrong_after,
        )  # fmt: skip
        if trial.result in _TOLD:
            self._noticed(hand_words(trial))

    def stop(self) -> None:
        """End the trial under way."""
        if self._learning is not None:
            self._learning.stop()
