"""The cut that a person gave one page, tried on the refused and ill-fitting pages of its book.

A whole book may lie alike: a telephone on a stand, a scanner that cut a margin off. The machine
judges each page as always: one whose print the corners do not confirm stays refused, and one that
was read keeps its reading unless the form then fits clearly better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text
from ocr_pipeline.processing.corners import FormCorners
from ocr_pipeline.processing.form_pages import LEAST_RESIDUAL_MM
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.review.given_corners import page_shape
from ocr_pipeline.review.open_page import begin_change, page_row
from ocr_pipeline.review.page_cutting import cut_by_people, last_cut, last_cut_decision
from ocr_pipeline.review.page_rereading import PageOutcome, reread_between
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.page_decisions import PageDecision, decisions
from ocr_pipeline.store.page_parts import part_of
from ocr_pipeline.store.page_residuals import residuals_of
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

_SAME_SIDE = 0.01  # share of a side: scans whose widths or heights agree have one resolution

GAIN_MM = 0.1
"""So much better must a form fit: five cuts of a page, 2 mm apart, differed by at most 0.08 mm."""


@dataclass(frozen=True, slots=True)
class SharedCutPage:
    """A page that the cut of another one may help, or has helped.

    Attributes:
        page: its id.
        name: its name.

    """

    page: int
    name: str


@dataclass(frozen=True, slots=True)
class SharedCut:
    """What the cut of a page can do, and has done, for the other pages of its book.

    Attributes:
        refused: whole scans that are refused and that nobody has cut, in their order.
        ill_fitting: those that were read with the same form, which fits them badly.
        read: pages that were read like this one and still are, in their order.

    """

    refused: Sequence[SharedCutPage] = ()
    ill_fitting: Sequence[SharedCutPage] = ()
    read: Sequence[SharedCutPage] = ()


def shared_cut_of(ws: Workspace, user: User, page: int) -> SharedCut:
    """The pages of a book for which the cut of this page counts, or can be tried.

    All are none where the page was not read between corners that a person gave.

    Args:
        ws: the workspace.
        user: who asks.
        page: id of the page whose cut it is.

    Raises:
        ForbiddenError, NotFoundError, BookClosedError, UsageError: as `begin_change`.

    """
    desk = begin_change(ws, user, page)
    with ws.read_session() as session:
        if _cut_of(session, desk.row) is None:
            return SharedCut()
        pages = [row for row in book_pages(session, desk.row.book) if part_of(row) is None]
        said = decisions(session, desk.row.book)  # once: each look for a page reads the whole book
        uncut = [row for row in pages if last_cut(said, row) is None]
        refused = [row for row in uncut if row.kind == PageKind.REFUSED]
        alike = [row for row in uncut if _is_read_with(row, desk.row.layout)]
        left = zip(alike, residuals_of(session, alike), strict=True)
        loose = [row for row, left_mm in left if left_mm >= LEAST_RESIDUAL_MM]
        read = [row for row in pages if _pattern_of(said, row) == desk.row.name]
    return SharedCut(_listed(refused), _listed(loose), _listed(read))


def read_like(ws: Workspace, user: User, page: int, like: int, now: datetime) -> PageOutcome:
    """Read a page between the corners of another page of its book, where that helps.

    The page's scan may be larger or smaller: where the resolution is the same, the corners lie as
    far from the top left corner as on the other page, else at the same share of the sides. A page
    that was read before must fit better by `GAIN_MM` and lose no decision of people.

    Args:
        ws: the workspace.
        user: who decided.
        page: id of the page, refused or read with a form that fits it badly.
        like: id of the page that a person cut.
        now: the time (UTC).

    Raises:
        ForbiddenError, NotFoundError, BookClosedError, UsageError: as `begin_change`.
        NotAllowedYetError: the page is neither (any more), the other one has no such cut, or what
            people decided about the page would be lost.
        StaleError, ScanError, MachineError: as `page_rereading.reread`.

    """
    desk = begin_change(ws, user, page)
    with ws.read_session() as session:
        pattern = page_row(session, like)
        form = _cut_of(session, pattern) if pattern.book == desk.row.book else None
        is_tried = cut_by_people(session, desk.row) is not None
        most_mm = _most_mm(session, desk.row, pattern.layout)
    if form is None or is_tried or most_mm is None:
        raise NotAllowedYetError(
            Text(
                "Trang này hoặc trang đã cắt đã thay đổi",
                "This page, or the one whose cut is tried, has changed",
            ),
            where=desk.row.name,
            remedy=Text("Tải lại trang", "Load the page again"),
        )
    own = _carried(form, page_shape(pattern), page_shape(desk.row))
    return reread_between(ws, user, desk, own, pattern.name, now, most_mm=most_mm)


def _most_mm(session: Session, row: PageRow, layout: str) -> float | None:
    """How far the form may be off when the page is read like another; None: leave the page."""
    if row.kind == PageKind.REFUSED:
        return math.inf
    if not _is_read_with(row, layout):
        return None
    (left_mm,) = residuals_of(session, [row])
    return left_mm - GAIN_MM if left_mm >= LEAST_RESIDUAL_MM else None


def _is_read_with(row: PageRow, layout: str) -> bool:
    return row.kind == PageKind.RECORD and row.layout == layout


def _listed(rows: Sequence[PageRow]) -> list[SharedCutPage]:
    return [SharedCutPage(row.id, row.name) for row in rows]


def _pattern_of(said: Sequence[PageDecision], row: PageRow) -> str:
    """Name of the page whose cut a page has; "" for none."""
    cut = last_cut_decision(said, row) if row.kind == PageKind.RECORD else None
    return str(cut.details.get("like", "")) if cut else ""


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
