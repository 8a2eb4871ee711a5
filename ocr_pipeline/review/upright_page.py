"""A page of the store as people see it: upright, straight, and certainly the one that was read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from ocr_pipeline.arrays import Pixels
from ocr_pipeline.errors import ScanError, Text
from ocr_pipeline.layout.pose import turned
from ocr_pipeline.processing.corners import FormCorners, flat_of
from ocr_pipeline.scans.pages import PageImage, PageRef, digest, load_page
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_parts import page_ref
from ocr_pipeline.store.states import NO_RECORD, PageKind

STEM = 40
"""So many digits of a page's content hash begin the name of its pictures."""

_READ = frozenset({*NO_RECORD, PageKind.RECORD, PageKind.OTHER, PageKind.REFUSED})


@dataclass(frozen=True, slots=True)
class PageSource:
    """Where the pixels of a page come from, and what makes them upright.

    Attributes:
        ref: file and page in it.
        digest: content hash of what was read.
        kind: what the page turned out to be; only `record` pages are straightened.
        turn: degrees clockwise that bring it upright.
        fingerprint: of the result shown; another one may see the page differently.
        corners: where a person says that the form lies; None when the machine found it.
        is_read: whether a run has opened the scan within its limits.

    """

    ref: PageRef
    digest: str
    kind: str
    turn: int
    fingerprint: str
    corners: FormCorners | None = None
    is_read: bool = False

    @classmethod
    def of(cls, row: PageRow, corners: FormCorners | None = None) -> PageSource:
        """The source of a page of the store."""
        is_read = bool(row.digest) and row.kind in _READ
        return cls(page_ref(row), row.digest, row.kind, row.turn, row.fingerprint, corners, is_read)

    def whole(self) -> PageSource:
        """The whole scan, only turned upright: what corners dragged by hand refer to."""
        return replace(self, kind="", fingerprint="", corners=None)

    @property
    def stem(self) -> str:
        """A name for the upright picture: other pixels always have another name."""
        scan = self.digest or _hash(self.ref.path, self.ref.index)  # no hash if it was never read
        seen = [self.kind, self.turn, self.fingerprint, self.corners]
        seen += [self.ref.part] if self.ref.part else []
        return f"{scan[:STEM]}-{_hash(*seen)[:12]}"


def scan(source: PageSource) -> Pixels:
    """The whole scan, upright: what corners dragged by hand refer to.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        ScanError: the file is gone, damaged, or no longer the one that was read.

    """
    return turned(_loaded(source).pixels, source.turn)


def page(source: PageSource) -> Pixels:
    """The page that boxes refer to: upright, and straightened if it has been read.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        ScanError: the file is gone, damaged, or no longer the one that was read.

    """
    if source.kind != PageKind.RECORD:
        return scan(source)
    return turned(flat_of(_loaded(source), source.corners).pixels, source.turn)


def _hash(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()


def _loaded(source: PageSource) -> PageImage:
    if source.digest and digest(source.ref) != source.digest:
        raise ScanError(
            Text(
                "Tệp ảnh đã thay đổi từ lần đọc trước, nên không hiện ảnh để tránh nhầm",
                "The scan has changed since it was read, so it is not shown: it might be another",
            ),
            where=source.ref.name,
            remedy=Text("Chạy lại `sohoa run`", "Run `sohoa run` again"),
        )
    return load_page(source.ref)
