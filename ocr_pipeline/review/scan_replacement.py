"""A bad scan replaced by a better one from the browser; the page waits to be read again.

The new file takes the name of the old one, which is kept in the workspace. The book is looked at at
once: what people decided about the page becomes an offer, as when files are exchanged on the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ocr_pipeline.errors import Text
from ocr_pipeline.processing.ingest import ScanSource, ingest_book
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotAllowedYetError, no_such
from ocr_pipeline.review.open_page import begin_change
from ocr_pipeline.review.scan_uploads import ScanUpload
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import find_page
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_parts import is_further, part_of
from ocr_pipeline.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ScanReplacement:
    """What became of a page whose scan was replaced.

    Attributes:
        page: id that the page has now: another scan is another page.
        book: its book.
        name: of the page, as before.
        kind: what it is now; pages that wait to be read are `pending`.

    """

    page: int
    book: str
    name: str
    kind: str


def replace_scan(
    ws: Workspace, upload: ScanUpload, user: User, page: int, now: datetime
) -> ScanReplacement:
    """Put a new scan in the place of a page's scan.

    Args:
        ws: the workspace.
        upload: the new scan, as it came.
        user: who sent it.
        page: id of the page.
        now: the time (UTC).

    Raises:
        ForbiddenError, NotFoundError, BookClosedError: as everywhere.
        NotAllowedYetError: the page is one of several in its file or on its scan.
        UploadError, ScanError: it did not come whole, or is not exactly one page.
        MachineError: a run goes on.
        OSError: the file cannot be written where it belongs.

    """
    with run_lock(ws):
        opened = begin_change(ws, user, page)
        row, book = opened.row, opened.book
        _require_own_file(row)
        former = upload.replace(Path(row.path), row.book)
        with ws.transaction() as session:
            details = {"page": page, "former": former.name if former else ""}
            audit.append(
                session, user.name, AuditAction.SCAN_IMPORTED, book=row.book, subject=row.name,
                details=details, now=now,
            )  # fmt: skip
        ingest_book(ws, book, ScanSource(), force=False)
    with ws.read_session() as session:
        found = find_page(session, row.book, row.name)
    if found is None:
        raise no_such("trang", "page", row.name)
    return ScanReplacement(found.id, found.book, found.name, found.kind)


def _require_own_file(row: PageRow) -> None:
    """Make sure that nothing but this page goes with its file."""
    if row.index or "#" in Path(row.name).name.removeprefix(Path(row.path).name):
        cause = Text("Tệp này có nhiều trang", "This file has several pages")
    elif is_further(row) or part_of(row) is not None:
        cause = Text("Trên ảnh này có nhiều tờ", "There are several forms on this scan")
    else:
        return
    raise NotAllowedYetError(
        cause,
        where=row.name,
        remedy=Text(
            "Quét lại cả tệp rồi gửi dưới tên khác ở mục Nhập ảnh quét",
            "Scan the whole file again, and import it under another name",
        ),
    )
