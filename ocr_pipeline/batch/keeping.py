"""Keep what became of a page: in the ledger, and in the rows of the pages that show it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ocr_pipeline.batch.page import PageResult
from ocr_pipeline.batch.worker import Failure
from ocr_pipeline.errors import Text
from ocr_pipeline.store.books import find_page
from ocr_pipeline.store.codec import Json, message_from_json, message_to_json, record_to_json
from ocr_pipeline.store.ledger import Key, record_outcome
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.states import PageKind

_ASK_FOR_IT = Text(
    "Xem tệp này; quét lại, nhập tay, hoặc chạy `sohoa run … --retry` với máy nhiều bộ nhớ hơn",
    "Look at the file: scan it again, key it, or `sohoa run … --retry` on a larger machine",
)

PageId = tuple[str, str]
"""Book id and page name."""


def keep(
    session: Session, pages: Sequence[PageId], key: Key, outcome: PageResult | Failure
) -> PageKind:
    """Keep what became of a page; failures stay out of the ledger: they are tried again."""
    data = _outcome_to_json(outcome)
    shown = key.fingerprint if isinstance(outcome, PageResult) else ""
    if isinstance(outcome, PageResult) and key.input:  # a file that cannot be opened has no hash
        spent = sum(outcome.seconds.values())
        record_outcome(session, key, outcome.kind.value, spent, data)
    for book, name in pages:
        row = find_page(session, book, name)
        if row is not None:
            settle(row, data, shown)
    return PageKind(data["kind"])


def keep_poisoned(session: Session, pages: Sequence[PageId], cause: Text) -> None:
    """Show that a page has killed its worker too often, and how it did so last."""
    for book, name in pages:
        row = find_page(session, book, name)
        if row is not None:
            settle(row, poisoned(cause), "")


def poisoned(cause: Text | None) -> Json:
    """The outcome of a page that is not tried again until somebody asks for it."""
    why = cause or Text("không rõ", "unknown")
    return {
        "kind": PageKind.POISONED.value,
        "layout": "",
        "turn": 0,
        "cause": message_to_json(
            Text(
                f"Ba lần làm dừng tiến trình đọc: {why.vi}",
                f"Stopped its worker three times: {why.en}",
            )
        ),
        "remedy": message_to_json(_ASK_FOR_IT),
    }


def _outcome_to_json(outcome: PageResult | Failure) -> Json:
    if isinstance(outcome, Failure):
        return {
            "kind": PageKind.FAILED.value,
            "layout": "",
            "turn": 0,
            "cause": message_to_json(outcome.cause),
            "remedy": message_to_json(
                Text(
                    "Chạy lại lệnh; nếu vẫn lỗi, gửi tệp nhật ký cho người hỗ trợ",
                    "Run the command again; if it fails again, send the log file to support",
                )
            ),
        }
    return {
        "kind": outcome.kind.value,
        "layout": outcome.layout,
        "turn": outcome.turn,
        "records": [record_to_json(record) for record in outcome.records],
        "cause": message_to_json(outcome.cause),
        "remedy": message_to_json(outcome.remedy),
        "residual_mm": outcome.residual_mm,
        "to_original": outcome.to_original,
        "seconds": outcome.seconds,
    }


def settle(row: PageRow, data: Json, fingerprint: str) -> None:
    """Make a page's row show the result `data`; `fingerprint` is "" for one that will be redone."""
    cause, remedy = message_from_json(data["cause"]), message_from_json(data["remedy"])
    row.kind = data["kind"]
    row.layout, row.turn = data["layout"], data["turn"]
    row.fingerprint = fingerprint
    row.cause_vi, row.cause_en = (cause.vi, cause.en) if cause else ("", "")
    row.remedy_vi, row.remedy_en = (remedy.vi, remedy.en) if remedy else ("", "")
