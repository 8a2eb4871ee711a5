"""Pages that nobody needs to read, because a person said what they are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ocr_pipeline.data_files import Wording, load_data
from ocr_pipeline.errors import Text
from ocr_pipeline.processing.page import LOOK
from ocr_pipeline.processing.page_outcome import PageStatus
from ocr_pipeline.processing.page_rows import set_page_status
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_decisions import DecisionKind, PageDecision
from ocr_pipeline.store.states import PageKind

_KINDS = {
    DecisionKind.ASIDE: PageKind.ASIDE,
    DecisionKind.CONTINUATION: PageKind.CONTINUATION,
    DecisionKind.RECORD: PageKind.REFUSED,
    DecisionKind.SEND: PageKind.ASIDE,
}
_HAS_RECORD = Text(
    "Máy không thấy bản ghi trên trang này, nhưng người xem cho biết có",
    "The machine saw no record on this page, but a person says that there is one",
)
_UNDO = Text(
    "Nếu nhầm, mở trang này và chọn “Trở lại kết quả máy đọc”",
    "If this is a mistake, open the page and choose “Back to what the machine read”",
)


AsideFile = dict[str, Wording]
"""`aside.yaml`: reasons by id."""


@cache
def reasons() -> Mapping[str, Text]:
    """Why a page may be put aside: what people are shown, by id (`aside.yaml`)."""
    path = Path(__file__).with_name("aside.yaml")
    return {reason: words.message for reason, words in load_data(path, AsideFile).items()}


def settle_decided(row: PageRow, decision: PageDecision | None) -> bool:
    """Make the page show what a person said it is; whether that settles it without reading."""
    if decision is None or decision.kind not in _KINDS:
        return False
    if row.kind == PageKind.GONE and decision.kind is not DecisionKind.ASIDE:
        return False  # what goes on from another page is missed there
    remedy = LOOK if decision.kind is DecisionKind.RECORD else _UNDO
    shown = PageStatus(_KINDS[decision.kind], "", row.turn, _why(decision), remedy)
    set_page_status(row, shown, "")
    return True


def _why(decision: PageDecision) -> Text:
    if decision.kind is DecisionKind.CONTINUATION:
        page = decision.details["page"]
        return Text(f"Trang này là phần tiếp của trang {page}", f"This page continues page {page}")
    if decision.kind is DecisionKind.SEND:
        book = decision.details["to"]
        return Text(f"Trang này đã chuyển sang sổ {book}", f"This page was sent to the book {book}")
    if decision.kind is DecisionKind.RECORD:
        return _HAS_RECORD
    reason = reasons()[decision.details["reason"]]
    note = decision.details.get("note", "")
    return Text(f"{reason.vi}: {note}", f"{reason.en}: {note}") if note else reason
