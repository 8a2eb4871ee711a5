"""What several pages of a book have in common: the print of their form, without any writing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.layout.anchors import FINE_PER_MM
from ocr_pipeline.layout.layout_draft import found_lines
from ocr_pipeline.layout.line_maps import ink_map
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.mesh import Mesh
from ocr_pipeline.layout.pose import PageSearch, Pose, turned
from ocr_pipeline.layout.registration import register
from ocr_pipeline.layout.schema import BoxMm, Caption, Layout, Leader, PrintedRule

PRINT_DPI = 200
"""Resolution of the picture of the print."""

LEAST_PAGES = 3
_PRINT_PER_MM = PRINT_DPI / 25.4
_LEAST_POSE = 0.12  # correlation of lines below which a layout is no hint at all
_LEAST_ALIKE = 0.35  # share of the first page's pieces of print that another page must have
# A full table whose rows had slipped shares 0.84 of the rules of the first page, others all; its
# print would be taken for writing.
_LEAST_RULES = 0.9
_RULE_MM = 30.0
_RULE_OFF_MM = 0.9
_DARK = 165  # grey of a rule at most; of houses that print palest 116–146
_THICKEN_MM = 0.25  # print of two pages lies this far apart after they are laid on each other
_DOTS_MM = 1.7  # from one dot of a leader to the next, or between dashes
_PIECE_MM = (22.0, 6.5)
_STEP_MM = (16.0, 6.5)
_LEAST_INK = 0.015


@dataclass(frozen=True, slots=True, eq=False)
class CommonPrint:
    """The print that pages share.

    Attributes:
        picture: (H, W) uint8 grey at `PRINT_DPI`, dark print on white; millimetres count from the
            place where the nearest layout has its origin.
        lines: the same with the dots of leaders joined, for they lie less exactly on each other.
        size: width and height in mm.

    """

    picture: Gray
    lines: Gray
    size: tuple[float, float]

    def reduced(self, per_mm: float) -> Gray:
        """The picture at `per_mm` pixels per mm."""
        return self._reduced(self.picture, per_mm)

    def reduced_lines(self, per_mm: float) -> Gray:
        """The picture of lines at `per_mm` pixels per mm."""
        return self._reduced(self.lines, per_mm)

    def _reduced(self, picture: Gray, per_mm: float) -> Gray:
        size = (round(self.size[0] * per_mm), round(self.size[1] * per_mm))
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class LaidPages:
    """Pages of one print laid on each other.

    Attributes:
        pictures: by index of the page, (H, W) uint8 at `PRINT_DPI`, the sharpest first.
        left_out: indices of the pages whose print is another one.
        size: width and height in mm.

    """

    pictures: dict[int, Gray]
    left_out: tuple[int, ...]
    size: tuple[float, float]

    def common(self, without: int | None = None) -> CommonPrint:
        """What (nearly) all of them have.

        Args:
            without: index of a page that is not looked at.

        """
        laid = [picture for index, picture in self.pictures.items() if index != without]
        near = _kernel(_THICKEN_MM, _THICKEN_MM)
        # the brightest of all pages: the second brightest of five leaves words that a third of the
        # writers put in the same place, and print that a page lost is not there to be aligned to
        shared = np.max([cv2.erode(picture, near) for picture in laid], axis=0)
        own = np.maximum(laid[0], cv2.dilate(shared, near))
        across = _kernel(0, 0.4)
        joined = [
            cv2.erode(cv2.morphologyEx(p, cv2.MORPH_OPEN, _kernel(_DOTS_MM, 0)), across)
            for p in laid
        ]
        lines = cv2.dilate(np.max(joined, axis=0), across)
        return CommonPrint(_on_white(own), _on_white(np.asarray(lines, np.uint8)), self.size)


def nearest_layout(
    pages: Sequence[Gray], layouts: Sequence[LoadedLayout]
) -> tuple[LoadedLayout, list[Pose]]:
    """The layout whose lines and words most pages come nearest to, and where it lies on each.

    Args:
        pages: (H, W) uint8 each, ink on light paper.
        layouts: of the book's register type.

    Raises:
        BadInputError: the pages are like none of them.

    """
    best: tuple[float, LoadedLayout, list[Pose]] | None = None
    searches = [PageSearch(page) for page in pages]
    for loaded in layouts:
        poses = [found[0] for search in searches if (found := search.poses(loaded))]
        score = float(np.median([pose.score for pose in poses])) if len(poses) == len(pages) else 0
        if best is None or score > best[0]:
            best = (score, loaded, poses)
    if best is None or best[0] < _LEAST_POSE:
        raise BadInputError(
            Text(
                "các trang này không giống biểu mẫu nào đã cài",
                "these pages are like none of the installed layouts",
            ),
            remedy=Text(
                "soạn biểu mẫu mới: sohoa layout new --scan",
                "make a layout of its own: sohoa layout new --scan",
            ),
        )
    return best[1], best[2]


def lay_pages(
    pages: Sequence[Gray], like: LoadedLayout, poses: Sequence[Pose], least: int = LEAST_PAGES
) -> LaidPages:
    """Lay pages on each other by their own print, so that it does not matter what form it is.

    Args:
        pages: (H, W) uint8 each, ink on light paper, in any turn.
        like: the layout that comes nearest: says how large the page is and where it begins.
        poses: where that layout lies on each page.
        least: so many pages must show the same print.

    Raises:
        BadInputError: fewer pages show the same print.

    """
    first = int(np.argmax([pose.score for pose in poses]))
    form = _as_layout(pages[first], like, poses[first])
    straight = _straight(like, poses[first])
    laid = {first: _rectified(pages[first], poses[first], straight, like, _PRINT_PER_MM)}
    rules = _LongRules(laid[first])
    for index, page in enumerate(pages):
        if index != first:
            found = register(page, form, poses[index].turn)
            if found.evidence.words < _LEAST_ALIKE:
                continue
            picture = _rectified(page, poses[index], found.mesh, like, _PRINT_PER_MM)
            if rules.share(picture) >= _LEAST_RULES:
                laid[index] = picture
    if len(laid) < least:
        raise BadInputError(
            Text(
                f"chỉ {len(laid)} trang có chữ in giống nhau; cần ít nhất {least} trang",
                f"only {len(laid)} pages share the same print; at least {least} are needed",
            ),
            remedy=Text(
                "chọn các trang khác của sổ, cùng một cách in",
                "choose other pages of the book, of the same print",
            ),
        )
    out = tuple(index for index in range(len(pages)) if index not in laid)
    return LaidPages(laid, out, (like.layout.page.width, like.layout.page.height))


class _LongRules:
    """Where long level or upright lines run on a page, and how dark they are."""

    def __init__(self, picture: Gray) -> None:
        dark = (picture < _DARK).astype(np.uint8)
        long = [_kernel(_RULE_MM, 0), _kernel(0, _RULE_MM)]
        opened = [cv2.morphologyEx(dark, cv2.MORPH_OPEN, one) for one in long]
        self._where = np.max(opened, axis=0) > 0
        if self._where.any():
            self._level = (float(np.median(picture[self._where])) + float(np.median(picture))) / 2

    def share(self, picture: Gray) -> float:
        """The share (0–1) of them that another page has in the same place.

        Half as dark against the paper is enough: print of one house is paler on some pages.
        """
        if not self._where.any():
            return 1.0
        near = cv2.erode(picture, _kernel(_RULE_OFF_MM, _RULE_OFF_MM)) < self._level
        return float(near[self._where].mean())


def _kernel(width: float, height: float) -> Gray:
    """An odd number of pixels that covers so many mm."""
    return np.ones((round(height * _PRINT_PER_MM) | 1, round(width * _PRINT_PER_MM) | 1), np.uint8)


def _straight(like: LoadedLayout, pose: Pose) -> Mesh:
    page = like.layout.page
    return Mesh.straight(pose.scale, pose.offset, (page.width, page.height))


def _rectified(page: Gray, pose: Pose, mesh: Mesh, like: LoadedLayout, per_mm: float) -> Gray:
    size = like.layout.page
    half = 0.5 * 25.4 / like.layout.reference_dpi
    xs = (np.arange(round(size.width * per_mm), dtype=np.float64) + 0.5) / per_mm - half
    ys = (np.arange(round(size.height * per_mm), dtype=np.float64) + 0.5) / per_mm - half
    flat = cv2.remap(turned(page, pose.turn), *mesh.grid(xs, ys), cv2.INTER_LINEAR, borderValue=255)
    return np.asarray(flat, np.uint8)


def _on_white(picture: Gray) -> Gray:
    ink = ink_map(picture, _PRINT_PER_MM)
    return np.asarray(np.clip(255 * (1 - ink), 0, 255), np.uint8)


def _as_layout(page: Gray, like: LoadedLayout, pose: Pose) -> LoadedLayout:
    """A page as a form of its own: pieces of its print are what others are held against."""
    base = like.layout
    scale = base.reference_dpi / 25.4
    reference = _rectified(page, pose, _straight(like, pose), like, scale)
    rules, leaders = found_lines(reference)
    layout = Layout(
        id=base.id, type=base.type, era=base.era, title=base.title, page=base.page,
        reference_dpi=base.reference_dpi, fields=base.fields,
        captions=tuple(
            Caption(text="-", box=box, scope="page") for box in _pieces(reference, base)
        ),
        rules=tuple(PrintedRule(points=rule["points"], scope="page") for rule in rules),
        leaders=tuple(Leader(**leader, scope="page") for leader in leaders),
    )  # fmt: skip
    return LoadedLayout(layout, reference, "")


def _pieces(reference: Gray, layout: Layout) -> list[BoxMm]:
    """Boxes with ink, spread over the page."""
    ink = ink_map(reference, FINE_PER_MM)
    boxes: list[BoxMm] = []
    width, height = _PIECE_MM
    for y in np.arange(4, layout.page.height - height - 4, _STEP_MM[1]).tolist():
        for x in np.arange(4, layout.page.width - width - 4, _STEP_MM[0]).tolist():
            part = ink[
                round(y * FINE_PER_MM) : round((y + height) * FINE_PER_MM),
                round(x * FINE_PER_MM) : round((x + width) * FINE_PER_MM),
            ]
            if part.size and float(part.mean()) > _LEAST_INK:
                boxes.append((x, y, width, height))
    return boxes
