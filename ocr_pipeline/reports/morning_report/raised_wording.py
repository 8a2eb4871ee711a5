"""What is told of a threshold that wrong samples raised, or would raise."""

from __future__ import annotations

from ocr_pipeline.errors import Text
from ocr_pipeline.processing.raised_thresholds import RaisedThreshold
from ocr_pipeline.reports.morning_report.titles import title
from ocr_pipeline.written_numbers import numbers


def raised_words(one: RaisedThreshold) -> Text:
    """One sentence: whose threshold, how high, why."""
    kind, threshold = title("kind", one.kind), numbers(one.threshold, 3)
    place = Text(f"sổ {one.book}", one.book) if one.book else Text("mọi sổ", "all books")
    why = Text(
        f"vì {one.wrong} trong {one.checked} trường mẫu sai",
        f"because {one.wrong} of {one.checked} samples were wrong",
    )
    if one.counts:
        return Text(
            f"Ngưỡng của loại “{kind.vi}” trong {place.vi} được nâng lên {threshold.vi} {why.vi}",
            f"The threshold of “{kind.en}” in {place.en} was raised to {threshold.en} {why.en}",
        )
    return Text(
        f"Ngưỡng của loại “{kind.vi}” trong {place.vi} lẽ ra phải là {threshold.vi} {why.vi}; "
        "sổ đã duyệt nên không thay đổi",
        f"The threshold of “{kind.en}” in {place.en} should be {threshold.en} {why.en}; "
        "the book is approved and does not change",
    )
