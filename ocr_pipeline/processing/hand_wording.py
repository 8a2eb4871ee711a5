"""What people are told of the trial of a book's hand."""

from __future__ import annotations

from ocr_pipeline.errors import Text
from ocr_pipeline.processing.hand_trials import HandTrial, LearningResult


def hand_words(trial: HandTrial) -> Text:
    """A trial in one sentence, with its figures where there are any."""
    taught, wrong = trial.fields - trial.tested, f"{trial.wrong_before} → {trial.wrong_after}"
    figures = Text(
        f"{taught} trường đã xác nhận dạy, {trial.tested} trường để riêng: ký tự sai {wrong} trong "
        f"{trial.letters}",
        f"{taught} confirmed fields taught, {trial.tested} held back: wrong characters {wrong} of "
        f"{trial.letters}",
    )
    if trial.result in (LearningResult.KEPT, LearningResult.KNOWN):
        return Text(
            f"Sổ {trial.book}: đã học nét chữ ({figures.vi}); các trang còn nghi ngờ được đọc lại",
            f"{trial.book}: its hand is learnt ({figures.en}); the pages in doubt are read again",
        )
    if trial.result is LearningResult.WORSE:
        return Text(
            f"Sổ {trial.book}: nét chữ đã học không đọc tốt hơn, sổ giữ như cũ ({figures.vi})",
            f"{trial.book}: the hand learnt reads no better, the book is left as it was "
            f"({figures.en})",
        )
    if trial.result is LearningResult.FAILED:
        return Text(
            f"Sổ {trial.book}: không học kịp nét chữ; sổ được đọc như trước",
            f"{trial.book}: its hand could not be learnt in time; it is read as before",
        )
    return Text(
        f"Sổ {trial.book}: chữ của {trial.confirmed} trường đã xác nhận chưa đủ rõ để học",
        f"{trial.book}: the writing of {trial.confirmed} confirmed fields is too little to learn "
        "from",
    )
