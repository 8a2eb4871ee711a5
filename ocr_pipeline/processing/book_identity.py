"""Which book of the workspace a folder of scans is: what people decided hangs on its id."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.book_ids import ids_of, stem_of
from ocr_pipeline.books.inventory import InventoryNotice
from ocr_pipeline.errors import BadInputError, SohoaError, Text
from ocr_pipeline.store.approvals import ApprovalStep, BookState, add_step, is_closed, state_of
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.page_parts import file_stamp
from ocr_pipeline.store.scans import decisions_by_scan

_SYSTEM = "system"


def with_kept_ids(session: Session, books: Sequence[Book], known: Sequence[Book]) -> list[Book]:
    """The books, those whose line of the inventory was corrected with the id that they had.

    It is the same book when its agency is only spelled anew, or when a scan of it lies unchanged in
    the folder. A folder that holds other scans now is another book.

    Args:
        session: an open session.
        books: as the inventory has them, each with the id that follows from its line.
        known: the books of the workspace.

    """
    own = {book.id: _path(book) for book in known}
    here: dict[Path, list[Book]] = {}
    for book in known:
        here.setdefault(_path(book), []).append(book)
    kept: dict[Path, str] = {}
    for book in books:
        if own.get(book.id) == _path(book):
            continue
        before = (one for one in here.get(_path(book), ()) if _same(session, one, book))
        if (old := next(before, None)) is not None:
            kept[_path(book)] = old.id
    corrected, new = set(kept.values()), set[str]()
    found = []
    for book in books:
        id_ = kept.get(_path(book), book.id)
        if id_ in corrected and _path(book) not in kept:  # the line of another book said so before
            names = (name for name in ids_of(book.id) if name not in own and name not in new)
            id_ = next(names)
            new.add(id_)
        found.append(replace(book, id=id_))
    return found


def open_corrected_books(
    session: Session, books: Sequence[Book], known: Sequence[Book]
) -> list[InventoryNotice]:
    """Tell of books that the inventory now calls otherwise; their approval was of another book."""
    before = {book.id: book for book in known}
    for book in books:
        old = before.get(book.id)
        if old is not None and _volume(old) != _volume(book) and is_closed(session, book.id):
            now = datetime.now(UTC)
            note = "sửa danh mục sổ / inventory corrected"
            details = {"from": _volume(old), "to": _volume(book)}
            add_step(session, book.id, ApprovalStep.WITHDRAW, _SYSTEM, now, note, details)
    return [
        InventoryNotice(str(book.path), _other_id(book), book.path)
        for book in books
        if not _says(book.id, book)
    ]


def books_left_out(
    session: Session, scans: Path, books: Sequence[Book], known: Sequence[Book],
    named: Collection[Path],
) -> list[SohoaError]:  # fmt: skip
    """Books of this folder of scans that people decided about and that it no longer has.

    Args:
        session: an open session.
        scans: the folder.
        books: those it has.
        known: the books of the workspace.
        named: scans that the inventory names, also where it cannot be used.

    """
    ids = {book.id for book in books}
    there = {path.absolute() for path in named}
    found: list[SohoaError] = []
    for book in known:
        here = _path(book).is_relative_to(scans.absolute()) and _path(book) not in there
        if book.id in ids or not here or state_of(session, book.id) is BookState.HANDED_OVER:
            continue
        if decisions := decisions_by_scan(session, book.id).total():
            found.append(_left_out(book, decisions))
    return found


def _left_out(book: Book, decisions: int) -> SohoaError:
    return BadInputError(
        Text(
            f"Sổ không còn trong danh mục sổ; vẫn giữ {decisions} quyết định của người rà soát",
            f"The book is no longer in the inventory; the {decisions} decisions on it are kept",
        ),
        where=book.id,
        remedy=Text(
            f"Trả dòng và thư mục của sổ về như cũ: {book.path}",
            f"Bring back the line and the folder of the book: {book.path}",
        ),
    )


def _same(session: Session, old: Book, book: Book) -> bool:
    if _volume(old) == _volume(book):
        return True
    return any(
        row.digest and file_stamp(row) == _stamp(Path(row.path))
        for row in book_pages(session, old.id)
    )


def stamp(path: Path) -> str:
    """Size and time of a file: enough to see that it has not been touched since.

    Raises:
        OSError: it cannot be looked at.

    """
    status = path.stat()
    return f"{status.st_size}:{status.st_mtime_ns}"


def _stamp(path: Path) -> str:
    try:
        return stamp(path)
    except (OSError, ValueError):
        return ""


def _other_id(book: Book) -> Text:
    year, number = book.year_opened, book.number
    return Text(
        f"Danh mục sổ nay ghi {book.type.value} {year}, quyển {number}; trong không gian làm việc "
        f"sổ giữ mã {book.id}, nên các quyết định vẫn được tính",
        f"The inventory now says register {book.type.value} of {year}, number {number}; in the "
        f"workspace the book keeps its id {book.id}, so what was decided still counts",
    )


def _says(id_: str, book: Book) -> bool:
    """Whether type, year and number in the id (`….KS.2018.01`, `….KS.2018.01~2`) are the book's."""
    parts = stem_of(id_).split(".")[-3:]
    return parts == [book.type.value, str(book.year_opened), f"{book.number:02}"]


def _volume(book: Book) -> tuple[str, int, int]:
    return book.type.value, book.year_opened, book.number


def _path(book: Book) -> Path:
    return Path(book.path).absolute()
