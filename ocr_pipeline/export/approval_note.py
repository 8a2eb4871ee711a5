"""The note beside a package that nobody has approved; it goes when an approved one comes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocr_pipeline.export.book_data import BookData
from ocr_pipeline.store.files import write_text

NOTE_SUFFIX = ".CHUA-DUYET.txt"

_NOTE = """\
CHƯA DUYỆT: sổ {book}
{vi}.
Gói này được xuất bằng `sohoa export --unapproved`. Chưa bàn giao, chưa nhập vào Hộ tịch 158:
duyệt sổ trong trạm rà soát rồi xuất lại, tệp này sẽ tự mất.

NOT APPROVED: book {book}
{en}.
This package was written by `sohoa export --unapproved`. Do not hand it over or import it yet:
approve the book in the review station and export it again; this file goes by itself.
"""


@contextmanager
def approval_told(folder: Path, stem: str, data: BookData) -> Iterator[None]:
    """Publish the files of a book in this block: a package without approval has its note first.

    Args:
        folder: folder of the agency.
        stem: common stem of the files.
        data: the book; `unapproved` says whether a note is due, and why.

    Raises:
        OSError: the note cannot be written or removed.

    """
    note = folder / f"{stem}{NOTE_SUFFIX}"
    stood = note.exists()
    if data.unapproved:
        vi, en = data.unapproved.vi, data.unapproved.en
        text = _NOTE.format(book=data.book.id, vi=vi, en=en)
        if not stood or note.read_text("utf-8") != text:
            write_text(note, text)
    try:
        yield
    except BaseException:
        if not stood:
            note.unlink(missing_ok=True)
        raise
    if not data.unapproved:
        note.unlink(missing_ok=True)
