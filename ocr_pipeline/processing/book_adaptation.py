"""A book's print learned from a few of its pages: what the command and the morning report need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ocr_pipeline.errors import BadInputError, ScanError, Text
from ocr_pipeline.imaging.flat_page import FlatPage, deepen, flatten, page_content
from ocr_pipeline.layout.adaptation_check import (
    AdaptationCheck,
    CheckedField,
    check_adaptation,
)
from ocr_pipeline.layout.adapted_layout import AdaptedLayout, adapt
from ocr_pipeline.layout.common_print import LEAST_PAGES, lay_pages, nearest_layout
from ocr_pipeline.layout.detection import detect
from ocr_pipeline.layout.layout_draft import dump
from ocr_pipeline.layout.loading import LoadedLayout, parse_layout
from ocr_pipeline.layout.overlay import overlay
from ocr_pipeline.layout.registration import register
from ocr_pipeline.processing.form_pages import LEARNED_PAGES
from ocr_pipeline.processing.page import PALE
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.processing.stages import layouts_in_use
from ocr_pipeline.scans.pages import PageRef, load_page

if TYPE_CHECKING:
    from ocr_pipeline.arrays import Rgb

_QUALITY = 80  # of pictures that are shown, JPEG


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

    def pictures(self, page: FlatPage) -> tuple[Rgb, Rgb]:
        """A page with the boxes of the installed layout, and with those that were learned."""
        now = LoadedLayout(self.adapted.layout, self.adapted.reference, "")
        return _overlaid(page, self.like), _overlaid(page, now)

    def picture(self, page: FlatPage) -> Rgb:
        """Both pictures side by side."""
        return np.hstack(self.pictures(page))


@dataclass(frozen=True, slots=True)
class LearningJob:
    """Pages of a book whose print is to be learned, for a process of its own.

    Attributes:
        refs: the pages, those to learn from first.
        settings: of the workspace now: they name the layouts.
        type: code of the book's register type.

    """

    refs: tuple[PageRef, ...]
    settings: RunSettings
    type: str


@dataclass(frozen=True, slots=True)
class LearntPrint:
    """What was learned of a book's print, small enough to be sent back and kept.

    Attributes:
        like: id of the installed layout that comes nearest.
        layout: `layout.yaml`; `reference`: `reference.png`.
        before: a page with the boxes of the installed layout, JPEG; `after`: with the new ones.
        pages: how many pages were looked at; `fitted_before`: on how many that layout lies.
        checked: how many pages the print was held against without having been learned from them;
            `accepted`: how many of these it fits.
        holds: it may be used.
        fields: how far each field moved and whether its place is confirmed.
        missing: printed words that were not found; `reworded`: that read otherwise.

    """

    like: str
    layout: str
    reference: bytes
    before: bytes
    after: bytes
    pages: int
    fitted_before: int
    checked: int
    accepted: int
    holds: bool
    fields: tuple[CheckedField, ...]
    missing: tuple[str, ...]
    reworded: tuple[str, ...]


def learn_print(job: LearningJob) -> LearntPrint:
    """Learn the print of a book from its scans; those that cannot be opened are left out.

    Raises:
        BadInputError, LayoutError: as `learn_book_print`.

    """
    flats = []
    for ref in job.refs:
        try:
            flats.append(legible_page(ref))
        except ScanError:
            continue
    known = layouts_in_use(job.settings).values()
    found = learn_book_print(flats, [one for one in known if one.layout.type == job.type])
    before, after = (_jpeg(picture) for picture in found.pictures(flats[0]))
    check = found.check
    return LearntPrint(
        found.like.layout.id, found.layout_text, found.reference_png, before, after, found.pages,
        found.fitted_before, check.pages, check.accepted, check.holds, check.fields,
        found.adapted.missing, found.adapted.reworded,
    )  # fmt: skip


def legible_page(ref: PageRef) -> FlatPage:
    """A page straight, with dark ink.

    Raises:
        ScanError: it cannot be opened.

    """
    flat = flatten(load_page(ref))
    return deepen(flat) if page_content(flat.gray) in PALE else flat


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


def _jpeg(picture: Rgb) -> bytes:
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
