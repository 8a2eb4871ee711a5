"""Finds out whether a PDF page is one embedded picture and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pikepdf
from numpy.typing import NDArray

from ocr_pipeline.arrays import Pixels

#: Operators that paint nothing themselves: state, text positioning, marked content.
_HARMLESS = frozenset(
    "q Q cm gs ri i w J j M d BT ET Tf Td TD Tm T* Tc Tw Tz TL Ts BMC BDC EMC MP DP BX EX "
    "g G rg RG k K cs CS sc SC scn SCN n W W* re".split()
)
_SHOW_TEXT = frozenset(("Tj", "TJ", "'", '"'))
_INVISIBLE = 3  # text render mode of the layer that OCR programs put over a scan
_MOST_FORMS = 50  # looked into for pictures; forms may contain themselves
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

    """

    image: pikepdf.Object
    turn: int
    mirrored: bool
    visible: tuple[float, float, float, float]
    inches: tuple[float, float]

    @property
    def is_jpeg(self) -> bool:
        """Whether the stream is a plain JPEG in grey or RGB that can be read as it is."""
        filters = self.image.get("/Filter")
        names = [str(f) for f in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
        # CMYK inside a PDF is not inverted as in Adobe's JPEG files: left to pikepdf or poppler.
        return names == ["/DCTDecode"] and _components(self.image) in (1, 3)

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


def sole_image(page: pikepdf.Page) -> Placement | None:
    """How the page places its only picture; None when the page is more than one plain picture."""
    found = _walk(page)
    if found is None:
        return None
    image, matrix = found
    if not _is_plain(image):
        return None
    return _placement(page, image, matrix)


def images_of(page: pikepdf.Page, *, nested: bool = False) -> dict[str, pikepdf.Object]:
    """The pictures among the page's own resources by name, and those of its forms if `nested`."""
    found: dict[str, pikepdf.Object] = {}
    waiting = [page.resources]
    for resources in waiting:
        objects = cast("pikepdf.Dictionary", resources.get("/XObject", {}))
        for name, item in objects.items():
            if str(item.get("/Subtype")) == "/Image":
                found.setdefault(str(name), item)
            elif nested and len(waiting) < _MOST_FORMS and "/Resources" in item:
                waiting.append(cast("pikepdf.Dictionary", item["/Resources"]))
    return found


def _walk(page: pikepdf.Page) -> tuple[pikepdf.Object, NDArray[np.float64]] | None:
    """The one image drawn by the page and its matrix, if nothing else visible is drawn."""
    matrix, stack = np.eye(3), []
    found: tuple[pikepdf.Object, NDArray[np.float64]] | None = None
    text_mode = 0
    images = images_of(page)
    for instruction in pikepdf.parse_content_stream(page):
        operands, name = instruction.operands, str(instruction.operator)
        if name == "q":
            stack.append(matrix)
        elif name == "Q" and stack:
            matrix = stack.pop()
        elif name == "cm":
            a, b, c, d, e, f = (float(value) for value in operands)
            matrix = np.array([[a, b, 0], [c, d, 0], [e, f, 1]]) @ matrix
        elif name == "Tr":
            text_mode = int(operands[0])
        elif name in _SHOW_TEXT:
            if text_mode != _INVISIBLE:
                return None
        elif name == "Do":
            key = str(operands[0])
            if found is not None or key not in images:
                return None
            found = (images[key], matrix)
        elif name not in _HARMLESS:
            return None
    return found


def _components(image: pikepdf.Object) -> int:
    space = image.get("/ColorSpace")
    if isinstance(space, pikepdf.Array) and str(space[0]) == "/ICCBased":
        return int(space[1].get("/N", 0))
    name = str(space[0]) if isinstance(space, pikepdf.Array) else str(space)
    return {"/DeviceGray": 1, "/CalGray": 1, "/DeviceRGB": 3, "/CalRGB": 3}.get(name, 0)


def _is_plain(image: pikepdf.Object) -> bool:
    """Whether the picture is shown as stored: no masks and no re-mapped levels."""
    return not any(key in image for key in ("/SMask", "/Mask", "/ImageMask", "/Decode", "/Matte"))


def _placement(
    page: pikepdf.Page, image: pikepdf.Object, matrix: NDArray[np.float64]
) -> Placement | None:
    """Turn, mirror and crop of the unit square placed by `matrix` (row vectors) on the page."""
    axes = matrix[:2, :2]
    quarter = _quarter(axes)
    if quarter is None:
        return None
    turn, mirrored = quarter
    corners = np.array([[0, 0, 1], [1, 1, 1]]) @ matrix
    low, high = corners[:, :2].min(axis=0), corners[:, :2].max(axis=0)
    box = np.array([float(value) for value in page.cropbox]).reshape(2, 2)
    crop_low, crop_high = box.min(axis=0), box.max(axis=0)
    size = crop_high - crop_low
    if (low > crop_low + _TOLERANCE_SHARE * size).any() or (
        high < crop_high - _TOLERANCE_SHARE * size
    ).any():
        return None  # the picture leaves part of the page empty: margins count as page
    visible = _visible(low, high, crop_low, crop_high, matrix)
    rotate = int(page.obj.get("/Rotate", 0) or 0) if "/Rotate" in page.obj else _inherited(page)
    shown = np.minimum(high, crop_high) - np.maximum(low, crop_low)
    inches = (float(shown[0]) / 72.0, float(shown[1]) / 72.0)
    return Placement(image, (turn + rotate) % 360, mirrored, visible, inches)


def _inherited(page: pikepdf.Page) -> int:
    node = page.obj.get("/Parent")
    while node is not None:
        if "/Rotate" in node:
            return int(node["/Rotate"])
        node = node.get("/Parent")
    return 0


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
