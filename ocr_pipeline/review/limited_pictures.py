"""Upright pages made in processes with limits: one hostile scan keeps nobody else waiting.

Pages that the overnight run has read within its limits are made by two processes, all others by
one of their own. A page is made once however many ask for it; those who would wait behind too many
others are told so at once, so that the station has threads left for everybody else.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from time import monotonic

import cv2
import numpy as np
from cachetools import TTLCache

from ocr_pipeline.arrays import Bgr
from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.review.errors import BusyError
from ocr_pipeline.review.upright_page import PageSource, page
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.usual_options import USUAL

_PAGE_QUALITY = 82  # about 1 MB for A4 at 300 dpi; strokes stay sharp when zoomed
#: The server has 40 threads. A healthy page takes 1 second; these leave 8 threads to all else.
_MOST_WAITING = {True: 24, False: 8}
_MOST_WAITING_FOR_ONE = 4
_LONG_SECONDS = 5.0  # of a page that fails: it is not tried again at once
_REMEMBERED_SECONDS = 600.0
_REMEMBERED_PAGES = 1000

#: Of one picture: a third of what a page may take at night, where it is read as well.
PICTURE_LIMITS = TaskLimits(seconds=USUAL.page_seconds / 3, memory_mb=USUAL.page_mb, nice=0)


class LimitedPictures:
    """Makes upright pages; safe for use by several threads.

    Args:
        limits: of one picture.
        work: makes the picture in the process, as `upright_jpeg` does.

    """

    def __init__(
        self,
        limits: TaskLimits = PICTURE_LIMITS,
        work: Callable[[PageSource], bytes] | None = None,
    ) -> None:
        self._work = work or upright_jpeg
        self._lanes = {True: LimitedCalls(2, limits), False: LimitedCalls(1, limits)}
        self._waiting = {True: 0, False: 0}
        self._lock = threading.Lock()
        self._under_way: dict[str, list[Future[bytes]]] = {}  # by stem, one entry for each waiting
        self._failed: TTLCache[str, SohoaError] = TTLCache(_REMEMBERED_PAGES, _REMEMBERED_SECONDS)

    def jpeg(self, source: PageSource) -> bytes:
        """The upright page as JPEG.

        Raises:
            ScanError: the scan is gone, damaged, no longer the one that was read, or beyond the
                limits; that it took long to fail is remembered for ten minutes.
            BusyError: too many wait already.

        """
        with self._queued(source) as (future, is_first):
            if is_first:
                self._make(source, future)
            return future.result()

    def close(self) -> None:
        """Stop the processes."""
        for lane in self._lanes.values():
            lane.close()

    @contextmanager
    def _queued(self, source: PageSource) -> Iterator[tuple[Future[bytes], bool]]:
        stem, lane = source.stem, source.is_read
        with self._lock:
            if (failed := self._failed.get(stem)) is not None:
                raise copy.copy(failed)
            same = self._under_way.get(stem, [])
            if self._waiting[lane] >= _MOST_WAITING[lane] or len(same) >= _MOST_WAITING_FOR_ONE:
                raise _busy(source.ref.name)
            future: Future[bytes] = same[0] if same else Future()
            self._under_way[stem] = [*same, future]
            self._waiting[lane] += 1
        try:
            yield future, not same
        finally:
            with self._lock:
                self._waiting[lane] -= 1
                left = self._under_way.pop(stem)[1:]
                if left:
                    self._under_way[stem] = left

    def _make(self, source: PageSource, future: Future[bytes]) -> None:
        begun = monotonic()
        try:
            lane = self._lanes[source.is_read]
            future.set_result(opened(self._work, source, source.ref.name, calls=lane))
        except BaseException as error:
            if isinstance(error, SohoaError) and monotonic() - begun > _LONG_SECONDS:
                with self._lock:
                    self._failed[source.stem] = error
            future.set_exception(error)


def upright_jpeg(source: PageSource) -> bytes:
    """The upright page (`upright_page.page`) as JPEG.

    Raises:
        ScanError: the scan is gone, damaged, or no longer the one that was read.

    """
    pixels = np.asarray(cv2.cvtColor(page(source), cv2.COLOR_RGB2BGR), np.uint8)
    return encoded(pixels, _PAGE_QUALITY)


def encoded(pixels: Bgr, quality: int) -> bytes:
    """A picture (H, W, 3) as JPEG of this quality (0–100)."""
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("OpenCV cannot write this picture as JPEG")
    return data.tobytes()


def _busy(where: str) -> BusyError:
    return BusyError(
        Text(
            "Đang có nhiều ảnh khác chờ mở", "Many other pictures are waiting to be opened already"
        ),
        where=where,
        remedy=Text("Thử lại sau ít giây", "Try again in some seconds"),
    )
