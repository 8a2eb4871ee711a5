"""Go on, pause or stop: decided from free disk, free memory and time, without looking itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ocr_pipeline.errors import Text
from ocr_pipeline.store.runs import RunEnding
from ocr_pipeline.usual_options import USUAL

_DISK_REMEDY = Text(
    "Dọn bớt đĩa của không gian làm việc; không mất gì, chạy lại sẽ làm tiếp",
    "Free space on the workspace's disk; nothing is lost, the next run goes on",
)
_MEMORY_REMEDY = Text(
    "Đóng bớt chương trình khác hoặc giảm --workers; chạy lại sẽ làm tiếp",
    "Close other programs or lower --workers; the next run goes on",
)


class RunOrder(StrEnum):
    """What a run is to do."""

    GO = "go"
    PAUSE = "pause"  # finish what is under way, begin nothing new, look again
    STOP = "stop"  # finish what is under way, then end


@dataclass(frozen=True, slots=True)
class ResourceThresholds:
    """When there is too little.

    Attributes:
        disk_mb: below this much free disk (MB) the run pauses.
        disk_least_mb: below this it stops at once: a database must be able to end its work.
        memory_mb: below this much available memory the run pauses.
        patience: seconds of pausing after which it stops.

    """

    disk_mb: float = USUAL.keep_free_mb
    disk_least_mb: float = 200.0
    memory_mb: float = 500.0
    patience: float = USUAL.patience_seconds


@dataclass(frozen=True, slots=True)
class FreeResources:
    """What is free on the machine, in MB (10⁶ bytes)."""

    disk_mb: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do and why; `ending` is what the run ends with if it has to stop."""

    order: RunOrder
    ending: RunEnding | None = None
    cause: Text | None = None
    remedy: Text | None = None


GO = Advice(RunOrder.GO)


class ResourceWatch:
    """Remembers since when there is too little. Times are seconds of a clock that never goes back.

    Args:
        thresholds: when there is too little.
        deadline: when to stop; None for never.

    """

    def __init__(self, thresholds: ResourceThresholds, deadline: float | None = None) -> None:
        self._thresholds = thresholds
        self._deadline = deadline
        self._since: float | None = None

    def look(self, free: FreeResources, now: float) -> Advice:
        """What to do at this moment."""
        if self._deadline is not None and now >= self._deadline:
            cause = Text("Đã đến giờ dừng (--until)", "The time to stop has come (--until)")
            remedy = Text("Chạy lại để làm tiếp", "Run it again to go on")
            return Advice(RunOrder.STOP, RunEnding.UNTIL, cause, remedy)
        short = self._short(free)
        if short is None:
            self._since = None
            return GO
        self._since = now if self._since is None else self._since
        limits = self._thresholds
        at_once = short.ending is RunEnding.DISK and free.disk_mb < limits.disk_least_mb
        if at_once or now - self._since >= limits.patience:
            return Advice(RunOrder.STOP, short.ending, short.cause, short.remedy)
        return short

    def _short(self, free: FreeResources) -> Advice | None:
        limits = self._thresholds
        if free.disk_mb < limits.disk_mb:
            cause = Text(
                f"Đĩa sắp đầy: còn {free.disk_mb:.0f} MB, cần {limits.disk_mb:.0f} MB",
                f"The disk is nearly full: {free.disk_mb:.0f} MB free of the "
                f"{limits.disk_mb:.0f} MB needed",
            )
            return Advice(RunOrder.PAUSE, RunEnding.DISK, cause, _DISK_REMEDY)
        if free.memory_mb < limits.memory_mb:
            cause = Text(
                f"Thiếu bộ nhớ: còn {free.memory_mb:.0f} MB",
                f"Short of memory: {free.memory_mb:.0f} MB left",
            )
            return Advice(RunOrder.PAUSE, RunEnding.MEMORY, cause, _MEMORY_REMEDY)
        return None
