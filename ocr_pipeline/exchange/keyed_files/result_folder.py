"""The folder of a result: files that appear whole, and nothing of others that is overwritten."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocr_pipeline.errors import BadInputError, MachineError, Text
from ocr_pipeline.os_errors import write_fault
from ocr_pipeline.plain_files import read_plain
from ocr_pipeline.store.files import remove_leftovers, write_bytes

_FORMULA_SIGNS = ("=", "+", "-", "@")


@dataclass(slots=True)
class ResultFolder:
    """The folder that a result is written into.

    Attributes:
        folder: it is made if it is missing.
        manifest: name of the file that says what the result was made of.
        inputs: digests of the keyed files by name, and the options: what the result depends on.
        facts: what the manifest keeps besides; of an earlier result of the same inputs at first.
        written: names of the files of this result, below the folder.

    """

    folder: Path
    manifest: str
    inputs: Mapping[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Make sure that the folder is empty, or holds this result and nothing else.

        Raises:
            BadInputError: it holds something else.

        """
        try:
            if self.folder.is_dir() and any(self.folder.iterdir()):
                self._require_own()
        except OSError as error:
            raise _refused(self.folder, error) from error
        self.note()

    def note(self) -> None:
        """Write down what is known so far."""
        self._put(self.manifest, self._manifest(finished=False), again=True)

    def _require_own(self) -> None:
        path = self.folder / self.manifest
        if not path.is_file():
            raise _occupied(
                self.folder, Text("Thư mục đã có tệp khác", "The folder holds other files")
            )
        try:
            found = json.loads(read_plain(path).decode("utf-8"))
            kept, facts = found["inputs"], dict(found.get("facts") or {})
        except (ValueError, KeyError, TypeError, AttributeError):
            kept, facts = None, {}
        if kept != json.loads(json.dumps(self.inputs)):
            cause = Text(
                "Thư mục đang chứa kết quả của tệp khác hoặc tùy chọn khác",
                "The folder holds the result of other files or other options",
            )
            raise _occupied(self.folder, cause)
        self.facts = facts

    def put(self, name: str, data: bytes) -> None:
        """Write a file; one with the same content stays untouched.

        Args:
            name: below the folder, with `/`.
            data: its content.

        Raises:
            BadInputError: there is a file of this name with another content: somebody has changed
                it.
            MachineError: the folder cannot be written to, or the disk is full.

        """
        self._put(name, data, again=False)
        self.written.append(name)

    def put_list(
        self, name: str, columns: Sequence[str], lines: Iterable[Sequence[object]]
    ) -> None:
        """Write a list that every Excel opens with its letters and columns in place."""
        self.put(name, list_bytes(columns, lines))

    def finish(self) -> None:
        """Note that all files are there."""
        self._put(self.manifest, self._manifest(finished=True), again=True)

    def _manifest(self, *, finished: bool) -> bytes:
        said: dict[str, Any] = {"inputs": self.inputs}
        said |= {"facts": self.facts} if self.facts else {}
        said |= {"finished": finished, "files": sorted(self.written)}
        return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()

    def _put(self, name: str, data: bytes, *, again: bool) -> None:
        path = self.folder / name
        try:
            if path.is_file() and path.stat().st_size == len(data) and read_plain(path) == data:
                return
            if path.exists() and not again:
                raise _occupied(
                    path, Text("Tệp này đã bị sửa sau lần trước", "The file was changed since")
                )
            remove_leftovers(path.parent)
            write_bytes(path, data)
        except OSError as error:
            raise _refused(path, error) from error


def list_bytes(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    """A table as UTF-16 with tabs: the one text form that each Excel opens without a question.

    A cell that begins like a formula gets an apostrophe in front.
    """
    rows = ["\t".join(map(_cell, line)) for line in (columns, *lines)]
    return codecs.BOM_UTF16_LE + "".join(f"{row}\r\n" for row in rows).encode("utf-16-le")


def _cell(value: object) -> str:
    text = " ".join(str(value).split("\t"))
    text = " ".join(text.splitlines()) if "\n" in text or "\r" in text else text
    text = "'" + text if text.startswith(_FORMULA_SIGNS) else text
    return '"' + text.replace('"', '""') + '"' if '"' in text else text


def _occupied(place: Path, cause: Text) -> BadInputError:
    return BadInputError(
        cause,
        where=str(place),
        remedy=Text(
            "Chọn thư mục trống khác (--out); không tệp nào bị ghi đè",
            "Choose another, empty folder (--out); no file was overwritten",
        ),
    )


def _refused(place: Path, error: OSError) -> MachineError:
    return write_fault(
        error,
        Text("Không ghi được", "It cannot be written"),
        str(place),
        Text(
            "Kiểm tra quyền ghi và chỗ trống trên đĩa; chạy lại cùng lệnh sẽ làm tiếp",
            "Check permission and free disk; the same command goes on from here",
        ),
    )
