"""Which pages of a book can teach how its form is printed, and which books need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_parts import is_further
from ocr_pipeline.store.page_residuals import residuals
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.totals import nearest_totals

LEARNED_PAGES = 5
"""Pages to learn from: each more page takes away writing that the others have in common."""

CHECKED_PAGES = 3
"""Further pages that what was learned is held against."""

LEAST_REFUSED = 3
"""Pages refused under the same layout from which on a book is proposed."""

LEAST_REFUSED_SHARE = 0.15
"""Their share of the book's pages with a form: a single bad scan proposes nothing."""

LEAST_RESIDUAL_MM = 0.33
"""Of pages of the layout's own print 0.10–0.28 mm are left; of nine invented houses 0.18–0.43."""

_Total = tuple[str, str, str, int]  # of `nearest_totals`
_ALIKE_SHARE = 0.75  # single bad scans among good ones are no print of another house
_WEIGHED_PAGES = 12  # of a book: what they say is read back from the ledger


@dataclass(frozen=True, slots=True)
class IllFittingBook:
    """A book whose pages fit a layout alike but not well: another house may have printed its forms.

    Attributes:
        book: its id.
        layout: id of the layout that comes nearest to these pages.
        refused: how many of them were refused.
        pages: its pages with a form, refused or read.
        residual_mm: what is left after alignment on the pages that were read, the middle of them;
            0 where the refused pages alone speak for it.

    """

    book: str
    layout: str
    refused: int
    pages: int
    residual_mm: float = 0.0


def ill_fitting_books(session: Session, only: str = "") -> list[IllFittingBook]:
    """The books to be learned, the worst first.

    Many of their pages came near one layout and were refused, or were read with one that fits all
    of them alike but not well.

    Args:
        session: to read with.
        only: id of the one book that is asked for; "" for all books.

    """
    totals = [one for one in nearest_totals(session) if only in ("", one[0])]
    refused = _refused_alike(totals)
    named = {one.book for one in refused}
    return refused + [one for one in _read_badly(session, totals) if one.book not in named]


def refused_books(session: Session) -> list[IllFittingBook]:
    """Of these the books with refused pages, the worst first; one query however many books."""
    return _refused_alike(nearest_totals(session))


def _read_badly(session: Session, totals: Sequence[_Total]) -> list[IllFittingBook]:
    """The books that were read with a layout of another print, the worst first."""
    found = []
    for book, kind, layout, number in totals:
        if kind != PageKind.RECORD or number < LEAST_REFUSED:
            continue
        left = [one for one in residuals(session, book, layout, _WEIGHED_PAGES) if one > 0]
        if len(left) < LEAST_REFUSED:
            continue
        middle, lowest = float(np.median(left)), float(np.quantile(left, 0.25))
        if middle >= LEAST_RESIDUAL_MM and lowest >= _ALIKE_SHARE * middle:
            found.append(IllFittingBook(book, layout, 0, number, round(middle, 2)))
    return sorted(found, key=lambda one: (-one.residual_mm, one.book))


def _refused_alike(totals: Sequence[_Total]) -> list[IllFittingBook]:
    read: dict[str, int] = {}
    refused: dict[str, dict[str, int]] = {}
    for book, kind, layout, number in totals:
        if kind == PageKind.RECORD:
            read[book] = read.get(book, 0) + number
        else:
            refused.setdefault(book, {})[layout] = number
    found = []
    for book, by_layout in refused.items():
        near = {layout: pages for layout, pages in by_layout.items() if layout}
        if not near:
            continue
        layout = max(near, key=lambda one: near[one])
        number = near[layout] + by_layout.get("", 0)  # pages further off come near nothing
        pages = read.get(book, 0) + sum(by_layout.values())
        if number >= LEAST_REFUSED and number >= LEAST_REFUSED_SHARE * pages:
            found.append(IllFittingBook(book, layout, number, pages))
    return sorted(found, key=lambda one: (-one.refused, one.book))


def form_pages(
    session: Session, book: str, names: Sequence[str] = (), *, checked: int = CHECKED_PAGES
) -> list[PageRow]:
    """Pages of a book to learn its print from: refused ones first, from all over the book.

    Args:
        session: to read with.
        book: id of the book.
        names: take these pages; chosen when empty.
        checked: how many further pages what was learned is held against.

    """
    rows = [
        row
        for row in book_pages(session, book)
        if row.digest and not row.duplicate_of and not is_further(row)
    ]
    if names:
        return [row for row in rows if row.name in set(names)]
    refused = [row for row in rows if row.kind == PageKind.REFUSED]
    read = [row for row in rows if row.kind == PageKind.RECORD]
    chosen = _spread(refused, LEARNED_PAGES)
    if len(chosen) < LEARNED_PAGES:
        chosen += _spread(read, LEARNED_PAGES - len(chosen))
    taken = {row.name for row in chosen}
    rest = [row for row in (*refused, *read) if row.name not in taken]
    return chosen + _spread(rest, checked)


def _spread(rows: Sequence[PageRow], most: int) -> list[PageRow]:
    """At most so many of them, evenly over the book."""
    if len(rows) <= most:
        return list(rows)
    places = np.linspace(0, len(rows) - 1, most).round().astype(int)
    return [rows[place] for place in places.tolist()]
