"""The cut that a person gave one page, tried on the refused pages of its book.

A whole book may lie alike: a telephone on a stand, a scanner that cut a margin off. The machine
judges each page as always: one whose print the corners do not confirm stays refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text
from ocr_pipeline.processing.corners import FormCorners
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.review.given_corners import page_shape
from ocr_pipeline.review.open_page import begin_change, page_row
from ocr_pipeline.review.page_cutting import cut_by_people, last_cut
from ocr_pipeline.review.page_rereading import PageOutcome, reread_between
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_decisions import decisions
from ocr_pipeline.store.page_parts import part_of
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

_SAME_SIDE = 0.01  # share of a side: scans whose widths or heights agree have one resolution


@dataclass(frozen=True, slots=True)
class RefusedPage:
    """A page that the cut of another one may help.

    Attributes:
        page: its id.
        name: its name.

    """

    page: int
    name: str


def pages_to_try(ws: Workspace, user: User, page: int) -> list[RefusedPage]:
    """Whole scans of the book that are refused and that nobody has cut, in their order.

    Args:
        ws: the workspace.
        user: who asks.
        page: id of the page whose cut is to be tried.

    Returns:
        None of them where the page was not read between corners that a person gave.

    Raises:
        ForbiddenError, NotFoundError, BookClosedError, UsageError: as `begin_change`.

    """
    desk = begin_change(ws, user, page)
    with ws.read_session() as session:
        if _cut_of(session, desk.row) is None:
            return []
        pages = book_pages(session, desk.row.book)
        refused = [row for row in pages if row.kind == PageKind.REFUSED and part_of(row) is None]
        said = decisions(session, desk.row.book)  # once: each look for a page reads the whole book
        return [RefusedPage(row.id, row.name) for row in refused if last_cut(said, row) is None]


def read_like(ws: Workspace, user: User, page: int, like: int, now: datetime) -> PageOutcome:
    """Read a refused page between the corners of another page of its book.

    The page's scan may be larger or smaller: where the resolution is the same, the corners lie as
    far from the top left corner as on the other page, else at the same share of the sides.

    Args:
        ws: the workspace.
        user: who decided.
        page: id of the refused page.
        like: id of the page that a person cut.
        now: the time (UTC).

    Raises:
        ForbiddenError, NotFoundError, BookClosedError, UsageError: as `begin_change`.
        NotAllowedYetError: the page is not refused (any more), or the other one has no such cut.
        StaleError, ScanError, MachineError: as `page_rereading.reread`.

    """
    desk = begin_change(ws, user, page)
    with ws.read_session() as session:
        pattern = page_row(session, like)
        form = _cut_of(session, pattern) if pattern.book == desk.row.book else None
        is_tried = cut_by_people(session, desk.row) is not None
    if form is None or is_tried or desk.row.kind != PageKind.REFUSED:
        raise NotAllowedYetError(
            Text(
                "Trang này hoặc trang đã cắt đã thay đổi",
                "This page, or the one whose cut is tried, has changed",
            ),
            where=desk.row.name,
            remedy=Text("Tải lại trang", "Load the page again"),
        )
    own = _carried(form, page_shape(pattern), page_shape(desk.row))
    return reread_between(ws, user, desk, own, pattern.name, now)


def _cut_of(session: Session, row: PageRow) -> FormCorners | None:
    """The corners that a page was read between, to be confirmed by print again."""
    form = cut_by_people(session, row) if row.kind == PageKind.RECORD else None
    return form and replace(form, trust=False)


def _carried(form: FormCorners, seen: tuple[int, int], own: tuple[int, int]) -> FormCorners:
    """Corners of a scan on another one; shapes are height and width in pixels."""
    shares = [one / other for one, other in zip(own, seen, strict=True)]
    if any(abs(share - 1) <= _SAME_SIDE for share in shares):
        return form
    down, across = shares
    first, second, third, fourth = (
        (round(x * across, 2), round(y * down, 2)) for x, y in form.corners
    )
    return replace(form, corners=(first, second, third, fourth))
