"""Text tables (CSV) as Excel and others write them: code pages, separators, quotes, line ends."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ocr_pipeline.errors import Text
from ocr_pipeline.text.legacy_encodings import decode_old
from ocr_pipeline.text.normalise import nfc

_DELIMITERS = ",;\t|"
_HEAD_BYTES = 200  # looked at for the zero bytes of UTF-16
_UTF16_SHARE = (
    0.25  # of them zero: half are in a table's digits and signs; a stray one is no UTF-16
)
_LINES_LOOKED_AT = 40
_LONGEST_CELL_LINES = 20
_SEPARATOR_LINE = re.compile(r"(?i)^\s*\"?sep=(.)\"?\s*$")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(slots=True)
class DelimitedText:
    """What a text table holds.

    Attributes:
        rows: cells by line; the first is line 1. A cell of several lines leaves blank rows.
        broken: lines that cannot be taken apart, with the reason.
        notices: what people should know of how it was read.

    """

    rows: list[list[str]]
    broken: dict[int, Text] = field(default_factory=dict)
    notices: list[Text] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DelimitedRow:
    """One row of a text table.

    Attributes:
        number: its first line, from 1.
        cells: empty for a blank line, and for a broken one.
        lines: how many lines it takes.
        broken: why it cannot be taken apart; None when it can.
        text: the line as it stands, of a broken one.

    """

    number: int
    cells: list[str]
    lines: int = 1
    broken: Text | None = None
    text: str = ""


def delimited_rows(data: bytes) -> DelimitedText:
    """The rows of a text table in any of the encodings that Vietnamese offices use."""
    read = DelimitedText([])
    text = _decoded(data, read.notices)
    for row in rows_of_lines(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        if row.broken:
            read.broken[row.number] = row.broken
        read.rows.append(row.cells)
        read.rows += [[] for _ in range(row.lines - 1)]
    return read


def rows_of_lines(lines: Iterable[str]) -> Iterator[DelimitedRow]:
    """The rows of a text table, one by one; no more than forty lines are held at a time.

    Args:
        lines: without their ends.

    """
    ahead = _LinesAhead(lines)
    sample = ahead.first(_LINES_LOOKED_AT)
    if not sample:
        return
    delimiter = _delimiter(sample)
    if _SEPARATOR_LINE.match(sample[0]):
        ahead.blank_first()
    width = max((len(_cells(line, delimiter)) for line in ahead.first(_LINES_LOOKED_AT)), default=0)
    number = 1
    while waiting := ahead.first(1):
        if _open(waiting[0]):
            waiting = ahead.first(_LONGEST_CELL_LINES)
        count = _lines_of_row(waiting, delimiter, width)
        taken = ahead.take(max(count, 1))
        if count:
            yield DelimitedRow(number, _cells("\n".join(taken), delimiter), count)
        else:
            yield DelimitedRow(number, [], broken=_OPEN, text=taken[0])
        number += len(taken)


_OPEN = Text("Dấu ngoặc kép mở mà không đóng", "A quotation mark is opened and not closed")


class _LinesAhead:
    """Lines that can be looked at before they are taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._rest = (line.replace("\ufeff", "").replace("\x00", "") for line in lines)
        self._waiting: deque[str] = deque()

    def first(self, count: int) -> list[str]:
        """The next lines, `count` of them where there are so many."""
        if len(self._waiting) < count:
            self._waiting.extend(islice(self._rest, count - len(self._waiting)))
        return list(islice(self._waiting, count))

    def take(self, count: int) -> list[str]:
        """The next lines, which are no longer ahead."""
        return [self._waiting.popleft() for _ in range(count)]

    def blank_first(self) -> None:
        """Make the next line a blank one."""
        self._waiting[0] = ""


def _lines_of_row(lines: Sequence[str], delimiter: str, width: int) -> int:
    """How many lines the row takes that begins at the first; 0 when a quotation mark stays open.

    A cell may hold line breaks, but a row must not swallow others: it has no more cells than its
    neighbours, and no fewer.
    """
    if not _open(lines[0]):
        return 1
    text = lines[0]
    for count in range(2, len(lines) + 1):
        text += "\n" + lines[count - 1]
        if not _open(text):
            return count if _is_one_row(text, delimiter, width) else 0
    return 0


def _is_one_row(text: str, delimiter: str, width: int) -> bool:
    """Whether lines joined by an open quotation mark are one row, and no cell holds a whole row."""
    try:
        cells = next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return len(cells) == width and all(cell.count(delimiter) < width - 1 for cell in cells)


def _open(text: str) -> bool:
    return text.count('"') % 2 == 1


def _cells(text: str, delimiter: str) -> list[str]:
    if not text.strip():
        return []
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(iter(csv.reader([text], delimiter=delimiter)), [])
    except csv.Error:  # a cell of more than 131,072 letters
        return text.split(delimiter)


def _delimiter(lines: Sequence[str]) -> str:
    """What the line `sep=` names, else the sign that gives most cells in most lines."""
    if named := _SEPARATOR_LINE.match(lines[0]):
        return named[1]
    sample = [line for line in lines[:_LINES_LOOKED_AT] if line.strip()]

    def filled(sign: str) -> int:
        counts = sorted((line.count(sign) for line in sample), reverse=True)
        return sum(counts[: max(len(counts) // 2, 1)])

    return max(_DELIMITERS, key=filled)


def _decoded(data: bytes, notices: list[Text]) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    head = data[:_HEAD_BYTES]
    if head.count(0) >= len(head) * _UTF16_SHARE:
        encoding = "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
        return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text, page = decode_old(data)
        notices.append(
            Text(
                f"Tệp không phải UTF-8; được đọc theo {page.vi}",
                f"The file is not in UTF-8; it is read as {page.en}",
            )
        )
        return nfc(text)
