"""All decisions that were taken in, one line each: what, who, when, from which file.

Lines are only ever added. Each ends with a digest of itself and of the line before: one that was
changed or removed shows.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.os_errors import write_fault
from ocr_pipeline.plain_files import read_plain
from ocr_pipeline.private_files import make_private_file

_MOST_BYTES = 2_000_000_000
_REMEDY = Text(
    "Khôi phục tệp từ bản sao lưu; không xóa, không sửa tệp này",
    "Restore the file from a back-up; neither delete nor change it",
)


@dataclass(frozen=True, slots=True)
class TakenDecision:
    """A decision as it was taken in.

    Attributes:
        key: of the row.
        list: id of its list in `list_words.yaml`.
        decision: id in `list_words.yaml`.
        detail: the right value, where it was found, or the number of the candidate.
        justification: what it rests on.
        decided_by: who decided, as the row says; "" where it does not.
        taken_by: account that took the file in.
        taken_at: when, ISO 8601.
        file: name of the returned file.
        file_digest: SHA-256 of that file.
        sheet: the sheet.
        row: the row in it.
        assigned: the ID of the population side that goes to the civil-status row; "" for none.
        instead_of: id of the decision that this one replaces; "" for none.

    """

    key: str
    list: str
    decision: str
    detail: str
    justification: str
    decided_by: str
    taken_by: str
    taken_at: str
    file: str
    file_digest: str
    sheet: str
    row: int
    assigned: str = ""
    instead_of: str = ""

    def says_the_same(self, other: TakenDecision) -> bool:
        """Whether another one decides the same about the same row, on the same grounds."""
        own = self.key, self.decision, self.detail, self.justification
        return own == (other.key, other.decision, other.detail, other.justification)


class DecisionLog:
    """The log of one reconciliation.

    Args:
        path: its file; it need not be there yet.

    Raises:
        BadInputError: a line was changed, or lines are missing.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.latest: dict[str, TakenDecision] = {}
        self._digest = ""
        self._cut_off = 0
        for one, digest in self._read():
            self.latest[one.key] = one
            self._digest = digest

    def add(self, decisions: Iterable[TakenDecision]) -> int:
        """Add decisions in their order and flush them to the disk; how many there were.

        Raises:
            MachineError: the file cannot be written to, or the disk is full.

        """
        lines, count = [], 0
        for one in decisions:
            self._digest = _digest(one, self._digest)
            lines.append(_line(one, self._digest))
            self.latest[one.key] = one
            count += 1
        if lines:
            self._append(b"".join(lines))
        return count

    def _append(self, data: bytes) -> None:
        try:
            if not self.path.exists():
                make_private_file(self.path)
            with self.path.open("r+b") as file:
                file.seek(-self._cut_off, os.SEEK_END)
                file.truncate()  # half a line that a power cut left was never taken in
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._cut_off = 0
        except OSError as error:
            raise write_fault(
                error,
                Text("Không ghi được quyết định", "Decisions cannot be written"),
                str(self.path),
                Text("Dọn ổ đĩa rồi chạy lại cùng lệnh", "Make room and run the command again"),
            ) from error

    def _read(self) -> Iterator[tuple[TakenDecision, str]]:
        if not self.path.exists():
            return
        try:
            data = read_plain(self.path, _MOST_BYTES)
        except OSError as error:
            raise write_fault(
                error, Text("Không đọc được tệp quyết định", "It cannot be read"), str(self.path)
            ) from error
        *lines, rest = data.split(b"\n")
        self._cut_off = len(rest)
        before = ""
        for number, line in enumerate(lines, 1):
            try:
                kept = json.loads(line.decode("utf-8"))
                told = kept.pop("digest")
                one = TakenDecision(**kept)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise self._altered(number) from error
            if told != _digest(one, before):
                raise self._altered(number)
            before = told
            yield one, before

    def _altered(self, number: int) -> BadInputError:
        return BadInputError(
            Text("Dòng quyết định bị sửa hoặc thiếu", "A line was changed or is missing"),
            where=f"{self.path}:{number}",
            remedy=_REMEDY,
        )


def _digest(one: TakenDecision, before: str) -> str:
    text = json.dumps([before, asdict(one)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _line(one: TakenDecision, digest: str) -> bytes:
    return json.dumps({**asdict(one), "digest": digest}, ensure_ascii=False).encode() + b"\n"
