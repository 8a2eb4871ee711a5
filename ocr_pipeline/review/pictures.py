"""Pictures people look at while they review: pages kept as JPEG, crops cut from them fast."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from cachetools import LRUCache, cachedmethod

from ocr_pipeline.arrays import Bgr
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.review.crop_frame import CropFrame
from ocr_pipeline.review.limited_pictures import PICTURE_LIMITS, LimitedPictures, encoded
from ocr_pipeline.review.upright_page import STEM, PageSource
from ocr_pipeline.scans.jpeg import read_header
from ocr_pipeline.store.files import write_bytes
from ocr_pipeline.store.workspace import workspace_gone

FOLDER = "pictures"

_CUT_QUALITY = 88
_STRIPES = 64  # locks: two pages rarely share one
_CUTS_SHARE = 0.2  # of the memory for cuts ready to be sent; the rest holds decoded pages
_KEPT_PAGES = 10_000  # sizes of pages remembered: a few hundred bytes each
_WORKERS = 2


@dataclass(frozen=True, slots=True)
class KeptPage:
    """An upright page in the workspace: a JPEG file, and its size in pixels."""

    path: Path
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height


class Pictures:
    """Upright pages of a workspace and cuts of them; safe for use by several threads.

    Args:
        folder: the workspace's folder; the pages lie in `pictures/` in it and can be made again.
        memory_mb: for decoded pages and finished cuts together.
        limits: of making one upright page.

    """

    def __init__(
        self, folder: Path, memory_mb: int = 256, limits: TaskLimits = PICTURE_LIMITS
    ) -> None:
        self._workspace, self._folder = folder, folder / FOLDER
        memory = memory_mb * 1_000_000
        self._pages: LRUCache[str, Bgr] = LRUCache(memory * (1 - _CUTS_SHARE), lambda p: p.nbytes)
        self._cuts: LRUCache[tuple[str, CropFrame], bytes] = LRUCache(memory * _CUTS_SHARE, len)
        self._kept: LRUCache[str, KeptPage] = LRUCache(_KEPT_PAGES)
        self._caches_lock = (
            threading.Lock()
        )  # held for look-ups only, never while a picture is made
        self._locks = [threading.Lock() for _ in range(_STRIPES)]
        self._limited = LimitedPictures(limits)
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="pictures")

    def page(self, source: PageSource) -> KeptPage:
        """The upright page, made when it is needed for the first time.

        Raises:
            ScanError: the scan is gone, damaged, or no longer the one that was read.
            WorkspaceGoneError: the workspace is not there any more; no picture is written.

        """
        stem = source.stem
        with self._caches_lock:
            kept = self._kept.get(stem)
        if kept is not None and kept.path.is_file():
            return kept
        path = self._folder / stem[:2] / f"{stem}.jpg"
        if not path.is_file():
            self._make(source, path)
        header = read_header(path.read_bytes(), path.name)
        kept = KeptPage(path, header.width, header.height)
        with self._caches_lock:
            self._kept[stem] = kept
        return kept

    def scaled(self, source: PageSource, width: int | None = None) -> bytes:
        """The page as JPEG, at most `width` pixels wide; as it is when None.

        Raises:
            ScanError: as `page`.

        """
        kept = self.page(source)
        if width is None or width >= kept.width:
            return kept.path.read_bytes()
        return self.cut(source, CropFrame(0, 0, kept.width, kept.height, width))

    @cachedmethod(
        lambda self: self._cuts,
        key=lambda _self, source, cut: (source.stem, cut),
        lock=lambda self: self._caches_lock,
    )
    def cut(self, source: PageSource, cut: CropFrame) -> bytes:
        """A part of the page as JPEG.

        Raises:
            ScanError: as `page`.

        """
        return encoded(_part(self._decoded(source), cut), _CUT_QUALITY)

    def warm(self, source: PageSource, cuts: tuple[CropFrame, ...]) -> None:
        """Make these cuts ready in the background; faults show when they are asked for."""
        if cuts:
            self._workers.submit(self._prepare, source, cuts)

    def prepare_pages(self, sources: Iterable[PageSource]) -> None:
        """Make the upright pages themselves now, two at a time; faults show when asked for."""
        list(self._workers.map(self._prepare, sources))

    def close(self) -> None:
        """Stop working in the background."""
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._limited.close()

    def _prepare(self, source: PageSource, cuts: tuple[CropFrame, ...] = ()) -> None:
        try:
            self.page(source)
            for cut in cuts:
                self.cut(source, cut)
        except Exception:  # whoever asks for the picture gets the same fault, told properly
            return

    def _decoded(self, source: PageSource) -> Bgr:
        stem = source.stem
        with self._caches_lock:
            pixels = self._pages.get(stem)
        if pixels is not None:
            return pixels
        kept = self.page(source)
        with self._lock(stem):  # two who ask for a page at once decode it once
            return self._decode(stem, kept.path)

    @cachedmethod(
        lambda self: self._pages,
        key=lambda _self, stem, _path: stem,
        lock=lambda self: self._caches_lock,
    )
    def _decode(self, stem: str, path: Path) -> Bgr:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)

    def _make(self, source: PageSource, path: Path) -> None:
        data = self._limited.jpeg(source)
        try:
            write_bytes(path, data, within=self._workspace)
        except FileNotFoundError as error:
            raise workspace_gone(self._workspace) from error

    def _lock(self, stem: str) -> threading.Lock:
        return self._locks[hash(stem) % _STRIPES]


def forget(folder: Path, digests: Iterable[str]) -> int:
    """Delete the kept pictures of these scans; returns how many there were.

    Args:
        folder: the workspace's folder.
        digests: content hashes of the pages.

    """
    gone = 0
    for digest in digests:
        for path in (folder / FOLDER / digest[:2]).glob(f"{digest[:STEM]}-*.jpg"):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _part(pixels: Bgr, cut: CropFrame) -> Bgr:
    part = pixels[cut.y : cut.y + cut.height, cut.x : cut.x + cut.width]
    if cut.size == (cut.width, cut.height):
        return part
    return np.asarray(cv2.resize(part, cut.size, interpolation=cv2.INTER_AREA), np.uint8)
