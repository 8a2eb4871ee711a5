"""TIFF files put together by hand: kinds that no library writes."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_SHORT, _LONG, _RATIONAL, _BYTES = 3, 4, 5, 7


@dataclass
class Picture:
    """One picture: its tags of whole numbers, bytes or (dividend, divisor), and its data."""

    tags: dict[int, list[int] | bytes | tuple[int, int]]
    segments: list[bytes]
    tiled: bool = False
    pointer: int = 0  # a tag that points to the first segment, as old-style JPEG has one


def picture(
    samples: np.ndarray, photometric: int, data: Sequence[bytes] = (), **tags: object
) -> Picture:
    """A picture of (H, W) or (H, W, channels) samples, plain unless `data` is packed."""
    height, width = samples.shape[:2]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    usual = {256: [width], 257: [height], 258: [8 * samples.dtype.itemsize] * channels}
    usual |= {259: [1], 262: [photometric], 277: [channels], 278: [height]}
    usual |= {282: (75, 1), 283: (75, 1), 296: [2]}
    usual |= {int(name[1:]): value for name, value in tags.items()}
    return Picture(usual, list(data) or [samples.tobytes()])


def tiff(
    pictures: Sequence[Picture], *, order: str = "<", big: bool = False, last: int = 0
) -> bytes:
    """The file; `last` is what stands as the place of the next directory behind the last one."""
    number, counter = ("Q", "Q") if big else ("L", "H")
    version = struct.pack(order + "HHH", 43, 8, 0) if big else struct.pack(order + "H", 42)
    data = bytearray((b"II" if order == "<" else b"MM") + version)
    link = len(data)
    data += struct.pack(order + number, 0)
    for one in pictures:
        starts = []
        for segment in one.segments:
            starts.append(len(data))
            data += segment + bytes(len(segment) % 2)
        sizes = [len(segment) for segment in one.segments]
        places = {324: starts, 325: sizes} if one.tiled else {273: starts, 279: sizes}
        if one.pointer:
            places |= {one.pointer: starts[:1]}
        entries = []
        for tag, value in sorted((places | one.tags).items()):
            kind, count, raw = _packed(value, order, big)
            if len(raw) > struct.calcsize(order + number):
                where = len(data)
                data += raw + bytes(len(raw) % 2)
                raw = struct.pack(order + number, where)
            padded = raw.ljust(struct.calcsize(order + number), b"\0")
            entries.append(struct.pack(order + "HH" + number, tag, kind, count) + padded)
        data[link : link + struct.calcsize(order + number)] = struct.pack(order + number, len(data))
        data += struct.pack(order + counter, len(entries)) + b"".join(entries)
        link = len(data)
        data += struct.pack(order + number, last)
    return bytes(data)


def _packed(value: object, order: str, big: bool) -> tuple[int, int, bytes]:
    if isinstance(value, bytes):
        return _BYTES, len(value), value
    if isinstance(value, tuple):
        return _RATIONAL, 1, struct.pack(order + "LL", *value)
    kind, letter = (_SHORT, "H") if max(value) < 65536 and not big else (_LONG, "L")
    return kind, len(value), struct.pack(f"{order}{len(value)}{letter}", *value)
