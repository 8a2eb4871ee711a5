"""Names that files from a browser get: nobody outside chooses where something is written."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import PurePosixPath

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.text.normalise import nfc

_LONGEST_PART_BYTES = 200  # file systems take 255; temporary files add to a name
_LONGEST_PLACE = 400  # characters: the store keeps page names of 500, `#3000` included
_DEEPEST = 8  # folders in folders
_LONGEST_SUFFIX = 10
_SHOWN = 80
_FOREIGN = frozenset('<>:"|?*')  # that Windows and shares refuse
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)))
)


class UploadNameError(BadInputError):
    """The name of a file sent by a browser leads elsewhere, or is none."""


def safe_place(text: str) -> PurePosixPath:
    """Where a file of this name lies below the folder of scans: NFC, by plain names only.

    Letters that a file system refuses become `_`; a name that is too long keeps its ending and gets
    a hash of what was left out, so that two long names stay two.

    Args:
        text: path as the browser tells it, with either stroke; its first part is the book's folder.

    Raises:
        UploadNameError: it has `..` in it, is empty, too deep, or names no folder of a book.

    """
    parts = [part for part in nfc(text).replace("\\", "/").split("/") if part.strip(" .")]
    if ".." in text.replace("\\", "/").split("/"):
        raise _refused(text, Text("Tên có “..”", "The name has “..” in it"))
    if len(parts) < 2:
        raise _refused(
            text,
            Text("Tệp không nằm trong thư mục của sổ nào", "The file lies in no book's folder"),
        )
    if len(parts) > _DEEPEST:
        raise _refused(text, Text("Quá nhiều tầng thư mục", "Too many folders in folders"))
    place = PurePosixPath(*map(_safe_part, parts))
    if len(str(place)) > _LONGEST_PLACE:
        raise _refused(text, Text("Đường dẫn quá dài", "The path is too long"))
    return place


def safe_folder(text: str) -> str:
    """The folder of a book below the folder of scans, named as `safe_place` names it.

    Raises:
        UploadNameError: as `safe_place`, or it is more than one name.

    """
    place = safe_place(f"{text}/x")
    if len(place.parts) != 2:
        raise _refused(text, Text("Chỉ ghi một tên thư mục", "Write the name of one folder"))
    return place.parts[0]


def _safe_part(part: str) -> str:
    letters = ("_" if _is_foreign(letter) else letter for letter in part)
    name = "".join(letters).strip().rstrip(" .")
    if name.partition(".")[0].casefold() in _DEVICES:
        name = f"_{name}"
    return _shortened(name or "_")


def _is_foreign(letter: str) -> bool:
    """Control, direction and half letters, and what file systems of others refuse."""
    return letter in _FOREIGN or unicodedata.category(letter).startswith("C")


def _shortened(name: str) -> str:
    if len(name.encode("utf-8", "replace")) <= _LONGEST_PART_BYTES:
        return name
    suffix = PurePosixPath(name).suffix
    suffix = suffix if len(suffix) <= _LONGEST_SUFFIX else ""
    mark = f"~{hashlib.sha256(name.encode()).hexdigest()[:12]}{suffix}"
    room = _LONGEST_PART_BYTES - len(mark.encode())
    return name.encode()[:room].decode("utf-8", "ignore").rstrip() + mark


def _refused(text: str, cause: Text) -> UploadNameError:
    return UploadNameError(
        cause,
        where=text[:_SHOWN],
        remedy=Text(
            "Chọn lại thư mục của sổ, hoặc đổi tên tệp rồi gửi lại",
            "Choose the book's folder again, or rename the file and send it again",
        ),
    )
