"""Makes and tests layouts for `sohoa layout new|check|preview|detect`; see docs/en/layouts.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from ocr_pipeline.arrays import Gray, Rgb
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.layout.detection import Detection, detect
from ocr_pipeline.layout.field_footing import unfounded_boxes
from ocr_pipeline.layout.flat_scan import FlatScan
from ocr_pipeline.layout.form_drawing import draw_form
from ocr_pipeline.layout.layout_draft import dump
from ocr_pipeline.layout.loading import (
    LAYOUT_FILE,
    REFERENCE_FILE,
    LoadedLayout,
    load_layout,
    parse_layout,
    read_layout,
)
from ocr_pipeline.layout.overlay import overlay
from ocr_pipeline.layout.pose import turned
from ocr_pipeline.layout.registration import Registration, register
from ocr_pipeline.layout.schema import BoxMm, Layout
from ocr_pipeline.written_numbers import number

_LEAST_WIDTH_MM, _LEAST_HEIGHT_MM = 8.0, 4.0
_LEAST_ANCHORS = 10
_LEAST_SCORE = 0.8
_LEAST_LEAD = 0.25


@dataclass(frozen=True, slots=True)
class Remark:
    """Something `sohoa layout check` noticed.

    Attributes:
        serious: pages would be read wrongly; else worth a look.
        key: place in `layout.yaml`.
        message: what is odd, and what to do.

    """

    serious: bool
    key: str
    message: Text


def new_from_layout(
    folder: Path,
    like: LoadedLayout,
    layout_id: str,
    era: str,
    title: str,
    scan: FlatScan | None = None,
) -> Path:
    """Start a layout as a copy of a similar one.

    Args:
        folder: made if need be; gets `layout.yaml` and `reference.png`.
        like: the layout to copy.
        layout_id: id of the new one, e.g. `KS-2016-A`.
        era: its era.
        title: what people call the form.
        scan: a scan of the form, empty or hardly filled in. It is straightened with the old layout
            and becomes the reference picture; None draws the reference from the layout.

    Returns:
        Path of the new `layout.yaml`.

    Raises:
        BadInputError: there is a layout already, or the scan does not fit the old layout at all.
        LayoutError: id, era or title break the schema.

    """
    path = _fresh(folder)
    text = _copied(like.layout, layout_id, era, title)
    layout = parse_layout(text, str(path))
    reference = draw_form(layout, layout.reference_dpi)
    if scan is not None:
        reference = _straightened(scan, like)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    _write_png(folder / REFERENCE_FILE, reference)
    return path


def write_layout(folder: Path, layout: Layout, reference: Gray) -> Path:
    """Write a layout that was drafted in memory.

    Args:
        folder: made if need be; gets `layout.yaml` and `reference.png`.
        layout: the layout.
        reference: the empty form at its `reference_dpi`.

    Returns:
        Path of the new `layout.yaml`.

    Raises:
        BadInputError: there is a layout already.
        LayoutError: the layout breaks the schema.

    """
    path = _fresh(folder)
    text = dump(layout.model_dump(mode="json", exclude_defaults=True))
    parse_layout(text, str(path))
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    _write_png(folder / REFERENCE_FILE, reference)
    return path


def redraw(folder: Path) -> Path:
    """Draw `reference.png` anew from `layout.yaml`.

    Raises:
        LayoutError: `layout.yaml` breaks the schema.

    """
    path = folder / LAYOUT_FILE
    layout = read_layout(path)
    _write_png(folder / REFERENCE_FILE, draw_form(layout, layout.reference_dpi))
    return folder / REFERENCE_FILE


def check(folder: Path, others: Sequence[LoadedLayout] = ()) -> list[Remark]:
    """Look for what would make pages of this layout be read wrongly.

    Args:
        folder: of the layout.
        others: installed layouts it must not be mistaken for.

    Raises:
        LayoutError: a file breaks the schema.

    """
    loaded = load_layout(folder)
    remarks = [*_boxes(loaded.layout), *_anchors(loaded.layout), *_misplaced(loaded)]
    remarks += _off_their_lines(loaded)
    rivals = [other for other in others if other.layout.id != loaded.layout.id]
    return remarks + _confusable(loaded, rivals)


def preview(loaded: LoadedLayout, scan: FlatScan | None = None) -> tuple[Rgb, Registration]:
    """The overlay picture of a layout on a scan of it, or on its own reference picture."""
    page = scan or _Reference(loaded.reference)
    found = detect(page.gray, [loaded])
    registration = found.registration or register(page.gray, loaded, found.turn)
    return overlay(page, loaded, registration), registration


def detect_page(scan: FlatScan, layouts: Sequence[LoadedLayout]) -> tuple[Detection, Rgb]:
    """What the page is, and a picture to judge it by (the page itself when no layout fits)."""
    found = detect(scan.gray, layouts)
    if found.registration is None:
        return found, turned(scan.pixels, found.turn)
    loaded = next(item for item in layouts if item.layout.id == found.layout_id)
    return found, overlay(scan, loaded, found.registration)


@dataclass(frozen=True, slots=True)
class _Reference:
    gray: Gray

    @property
    def pixels(self) -> Rgb:
        return np.dstack([self.gray] * 3)


def _fresh(folder: Path) -> Path:
    path = folder / LAYOUT_FILE
    if path.exists():
        raise BadInputError(
            Text("đã có biểu mẫu ở đây", "there is a layout here already"),
            where=str(path),
            remedy=Text("chọn thư mục khác", "choose another folder"),
        )
    return path


def _copied(layout: Layout, layout_id: str, era: str, title: str) -> str:
    """The YAML of a layout with another name; comments do not survive."""
    head = {"id": layout_id, "era": era, "title": title}
    data = layout.model_copy(update=head).model_dump(mode="json", exclude_defaults=True)
    return dump(data)


def _straightened(scan: FlatScan, like: LoadedLayout) -> Gray:
    found = detect(scan.gray, [like])
    registration = found.registration or register(scan.gray, like, found.turn)
    if registration.evidence.words < 0.2:
        raise BadInputError(
            Text(
                f"ảnh quét không giống biểu mẫu {like.layout.id}",
                f"the scan is not like the layout {like.layout.id}",
            ),
            remedy=Text("chọn biểu mẫu khác cho --like", "choose another layout for --like"),
        )
    scale = like.layout.reference_dpi / 25.4
    height, width = like.reference.shape
    maps = registration.mesh.grid(np.arange(width) / scale, np.arange(height) / scale)
    page = turned(scan.gray, registration.turn)
    straight = cv2.remap(page, *maps, cv2.INTER_AREA, borderValue=255)
    return straight  # type: ignore[return-value]


def _boxes(layout: Layout) -> list[Remark]:
    remarks = []
    boxes = [(f"fields.{f.code}", box) for f in layout.fields for box in f.lines]
    for key, (_, _, width, height) in boxes:
        if width < _LEAST_WIDTH_MM or height < _LEAST_HEIGHT_MM:
            remarks.append(
                Remark(
                    False,
                    key,
                    Text(f"ô nhỏ: {width:g}×{height:g} mm", f"small box: {width:g}×{height:g} mm"),
                )
            )
    for (one, a), (other, b) in combinations(boxes, 2):
        if _shared(a, b) > 0.3:
            remarks.append(
                Remark(
                    True,
                    one,
                    Text(f"ô chồng lên ô của {other}", f"the box overlaps a box of {other}"),
                )
            )
    for caption in layout.captions:
        for key, box in boxes:
            if _shared(caption.box, box) > 0.25:
                remarks.append(
                    Remark(
                        False,
                        key,
                        Text(
                            f"ô đè lên chữ in sẵn “{caption.text}”",
                            f"the box covers the printed words “{caption.text}”",
                        ),
                    )
                )
    return remarks


def _shared(a: BoxMm, b: BoxMm) -> float:
    """Share of the smaller box that lies in the other."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(width, 0) * max(height, 0) / min(a[2] * a[3], b[2] * b[3])


def _anchors(layout: Layout) -> list[Remark]:
    anchors = sum(caption.anchor for caption in layout.captions) + len(layout.rules)
    if anchors >= _LEAST_ANCHORS:
        return []
    return [
        Remark(
            True,
            "captions",
            Text(
                f"chỉ có {anchors} mốc (chữ in, đường kẻ); cần ít nhất {_LEAST_ANCHORS}",
                f"only {anchors} anchors (words, rules); at least {_LEAST_ANCHORS} are needed",
            ),
        )
    ]


def _misplaced(loaded: LoadedLayout) -> list[Remark]:
    """Words that the reference picture does not have where the YAML file says."""
    layout = loaded.layout
    drawn = LoadedLayout(layout, draw_form(layout, layout.reference_dpi), "")
    evidence = register(loaded.reference, drawn).evidence
    missing = evidence.measured.points[evidence.measured.word & ~evidence.found]
    remarks = []
    for index, caption in enumerate(layout.captions):
        x, y, width, height = caption.box
        centre = np.array([x + width / 2, y + height / 2])
        if caption.anchor and len(missing) and np.abs(missing - centre).max(axis=1).min() < 0.1:
            remarks.append(
                Remark(
                    False,
                    f"captions[{index}]",
                    Text(
                        f"không thấy “{caption.text}” ở chỗ này trong {REFERENCE_FILE}",
                        f"“{caption.text}” is not at this place in {REFERENCE_FILE}",
                    ),
                )
            )
    return remarks


def _off_their_lines(loaded: LoadedLayout) -> list[Remark]:
    """Boxes that the reference picture contradicts: it is no proof of itself."""
    off: dict[str, float] = {}
    for one in unfounded_boxes(loaded):
        off.setdefault(one.code, abs(one.off_mm) or abs(one.begins_mm))
    return [
        Remark(
            True,
            f"fields.{code}",
            Text(
                f"ô không nằm trên dòng kẻ của nó trong {REFERENCE_FILE}"
                + (f", lệch {number(mm, 1)} mm" if mm else ""),
                f"the box does not stand on its line in {REFERENCE_FILE}"
                + (f", it is {mm:.1f} mm off" if mm else ""),
            ),
        )
        for code, mm in off.items()
    ]


def _confusable(loaded: LoadedLayout, rivals: Sequence[LoadedLayout]) -> list[Remark]:
    remarks = []
    own = detect(loaded.reference, [loaded])
    if own.layout_id is None or own.score < _LEAST_SCORE:
        remarks.append(
            Remark(
                True,
                REFERENCE_FILE,
                Text(
                    f"biểu mẫu không khớp chính ảnh biểu mẫu của nó ({own.score:.0%} chữ in)",
                    f"the layout does not fit its own reference ({own.score:.0%} of the words)",
                ),
            )
        )
    for rival in rivals:
        found = detect(loaded.reference, [rival])
        if found.score > own.score - _LEAST_LEAD:
            remarks.append(
                Remark(
                    True,
                    "id",
                    Text(
                        f"dễ nhầm với {rival.layout.id} ({found.score:.0%} chữ in giống nhau)",
                        f"easily taken for {rival.layout.id} ({found.score:.0%} of its words fit)",
                    ),
                )
            )
    return remarks


def _write_png(path: Path, picture: Gray) -> None:
    path.write_bytes(cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes())
