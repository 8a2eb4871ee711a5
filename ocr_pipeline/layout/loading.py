"""Loads the installed layouts: `<type>/<era>/layout.yaml` beside the empty form `reference.png`."""

from __future__ import annotations

import dataclasses
import hashlib
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import cv2
import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.data_files import parse_data
from ocr_pipeline.errors import LayoutError, Text
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.layout.schema import BoxMm, Layout
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.plain_files import read_plain
from ocr_pipeline.registers.layout_codes import paper_codes
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.resources import shipped

Made = TypeVar("Made")

LAYOUT_FILE = "layout.yaml"
REFERENCE_FILE = "reference.png"
_COMPARE = Text(
    "so với một biểu mẫu có sẵn hoặc docs/vi/layouts.md",
    "compare with a shipped layout or docs/en/layouts.md",
)
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_SIZE = slice(16, 24)  # width and height, big-endian, in the first part of every PNG
_SIZE_TOLERANCE = 0.02  # reference picture against page size


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class LoadedLayout:
    """A layout ready for use.

    Attributes:
        layout: the checked content of `layout.yaml`.
        reference: the empty form, (H, W) uint8 grey at `layout.reference_dpi`.
        fingerprint: SHA-256 of both files; results keep it to know when to redo a page.
        derived: what was made of it, by the function that made it (`kept_with_layout`).

    """

    layout: Layout
    reference: Gray
    fingerprint: str
    derived: dict[object, Any] = dataclasses.field(default_factory=dict, init=False, repr=False)

    def __reduce__(self) -> tuple[type[LoadedLayout], tuple[Layout, Gray, str]]:
        """What another process gets: it derives for itself."""
        return LoadedLayout, (self.layout, self.reference, self.fingerprint)


def kept_with_layout(make: Callable[[LoadedLayout], Made]) -> Callable[[LoadedLayout], Made]:
    """Keeps what a function makes of a layout for as long as the layout lives.

    A cache beside the function held every layout that a worker or a station had loaded since its
    start: twelve forms, loaded anew for each book with a hand of its own, took 380 MB each time.
    """

    @wraps(make)
    def kept(loaded: LoadedLayout) -> Made:
        if make not in loaded.derived:
            loaded.derived[make] = make(loaded)
        made: Made = loaded.derived[make]
        return made

    return kept


# By fingerprint: what is loaded again while it is in use is the same object, with all that was
# derived from it.
_IN_USE: WeakValueDictionary[str, LoadedLayout] = WeakValueDictionary()


def load_layouts(folder: Path | None = None) -> list[LoadedLayout]:
    """All layouts under `folder` (None: those shipped with sohoa), in the order of their ids.

    Raises:
        LayoutError: a file breaks the schema, or two layouts have the same id.

    """
    root = folder or shipped("layouts")
    loaded: dict[str, LoadedLayout] = {}
    for path in sorted(root.rglob(LAYOUT_FILE)):
        item = load_layout(path.parent)
        if item.layout.id in loaded:
            raise LayoutError(
                Text(f"mã biểu mẫu “{item.layout.id}” bị trùng", f"id “{item.layout.id}” twice"),
                where=str(path),
                remedy=Text("đặt một mã khác ở khóa `id`", "choose another value for the key `id`"),
            )
        loaded[item.layout.id] = item
    return [loaded[key] for key in sorted(loaded)]


def load_layout(folder: Path) -> LoadedLayout:
    """The layout in `folder`.

    Raises:
        LayoutError: names the file, the key and what to write there.

    """
    data, picture = _read(folder / LAYOUT_FILE), _read(folder / REFERENCE_FILE)
    return layout_of(data, picture, str(folder))


def layout_of(data: bytes, picture: bytes, where: str) -> LoadedLayout:
    """The layout in the bytes of its two files; `where` is their folder, named in errors.

    Raises:
        LayoutError: as `load_layout`.

    """
    fingerprint = hashlib.sha256(data + picture).hexdigest()
    in_use = _IN_USE.get(fingerprint)
    if in_use is not None:
        return in_use
    layout = parse_layout(data, str(Path(where) / LAYOUT_FILE))
    path = Path(where) / REFERENCE_FILE
    _check_size(layout, _png_shape(picture, path), path)
    loaded = LoadedLayout(layout, _decoded(picture, path), fingerprint)
    _IN_USE[fingerprint] = loaded
    return loaded


def read_layout(path: Path) -> Layout:
    """The layout in a `layout.yaml`, without its picture.

    Raises:
        LayoutError: as `load_layout`.

    """
    return parse_layout(_read(path), str(path))


def parse_layout(data: bytes | str, where: str) -> Layout:
    """The layout written in YAML; `where` is named in errors.

    Raises:
        LayoutError: names the key and what to write there.

    """
    layout = parse_data(data, Layout, where, LayoutError, _COMPARE)
    _check_codes(layout, where)
    _check_inside(layout, where)
    return layout


def record_box(box: BoxMm, offset: tuple[float, float]) -> BoxMm:
    """`box` of the first record moved to the record at `offset`, in mm."""
    return box[0] + offset[0], box[1] + offset[1], box[2], box[3]


def outline(boxes: Iterable[BoxMm]) -> BoxMm:
    """The smallest box around at least one, in mm."""
    sides = [(x, y, x + width, y + height) for x, y, width, height in boxes]
    lefts, tops, rights, bottoms = zip(*sides, strict=True)
    left, top = min(lefts), min(tops)
    return left, top, max(rights) - left, max(bottoms) - top


def _png_shape(data: bytes, path: Path) -> tuple[int, int]:
    """Height and width by the first bytes: a picture of the wrong size is never unpacked."""
    if not data.startswith(_PNG) or len(data) < _PNG_SIZE.stop:
        raise _unread(path)
    width, height = struct.unpack(">LL", data[_PNG_SIZE])
    return height, width


def _unread(path: Path) -> LayoutError:
    return LayoutError(
        Text("không phải là ảnh PNG đọc được", "not a readable PNG picture"),
        where=str(path),
        remedy=_redraw(path.parent),
    )


def _decoded(data: bytes, path: Path) -> Gray:
    unread = _unread(path)
    with foreign_file(lambda: unread):  # OpenCV raises over empty and over huge pictures
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise unread
    return np.asarray(picture, np.uint8)


def _read(path: Path) -> bytes:
    try:
        return read_plain(path)
    except OSError as error:
        reason = os_reason(error)
        raise LayoutError(
            Text(f"không đọc được tệp: {reason.vi}", f"the file cannot be read: {reason.en}"),
            where=str(path),
            remedy=_redraw(path.parent),
        ) from error


def _redraw(folder: Path) -> Text:
    command = f"sohoa layout preview {folder} --redraw"
    return Text(f"vẽ lại bằng: {command}", f"draw it again with: {command}")


def _check_codes(layout: Layout, where: str) -> None:
    types = {str(t) for t in RegisterType}
    if layout.type not in types:
        raise LayoutError(
            Text(
                f"khóa “type”: không có loại sổ “{layout.type}”",
                f"key “type”: no register type “{layout.type}”",
            ),
            where=where,
            remedy=Text(
                f"chọn một trong: {', '.join(sorted(types))}",
                f"choose one of: {', '.join(sorted(types))}",
            ),
        )
    known = paper_codes(layout.type)
    for index, field in enumerate(layout.fields):
        if field.code not in known:
            raise LayoutError(
                Text(
                    f"khóa “fields[{index}].code”: sổ {layout.type} không có “{field.code}”",
                    f"key “fields[{index}].code”: {layout.type} has no “{field.code}”",
                ),
                where=where,
                remedy=Text(
                    f"dùng một mã của sổ này: {', '.join(sorted(known))}",
                    f"use a code of this register: {', '.join(sorted(known))}",
                ),
            )


def _check_inside(layout: Layout, where: str) -> None:
    for index, field in enumerate(layout.fields):
        offsets = layout.offsets_of(field.scope)
        boxes = [*field.lines, *(option.box for option in field.options)]
        for x, y, width, height in (record_box(b, o) for b in boxes for o in offsets):
            inside = (
                0 <= x
                and 0 <= y
                and x + width <= layout.page.width
                and (y + height <= layout.page.height)
            )
            if width <= 0 or height <= 0 or not inside:
                raise LayoutError(
                    Text(
                        f"khóa “fields[{index}]” ({field.code}): ô nằm ngoài trang",
                        f"key “fields[{index}]” ({field.code}): a box lies outside the page",
                    ),
                    where=where,
                    remedy=Text(
                        "sửa [x, y, rộng, cao] tính bằng mm", "mend [x, y, width, height], in mm"
                    ),
                )


def _check_size(layout: Layout, shape: tuple[int, int], path: Path) -> None:
    scale = layout.reference_dpi / 25.4
    want = (layout.page.height * scale, layout.page.width * scale)
    if any(abs(have / need - 1) > _SIZE_TOLERANCE for have, need in zip(shape, want, strict=True)):
        raise LayoutError(
            Text(
                f"ảnh {shape[1]}×{shape[0]} không khớp khổ trang ở {layout.reference_dpi} dpi",
                f"{shape[1]}×{shape[0]} does not fit the page at {layout.reference_dpi} dpi",
            ),
            where=str(path),
            remedy=_redraw(path.parent),
        )
