"""Where the pictures of pages of a workspace come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr_pipeline.processing.corners import corners_by_hand
from ocr_pipeline.registers.fields import State
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.upright_page import PageSource
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.models import FieldRow, PageRow, RecordRow
from ocr_pipeline.store.page_decisions import decisions_in_force
from ocr_pipeline.store.reading_lines import note_reading
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PageWithSource:
    """A page of the store: whose it is, and where its pixels come from."""

    book: str
    source: PageSource


def note_page_seen(ws: Workspace, user: User, page: PageWithSource, now: datetime) -> None:
    """Tell the audit trail that a person was sent the picture of a whole page, once an hour."""
    subject = f"page:{page.source.ref.name}"
    note_reading(ws, user.name, AuditAction.PAGE_SEEN, book=page.book, subject=subject, now=now)


def page_sources(workspace: Workspace, pages: Iterable[int]) -> dict[int, PageWithSource]:
    """The pages with these ids; ids that are not there are left out."""
    with workspace.read_session() as session:
        rows = session.scalars(select(PageRow).where(PageRow.id.in_(set(pages)))).all()
        return {row.id: PageWithSource(row.book, source) for row, source in _sources(session, rows)}


def waiting_pages(workspace: Workspace) -> Iterator[PageSource]:
    """Read pages that somebody will have to look at, in the order of the books."""
    doubtful = (
        select(FieldRow.id)
        .join(RecordRow, RecordRow.id == FieldRow.record)
        .where(
            RecordRow.book == PageRow.book,
            RecordRow.page == PageRow.name,
            FieldRow.state == State.IN_REVIEW,
        )
    )
    query = (
        select(PageRow)
        .where(PageRow.kind == PageKind.RECORD, doubtful.exists())
        .order_by(PageRow.book, PageRow.ordinal)
    )
    with workspace.read_session() as session:
        sources = [source for _, source in _sources(session, session.scalars(query).all())]
    yield from sources


def _sources(session: Session, rows: Iterable[PageRow]) -> Iterator[tuple[PageRow, PageSource]]:
    """Each page with its source; rows of a book stand together."""
    for book, group in groupby(sorted(rows, key=_book_of), key=_book_of):
        pages = list(group)
        decided = decisions_in_force(session, book, pages)
        for row in pages:
            yield row, PageSource.of(row, corners_by_hand(decided.get(row.name)))


def _book_of(row: PageRow) -> str:
    return row.book
