"""The pages of a book into the workspace, before anything is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path, PurePath

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.errors import ScanError, SohoaError, Text
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.processing.book_identity import hold_back_left_out, stamp
from ocr_pipeline.processing.joined_scans import joined_scans
from ocr_pipeline.processing.scan_changes import NO_PICTURE, follow_scans
from ocr_pipeline.processing.scan_source import ScanSource
from ocr_pipeline.scans.file_names import page_name
from ocr_pipeline.scans.pages import PageRef, part_digest
from ocr_pipeline.scans.scan_errors import SkippedFileError, fault
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.codec import message_columns
from ocr_pipeline.store.models import PageRow, ScanRow
from ocr_pipeline.store.page_decisions import arranged, moves_of_pages
from ocr_pipeline.store.page_parts import (
    file_stamp,
    further_row,
    is_further,
    part_of,
    set_part,
)
from ocr_pipeline.store.scans import scans_of
from ocr_pipeline.store.sent_pages import sent_to
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.written_paths import unwritten, written


def ingest_book(workspace: Workspace, book: Book, doors: ScanSource, force: bool) -> None:
    """Bring the pages of a book up to date with its scans.

    A page keeps its content hash as long as size and time of its file stay the same, so that a
    second run over a hundred thousand pages starts at once; `force` hashes all of them again. What
    people decided follows the content (`scan_changes`). Pages that people sent here from other
    books stand behind those of the folder. A sheet that was joined is a page behind its halves.
    """
    refs, faults = doors.find_pages(Path(book.path))
    with workspace.read_session() as session:
        looked = _LookedAt(book_pages(session, book.id), scans_of(session, book.id), force)
        sent = [page.ref for page in sent_to(session, book.id)]
    if not refs and len(looked.pictures) > len(sent):
        faults = _all_gone(book, faults, len(looked.pictures) - len(sent))
    rows: list[PageRow] = []
    first: dict[str, str] = {}
    pictures: dict[str, str] = {}
    names = {ref.name for ref in (*refs, *sent)}
    for ordinal, ref in enumerate((*refs, *sent)):
        row = _page_row(book, ref, ordinal, looked, doors)
        if ordinal >= len(refs) and row.digest in first:
            continue  # the folder has what was sent from another one
        if row.digest:
            original = first.setdefault(row.digest, row.name)
            _mark_duplicate(row, "" if original == row.name else original)
            if original == row.name and not looked.pictures.get(row.digest):
                pictures[row.digest] = doors.picture(ref) or NO_PICTURE
        rows.append(row)
        rows += _further_rows(row, looked, pictures, names)
    rows = _with_sheets(rows, workspace.folder, lambda ref: _page_row(book, ref, 0, looked, doors))
    for number, row in enumerate(rows):
        row.ordinal = number
    for one in faults:
        rows.append(_fault_row(book, one, len(rows), {row.name for row in rows}))
    with workspace.transaction() as session:
        follow_scans(session, book.id, rows, pictures)
        _arrange(session, book.id)
        hold_back_left_out(session, book.id)


def _all_gone(book: Book, faults: Sequence[ScanError], number: int) -> list[ScanError]:
    """The faults of a folder without pages, of a book that had some: most often a share is away."""
    empty = fault("no_pages_in_folder", "").cause
    others = [one for one in faults if one.cause != empty]
    return [*others, fault("all_pages_gone", written(book.path), number=number)]


class _LookedAt:
    """What is known of a book's files: which need no hashing again, what their pages showed."""

    def __init__(self, rows: Sequence[PageRow], scans: Mapping[str, ScanRow], force: bool) -> None:
        self._by_name = {row.name: row for row in rows if not is_further(row)}
        self._force = force
        self._files: dict[str, set[str]] = {}  # by size and time
        for row in rows:
            self._files.setdefault(file_stamp(row), set()).add(row.path)
        self.by_digest = {row.digest: row for row in rows if row.digest and not row.duplicate_of}
        self.pictures = {digest: scan.picture for digest, scan in scans.items()}
        self._parts = {row.digest: row for row in rows if part_of(row)}
        shown = {self.pictures.get(digest, ""): digest for digest in self._parts}
        self._by_picture = {one: d for one, d in shown.items() if one not in ("", NO_PICTURE)}

    def parts(self, digest: str, picture: str) -> list[PageRow]:
        """The pages of the forms on a scan, the first first; none when it was seen to have one.

        Args:
            digest: of the scan.
            picture: of its picture: a scan that shows the same has the same forms.

        """
        if digest not in self._parts:
            digest = self._by_picture.get(picture, digest)
        found: list[PageRow] = []
        for number in count(1):
            row = self._parts.get(part_digest(digest, number))
            if row is None:
                break
            found.append(row)
        return found

    def digest(self, name: str, stamp: str) -> str:
        """Content hash of the page of this name, if its file has not been touched since; else "".

        Two files of one size and time may have changed places: these are hashed again.
        """
        row = self._by_name.get(name)
        if row is None or self._force or file_stamp(row) != stamp or len(self._files[stamp]) > 1:
            return ""
        return row.digest


def _further_rows(
    scan: PageRow, looked: _LookedAt, pictures: dict[str, str], names: Collection[str]
) -> Iterator[PageRow]:
    """The pages of the other forms that a scan was seen to have, whatever its name was then.

    Args:
        scan: the page of the scan; it becomes the first of the forms.
        looked: what was known before.
        pictures: hash of the page's own picture by digest; those of the forms are added.
        names: those of the scans.

    """
    if not scan.digest or scan.kind == PageKind.DUPLICATE:
        return
    picture = pictures.get(scan.digest) or looked.pictures.get(scan.digest, "")
    forms = looked.parts(scan.digest, picture)
    for known in forms[:1]:
        set_part(scan, part_of(known))
    for known in forms[1:]:
        part = part_of(known)
        assert part is not None
        row = further_row(scan, part, names)
        if picture not in ("", NO_PICTURE):
            pictures[row.digest] = part_digest(picture, part.number)
        if known.digest == row.digest:
            _take_over(row, known)
        yield row


def _with_sheets(
    rows: Sequence[PageRow], workspace: Path, row_of: Callable[[PageRef], PageRow]
) -> list[PageRow]:
    """The rows and, behind the scans of its halves, one for each joined sheet.

    Args:
        rows: of the book's scans.
        workspace: the folder in which joined sheets lie.
        row_of: makes the row of a page.

    """
    own = [row for row in rows if row.digest and not row.duplicate_of and not part_of(row)]
    places = {row.digest: place for place, row in enumerate(own)}
    behind: dict[str, PageRow] = {}
    for sheet in joined_scans(workspace, places):
        at = sorted(places[digest] for digest in sheet.halves)
        first, second = (own[place] for place in at)
        if first.duplicate_of or second.duplicate_of:
            continue
        if not sheet.is_compared and at[1] - at[0] > 1:
            continue  # the order of the scans had decided, and it is another one now
        name = f"{first.name} + {PurePath(second.name).name}"
        behind[second.name] = row_of(PageRef(sheet.path, 0, name))
        for row in (first, second):
            row.duplicate_of = name
            remedy = None if sheet.is_compared else _COMPARE
            _set_outcome(row, PageKind.HALF, _shown_whole(name, remedy), remedy)
    found = []
    for row in rows:
        found.append(row)
        if row.name in behind:
            found.append(behind[row.name])
    return found


_COMPARE = Text(
    "Mở trang đã ghép, xem hai nửa có phải của một tờ không; nếu không, đổi tên ảnh để hai nửa của "
    "một tờ đứng liền nhau rồi chạy lại",
    "Open the joined page and see whether both halves are of one sheet; if not, rename the scans "
    "so that halves of one sheet follow each other, and run again",
)


def _shown_whole(name: str, remedy: Text | None) -> Text:
    told = Text(f"Nửa tờ đã ghép ở trang {name}", f"Half of the sheet joined as {name}")
    if remedy is None:
        return told
    return Text(
        f"{told.vi}; hai nửa ghép theo thứ tự ảnh, không có chữ chung để so",
        f"{told.en}; the order of the scans decided, there was no writing to compare",
    )


def _arrange(session: Session, book_id: str) -> None:
    """Put the pages where people said they belong; all others stay in the order of the scans."""
    moves = moves_of_pages(session, book_id)
    if not moves:
        return
    rows = book_pages(session, book_id)
    place = {name: n for n, name in enumerate(arranged([row.name for row in rows], moves))}
    for row in rows:
        row.ordinal = place[row.name]


def _page_row(
    book: Book, ref: PageRef, ordinal: int, looked: _LookedAt, doors: ScanSource
) -> PageRow:
    row = PageRow(
        book=book.id, name=ref.name, ordinal=ordinal, path=str(ref.path.absolute()), index=ref.index
    )
    _set_outcome(row, PageKind.PENDING)
    try:
        row.stamp = stamp(ref.path)
        row.digest = looked.digest(ref.name, row.stamp) or doors.digest(ref)
    except SohoaError as error:
        row.digest = ""
        _set_outcome(row, PageKind.FAULT, error.cause, error.remedy)
        return row
    except OSError as error:
        row.digest = ""
        reason = os_reason(error)
        _set_outcome(
            row,
            PageKind.FAULT,
            Text(f"Không đọc được tệp: {reason.vi}", f"The file cannot be read: {reason.en}"),
            Text("Kiểm tra tệp và quyền đọc", "Check the file and its permissions"),
        )
        return row
    before = looked.by_digest.get(row.digest)
    if before is not None and before.kind not in (PageKind.GONE, PageKind.DUPLICATE):
        _take_over(row, before)
    return row


def _take_over(row: PageRow, before: PageRow) -> None:
    """Show of a page what was shown of it before."""
    row.kind, row.layout, row.turn = before.kind, before.layout, before.turn
    row.fingerprint = before.fingerprint
    row.cause_vi, row.cause_en = before.cause_vi, before.cause_en
    row.remedy_vi, row.remedy_en = before.remedy_vi, before.remedy_en


def _mark_duplicate(row: PageRow, original: str) -> None:
    row.duplicate_of = original
    if original:
        _set_outcome(
            row,
            PageKind.DUPLICATE,
            Text(f"Trùng hoàn toàn với {original}", f"Exactly the same scan as {original}"),
            Text(
                "Xóa một trong hai tệp nếu không cần", "Delete one of the two if it is not needed"
            ),
        )
    elif row.kind == PageKind.DUPLICATE:
        _set_outcome(row, PageKind.PENDING)


def _fault_row(book: Book, error: SohoaError, ordinal: int, taken: set[str]) -> PageRow:
    name = _relative(error.where, Path(book.path)) or "?"
    while name in taken:  # a damaged file may have given some pages all the same
        name += " !"
    row = PageRow(
        book=book.id,
        name=name,
        ordinal=ordinal,
        path=str((Path(book.path) / unwritten(name)).absolute()),
        index=0,
        stamp="",
        digest="",
    )
    kind = PageKind.SKIPPED if isinstance(error, SkippedFileError) else PageKind.FAULT
    _set_outcome(row, kind, error.cause, error.remedy)
    return row


def _relative(where: str, folder: Path) -> str:
    path = Path(unwritten(where))
    if path == folder:  # a fault of the whole book
        return page_name(Path(folder.name))
    bases = (base for base in (folder.absolute(), folder) if path.is_relative_to(base))
    return next((page_name(path.relative_to(base)) for base in bases), where)


def _set_outcome(
    row: PageRow, kind: PageKind, cause: Text | None = None, remedy: Text | None = None
) -> None:
    row.kind = kind.value
    row.layout = row.fingerprint = ""
    row.turn = 0
    row.duplicate_of = row.duplicate_of or ""
    for name, text in message_columns(cause, remedy).items():
        setattr(row, name, text)
