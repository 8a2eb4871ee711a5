"""The books of a folder of scans into the workspace, by its inventory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.book_ids import same_agency, shared_stem, with_own_ids
from ocr_pipeline.books.inventory import InventoryNotice
from ocr_pipeline.errors import BadInputError, InventoryError, SohoaError, Text
from ocr_pipeline.os_errors import is_there
from ocr_pipeline.processing.book_identity import (
    books_left_out,
    open_corrected_books,
    with_kept_ids,
)
from ocr_pipeline.processing.scan_source import ScanSource
from ocr_pipeline.store.books import load_books, replace_problems, save_book
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.written_paths import unwritten

_TOLD_AT_ONCE = 10


def find_scanned_books(
    workspace: Workspace,
    scans: Path,
    doors: ScanSource = ScanSource(),  # noqa: B008
    tell: Callable[[Text], None] = lambda _: None,
) -> list[Book]:
    """The books under `scans`; those whose identity is missing or contradicts are problems.

    Args:
        workspace: keeps the books, with what was understood otherwise than the inventory has it.
        scans: folder with books and their inventory.
        doors: how books and pages are found.
        tell: is given problems and notices of the inventory at once.

    Raises:
        BadInputError: there is no such folder, or it holds no book at all.

    """
    require_folder(scans)
    inventory = doors.read_inventory(scans)
    with workspace.read_session() as session:
        known = load_books(session)
        own_ids = with_kept_ids(session, with_own_ids(inventory.books, known), known)
    books, clashes = _without_clashes(own_ids, known)
    named = [book.path for book in inventory.books]
    named += [scans / unwritten(one.where) for one in inventory.problems]
    strays = doors.find_strays(scans, named)
    problems = [*inventory.problems, *strays, *clashes]
    notices = [*inventory.notices, *_shared_stems(books, known)]
    if not books:  # nothing else could tell them
        problems += [InventoryError(one.text, where=one.where) for one in notices]
        notices = []
    is_empty = not books and not problems
    with workspace.transaction() as session:
        problems += books_left_out(session, scans, books, known, named)
        told = _notices_by_book(books, [*notices, *open_corrected_books(session, books, known)])
        replace_problems(session, scans.absolute(), problems)
        for book in books:
            save_book(session, book, told.get(book.path, ()))
    _tell_inventory(problems, notices, tell)
    if is_empty:
        raise BadInputError(
            Text("Không tìm thấy sổ nào trong thư mục", "There is no book in this folder"),
            where=str(scans),
            remedy=Text(
                "Thêm danh mục sổ books.xlsx hoặc books.csv (xem docs/vi/operator.md)",
                "Add an inventory books.xlsx or books.csv (see docs/en/operator.md)",
            ),
        )
    return books


def require_folder(scans: Path) -> None:
    """Make sure that there is a folder of scans at all.

    Raises:
        BadInputError: there is none.

    """
    if not scans.is_dir():
        raise BadInputError(
            Text("Không có thư mục ảnh quét này", "There is no such folder of scans"),
            where=str(scans),
            remedy=Text("Kiểm tra đường dẫn", "Check the path"),
        )


def _shared_stems(books: Sequence[Book], known: Sequence[Book]) -> list[InventoryNotice]:
    """Books whose file name is that of another agency, too: what they are called here."""
    agencies = {book.id: book.agency for book in (*known, *books)}
    return [
        InventoryNotice(
            book.path.name,
            Text(
                f"Tên tệp {stem} trùng với sổ của cơ quan khác; mã của sổ này là {book.id}, gói "
                "nằm trong thư mục riêng",
                f"The file name {stem} is that of a book of another agency, too; this book's id is "
                f"{book.id}, its package has a folder of its own",
            ),
            book.path,
        )
        for book in books
        if (stem := shared_stem(book)) and not same_agency(book.agency, agencies.get(stem))
    ]


def _notices_by_book(
    books: Sequence[Book], notices: Sequence[InventoryNotice]
) -> dict[Path, list[tuple[str, Text]]]:
    """Place and text of notices by the scans of books; the first book has those of all books."""
    told: dict[Path, list[tuple[str, Text]]] = {}
    for notice in notices:
        path = notice.path or books[0].path
        told.setdefault(path, []).append((notice.where, notice.text))
    return told


def _tell_inventory(
    problems: Sequence[SohoaError], notices: Sequence[InventoryNotice], tell: Callable[[Text], None]
) -> None:
    """Say at once what can be mended before a night is spent: the first few, and how many more."""
    lines = [(one.where, one.cause) for one in problems]
    lines += [(one.where, one.text) for one in notices]
    for where, text in lines[:_TOLD_AT_ONCE]:
        tell(Text(f"{where}: {text.vi}", f"{where}: {text.en}"))
    if (more := len(lines) - _TOLD_AT_ONCE) > 0:
        tell(
            Text(
                f"… và {more} điều khác về danh mục sổ (xem sohoa status)",
                f"… and {more} more about the inventory (see sohoa status)",
            )
        )


def _without_clashes(
    books: Sequence[Book], stored: Sequence[Book]
) -> tuple[list[Book], list[SohoaError]]:
    """Books whose id another folder has already are left out: their records would be mixed up."""
    kept: dict[str, Book] = {}
    clashes: list[SohoaError] = []
    known = {book.id: Path(book.path) for book in stored}
    for book in books:
        other = kept[book.id].path if book.id in kept else known.get(book.id, book.path)
        if Path(other).absolute() != Path(book.path).absolute() and is_there(Path(other)):
            clashes.append(
                BadInputError(
                    Text(
                        f"Hai sổ trùng mã {book.id}: {other} và {book.path}",
                        f"Two books have the id {book.id}: {other} and {book.path}",
                    ),
                    where=str(book.path),
                    remedy=Text(
                        "Sửa loại, năm mở hoặc số quyển trong danh mục sổ",
                        "Correct type, year or number in the inventory",
                    ),
                )
            )
        else:
            kept[book.id] = book
    return list(kept.values()), clashes
