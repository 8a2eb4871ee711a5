"""Which book of the workspace a folder of scans is: what people decided hangs on its id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.book_ids import ids_of, stem_of
from ocr_pipeline.books.inventory import InventoryNotice
from ocr_pipeline.errors import BadInputError, SohoaError, Text
from ocr_pipeline.os_errors import is_there
from ocr_pipeline.processing.scan_changes import follow_scans, move_remedy
from ocr_pipeline.store.approvals import ApprovalStep, BookState, add_step, is_closed, state_of
from ocr_pipeline.store.audit import SYSTEM
from ocr_pipeline.store.books import book_pages, problems_of_books
from ocr_pipeline.store.page_parts import file_stamp
from ocr_pipeline.store.scans import decisions_by_scan, pages_elsewhere
from ocr_pipeline.store.sent_pages import sent_to
from ocr_pipeline.store.states import PageKind


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
            add_step(session, book.id, ApprovalStep.WITHDRAW, SYSTEM, now, note, details)
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
        said = decisions_by_scan(session, book.id)
        other = _book_with(session, book.id, said or _scans(session, book.id))
        if said:
            found.append(_left_out(book, said.total(), other))
        elif other or not is_there(_path(book)):
            found.append(_second_book(book, other))
    return found


def hold_back_left_out(session: Session, book_id: str) -> None:
    """Where this book has scans of one that the inventory no longer has, hold both back.

    A number that was corrected in the inventory together with the folder makes another book of the
    same scans. What people decided stays with the book of before: its pages are gone, and name this
    book and the command that takes the decisions there.

    Args:
        session: an open transaction; the pages of the book are there.
        book_id: the book.

    """
    left_out = {row.place: row for row in problems_of_books(session)}
    if not left_out or book_id in left_out:
        return
    here = _scans(session, book_id)
    sent = {page.row.digest for page in sent_to(session, book_id)}  # these are here on purpose
    here = [digest for digest in here if digest not in sent]
    others = pages_elsewhere(session, book_id, here, books=left_out)
    for other in sorted({row.book for row in others.values() if row.kind != PageKind.GONE}):
        if decisions_by_scan(session, other).keys() & set(here):
            follow_scans(session, other, [], {})
            remedy = move_remedy(other, book_id)
            left_out[other].remedy_vi, left_out[other].remedy_en = remedy.vi, remedy.en


def _scans(session: Session, book_id: str) -> list[str]:
    return [row.digest for row in book_pages(session, book_id) if row.digest]


def _book_with(session: Session, book_id: str, scans: Iterable[str]) -> str:
    """The first other book that has one of these scans; "" when none has."""
    others = pages_elsewhere(session, book_id, scans).values()
    return min((row.book for row in others if row.kind != PageKind.GONE), default="")


def _second_book(book: Book, other: str) -> SohoaError:
    """A book without decisions that went from the inventory, and whose scans are elsewhere."""
    return BadInputError(
        Text(
            "Sổ không còn trong danh mục sổ" + (f"; ảnh của sổ nay ở sổ {other}" if other else ""),
            "The book is no longer in the inventory"
            + (f"; its scans are in the book {other} now" if other else ""),
        ),
        where=book.id,
        remedy=Text(
            f"Nếu bỏ có chủ ý: `sohoa book remove {book.id}`; nếu không, trả dòng và thư mục của "
            "sổ về như cũ",
            f"If this is on purpose: `sohoa book remove {book.id}`; if not, bring back the line "
            "and the folder of the book",
        ),
    )


def _left_out(book: Book, decisions: int, other: str) -> SohoaError:
    return BadInputError(
        Text(
            f"Sổ không còn trong danh mục sổ; vẫn giữ {decisions} quyết định của người rà soát",
            f"The book is no longer in the inventory; the {decisions} decisions on it are kept",
        ),
        where=book.id,
        remedy=move_remedy(book.id, other)
        if other
        else Text(
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
        if Path(row.path).is_relative_to(_path(old))  # not sent from the folder of another book
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
