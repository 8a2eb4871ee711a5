"""The networks of an office as tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from ocr_pipeline.cli.output import print_table, say
from ocr_pipeline.errors import Text
from ocr_pipeline.processing.learning_record_schema import LearningRecordFile
from ocr_pipeline.processing.office_networks import OfficeNetwork
from ocr_pipeline.store.learning_consent import LearningConsent
from ocr_pipeline.usual_options import USUAL


def tell_networks(
    consent: LearningConsent, in_use: str, found: Sequence[tuple[OfficeNetwork, LearningRecordFile]]
) -> None:
    """Whether learning is allowed, which network is in use, and how each reads."""
    yes, no = Text("có", "yes"), Text("không", "no")
    allowed = yes if consent.given else no
    say(
        Text(
            f"Cho phép học: {allowed.vi}. Đang dùng: {in_use or USUAL.model}",
            f"Learning allowed: {allowed.en}. In use: {in_use or USUAL.model}",
        )
    )
    if not found:
        return
    columns = (
        Text("mạng", "network"), Text("đang dùng", "in use"), Text("tạo lúc", "made"),
        Text("dòng đã học", "lines learnt"), Text("ký tự sai trước", "characters wrong before"),
        Text("ký tự sai sau", "characters wrong after"), Text("đúng trước", "right before"),
        Text("đúng sau", "right after"), Text("tốt hơn", "better"),
    )  # fmt: skip
    rows = [
        (
            one.name, "✓" if one.in_use else "–", record.made[:16], record.lines,
            _share(record.before.characters_wrong, record.before.characters),
            _share(record.after.characters_wrong, record.after.characters),
            _share(record.before.right, record.before.fields),
            _share(record.after.right, record.after.fields),
            "✓" if record.better else "–",
        )
        for one, record in found
    ]  # fmt: skip
    print_table(Text("Mạng của cơ quan", "Networks of the office"), columns, rows)


def _share(some: int, of: int) -> str:
    return f"{100 * some / of:.1f} %" if of else "–"
