"""What several pages of one form have in common: their print, without what is written on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.errors import BadInputError
from ocr_pipeline.layout.common_print import lay_pages
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.pose import PageSearch, Pose
from ocr_pipeline.layout.schema import Layout, LayoutField, PageSize
from ocr_pipeline.proposing.printed_lines import PER_MM
from ocr_pipeline.registers.fields import FieldKind

MOST_PAGES = 5
"""So many pages are compared; more take away hardly any more writing."""

_LEAST_PAGES = 2  # two pages leave what is written alike on both, e.g. years and "Kinh"
_REFERENCE_DPI = 100


@dataclass(frozen=True, slots=True, eq=False)
class CommonSheet:
    """The print of a form.

    Attributes:
        picture: (H, W) uint8 at `SHEET_DPI`, in the place of the first page.
        written: the same place with the ink of every page.
        pages: how many pages show it; 1: the first page as it is, writing and all.
        left_out: indices of the pages that show another print.

    """

    picture: Gray
    written: Gray
    pages: int
    left_out: tuple[int, ...]


def common_sheet(
    sheet: Gray, others: Sequence[Gray], type: str, size: tuple[float, float]
) -> CommonSheet:
    """The print that pages share with the first one.

    Args:
        sheet: the first page, (H, W) uint8 at `SHEET_DPI`, upright.
        others: straightened pages of any size and turn; `MOST_PAGES` in all are looked at.
        type: register type code.
        size: width and height of the page in mm.

    """
    form = _as_form(sheet, type, size)
    pages, poses, indices = [sheet], [Pose(0, PER_MM, (0.0, 0.0), 1.0)], [0]
    for index, page in enumerate(others[: MOST_PAGES - 1], start=1):
        if found := PageSearch(page).poses(form):
            pages.append(page)
            poses.append(found[0])
            indices.append(index)
    lost = set(range(1, min(len(others), MOST_PAGES - 1) + 1)) - set(indices)
    if len(pages) < _LEAST_PAGES:
        return CommonSheet(sheet, sheet, 1, tuple(sorted(lost)))
    try:
        laid = lay_pages(pages, form, poses, least=_LEAST_PAGES)
    except BadInputError:  # none shows the print of the first
        return CommonSheet(sheet, sheet, 1, tuple(sorted(lost | set(indices[1:]))))
    lost |= {indices[place] for place in laid.left_out}
    written = np.asarray(np.min(list(laid.pictures.values()), axis=0), np.uint8)
    picture = laid.common().picture
    return CommonSheet(picture, written, len(laid.pictures), tuple(sorted(lost)))


def _as_form(sheet: Gray, type: str, size: tuple[float, float]) -> LoadedLayout:
    """The first page as a layout of one field, the page itself: others are looked for by it."""
    width, height = size
    pixels = (round(width * _REFERENCE_DPI / 25.4), round(height * _REFERENCE_DPI / 25.4))
    whole = LayoutField(code="page", kind=FieldKind.FREE_TEXT, lines=((0, 0, width, height),))
    layout = Layout(
        id=f"{type}-x",
        type=type,
        era="",
        title="",
        page=PageSize(width=width, height=height),
        reference_dpi=_REFERENCE_DPI,
        fields=(whole,),
    )
    reference = np.asarray(cv2.resize(sheet, pixels, interpolation=cv2.INTER_AREA), np.uint8)
    return LoadedLayout(layout, reference, "")
