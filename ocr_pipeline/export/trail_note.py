"""The sheet beside an approved package with the head of the audit trail: both are handed over.

It is a file of its own: the official import takes the `.xls` and the `.zip`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ocr_pipeline.store.files import write_text

NOTE_SUFFIX = ".NHAT-KY.txt"

_NOTE = """\
NHẬT KÝ THAO TÁC của sổ {book} khi xuất các tệp này
Dòng {line}, mã băm {hash}
Lưu tờ này cùng biên bản bàn giao, ở ngoài máy. Kiểm tra: sohoa audit verify --head {hash} -w …

AUDIT TRAIL of book {book} when these files were written
Line {line}, hash {hash}
Keep this sheet with the record of the hand-over, outside of the machine.

SHA-256
{files}
"""


def trail_note(files: Sequence[Path]) -> Path:
    """Where the note of these files of a book lies: beside the first, with its stem."""
    first = files[0]
    return first.with_name(first.name.removesuffix(first.suffix) + NOTE_SUFFIX)


def write_trail_note(files: Mapping[Path, str], book: str, line: int, hash_: str) -> Path:
    """Write the note beside the first of the files of a book; returns its path.

    Args:
        files: what was written, the most important one first, each with its SHA-256.
        book: id of the book.
        line: number of the line of the audit trail that tells of this export.
        hash_: of that line.

    Raises:
        OSError: the note cannot be written.

    """
    note = trail_note(list(files))
    sums = "\n".join(f"{digest}  {path.name}" for path, digest in files.items())
    write_text(note, _NOTE.format(book=book, line=line, hash=hash_, files=sums))
    return note
