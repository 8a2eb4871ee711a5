"""The job of reading one page, made from its row in the store, and the key its result has."""

from __future__ import annotations

from dataclasses import replace

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.reading_facts import NO_FACTS, ReadingFacts
from ocr_pipeline.processing.corners import FormCorners
from ocr_pipeline.processing.page import PageJob
from ocr_pipeline.processing.settings import RunSettings, combined_hash
from ocr_pipeline.store.ledger import PAGE_STAGE, LedgerKey
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_parts import page_ref


def page_job(
    book: Book,
    row: PageRow,
    settings: RunSettings,
    fingerprint: str,
    corners: FormCorners | None = None,
) -> tuple[LedgerKey, PageJob]:
    """How a page is read, and the key its result is kept under.

    Args:
        book: its book.
        row: the page.
        settings: of the run.
        fingerprint: of the page stage under these settings.
        corners: where a person says that the form lies.

    """
    facts, type_, prior = ReadingFacts.of(book), book.type.value, book.layout or ""
    by_hand = corners.identity if corners else ""
    key = page_key(row, type_, prior, fingerprint, facts, by_hand)
    ref = page_ref(row)
    if ref.part is not None and ref.part.number == 1 and corners is None:
        ref = replace(ref, part=None)  # the whole scan is looked at: its forms are found anew
    return key, PageJob(ref, type_, prior, settings, facts, corners)


def page_key(
    row: PageRow,
    book_type: str,
    prior: str,
    fingerprint: str,
    facts: ReadingFacts = NO_FACTS,
    corners: str = "",
) -> LedgerKey:
    """The ledger's key for a page: its bytes × all else that its result depends on."""
    hand = (corners,) if corners else ()
    known = combined_hash(fingerprint, book_type, prior, *facts.parts(), *hand)
    return LedgerKey(PAGE_STAGE, row.digest, known)
