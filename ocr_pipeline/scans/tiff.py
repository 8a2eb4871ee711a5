"""The directories of a TIFF: which pictures in it are pages, and where their chain breaks."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

WIDTH, HEIGHT, COMPRESSION, PHOTOMETRIC = 256, 257, 259, 262
_SUBFILE_TYPE, _OLD_SUBFILE_TYPE = 254, 255
_STRIPS, _STRIP_BYTES, _STRIP_ROWS = 273, 279, 278
_TILES, _TILE_BYTES, _TILE_WIDTH, _TILE_HEIGHT = 324, 325, 322, 323
_BIG = (b"+\x00", b"\x00+")  # BigTIFF, either byte order
_ORIENTATION, _X_RESOLUTION, _Y_RESOLUTION, _UNIT = 274, 282, 283, 296
_INCH, _CENTIMETRE, _RATIONAL = 2, 3, 5
_REDUCED, _MASK, _OLD_REDUCED = 1, 4, 2
_SIZES_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4, 13: 4, 16: 8, 17: 8, 18: 8}
_LETTERS = {1: "B", 2: "B", 3: "H", 4: "L", 6: "b", 7: "B", 8: "h", 9: "l", 13: "L"}
_LETTERS |= {16: "Q", 17: "q", 18: "Q"}
#: Tags of all pictures of a file together: 3,000 pages with thumbnails have 180,000.
_MOST_TAGS = 500_000
#: A picture whose longer side has no more pixels cannot be read as a page: A4 at 44 dpi.
_THUMBNAIL_PIXELS = 512
_THUMBNAIL_SHARE = 0.5  # and it is at most half as long as the page beside it
_SAME_SHAPE = 0.05  # sides of a thumbnail are rounded


@dataclass(frozen=True, slots=True)
class TiffSegment:
    """A strip or tile: its place on the page in pixels, and in the file in bytes."""

    top: int
    left: int
    height: int
    width: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class TiffDirectory:
    """One picture of a TIFF as its directory tells it; `values` reads a tag of whole numbers."""

    file: BinaryIO
    order: str
    offset: int
    entries: dict[int, tuple[int, int, bytes]]  # tag → type, count, the value or where it stands

    def values(self, tag: int) -> tuple[int, ...]:
        """The whole numbers of a tag; none when it is absent, of another type or cut off."""
        kind, count, field = self.entries.get(tag, (0, 0, b""))
        size = _SIZES_BYTES.get(kind, 0) * count
        if not size:
            return ()
        if size > len(field):
            (where,) = struct.unpack(self.order + ("Q" if len(field) == 8 else "L"), field)
            field = read_at(self.file, where, size)
        if len(field) < size:
            return ()
        return struct.unpack(f"{self.order}{count}{_LETTERS[kind]}", field[:size])

    def value(self, tag: int, default: int = 0) -> int:
        """The first number of a tag."""
        return (*self.values(tag), default)[0]

    def ratio(self, tag: int) -> float | None:
        """The number of a tag that is a fraction; None when absent or divided by zero."""
        kind, count, field = self.entries.get(tag, (0, 0, b""))
        if kind != _RATIONAL or not count:
            return None
        where = struct.unpack(self.order + ("Q" if len(field) == 8 else "L"), field)[0]
        parts = field if len(field) == 8 else read_at(self.file, where, 8)
        above, below = struct.unpack(self.order + "LL", parts) if len(parts) == 8 else (0, 0)
        return above / below if below else None

    @property
    def dpi(self) -> tuple[float, float] | None:
        """Pixels per inch along width and height as the page says."""
        x, y = self.ratio(_X_RESOLUTION), self.ratio(_Y_RESOLUTION)
        unit = {_INCH: 1.0, _CENTIMETRE: 2.54}.get(self.value(_UNIT, _INCH))
        return (x * unit, y * unit) if x and y and unit else None

    @property
    def orientation(self) -> int:
        """How the page lies, as in EXIF; 1 is upright."""
        return self.value(_ORIENTATION, 1)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.value(WIDTH), self.value(HEIGHT)

    @property
    def is_tiled(self) -> bool:
        """Whether the picture is kept in tiles and not in strips."""
        return bool(self.value(_TILE_WIDTH))

    def segments(self) -> Iterator[TiffSegment]:
        """Strips or tiles in the order they are stored; tiles may reach beyond the edges."""
        width, height = self.size
        tile = (self.value(_TILE_HEIGHT), self.value(_TILE_WIDTH))
        if all(tile):
            starts, sizes = self.values(_TILES), self.values(_TILE_BYTES)
            corners = ((y, x) for y in range(0, height, tile[0]) for x in range(0, width, tile[1]))
            for (top, left), start, size in zip(corners, starts, sizes, strict=False):
                yield TiffSegment(top, left, *tile, start, size)
            return
        rows = min(self.value(_STRIP_ROWS, height) or height, height)
        starts, sizes = self.values(_STRIPS), self.values(_STRIP_BYTES)
        for top, start, size in zip(range(0, height, rows), starts, sizes, strict=False):
            yield TiffSegment(top, 0, min(rows, height - top), width, start, size)


def read_directories(file: BinaryIO, limit: int) -> tuple[list[TiffDirectory], bool]:
    """The directories of an open TIFF, `limit` at most, and whether their chain is whole.

    A chain breaks where a directory lies beyond the end of the file, names no size, or comes
    again, and behind 500,000 tags: directories that overlap would have 65,535 each.
    """
    head = read_at(file, 0, 16)
    order = "<" if head[:2] == b"II" else ">"
    big = head[2:4] in _BIG
    size, pointer, counter, entry = (8, "Q", "Q", "HHQ") if big else (4, "L", "H", "HHL")
    next_at = head[8:16] if big else head[4:8]
    found: list[TiffDirectory] = []
    seen: set[int] = set()
    tags = 0
    while len(found) < limit:
        if len(next_at) < size:
            return found, False
        (where,) = struct.unpack(order + pointer, next_at)
        if where == 0:
            return found, True
        number = read_at(file, where, struct.calcsize(order + counter))
        if where in seen or len(number) < struct.calcsize(order + counter):
            return found, False
        seen.add(where)
        (count,) = struct.unpack(order + counter, number)
        length = struct.calcsize(order + entry) + size
        start = where + len(number)
        table = read_at(file, start, min(count, 65535) * length)
        tags += count
        if len(table) < count * length or not count or tags > _MOST_TAGS:
            return found, False
        entries = {}
        for at in range(0, len(table), length):
            field = table[at + length - size : at + length]
            tag, kind, values = struct.unpack(order + entry, table[at : at + length - size])
            entries[tag] = (kind, values, field)
        directory = TiffDirectory(file, order, where, entries)
        if not all(directory.size):
            return found, False
        found.append(directory)
        next_at = read_at(file, start + len(table), size)
    return found, True


def opened_at(data: bytes, directory: TiffDirectory) -> BinaryIO:
    """The TIFF as a file whose first picture is that of the directory."""
    file = io.BytesIO(data)
    big = data[2:4] in _BIG
    file.seek(8 if big else 4)
    file.write(struct.pack(directory.order + ("Q" if big else "L"), directory.offset))
    file.seek(0)
    return file


def page_numbers(directories: Sequence[TiffDirectory]) -> list[int]:
    """Which of the directories are pages: not thumbnails, flagged or not, and not masks.

    A page that is flagged as the reduced copy of another is one all the same when no other
    picture is larger.
    """
    largest = max((width * height for width, height in (d.size for d in directories)), default=0)
    pages = []
    for number, directory in enumerate(directories):
        width, height = directory.size
        kind = directory.value(_SUBFILE_TYPE)
        reduced = kind & _REDUCED or directory.value(_OLD_SUBFILE_TYPE) == _OLD_REDUCED
        beside = [*directories[max(number - 1, 0) : number], *directories[number + 1 : number + 2]]
        if kind & _MASK or (reduced and width * height < largest):
            continue
        if not any(_is_thumbnail(directory.size, other.size) for other in beside):
            pages.append(number)
    return pages


def _is_thumbnail(size: tuple[int, int], other: tuple[int, int]) -> bool:
    longer = max(size)
    if longer > _THUMBNAIL_PIXELS or longer > _THUMBNAIL_SHARE * max(other):
        return False
    return abs(size[0] * other[1] / (size[1] * other[0]) - 1) < _SAME_SHAPE


def read_at(file: BinaryIO, where: int, size: int) -> bytes:
    """The bytes there; none beyond the end, and no more than there are, whatever is asked for."""
    end = file.seek(0, os.SEEK_END)
    if where >= end:
        return b""
    file.seek(where)
    return file.read(min(size, end - where))
