"""Lines of a text table of any size, in whatever encoding each of them is."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ocr_pipeline.errors import Text
from ocr_pipeline.plain_files import open_plain
from ocr_pipeline.text.legacy_encodings import LegacyEncoding, decode_page, old_page, page_name

_CHUNK_BYTES = 1 << 20
_HEAD_BYTES = 4096  # looked at for the zero bytes of UTF-16
_UTF16_SHARE = 0.25  # of them zero, as in `books.delimited_text`
#: Bytes of lines that are no UTF-8, from which the old encoding is told; a few hundred names.
_SAMPLE_BYTES = 200_000
#: Of the bytes of a text; the letters of TCVN3 capitals and stray zeros stay below it.
_CONTROL_SHARE = 0.02
_LINE_END = re.compile(r"\r\n|\r|\n")
_BOMS = (
    (codecs.BOM_UTF8, ""),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class TextLines:
    """The lines of a text file without their ends.

    A line that is no UTF-8 is read in the old encoding that fits most such lines, so that a file
    put together from several keeps its letters.

    Args:
        path: the file.

    Attributes:
        page: name of the old encoding; None when all lines are in Unicode.
        old_lines: numbers of the first lines in it.

    """

    _MOST_NUMBERS = 20

    def __init__(self, path: Path) -> None:
        self._path = path
        self.page: Text | None = None
        self.old_lines: list[int] = []
        self.unicode_lines = 0

    def look_like_text(self) -> bool:
        """Whether the file is written text, and no picture or program."""
        with open_plain(self._path) as file:
            head = file.read(_HEAD_BYTES)
        if _utf16(head) or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return True
        controls = sum(head.count(code) for code in range(32) if code not in b"\t\n\r")
        return controls <= len(head) * _CONTROL_SHARE

    def __iter__(self) -> Iterator[str]:
        with open_plain(self._path) as file:
            head = file.read(_HEAD_BYTES)
            mark, encoding = next(
                ((mark, name) for mark, name in _BOMS if head.startswith(mark)), (b"", "")
            )
            encoding = encoding or ("" if mark else _utf16(head))
            file.seek(len(mark))
            if encoding:
                yield from _wide_lines(file, encoding)
            else:
                yield from self._narrow_lines(file)

    def _narrow_lines(self, file: BinaryIO) -> Iterator[str]:
        page, known = None, False
        for number, line in enumerate(_byte_lines(file), 1):
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                if not known:
                    page, known = self._old_page(), True
                if len(self.old_lines) < self._MOST_NUMBERS:
                    self.old_lines.append(number)
                text = decode_page(line, page)
            else:
                self.unicode_lines += not line.isascii()
            yield text

    def _old_page(self) -> LegacyEncoding | None:
        sample = bytearray()
        with open_plain(self._path) as file:
            for line in _byte_lines(file):
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    sample += line + b"\n"
                    if len(sample) > _SAMPLE_BYTES:
                        break
        page = old_page(bytes(sample))
        self.page = page_name(page)
        return page


def _utf16(head: bytes) -> str:
    """The kind of UTF-16 that a file without a mark is in; "" when it is none."""
    if head.count(0) < len(head) * _UTF16_SHARE or not head:
        return ""
    return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"


def _byte_lines(file: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while chunk := file.read(_CHUNK_BYTES):
        lines = (rest + chunk).splitlines(keepends=True)
        # The last line may go on, and its end may be half of \r\n.
        rest = lines.pop()
        for line in lines:
            yield line.rstrip(b"\r\n")
    if rest:
        yield rest.rstrip(b"\r\n")


def _wide_lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    rest = ""
    while chunk := file.read(_CHUNK_BYTES):
        text = rest + decoder.decode(chunk)
        held = "\r" if text.endswith("\r") else ""  # half of \r\n, perhaps
        *lines, rest = _LINE_END.split(text.removesuffix("\r"))
        rest += held
        yield from lines
    rest += decoder.decode(b"", final=True)
    if rest:
        yield from _LINE_END.split(rest)
