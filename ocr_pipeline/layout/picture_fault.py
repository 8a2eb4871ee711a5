"""What a scanner has done to a picture that keeps every form from fitting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr_pipeline.arrays import Gray, Rgb
from ocr_pipeline.errors import Text
from ocr_pipeline.imaging.flat_page import flatten
from ocr_pipeline.layout.detection import LEAST_LIKENESS, detect
from ocr_pipeline.layout.half_forms import HalfForm
from ocr_pipeline.layout.joined_sheet import find_half, half_name
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.scans.page_image import PageImage
from ocr_pipeline.written_numbers import short_number

_DARK_LEVEL = 110  # a page half of which is darker is tried as a negative; dark paper has 130
_SHEET_SLOPE = 2**0.5  # of every A sheet, and of two side by side
_AS_LIKE = 0.97  # tables are much the same in a mirror; a mirrored form is 0.5–0.82 as like
_STRETCHED = 1.25  # how far from a sheet's slope a picture is tried as stretched


@dataclass(frozen=True, slots=True)
class PictureFault:
    """A fault of a picture, and what to do about it."""

    cause: Text
    remedy: Text


JOIN_HALVES = Text(
    "Ghép các tờ quét làm hai nửa của sổ này: sohoa sheets",
    "Join the sheets of this book that were scanned in two halves: sohoa sheets",
)
"""What to do about a half that no run has tried to join."""

_NEGATIVE = PictureFault(
    Text("Ảnh âm bản (chữ trắng trên nền đen)", "The picture is a negative (white on black)"),
    Text(
        "Tắt chế độ âm bản của máy quét rồi quét lại",
        "Switch off the scanner's negative mode and scan the page again",
    ),
)
_MIRRORED = PictureFault(
    Text("Ảnh bị lật như trong gương", "The picture is mirrored"),
    Text(
        "Tắt chế độ lật ảnh của máy quét rồi quét lại",
        "Switch off the scanner's mirror mode and scan the page again",
    ),
)
_SAME_DPI = Text(
    "Đặt hai độ phân giải ngang và dọc bằng nhau rồi quét lại",
    "Set the same resolution across and down, and scan the page again",
)


def picture_fault(
    image: PageImage,
    gray: Gray,
    layouts: Sequence[LoadedLayout],
    prior: str = "",
    likeness: float = 0.0,
) -> PictureFault | None:
    """Why no form fits a page, where a form would fit if the picture were put right.

    A page is looked at once more for each thing that may be wrong with it: half of a sheet,
    mirrored, a negative when it is dark, stretched to the shape of an upright or a lying sheet when
    it has not that one. Only refused pages pay for it.

    Args:
        image: the page as loaded; no form fits it.
        gray: (H, W) uint8, the same made straight.
        layouts: the installed layouts.
        prior: id of the layout the book is known to have.
        likeness: how like the lines of any layout those of the page are as it is
            (`Detection.likeness`): put right, it must be as like at least.

    """
    half = find_half(gray, layouts)
    if half is not None:
        return half_alone(half[0])
    for fault, pixels in _put_right(image.pixels):
        flat = flatten(replace(image, pixels=np.ascontiguousarray(pixels)))
        if detect(flat.gray, layouts, prior, max(_AS_LIKE * likeness, LEAST_LIKENESS)).layout_id:
            return fault
    return None


def _put_right(pixels: Rgb) -> Iterator[tuple[PictureFault, Rgb]]:
    if np.median(pixels[::8, ::8]) < _DARK_LEVEL:
        yield _NEGATIVE, 255 - pixels
    yield _MIRRORED, pixels[:, ::-1]
    height, width = pixels.shape[:2]
    for slope in (_SHEET_SLOPE, 1 / _SHEET_SLOPE):  # upright and lying sheets
        times = height / width / slope
        if max(times, 1 / times) >= _STRETCHED:
            size = (width, round(width * slope)) if times > 1 else (round(height / slope), height)
            yield _stretched(times), _resized(pixels, size)


def half_alone(half: HalfForm) -> PictureFault:
    """What is wrong with a scan that shows this half of a form."""
    told = half_name(half)
    return PictureFault(
        Text(f"Ảnh chỉ có {told.vi}", f"The scan shows {told.en} alone"), JOIN_HALVES
    )


def _resized(pixels: Rgb, size: tuple[int, int]) -> Rgb:
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _stretched(times: float) -> PictureFault:
    """`times`: height of the picture as a multiple of what it should be."""
    ratio = round(max(times, 1 / times), 1)
    return PictureFault(
        Text(
            f"Ảnh bị kéo giãn khoảng {short_number(ratio)}:1",
            f"The picture is stretched about {short_number(ratio, 'en')}:1",
        ),
        _SAME_DPI,
    )
