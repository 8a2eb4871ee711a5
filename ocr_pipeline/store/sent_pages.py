"""Pages that a person sent to another book: in the folder of one book, they count for another.

The decision is kept with the book whose folder has the scan. The other book has a page of its own,
which shows the same file under the name `<id of the first book>/<name of the page>`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ocr_pipeline.scans.pages import PageRef
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.models import PageRow, ScanRow
from ocr_pipeline.store.page_decisions import DecisionKind, PageDecision, decisions_in_force
from ocr_pipeline.store.page_parts import file_stamp, is_further, page_ref
from ocr_pipeline.store.review_models import PageDecisionRow
from ocr_pipeline.store.states import SHOWN_ELSEWHERE, PageKind

_NO_SCAN = frozenset({PageKind.GONE, *SHOWN_ELSEWHERE})


@dataclass(frozen=True, slots=True)
class SentPage:
    """A page of one book that counts for another.

    Attributes:
        row: the page in the book whose folder has the scan.
        to: id of the book that it counts for.

    """

    row: PageRow
    to: str

    @property
    def name(self) -> str:
        """What the page is called in the book that it counts for."""
        return f"{self.row.book}/{self.row.name}"

    @property
    def ref(self) -> PageRef:
        """The whole scan under that name."""
        return replace(page_ref(self.row), name=self.name, part=None)


def sent_to(session: Session, book_id: str) -> list[SentPage]:
    """Scans in the folders of other books that count for this one, by book and place in it."""
    sources = select(PageDecisionRow.book).where(
        PageDecisionRow.action == DecisionKind.SEND.value, PageDecisionRow.book != book_id
    )
    return [
        page
        for source in sorted(set(session.scalars(sources)))
        for page in sent_from(session, source)
        if page.to == book_id
    ]


def sent_from(session: Session, book_id: str) -> list[SentPage]:
    """Scans in the folder of this book that count for others, in its order."""
    rows = book_pages(session, book_id)
    decided = decisions_in_force(session, book_id, rows)
    return [
        SentPage(row, target)
        for row in rows
        if (target := target_of(decided.get(row.name)))
        and row.kind not in _NO_SCAN
        and not is_further(row)
    ]


def target_of(decision: PageDecision | None) -> str:
    """Id of the book that a decision sends its page to; "" when it says something else."""
    is_sent = decision is not None and decision.kind is DecisionKind.SEND
    return str(decision.details["to"]) if decision is not None and is_sent else ""


def home_of(session: Session, row: PageRow) -> SentPage | None:
    """Where the scan of a page lies when it counts for another book than that of its folder.

    Args:
        session: an open session.
        row: the page, in either of the two books.

    """
    for one in (*sent_from(session, row.book), *sent_to(session, row.book)):
        if (one.row.path, one.row.index) == (row.path, row.index):
            return one
    return None


def forms_of(session: Session, row: PageRow) -> list[PageRow]:
    """The pages of all forms on the scan of a page, in the order of the book."""
    query = select(PageRow).where(
        PageRow.book == row.book,
        PageRow.path == row.path,
        PageRow.index == row.index,
        PageRow.kind.not_in(_NO_SCAN),
    )
    return [one for one in session.scalars(query.order_by(PageRow.ordinal)) if one.digest]


def receive(session: Session, sent: SentPage) -> PageRow:
    """Give a scan a page in the book that it is sent to, at its end; it is not read yet.

    Returns:
        The new page; the page of before when the book has this very scan in its own folder.

    """
    here = select(PageRow).where(PageRow.book == sent.to)
    for row in session.scalars(here.where(PageRow.digest == sent.row.digest)).all():
        if row.kind not in _NO_SCAN:
            return row
        if row.kind == PageKind.GONE:
            session.delete(row)
    session.flush()
    names = set(session.scalars(select(PageRow.name).where(PageRow.book == sent.to)))
    last = session.scalar(select(func.max(PageRow.ordinal)).where(PageRow.book == sent.to))
    row = PageRow(
        book=sent.to, name=_free(sent.name, names), ordinal=0 if last is None else last + 1,
        path=sent.row.path, index=sent.row.index, stamp=file_stamp(sent.row),
        digest=sent.row.digest, kind=PageKind.PENDING.value,
    )  # fmt: skip
    session.add(row)
    scan = session.get(ScanRow, (sent.to, sent.row.digest))
    if scan is None:
        scan = ScanRow(book=sent.to, digest=sent.row.digest, page=row.name, picture="", follower="")
        session.add(scan)
    scan.page = row.name
    session.flush()
    return row


def received(session: Session, sent: SentPage) -> list[PageRow]:
    """The pages that show a sent scan in the book it counts for: one for each form on it."""
    query = select(PageRow).where(
        PageRow.book == sent.to,
        PageRow.path == sent.row.path,
        PageRow.index == sent.row.index,
    )
    return list(session.scalars(query.order_by(PageRow.ordinal)))


def digests_of(rows: Sequence[PageRow]) -> list[str]:
    """Content hashes of pages, each once, in order."""
    return list(dict.fromkeys(row.digest for row in rows if row.digest))


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += " !"
    return name
