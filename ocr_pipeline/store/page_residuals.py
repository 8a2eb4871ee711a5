"""How far the form is off on pages that were read, as their results say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.store.codec import unpack
from ocr_pipeline.store.ledger import LedgerKey, payloads
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.states import PageKind


def residuals(session: Session, book: str, layout: str, most: int) -> list[float]:
    """What is left after alignment on pages that were read with a layout, in mm.

    Args:
        session: to read with.
        book: id of the book.
        layout: id of the layout.
        most: so many pages are looked at, evenly over the book.

    """
    query = select(PageRow.digest, PageRow.fingerprint).where(
        PageRow.book == book, PageRow.layout == layout, PageRow.kind == PageKind.RECORD.value
    )
    rows = list(session.execute(query.order_by(PageRow.ordinal)))
    if len(rows) > most:
        places = np.linspace(0, len(rows) - 1, most).round().astype(int)
        rows = [rows[place] for place in places.tolist()]
    return _left(session, [LedgerKey.of_page(digest, mark) for digest, mark in rows])


def residuals_of(session: Session, pages: Sequence[PageRow]) -> list[float]:
    """What is left after alignment on each of these pages, in mm; 0 where no result says it."""
    keys = [LedgerKey.of_page(page.digest, page.fingerprint) for page in pages]
    return _left(session, keys)


def _left(session: Session, keys: Sequence[LedgerKey]) -> list[float]:
    found = payloads(session, keys)
    return [_residual(found[key]) if key in found else 0.0 for key in keys]


def _residual(payload: bytes) -> float:
    return float(unpack(payload).get("residual_mm", 0.0))
