"""Two scans of half sheets: whether they are of one sheet, and its picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from PIL import Image

from ocr_pipeline.arrays import Pixels
from ocr_pipeline.errors import ScanError, Text
from ocr_pipeline.imaging.flat_page import flatten
from ocr_pipeline.layout.half_forms import SheetHalf
from ocr_pipeline.layout.joined_sheet import SeenHalf, join, see_half
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.scans.pages import PageRef, load_page

_QUALITY = 93  # of JPEG

NOT_BESIDE = Text("ảnh bên cạnh không phải nửa kia", "no other half stands next to it")


class PairFit(StrEnum):
    """How two scans of halves fit each other."""

    ONE_SHEET = "one_sheet"
    UNCOMPARED = "uncompared"  # too little writing on the strip that both show
    TWO_SHEETS = "two_sheets"  # the writing on the strip that both show differs
    APART = "apart"  # a strip of the sheet is on neither scan, or one shows no half of it


@dataclass(frozen=True, slots=True)
class HalfPair:
    """Two scans that follow each other, and the form of which they may show the halves."""

    first: PageRef
    second: PageRef
    form: LoadedLayout


@dataclass(frozen=True, slots=True)
class JoinedPair:
    """What came of two scans.

    Attributes:
        fit: how they fit.
        picture: the sheet as a JPEG file; empty where they make no sheet.
        cause: why they make none.
        remedy: what to do about it.

    """

    fit: PairFit
    picture: bytes = field(default=b"", repr=False)
    cause: Text | None = None
    remedy: Text | None = None


def join_pair(pair: HalfPair) -> JoinedPair:
    """Lay two scans of halves together.

    Raises:
        ScanError: one of the scans cannot be read.
        MachineError: a PDF page must be rendered and poppler is missing.
        TransientError: poppler was killed.

    """
    seen = [seen_half(ref, [pair.form]) for ref in (pair.first, pair.second)]
    by_side = {half.form.side: half for half in seen if half is not None}
    if len(by_side) < len(seen):
        return JoinedPair(PairFit.APART, cause=NOT_BESIDE, remedy=SCAN_OTHER_HALF)
    return laid_together(by_side[SheetHalf.LEFT], by_side[SheetHalf.RIGHT])


def seen_half(ref: PageRef, forms: Sequence[LoadedLayout]) -> SeenHalf | None:
    """The half of one of the forms that a scan shows; None when it shows none.

    Raises:
        ScanError, MachineError, TransientError: as `join_pair`.

    """
    page = load_page(ref)
    return see_half(flatten(page), (page.pixels.shape[1], page.pixels.shape[0]), forms)


def laid_together(left: SeenHalf, right: SeenHalf) -> JoinedPair:
    """What two halves of one form make."""
    try:
        sheet = join(left, right)
    except ScanError as error:
        return JoinedPair(PairFit.APART, cause=error.cause, remedy=error.remedy)
    if sheet.is_one_paper is False:
        return JoinedPair(PairFit.TWO_SHEETS, cause=TWO_SHEETS, remedy=SCAN_OTHER_HALF)
    fit = PairFit.ONE_SHEET if sheet.is_one_paper else PairFit.UNCOMPARED
    return JoinedPair(fit, picture_file(sheet.pixels, sheet.dpi))


def picture_file(pixels: Pixels, dpi: float | None) -> bytes:
    """(H, W, 3) uint8 RGB as a JPEG file; grey where it has no colours."""
    is_grey = (pixels == pixels[:, :, :1]).all()
    picture = Image.fromarray(pixels[:, :, 0] if is_grey else pixels)
    told = {} if dpi is None else {"dpi": (round(dpi), round(dpi))}
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, **told)
    return out.getvalue()


SCAN_OTHER_HALF = Text(
    "Tìm hoặc quét nửa còn lại, đặt tên để nó đứng ngay cạnh nửa này, rồi chạy lại",
    "Find or scan the other half, name it so that it stands next to this one, and run this again",
)
TWO_SHEETS = Text(
    "phần giữa tờ mà hai ảnh cùng chụp không giống nhau: có thể là hai tờ khác nhau",
    "what both scans show of the middle differs: they may be of two sheets",
)
