"""The job of reading one page, made from its row in the store, and the key its result has."""

from __future__ import annotations

from dataclasses import replace

from ocr_pipeline.books.book import Book
from ocr_pipeline.processing.book_print import BookPrint
from ocr_pipeline.processing.corners import FormCorners
from ocr_pipeline.processing.office_layouts import (
    fingerprint_with_layouts,
    kept_for,
    untouched_since,
)
from ocr_pipeline.processing.page import PageJob
from ocr_pipeline.processing.settings import RunSettings, combined_hash
from ocr_pipeline.store.ledger import LedgerKey
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_parts import page_ref
from ocr_pipeline.store.states import PageKind


def page_job(
    book: Book,
    row: PageRow,
    settings: RunSettings,
    fingerprint: str,
    corners: FormCorners | None = None,
    own: BookPrint | None = None,
) -> tuple[LedgerKey, PageJob]:
    """How a page is read, and the key its result is kept under.

    Args:
        book: its book.
        row: the page.
        settings: of the run.
        fingerprint: of the page stage under these settings, without the office's own layouts.
        corners: where a person says that the form lies.
        own: what the book's own pages taught of its print.

    """
    home, type_, prior = book.agency.units, book.type.value, book.layout or ""
    by_hand = corners.identity if corners else ""
    if row.kind == PageKind.RECORD:  # a form that is retired goes on for what was read with it
        kept = kept_for(settings.office_layouts, row.layout)
        settings = replace(settings, office_layouts=kept)
    fingerprint = fingerprint_with_layouts(fingerprint, settings.office_layouts)
    if own is not None:
        fingerprint = combined_hash(fingerprint, own.digest)
    key = page_key(row, type_, prior, fingerprint, home, by_hand)
    ref = page_ref(row)
    if ref.part is not None and ref.part.number == 1 and corners is None:
        ref = replace(ref, part=None)  # the whole scan is looked at: its forms are found anew
    return key, PageJob(ref, type_, prior, settings, home, corners, own)


def earlier_key(
    book: Book,
    row: PageRow,
    settings: RunSettings,
    fingerprint: str,
    corners: FormCorners | None = None,
    own: BookPrint | None = None,
) -> LedgerKey | None:
    """The key of a page's result where a layout that was saved later does not touch it.

    Args:
        book: as of `page_job`, like all that follows.
        row: the page, with what was read last.
        settings: with all layouts that the office has now.
        fingerprint: as of `page_job`.
        corners: as of `page_job`.
        own: as of `page_job`.

    Returns:
        The key that the row was read under, if that was with fewer of the office's layouts and
        the layout it was read with is still the same; None when it is to be looked up as usual.

    """
    saved = settings.office_layouts
    if row.kind != PageKind.RECORD or not row.fingerprint:
        return None
    for count in range(len(saved) - 1, untouched_since(saved, row.layout) - 1, -1):
        before = replace(settings, office_layouts=saved[:count])
        key = page_job(book, row, before, fingerprint, corners, own)[0]
        if key.fingerprint == row.fingerprint:
            return key
    return None


def page_key(
    row: PageRow,
    book_type: str,
    prior: str,
    fingerprint: str,
    home: tuple[str, ...] = (),
    corners: str = "",
) -> LedgerKey:
    """The ledger's key for a page: its bytes × all else that its result depends on."""
    hand = (corners,) if corners else ()
    return LedgerKey.of_page(row.digest, combined_hash(fingerprint, book_type, prior, *home, *hand))
