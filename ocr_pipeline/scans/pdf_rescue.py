"""What is left of a damaged PDF: its pages are found again without its directory."""

from __future__ import annotations

import io
import mmap
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pikepdf

_OBJECT = re.compile(rb"(?<!\d)(\d{1,8})\s+\d{1,5}\s+obj\b")
_BODY_END = re.compile(rb"endobj|\bstream\b")
_FINISHED = re.compile(rb"endobj|endstream")
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_KIDS = re.compile(rb"/Kids\s*\[([^\]]*)\]")
_REFERENCE = re.compile(rb"(\d{1,8})\s+\d{1,5}\s+R\b")
_PACKED = re.compile(rb"/Type\s*/ObjStm\b")
_LINEARIZED = re.compile(rb"/Linearized\b[^>]*?/N\s+(\d{1,6})\b")
_HEAD_BYTES = 2048  # a linearized file tells its number of pages here
_MOST_PADDING_BYTES = 1 << 20  # copying programs fill up the last block of a disk
_TAIL_BYTES = 4096  # some programs fill up the file behind its end
_DICTIONARY_BYTES = 65536  # a page's dictionary is shorter
_MOST_UNPACKED_BYTES = 20_000_000  # of a stream of objects: 100 of them take 50 kB
_BUFFER_BYTES = 1 << 20
_MOST_UNPACKED_BYTES = 1 << 26  # 64 MB: the dictionaries of a million pages


@dataclass(frozen=True, slots=True)
class PdfTraces:
    """What the bytes of a PDF say without its directory.

    Attributes:
        pages: object numbers of the pages, in the order of the file.
        highest: the highest object number.
        unfinished: the object in whose middle the file ends, 0 if it ends after one.
        promised: number of pages told in the head of a file made for the web, 0 if it tells none.
        has_end: whether the file still ends as a PDF does.
        unpacked: the objects that the file holds packed into streams, written out.
        kids: object numbers below each node of the page tree, whether they are there or not.

    """

    pages: tuple[int, ...]
    highest: int
    unfinished: int
    promised: int
    has_end: bool
    unpacked: bytes
    kids: dict[int, tuple[int, ...]]

    def leaves(self, root: int) -> list[int]:
        """Object numbers of the pages below a node, in their order.

        A node that comes again holds no more pages: a tree in a circle, or one whose branches share
        their branches, would have more than anybody can count.
        """
        found: list[int] = []
        waiting, seen = [root], set[int]()
        while waiting:
            node = waiting.pop()
            if node not in self.kids:
                found.append(node)
            elif node not in seen:
                seen.add(node)
                waiting += reversed(self.kids[node])
        return found


def traces(path: Path) -> PdfTraces:
    """Look through the bytes of a PDF that is not empty.

    Raises:
        OSError: the file cannot be read.

    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        pages: dict[int, None] = {}
        unpacked: list[bytes] = []
        kids: dict[int, tuple[int, ...]] = {}
        highest = last = start = 0
        for match in _OBJECT.finditer(data):
            last, start = int(match[1]), match.end()
            highest = max(highest, last)
            end = _BODY_END.search(data, start, start + _DICTIONARY_BYTES)
            if end is None:
                continue
            if below := _KIDS.search(data, start, end.start()):
                kids[last] = tuple(int(number) for number in _REFERENCE.findall(below[1]))
            elif _PAGE.search(data, start, end.start()):
                pages.pop(last, None)  # a later version of the same page
                pages[last] = None
            elif _PACKED.search(data, start, end.start()):
                for number, body in _unpacked(data, start, end.end()):
                    highest = max(highest, number)
                    unpacked.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
                    if _PAGE.search(body):
                        pages.setdefault(number)
        promised = _LINEARIZED.search(data, 0, _HEAD_BYTES)
        return PdfTraces(
            pages=tuple(pages),
            highest=highest,
            unfinished=0 if _FINISHED.search(data, start) else last,
            promised=int(promised[1]) if promised else 0,
            has_end=data.rfind(b"startxref", max(0, len(data) - _TAIL_BYTES)) >= 0,
            unpacked=b"".join(unpacked),
            kids=kids,
        )


def _unpacked(data: mmap.mmap, start: int, body: int) -> list[tuple[int, bytes]]:
    """The objects packed into a stream (ISO 32000-1, 7.5.7), as far as they can be unpacked."""
    numbers = [re.search(key + rb"\s+(\d{1,9})", data[start:body]) for key in (rb"/N", rb"/First")]
    begin = body + (2 if data[body : body + 2] == b"\r\n" else 1)
    end = data.find(b"endstream", begin)
    if None in numbers or end < 0 or b"/FlateDecode" not in data[start:body]:
        return []
    count, first = (int(number[1]) for number in numbers if number)
    try:
        text = zlib.decompressobj().decompress(data[begin:end], _MOST_UNPACKED_BYTES)
        places = [int(word) for word in text[:first].split()[: 2 * count]]
    except (zlib.error, ValueError):
        return []
    offsets = [first + offset for offset in places[1::2]] + [len(text)]
    return [
        (number, text[low:high])
        for number, low, high in zip(places[::2], offsets, offsets[1:], strict=False)
    ]


def reopened(path: Path, found: PdfTraces, *, with_own_tree: bool) -> pikepdf.Pdf:
    """Open a damaged PDF read-only with a proper end.

    Args:
        path: the file.
        found: its traces.
        with_own_tree: whether its own page tree counts; else a new one is made of the pages found.

    Raises:
        pikepdf.PdfError: it cannot be opened even so.

    """
    tail = b"\nendstream\nendobj\n"
    if not with_own_tree:
        root, tree = found.highest + 1, found.highest + 2
        kids = " ".join(f"{number} 0 R" for number in found.pages)
        tail += found.unpacked
        tail += (
            f"{root} 0 obj\n<</Type/Catalog/Pages {tree} 0 R>>\nendobj\n"
            f"{tree} 0 obj\n<</Type/Pages/Count {len(found.pages)}/Kids[{kids}]>>\nendobj\n"
            f"trailer\n<</Size {tree + 1}/Root {root} 0 R>>\nstartxref\n0\n"
        ).encode()
    return _opened(_WithTail(path, tail + b"%%EOF\n"))


def opened_unpadded(path: Path) -> pikepdf.Pdf | None:
    """Open a PDF without the bytes that fill it up behind its end; None where there are none.

    Raises:
        pikepdf.PdfError: it cannot be opened even so.

    """
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - _MOST_PADDING_BYTES))
        end = file.read()
    padding = len(end) - len(end.rstrip(b"\0"))
    if not padding:
        return None
    return _opened(_WithTail(path, b"", size - padding))


def _opened(file: _WithTail) -> pikepdf.Pdf:
    buffered = io.BufferedReader(file, _BUFFER_BYTES)
    try:
        return pikepdf.open(cast("BinaryIO", buffered))
    except BaseException:
        buffered.close()
        raise


class _WithTail(io.RawIOBase):
    """A file up to `end`, followed by some more bytes; nothing is copied, however large it is."""

    def __init__(self, path: Path, tail: bytes, end: int | None = None) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._size = self._file.seek(0, io.SEEK_END) if end is None else end
        self._tail = tail
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position}
        self._position = offset + base.get(whence, self._size + len(self._tail))
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._position < self._size:
            self._file.seek(self._position)
            data = self._file.read(min(len(buffer), self._size - self._position))
        else:
            start = self._position - self._size
            data = self._tail[start : start + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()
