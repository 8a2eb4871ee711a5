"""Finds out whether a PDF page is one embedded picture and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeGuard

import numpy as np
import pikepdf
from numpy.typing import NDArray

from ocr_pipeline.arrays import Pixels
from ocr_pipeline.scans.page_box import PageBox, page_turn
from ocr_pipeline.scans.pdf_content import PDF_ERRORS

#: Operators that paint nothing themselves: state, text positioning, marked content.
_HARMLESS = frozenset(
    "q Q ri i w J j M d BT ET Tf Td TD Tm T* Tc Tw Tz TL Ts BMC BDC EMC MP DP BX EX "
    "g G rg RG k K cs CS sc SC scn SCN".split()
)
_SHOW_TEXT = frozenset(("Tj", "TJ", "'", '"'))
_INVISIBLE = 3  # text render mode of the layer that OCR programs put over a scan
_TOLERANCE_SHARE = 0.01  # of the page's side: the picture may miss the page's edge by this much


@dataclass(frozen=True, slots=True)
class Placement:
    """The only picture of a page and how the page shows it.

    Attributes:
        image: its XObject stream.
        turn: degrees clockwise (0, 90, 180, 270) by which the stored picture is shown.
        mirrored: whether it is mirrored left-right before turning.
        visible: part of the stored picture that is shown: left, top, right, bottom in 0–1.
        inches: width and height of the shown part on the page, before turning by /Rotate.
        sides: lengths on the page of the whole picture's width and height as stored.

    """

    image: pikepdf.Object
    turn: int
    mirrored: bool
    visible: tuple[float, float, float, float]
    inches: tuple[float, float]
    sides: tuple[float, float]

    @property
    def is_jpeg(self) -> bool:
        """Whether the stream is a plain JPEG in grey or RGB that can be read as it is."""
        filters = self.image.get("/Filter")
        names = [str(f) for f in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
        # CMYK inside a PDF is not inverted as in Adobe's JPEG files: left to pikepdf or poppler.
        return names == ["/DCTDecode"] and self.components in (1, 3)

    @property
    def components(self) -> int:
        """Colour components of the picture by its colour space: 1, 3, or 0 for other kinds."""
        return _components(self.image)

    @property
    def clipped(self) -> bool:
        """Whether the page shows only a part of the picture."""
        left, top, right, bottom = self.visible
        return left > 0 or top > 0 or right < 1 or bottom < 1

    def cut(self, pixels: Pixels) -> Pixels:
        """The visible part of the stored picture."""
        height, width = pixels.shape[:2]
        left, top, right, bottom = self.visible
        return pixels[
            round(top * height) : round(bottom * height), round(left * width) : round(right * width)
        ]


def sole_image(page: pikepdf.Page, box: PageBox) -> Placement | None:
    """How the page places its only picture.

    None when a viewer may show anything else than this picture, or when the page's instructions
    are broken.
    """
    try:
        found = _walk(page, box)
        return _placement(page, box, *found) if found and _is_plain(found[0]) else None
    except PDF_ERRORS:
        return None


@dataclass(frozen=True, slots=True)
class _State:
    """What `q` saves and `Q` brings back, as far as it decides what is seen of a picture."""

    matrix: NDArray[np.float64]
    text_mode: int = 0
    clip: tuple[float, float, float, float] = (-np.inf, -np.inf, np.inf, np.inf)


def _walk(page: pikepdf.Page, box: PageBox) -> tuple[pikepdf.Object, NDArray[np.float64]] | None:
    """The one image drawn by the page and its matrix, if nothing else visible is drawn."""
    state, stack = _State(np.eye(3)), []
    found: tuple[pikepdf.Object, NDArray[np.float64]] | None = None
    path: list[tuple[float, float, float, float] | None] = []
    clips = False
    for instruction in pikepdf.parse_content_stream(page):
        operands, name = instruction.operands, str(instruction.operator)
        if name == "q":
            stack.append(state)
        elif name == "Q" and stack:
            state = stack.pop()
        elif name == "cm":
            a, b, c, d, e, f = (float(value) for value in operands)
            matrix = np.array([[a, b, 0], [c, d, 0], [e, f, 1]]) @ state.matrix
            state = replace(state, matrix=matrix)
        elif name == "Tr":
            state = replace(state, text_mode=int(operands[0]))
        elif name == "re":
            path.append(_rectangle([float(value) for value in operands], state.matrix))
        elif name in ("W", "W*"):
            clips = True
        elif name == "n":
            if clips:
                if len(path) != 1 or path[0] is None:
                    return None
                state = replace(state, clip=_overlap(state.clip, path[0]))
            path, clips = [], False
        elif name in _SHOW_TEXT:
            if state.text_mode != _INVISIBLE:
                return None
        elif name == "Do":
            image = _resource(page, "/XObject", str(operands[0]))
            if found is not None or not _is_image(image) or not _leaves_page(state.clip, box):
                return None
            found = (image, state.matrix)
        elif name == "gs":
            if not _is_opaque(_resource(page, "/ExtGState", str(operands[0]))):
                return None
        elif name == "BDC" and str(operands[0]) == "/OC":
            return None  # a layer: whether it is seen is the file's own affair
        elif name not in _HARMLESS:
            return None
    return found


def _resource(page: pikepdf.Page, kind: str, name: str) -> pikepdf.Object | None:
    objects = page.resources.get(kind)
    return objects.get(name) if isinstance(objects, pikepdf.Dictionary) else None


def _is_image(item: pikepdf.Object | None) -> TypeGuard[pikepdf.Object]:
    return (
        isinstance(item, pikepdf.Stream)
        and str(item.get("/Subtype")) == "/Image"
        and "/OC" not in item
    )


def _is_opaque(state: pikepdf.Object | None) -> bool:
    """Whether a graphics state leaves pictures as they are; one that is not there does."""
    if not isinstance(state, pikepdf.Dictionary):
        return True
    return (
        float(state.get("/ca", 1)) == 1
        and str(state.get("/SMask", "/None")) == "/None"
        and str(state.get("/BM", "/Normal")) in ("/Normal", "/Compatible")
        and str(state.get("/TR", "/Identity")) == "/Identity"
        and str(state.get("/TR2", "/Default")) in ("/Default", "/Identity")
    )


def _rectangle(
    values: list[float], matrix: NDArray[np.float64]
) -> tuple[float, float, float, float] | None:
    """Left, bottom, right and top on the page; None when it does not lie along the edges."""
    x, y, width, height = values
    if _quarter(matrix[:2, :2]) is None:
        return None
    corners = np.array([[x, y, 1], [x + width, y + height, 1]]) @ matrix
    (left, bottom), (right, top) = corners[:, :2].min(axis=0), corners[:, :2].max(axis=0)
    return float(left), float(bottom), float(right), float(top)


def _overlap(
    first: tuple[float, float, float, float], second: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    left, bottom = max(first[0], second[0]), max(first[1], second[1])
    return left, bottom, min(first[2], second[2]), min(first[3], second[3])


def _leaves_page(clip: tuple[float, float, float, float], box: PageBox) -> bool:
    """Whether a clipping rectangle takes nothing of the shown page away."""
    room_x = _TOLERANCE_SHARE * (box.right - box.left)
    room_y = _TOLERANCE_SHARE * (box.top - box.bottom)
    return (
        clip[0] <= box.left + room_x
        and clip[1] <= box.bottom + room_y
        and clip[2] >= box.right - room_x
        and clip[3] >= box.top - room_y
    )


def _components(image: pikepdf.Object) -> int:
    space = image.get("/ColorSpace")
    try:
        if isinstance(space, pikepdf.Array) and str(space[0]) == "/ICCBased":
            return int(space[1].get("/N", 0))
        name = str(space[0]) if isinstance(space, pikepdf.Array) else str(space)
    except PDF_ERRORS:
        return 0
    return {"/DeviceGray": 1, "/CalGray": 1, "/DeviceRGB": 3, "/CalRGB": 3}.get(name, 0)


def _is_plain(image: pikepdf.Object) -> bool:
    """Whether the picture is shown as stored: no masks and no re-mapped levels."""
    altered = ("/SMask", "/SMaskInData", "/Mask", "/ImageMask", "/Decode", "/Matte", "/Alternates")
    return not any(key in image for key in altered)


def _placement(
    page: pikepdf.Page, box: PageBox, image: pikepdf.Object, matrix: NDArray[np.float64]
) -> Placement | None:
    """Turn, mirror and crop of the unit square placed by `matrix` (row vectors) on the page."""
    axes = matrix[:2, :2]
    quarter = _quarter(axes)
    if quarter is None:
        return None
    turn, mirrored = quarter
    corners = np.array([[0, 0, 1], [1, 1, 1]]) @ matrix
    low, high = corners[:, :2].min(axis=0), corners[:, :2].max(axis=0)
    crop_low, crop_high = np.array([box.left, box.bottom]), np.array([box.right, box.top])
    size = crop_high - crop_low
    if (low > crop_low + _TOLERANCE_SHARE * size).any() or (
        high < crop_high - _TOLERANCE_SHARE * size
    ).any():
        return None  # the picture leaves part of the page empty: margins count as page
    visible = _visible(low, high, crop_low, crop_high, matrix)
    shown = (np.minimum(high, crop_high) - np.maximum(low, crop_low)) * box.unit
    inches = (float(shown[0]) / 72.0, float(shown[1]) / 72.0)
    sides = (float(np.abs(axes[0]).max()), float(np.abs(axes[1]).max()))
    return Placement(image, (turn + page_turn(page)) % 360, mirrored, visible, inches, sides)


def _quarter(axes: NDArray[np.float64]) -> tuple[int, bool] | None:
    """Clockwise turn and mirroring of an image matrix; None when it is skewed or oblique."""
    scale = np.abs(axes).max()
    if scale <= 0:
        return None
    signs = np.where(np.abs(axes) < 1e-3 * scale, 0, np.sign(axes)).astype(int)
    table = {
        ((1, 0), (0, 1)): (0, False),
        ((0, -1), (1, 0)): (90, False),
        ((-1, 0), (0, -1)): (180, False),
        ((0, 1), (-1, 0)): (270, False),
        ((-1, 0), (0, 1)): (0, True),
        ((0, 1), (1, 0)): (90, True),
        ((1, 0), (0, -1)): (180, True),
        ((0, -1), (-1, 0)): (270, True),
    }
    return table.get((tuple(signs[0].tolist()), tuple(signs[1].tolist())))


def _visible(
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    crop_low: NDArray[np.float64],
    crop_high: NDArray[np.float64],
    matrix: NDArray[np.float64],
) -> tuple[float, float, float, float]:
    """Visible part in the stored picture's own coordinates, snapped to its edges."""
    shown = np.array([np.maximum(low, crop_low), np.minimum(high, crop_high)])
    unit = np.column_stack([shown, np.ones(2)]) @ np.linalg.inv(matrix)
    u, v = np.sort(unit[:, 0]), np.sort(unit[:, 1])
    edges = np.array([u[0], 1 - v[1], u[1], 1 - v[0]])
    snapped = np.where(edges < 2e-3, 0.0, np.where(edges > 1 - 2e-3, 1.0, edges))
    left, top, right, bottom = (float(value) for value in snapped)
    return left, top, right, bottom
