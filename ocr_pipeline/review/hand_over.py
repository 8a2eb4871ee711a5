"""What the hand-over sheet of a book says, gathered from the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.number_sequence import gaps, repeats
from ocr_pipeline.errors import Text
from ocr_pipeline.export.hand_over_sheet import (
    HandedFile,
    HandOverFigures,
    SampleFigures,
    hand_over_sheet,
)
from ocr_pipeline.registers.fields import Record, State
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.book_views import book_numbers
from ocr_pipeline.review.captions import caption
from ocr_pipeline.review.errors import no_such
from ocr_pipeline.review.kept_packages import KeptPackage
from ocr_pipeline.review.review_figures import sampled_errors
from ocr_pipeline.review.rights import require
from ocr_pipeline.store import audit
from ocr_pipeline.store.approvals import approval_of
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.decision_log import deeds
from ocr_pipeline.store.dropped_records import dropped_records
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.states import FAILURES, PageKind
from ocr_pipeline.store.workspace import Workspace

_PAGES: Sequence[tuple[Text, frozenset[str]]] = (
    (
        Text("Trang quét có bản ghi", "Scans with records"),
        frozenset({PageKind.RECORD, PageKind.CONTINUATION}),
    ),
    (
        Text("Trang trống và bìa", "Blank pages and covers"),
        frozenset({PageKind.BLANK, PageKind.COVER}),
    ),
    (Text("Trang để riêng", "Pages put aside"), frozenset({PageKind.ASIDE})),
    (Text("Trang quét trùng", "Scans that came twice"), frozenset({PageKind.DUPLICATE})),
    (Text("Nửa tờ đã ghép", "Halves of joined sheets"), frozenset({PageKind.HALF})),
    (
        Text("Trang chưa xử lý được", "Pages that are not settled"),
        frozenset({*FAILURES, PageKind.PENDING, PageKind.GONE}),
    ),
)
_DROPPED = Text("Dòng không có bản ghi", "Rows without a record")
_STATES: Mapping[State, Text] = {
    State.ACCEPTED: Text("Trường máy tự chấp nhận", "Fields that the machine accepted"),
    State.CONFIRMED: Text("Trường người xác nhận", "Fields that people confirmed"),
    State.CORRECTED: Text("Trường người sửa", "Fields that people corrected"),
    State.BLANK: Text("Trường để trống trên giấy", "Fields that are blank on the paper"),
    State.UNREADABLE: Text("Trường không đọc được", "Fields that nobody can read"),
    State.IN_REVIEW: Text("Trường còn chờ rà soát", "Fields that wait for a person"),
}


def sheet_of(ws: Workspace, user: User, book: str, kept: KeptPackage | None) -> bytes:
    """The hand-over sheet of a book as PDF.

    Args:
        ws: the workspace.
        user: who asks for it.
        book: id of the book.
        kept: the official package that lies ready; None when there is none.

    Raises:
        ForbiddenError: the role may not.
        NotFoundError: there is no such book.

    """
    require(user, "export")
    with ws.read_session() as session:
        known = load_books(session, [book])
        if not known:
            raise no_such("sổ", "book", book)
        return hand_over_sheet(_figures(session, known[0], kept))


def _figures(session: Session, book: Book, kept: KeptPackage | None) -> HandOverFigures:
    pages, records = book_pages(session, book.id), load_records(session, book.id)
    numbers = book_numbers(session, book)
    line = next(audit.lines(session, book=book.id, count=1), None)
    return HandOverFigures(
        book=book,
        counts=[
            *_counted_pages(pages),
            (_DROPPED, len(dropped_records(session, book.id))),
            *_counted_fields(records),
        ],
        unreadable=[*_unreadable(records)],
        aside=[
            (page.name, Text(page.cause_vi, page.cause_en))
            for page in pages
            if page.kind == PageKind.ASIDE
        ],
        gaps=gaps(numbers),
        repeats=repeats(numbers),
        sample=_sample(session, book.id),
        files=[HandedFile(one.name, one.length, one.sha256) for one in kept.files] if kept else (),
        approved=_approved(session, book.id),
        trail=(line.id, line.hash) if line else None,
    )


def _counted_pages(pages: Sequence[PageRow]) -> list[tuple[Text, int]]:
    kinds = Counter(page.kind for page in pages)
    return [(what, sum(kinds[kind] for kind in own)) for what, own in _PAGES]


def _counted_fields(records: Sequence[Record]) -> list[tuple[Text, int]]:
    states = Counter(field.state for record in records for field in record.fields.values())
    counts = [(Text("Bản ghi", "Records"), len(records))]
    return counts + [(what, states[state]) for state, what in _STATES.items()]


def _unreadable(records: Sequence[Record]) -> list[tuple[str, Text]]:
    found = []
    for record in records:
        number = record.fields["so"].value if "so" in record.fields else ""
        place = f"{number} · {record.page} ({record.position})"
        found += [
            (place, caption(code))
            for code, field in record.fields.items()
            if field.state is State.UNREADABLE
        ]
    return found


def _sample(session: Session, book: str) -> SampleFigures | None:
    beginning = datetime(1970, 1, 1, tzinfo=UTC)
    done = deeds(session, beginning, datetime.max.replace(tzinfo=UTC), book)
    for one in sampled_errors(done):
        if (one["book"], one["kind"]) == (book, ""):
            return SampleFigures(one["checked"], one["wrong"], one["low"], one["high"])
    return None


def _approved(session: Session, book: str) -> Text | None:
    approval = approval_of(session, book)
    if approval is None:
        return None
    when = f"{approval.time.astimezone():%d.%m.%Y %H:%M}"
    return Text(f"{approval.user}, {when}", f"{approval.user}, {when}")
