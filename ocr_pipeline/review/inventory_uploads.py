"""The inventory from a browser: a table looked over before it counts, a book described in a form.

What people see is what `sohoa run` will say of the same folder: both read it with `books`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import yaml

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.book_ids import with_own_ids
from ocr_pipeline.books.folder_walk import files_below, listed
from ocr_pipeline.books.inventory import (
    BOOK_FILE,
    Inventory,
    InventoryNotice,
    described_book,
    read_inventory,
)
from ocr_pipeline.books.inventory_files import inventories_in, open_inventory
from ocr_pipeline.books.inventory_words import column_spellings, inventory_words
from ocr_pipeline.errors import InventoryError, Text
from ocr_pipeline.os_errors import is_there
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.rights import require
from ocr_pipeline.review.upload_names import safe_folder
from ocr_pipeline.review.uploads import Upload, UploadDesk, UploadError
from ocr_pipeline.scans.file_names import is_named_scan
from ocr_pipeline.store import audit
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.files import MARK, atomic_write, file_digest, make_folders, write_text
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.store.workspace_files import INCOMING

LARGEST_BYTES = 20_000_000  # of an inventory: a province has 50,000 books in 5 MB

_FORMER = ".former"  # hidden: what lies in it is no scan and no inventory
_OWN_MARK = "# sohoa station"
_MOST_FOLDERS = 500


@dataclass(frozen=True, slots=True)
class InventoryPreview:
    """What a table says before it counts.

    Attributes:
        inventory: its books, faults and notices, as a run would find them.
        name: what it will be called among the scans.
        former: names of the inventories that it takes the place of.

    """

    inventory: Inventory
    name: str
    former: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScanFolder:
    """A folder or file at the top of the scans.

    Attributes:
        name: of the folder.
        files: scans in it.
        book: the book that the inventory says it is; None when it says nothing.
        line: where the inventory says so.
        own: whether it was described at the station, so that it can be described anew there.

    """

    name: str
    files: int
    book: Book | None = None
    line: str = ""
    own: bool = False


def preview_inventory(desk: UploadDesk, upload: Upload, user: User) -> InventoryPreview:
    """What a table that was sent says of the scans that are there; nothing is changed.

    Raises:
        ForbiddenError: the role may not import.
        UploadError: it did not come whole, or is no table by its name.

    """
    require(user, "import")
    name = _table_name(upload.name)
    folder = desk.workspace.folder / INCOMING
    with TemporaryDirectory(dir=folder, prefix=MARK) as place:
        table = Path(place) / name
        shutil.copyfile(upload.finish(), table)
        found = read_inventory(desk.scans, table, _described_here(desk.scans, table))
    official, others = inventories_in(desk.scans)
    return InventoryPreview(found, name, tuple(path.name for path in (*official, *others)))


def accept_inventory(desk: UploadDesk, upload: Upload, user: User, now: datetime) -> str:
    """Make a table that was sent the inventory of the scans; returns its name there.

    The inventories of before are kept beside, hidden. Lines go before what was described at the
    station of the same folders.

    Raises:
        ForbiddenError, UploadError: as `preview_inventory`.
        InventoryError: it lists no book at all.

    """
    require(user, "import")
    name = _table_name(upload.name)
    sent = upload.finish()
    with TemporaryDirectory(dir=desk.workspace.folder / INCOMING, prefix=MARK) as place:
        table = Path(place) / name
        shutil.copyfile(sent, table)
        open_inventory(table)
        make_folders(desk.scans)
        described = _described_here(desk.scans, table)
    target = desk.scans / name
    before = [path for paths in inventories_in(desk.scans) for path in paths]
    if target in before and file_digest(target) == file_digest(sent):
        return name
    for path in (*before, *described):
        _keep_former(desk.scans, path, now)
    with atomic_write(target) as temporary:
        shutil.copyfile(sent, temporary)
    for path in {*before, *described} - {target}:
        path.unlink(missing_ok=True)
    _note(desk.workspace, user, name, {"sha256": file_digest(target)}, now)
    return name


def describe_book(
    desk: UploadDesk, user: User, folder: str, values: Mapping[str, str], now: datetime
) -> tuple[Book, list[InventoryNotice]]:
    """Say which book the scans of a folder are, as a line of the inventory says it.

    Args:
        desk: of the station.
        user: who says so.
        folder: name of the folder below the scans; made when it is not there.
        values: cells by our column names.
        now: the time (UTC).

    Returns:
        The book under the id that it will have, and what was understood otherwise.

    Raises:
        ForbiddenError: the role may not import.
        UploadNameError: the folder's name leads elsewhere.
        InventoryError: something is missing or contradicts itself, the inventory lists the folder
            already, or another folder is the same book.

    """
    require(user, "import")
    name = safe_folder(folder)
    path = desk.scans / name
    where = f"{name}/{BOOK_FILE}"
    book, notices = described_book(path, values, where)
    listed_now = read_inventory(desk.scans) if desk.scans.is_dir() else Inventory()
    line = listed_now.lines.get(path)
    if line is not None and not _is_own(path / BOOK_FILE):
        raise InventoryError(
            Text("Danh mục sổ đã có thư mục này", "The inventory lists this folder already"),
            where=line,
            remedy=Text("Sửa dòng đó rồi gửi lại danh mục sổ", "Correct that line and send it"),
        )
    book = _with_id(desk.workspace, book, [b for b in listed_now.books if b.path != path])
    make_folders(desk.scans)
    make_folders(path, within=desk.scans)
    told = {column_spellings()[key][0]: value.strip() for key, value in values.items() if value}
    told.pop(column_spellings()["folder"][0], None)
    text = yaml.safe_dump(told, allow_unicode=True, sort_keys=False, default_style='"')
    write_text(path / BOOK_FILE, f"{_OWN_MARK}\n{text}", within=desk.scans)
    _note(desk.workspace, user, where, {"book": book.id}, now)
    return book, notices


def scan_folders(scans: Path) -> tuple[list[ScanFolder], Inventory]:
    """What lies at the top of the scans, and what the inventory says of it.

    At most 500 folders are looked into; the others are not told.
    """
    if not scans.is_dir():
        return [], Inventory()
    inventory = read_inventory(scans)
    books = {book.path: book for book in inventory.books}
    folders, files = listed(scans)
    here = [path for path in (*folders, *files) if not path.name.startswith(".")]
    here = [path for path in here if path in books or path in folders][:_MOST_FOLDERS]
    found = []
    for path in here:
        number = sum(is_named_scan(one.name) for one in files_below(path)) if path.is_dir() else 1
        line, own = inventory.lines.get(path, ""), _is_own(path / BOOK_FILE)
        found.append(ScanFolder(path.name, number, books.get(path), line, own))
    return found, inventory


def _table_name(sent: str) -> str:
    suffix = PurePosixPath(sent).suffix.casefold()
    if suffix not in inventory_words().files.suffixes:
        raise UploadError(
            Text("Không phải tệp danh mục sổ", "This is no file of an inventory"),
            where=sent[:80],
            remedy=Text(
                "Gửi tệp Excel (books.xlsx) hoặc CSV (books.csv)",
                "Send an Excel file (books.xlsx) or CSV (books.csv)",
            ),
        )
    return f"books{suffix}"


def _described_here(scans: Path, table: Path) -> list[Path]:
    """The descriptions made at the station, of folders that the table lists, too."""
    with TemporaryDirectory(dir=table.parent) as place:  # as if nothing had been described
        bare = Path(place)
        for folder in listed(scans)[0]:
            if not folder.name.startswith("."):
                (bare / folder.name).mkdir()
        lines = read_inventory(bare, table).lines
    own = [scans / path.name / BOOK_FILE for path in lines]
    return [path for path in own if _is_own(path)]


def _is_own(path: Path) -> bool:
    """Whether a description was made at the station and not by somebody's own hand."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline().strip() == _OWN_MARK
    except OSError:
        return False


def _keep_former(scans: Path, path: Path, now: datetime) -> None:
    stamp = f"{now.astimezone(UTC):%Y%m%d-%H%M%S}"
    folder = path.parent.name if path.parent != scans else ""
    kept = scans / _FORMER / f"{stamp}-{folder}-{path.name}"
    with atomic_write(kept, within=scans) as temporary:
        shutil.copyfile(path, temporary)


def _with_id(workspace: Workspace, book: Book, others: Iterable[Book]) -> Book:
    """The book under the id it will have.

    Raises:
        InventoryError: another folder is this book.

    """
    with workspace.read_session() as session:
        known = load_books(session)
    own = with_own_ids([*others, book], known)
    book = own[-1]
    for other in (*own[:-1], *known):
        elsewhere = os.path.abspath(other.path) != os.path.abspath(book.path)  # noqa: PTH100 – not through links
        if other.id == book.id and elsewhere and is_there(Path(other.path)):
            raise InventoryError(
                Text(
                    f"Đã có sổ {book.id} ở {other.path}",
                    f"There is a book {book.id} already, in {other.path}",
                ),
                where=book.path.name,
                remedy=Text(
                    "Sửa loại, năm mở hoặc số quyển; hoặc gửi ảnh vào thư mục của sổ đó",
                    "Correct type, year or number; or send the scans to that book's folder",
                ),
            )
    return book


def _note(
    workspace: Workspace, user: User, subject: str, details: Mapping[str, str], now: datetime
) -> None:
    with workspace.transaction() as session:
        audit.append(
            session, user.name, AuditAction.INVENTORY_IMPORTED, subject=subject,
            details=dict(details), now=now,
        )  # fmt: skip
