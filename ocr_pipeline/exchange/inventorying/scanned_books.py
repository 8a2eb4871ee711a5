"""Which folders and files below a folder of scans are books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.books.book_folders import has_page_suffix
from ocr_pipeline.books.folder_walk import files_below, listed
from ocr_pipeline.books.inventory_words import inventory_words
from ocr_pipeline.books.naming import parse_record_pdf
from ocr_pipeline.errors import Text


@dataclass(frozen=True, slots=True)
class ScannedBook:
    """What is taken for one book.

    Attributes:
        path: folder or file.
        doubt: why it may be otherwise; None where nothing speaks against it.

    """

    path: Path
    doubt: Text | None = None


def find_scanned_books(scans: Path) -> list[ScannedBook]:
    """The books below a folder, in the order of their paths.

    A folder with pictures is a book, and so is a folder of PDFs that are named by the rule of
    record PDFs; other folders of several PDFs hold one book a file.
    """
    return sorted(_below(scans, top=True), key=lambda book: book.path)


def _below(folder: Path, *, top: bool = False) -> Iterator[ScannedBook]:
    folders, files = listed(folder, links=False)
    pages = [
        path for path in files if has_page_suffix(path) and not path.name.startswith((".", "~"))
    ]
    single = [path for path in pages if path.suffix.lower() in inventory_words().scans.single]
    inner = [one for one in folders if not one.name.startswith(".")]
    nested = [one for one in inner if any(map(has_page_suffix, files_below(one)))]
    if top or not pages:
        yield from (ScannedBook(path, _FILE if top and nested else None) for path in single)
        for one in nested:
            yield from _below(one)
    elif len(single) == len(pages) > 1 and not all(parse_record_pdf(p.name) for p in pages):
        yield from (ScannedBook(path, _SEVERAL) for path in single)
        for one in nested:
            yield from _below(one)
    else:
        yield ScannedBook(folder, _NESTED if nested else None)


_FILE = Text(
    "tệp nằm cạnh các thư mục sổ: được coi là một sổ riêng",
    "the file lies beside folders of books: it is taken for a book of its own",
)
_SEVERAL = Text(
    "thư mục có nhiều tệp PDF, TIFF: mỗi tệp được coi là một sổ; nếu cả thư mục là một sổ thì "
    "ghi tên thư mục trên một dòng và xóa các dòng khác",
    "the folder holds several PDF or TIFF files: each is taken for a book; if the folder is one "
    "book, name the folder in one line and delete the others",
)
_NESTED = Text(
    "thư mục có ảnh và có thư mục con chứa ảnh: tất cả được coi là một sổ",
    "the folder has scans and folders with scans in it: all of it is taken for one book",
)
