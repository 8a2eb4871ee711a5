"""What became of a page, packed by the worker that read it (no SQL here: workers import this)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ocr_pipeline.errors import Text
from ocr_pipeline.json_types import Json
from ocr_pipeline.processing.failure import Failure
from ocr_pipeline.processing.page import PageJob, PageResult
from ocr_pipeline.scans.scan_part import ScanPart
from ocr_pipeline.store.codec import cover_to_json, message_to_json, pack, record_to_json
from ocr_pipeline.store.states import PageKind

_AGAIN = Text(
    "Chạy lại lệnh; nếu vẫn lỗi, gửi tệp nhật ký cho người hỗ trợ",
    "Run the command again; if it fails again, send the log file to support",
)
_ASK_FOR_IT = Text(
    "Mở tệp này; quét lại, nhập tay, hoặc chạy `sohoa run … --retry` trên máy có nhiều bộ nhớ hơn",
    "Look at the file: scan it again, key it, or `sohoa run … --retry` on a larger machine",
)


@dataclass(frozen=True, slots=True)
class PageStatus:
    """What the list of pages shows of a page.

    Attributes:
        kind: what it turned out to be.
        layout: id of the layout found; "" for none.
        turn: degrees clockwise that bring it upright.
        cause: why it was not read.
        remedy: what to do about it.

    """

    kind: PageKind
    layout: str = ""
    turn: int = 0
    cause: Text | None = None
    remedy: Text | None = None


@dataclass(frozen=True, slots=True)
class PackedResult:
    """A page's result as it is kept: what is shown of it, and all of it as bytes.

    Attributes:
        shown: what the list of pages shows.
        seconds: working time by stage.
        payload: the whole result (`codec.pack`).
        parts: see `PageResult`.
        further: the results of the other parts of the scan, in order.
        trace: see `PageResult`; goes into the log alone.

    """

    shown: PageStatus
    seconds: Mapping[str, float]
    payload: bytes
    parts: tuple[ScanPart, ...] | None = None
    further: tuple[PackedResult, ...] = ()
    trace: str = ""


@dataclass(frozen=True, slots=True)
class ReadAndPack:
    """The work on a page that ends with a `PackedResult`; can be pickled.

    Attributes:
        work: reads the page.

    """

    work: Callable[[PageJob], PageResult]

    def __call__(self, job: PageJob) -> PackedResult:
        """Read the page and pack its result."""
        return packed(self.work(job))


def packed(result: PageResult) -> PackedResult:
    """A page's result as it is kept."""
    shown = PageStatus(result.kind, result.layout, result.turn, result.cause, result.remedy)
    data: Json = {
        "kind": result.kind.value,
        "layout": result.layout,
        "turn": result.turn,
        "records": [record_to_json(record) for record in result.records],
        "cause": message_to_json(result.cause),
        "remedy": message_to_json(result.remedy),
        "residual_mm": result.residual_mm,
        "to_original": result.to_original,
        "seconds": result.seconds,
    }
    if result.cover is not None:
        data["cover"] = cover_to_json(result.cover)
    if result.parts:
        data["parts"] = [str(part) for part in result.parts]
    further = tuple(packed(other) for other in result.further)
    return PackedResult(shown, result.seconds, pack(data), result.parts, further, result.trace)


def failed(failure: Failure) -> PageStatus:
    """What is shown of a page that a bug of ours has kept from being read."""
    return PageStatus(PageKind.FAILED, cause=failure.cause, remedy=_AGAIN)


def poisoned(cause: Text | None, deaths: int) -> PageStatus:
    """What is shown of a page that is not tried again until somebody asks for it.

    Args:
        cause: how the last of its workers died; None when unknown.
        deaths: workers that it has killed.

    """
    why = cause or Text("không rõ", "unknown")
    times = "once" if deaths == 1 else f"{deaths} times"
    told = Text(
        f"Trang đã {deaths} lần làm dừng tiến trình đọc: {why.vi}",
        f"The page stopped its worker {times}: {why.en}",
    )
    return PageStatus(PageKind.POISONED, cause=told, remedy=_ASK_FOR_IT)
