"""Two scans of half sheets: whether they are of one sheet, and its picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from ocr_pipeline.errors import ScanError, Text
from ocr_pipeline.layout.half_forms import SheetHalf
from ocr_pipeline.layout.joined_sheet import SeenHalf, join, see_half
from ocr_pipeline.processing.sheet_joining import SCAN_OTHER_HALF, TWO_SHEETS, picture_file
from ocr_pipeline.scans.pages import PageRef, load_page

if TYPE_CHECKING:
    from ocr_pipeline.layout.loading import LoadedLayout

NOT_BESIDE = Text("ảnh bên cạnh không phải nửa kia", "no other half stands next to it")


class PairFit(StrEnum):
    """How two scans of halves fit each other."""

    ONE_SHEET = "one_sheet"
    UNCOMPARED = "uncompared"  # too little writing on the strip that both show
    APART = "apart"  # two sheets, or a strip of the sheet is on neither scan


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
        picture: the sheet as a JPEG file; empty for `APART`.
        cause: why they were not joined, for `APART`.
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
    seen = [_seen(ref, pair.form) for ref in (pair.first, pair.second)]
    by_side = {half.form.side: half for half in seen if half is not None}
    if len(by_side) < len(seen):
        return JoinedPair(PairFit.APART, cause=NOT_BESIDE, remedy=SCAN_OTHER_HALF)
    try:
        sheet = join(by_side[SheetHalf.LEFT], by_side[SheetHalf.RIGHT])
    except ScanError as error:
        return JoinedPair(PairFit.APART, cause=error.cause, remedy=error.remedy)
    if sheet.is_one_paper is False:
        return JoinedPair(PairFit.APART, cause=TWO_SHEETS, remedy=SCAN_OTHER_HALF)
    fit = PairFit.ONE_SHEET if sheet.is_one_paper else PairFit.UNCOMPARED
    return JoinedPair(fit, picture_file(sheet.pixels, sheet.dpi))


def _seen(ref: PageRef, form: LoadedLayout) -> SeenHalf | None:
    from ocr_pipeline.imaging.flat_page import flatten

    page = load_page(ref)
    return see_half(flatten(page), (page.pixels.shape[1], page.pixels.shape[0]), [form])
