"""A book's print learned from a few of its pages: what the command and the morning report need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.layout.adaptation_check import AdaptationCheck, check_adaptation
from ocr_pipeline.layout.adapted_layout import AdaptedLayout, adapt
from ocr_pipeline.layout.common_print import LEAST_PAGES, lay_pages, nearest_layout
from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.layout_draft import dump
from ocr_pipeline.layout.loading import LoadedLayout, parse_layout
from ocr_pipeline.layout.overlay import overlay
from ocr_pipeline.layout.registration import register
from ocr_pipeline.processing.form_pages import LEARNED_PAGES

if TYPE_CHECKING:
    from ocr_pipeline.arrays import Rgb
    from ocr_pipeline.imaging.flat_page import FlatPage


@dataclass(frozen=True, slots=True, eq=False)
class BookAdaptation:
    """What a book's pages taught of its print.

    Attributes:
        like: the installed layout that comes nearest.
        adapted: that layout moved onto the print of the book.
        check: what held it against other pages.
        left_out: how many of the pages show another print.
        fitted_before: on how many of the pages the installed layout lies, of `pages`.
        pages: how many pages were looked at.

    """

    like: LoadedLayout
    adapted: AdaptedLayout
    check: AdaptationCheck
    left_out: int
    fitted_before: int
    pages: int

    @property
    def layout_text(self) -> str:
        """`layout.yaml` of the print."""
        return dump(self.adapted.layout.model_dump(mode="json", exclude_defaults=True))

    @property
    def reference_png(self) -> bytes:
        """`reference.png` of the print."""
        kind = [cv2.IMWRITE_PNG_COMPRESSION, 9]
        return cv2.imencode(".png", self.adapted.reference, kind)[1].tobytes()

    def picture(self, page: FlatPage) -> Rgb:
        """A page with the boxes of the installed layout beside it with those that were learned."""
        now = LoadedLayout(self.adapted.layout, self.adapted.reference, "")
        return np.hstack([_overlaid(page, self.like), _overlaid(page, now)])


def learn_book_print(pages: Sequence[FlatPage], layouts: Sequence[LoadedLayout]) -> BookAdaptation:
    """Learn how the form of a book is printed.

    Args:
        pages: upright or not, straight; the first `LEARNED_PAGES` are learned from, the others
            only looked at.
        layouts: those installed of the book's register type.

    Raises:
        BadInputError: too few pages, pages like no installed layout, or pages unlike each other.
        LayoutError: what was learned is no layout, e.g. a box outside the page.

    """
    if len(pages) < LEAST_PAGES:
        raise BadInputError(
            Text(
                f"cần ít nhất {LEAST_PAGES} trang, có {len(pages)}",
                f"at least {LEAST_PAGES} pages are needed, there are {len(pages)}",
            ),
            remedy=Text("chọn thêm trang của sổ", "choose more pages of the book"),
        )
    grays = [page.gray for page in pages]
    learned, further = grays[:LEARNED_PAGES], grays[LEARNED_PAGES:]
    like, poses = nearest_layout(learned, layouts)
    laid = lay_pages(learned, like, poses)
    adapted = adapt(laid.common(), like.layout)
    found = BookAdaptation(
        like,
        adapted,
        check_adaptation(adapted, like.layout, laid, learned, further),
        len(laid.left_out),
        sum(detect(gray, [like]).layout_id is not None for gray in grays),
        len(grays),
    )
    parse_layout(found.layout_text, like.layout.id)
    return found


def _overlaid(page: FlatPage, loaded: LoadedLayout) -> Rgb:
    found = detect(page.gray, [loaded])
    return overlay(page, loaded, found.registration or register(page.gray, loaded, found.turn))
