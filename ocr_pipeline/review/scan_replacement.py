"""A bad scan replaced by a better one from the browser; the page waits to be read again.

The new file takes the name of the old one, which is kept in the workspace. The book is looked at at
once: what people decided about the page becomes an offer, as when files are exchanged on the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text
from ocr_pipeline.processing.ingest import ingest_book
from ocr_pipeline.processing.scan_source import ScanSource
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotAllowedYetError, no_such
from ocr_pipeline.review.open_page import begin_change
from ocr_pipeline.review.page_order import move_page
from ocr_pipeline.review.scan_uploads import exchange_scan
from ocr_pipeline.review.uploads import Upload
from ocr_pipeline.scans.pages import PageRef, digest
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import book_pages, find_page
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_decisions import FRONT, moves_of_pages
from ocr_pipeline.store.page_parts import is_further, part_of
from ocr_pipeline.store.sent_pages import home_of
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
    ws: Workspace, upload: Upload, user: User, page: int, now: datetime
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
        NotAllowedYetError: the page is one of several in its file or on its scan, its scan lies in
            the folder of another book, or the book has the new scan already.
        UploadError, ScanError: it did not come whole, or is not exactly one page.
        MachineError: a run goes on.
        OSError: the file cannot be written where it belongs.

    """
    with run_lock(ws):
        opened = begin_change(ws, user, page)
        row, book = opened.row, opened.book
        _require_own_file(row)
        new = digest(PageRef(upload.finish(), 0, upload.name))
        with ws.read_session() as session:
            _require_new_scan(session, row, new)
            place = _place(session, row)
        former = exchange_scan(upload, Path(row.path), row.book)
        with ws.transaction() as session:
            details = {"page": page, "former": former.name if former else ""}
            audit.append(
                session, user.name, AuditAction.SCAN_IMPORTED, book=row.book, subject=row.name,
                details=details, now=now,
            )  # fmt: skip
        ingest_book(ws, book, ScanSource(), force=False)
    with ws.read_session() as session:
        found = find_page(session, row.book, row.name)
        before = find_page(session, row.book, place) if place else None
    if found is None:
        raise no_such("trang", "page", row.name)
    if place is not None:  # what was said of the place of the former scan
        move_page(ws, user, found.id, now, after=before.id if before else 0)
    return ScanReplacement(found.id, found.book, found.name, found.kind)


def _require_new_scan(session: Session, row: PageRow, new: str) -> None:
    """Make sure that the book does not have the new scan, and that its folder has the former one.

    A page that was sent here is known by its scan: with another one it would go back.
    """
    if home_of(session, row) is not None:
        cause = Text(
            "Ảnh của trang nằm trong thư mục của sổ khác",
            "The scan of the page lies in the folder of another book",
        )
        remedy = Text(
            "Chuyển trang về sổ đó, thay ảnh, rồi chuyển lại",
            "Send the page back to that book, replace the scan, then send it again",
        )
    elif any(one.digest == new for one in book_pages(session, row.book)):
        cause = Text("Sổ đã có đúng ảnh quét này", "The book has this very scan already")
        remedy = Text("Chọn tệp ảnh quét mới", "Choose the file of the new scan")
    else:
        return
    raise NotAllowedYetError(cause, where=row.name, remedy=remedy)


def _place(session: Session, row: PageRow) -> str | None:
    """Name of the page before, `FRONT` for none; None when people left the order to the files."""
    if not moves_of_pages(session, row.book):
        return None
    names = [one.name for one in book_pages(session, row.book)]
    at = names.index(row.name)
    return names[at - 1] if at else FRONT


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
