"""Books put right afterwards: a wrong number, scans in the wrong book, a book that is none.

Each change is one transaction and needs the workspace without a run and without anybody who reviews
the book. What people decided goes with the scans and counts at once; nothing is read again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.book_ids import ids_of, same_agency
from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.processing.book_hands import forget_hand, rename_hand
from ocr_pipeline.processing.book_print import move_book_print
from ocr_pipeline.processing.judgement import Judge, judge_job, judge_records, store_judgement
from ocr_pipeline.review.errors import NotAllowedYetError, no_such
from ocr_pipeline.store import audit, book_moves
from ocr_pipeline.store.approvals import ApprovalStep, BookState, add_step, state_of
from ocr_pipeline.store.audit import SYSTEM
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import (
    book_pages,
    load_books,
    priorities,
    save_book,
    set_book_priority,
)
from ocr_pipeline.store.locks import run_lock
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.records import mark_judged
from ocr_pipeline.store.scans import decisions_by_scan, scans_of
from ocr_pipeline.store.sent_pages import sent_from, sent_to
from ocr_pipeline.store.states import SHOWN_ELSEWHERE, PageKind
from ocr_pipeline.store.workspace import Workspace

"""Who changes books from a terminal: the account of the machine."""

_NAMED = 5  # pages named in a refusal
_NOTE = "sửa sổ / book put right"


@dataclass(frozen=True, slots=True)
class BookChange:
    """What a change of a book did.

    Attributes:
        book: the book that has the work now; "" when it was removed.
        pages: how many pages it is about.
        decisions: how many decisions of people went along, or are kept when a book was removed.
        left: whether the book of before is still there.

    """

    book: str
    pages: int
    decisions: int
    left: bool = False


@dataclass(frozen=True, slots=True)
class BookFigures:
    """A book with the figures that the list tells.

    Attributes:
        book: as the workspace has it.
        state: how far it is with people.
        pages: how many it has, those whose scan is gone included.
        gone: pages whose scan is gone.
        decisions: how many decisions people have made in it.

    """

    book: Book
    state: BookState
    pages: int
    gone: int
    decisions: int


def book_list(ws: Workspace) -> list[BookFigures]:
    """All books, in the order of their ids."""
    with ws.read_session() as session:
        return [_line(session, book) for book in load_books(session)]


def rename_book(
    ws: Workspace, book_id: str, meant: Book, *, force: bool = False,
    judge: Judge | None = None, by: str = SYSTEM, now: datetime | None = None,
) -> BookChange:  # fmt: skip
    """Give a book the type, year, number and agency of `meant`, and the id that follows from them.

    Pages, decisions and policies go along; an approval ends, because what was approved says
    otherwise. With another type its pages are read again.

    Args:
        ws: the workspace.
        book_id: the book.
        meant: the book as it should be; its id is not looked at.
        force: although the book was handed over.
        judge: what to judge with; the shipped rules when None.
        by: who does it.
        now: the time (UTC).

    Raises:
        NotFoundError: there is no such book.
        BadInputError: another book has that id, or nothing would change.
        NotAllowedYetError: it was handed over, somebody reviews it, or pages were sent to or from
            it: what was said of them names the book by its id.
        MachineError: a run goes on.

    """
    now = now or datetime.now(UTC)
    with _changing(ws, [book_id], force, now) as (session, [book]):
        new = _with_free_id(session, book, meant)
        if new.id != book_id:
            _require_no_sent_pages(session, book_id)
        save_book(session, new)
        session.flush()
        pages, decisions = _counts(session, book_id)
        rows = book_moves.copy_said(session, book_id, new.id)
        rows += book_moves.copy_approvals(session, book_id, new.id)
        set_book_priority(session, new.id, priorities(session).get(book_id, 0))
        policies, gone = book_moves.copy_policies(session, book_id, new.id)
        audit.append(
            session, by, AuditAction.BOOK_RENAMED, book=new.id,
            details={"from": book_id, "pages": pages, "decisions": decisions},
            rows=[*rows, *policies], gone=gone, now=now,
        )  # fmt: skip
        book_moves.give_pages(session, book_id, new.id)
        book_moves.forget_book(session, book_id)
        _open_again(session, book_id, now)
        _open_again(session, new.id, now)
        if new.type is not book.type:
            _read_again(book_pages(session, new.id))
        _judge(session, new.id, judge)
    if new.id != book_id:
        rename_hand(ws.folder, book_id, new.id)
        move_book_print(ws.folder, book_id, new.id)
    return BookChange(new.id, pages, decisions)


def _require_no_sent_pages(session: Session, book_id: str) -> None:
    """Refuse a new id while pages of other books count for this one, or the other way round."""
    received = [(page.name, page.row.book) for page in sent_to(session, book_id)]
    sent = [(page.row.name, page.to) for page in sent_from(session, book_id)]
    if not received and not sent:
        return
    named = ", ".join(f"{name} → {book_id}" for name, _ in received[:_NAMED])
    named = ", ".join(filter(None, [named, *(f"{name} → {to}" for name, to in sent[:_NAMED])]))
    count = len(received) + len(sent)
    raise NotAllowedYetError(
        Text(
            f"{count} trang đã được chuyển đến hoặc đi từ sổ này nên chưa đổi số được: {named}",
            f"{count} pages were sent to or from this book, so it cannot be renamed: {named}",
        ),
        where=book_id,
        remedy=Text(
            "Mở từng trang và chuyển về sổ có ảnh quét, đổi sổ, rồi chuyển lại",
            "Open each page and send it back to the book of its scan, rename, then send it again",
        ),
    )


def move_pages(
    ws: Workspace, book_id: str, to: str, names: Sequence[str] = (), *, force: bool = False,
    judge: Judge | None = None, by: str = SYSTEM, now: datetime | None = None,
) -> BookChange:  # fmt: skip
    """Give what people decided on scans of a book to the book that has these scans now.

    Args:
        ws: the workspace.
        book_id: the book whose pages they were.
        to: the book that has them.
        names: pages of `book_id`; all that `to` has when empty.
        force: although one of the books was handed over.
        judge: what to judge with; the shipped rules when None.
        by: who does it.
        now: the time (UTC).

    Returns:
        The change; the book of before is taken out when no page of it is left.

    Raises:
        NotFoundError: there is no such book or page.
        BadInputError: the other book has none of these scans.
        NotAllowedYetError: a book was handed over, or somebody reviews it.
        MachineError: a run goes on.

    """
    now = now or datetime.now(UTC)
    with _changing(ws, [book_id, to], force, now) as (session, _):
        scans = _scans_to_move(session, book_id, to, names)
        said = decisions_by_scan(session, book_id)
        decisions = sum(said[digest] for digest in scans)
        rows = book_moves.copy_said(session, book_id, to, scans)
        audit.append(
            session, by, AuditAction.DECISIONS_MOVED, book=to,
            details={"from": book_id, "scans": len(scans), "decisions": decisions},
            rows=rows, now=now,
        )  # fmt: skip
        book_moves.forget_scans(session, book_id, scans)
        left = bool(book_pages(session, book_id))
        _open_again(session, book_id, now)
        if rows:
            _open_again(session, to, now)
        if not left:
            book_moves.forget_book(session, book_id)
        for one in (to, *([book_id] if left else [])):
            _judge(session, one, judge)
    return BookChange(to, len(scans), decisions, left)


def remove_book(
    ws: Workspace,
    book_id: str,
    *,
    force: bool = False,
    by: str = SYSTEM,
    now: datetime | None = None,
) -> BookChange:
    """Take a book out that should not be there; what people decided stays under its id.

    Should a run bring it back, what was decided on its scans counts again; its approval does not.

    Raises:
        NotFoundError: there is no such book.
        NotAllowedYetError: it was handed over, or somebody reviews it.
        MachineError: a run goes on.

    """
    now = now or datetime.now(UTC)
    with _changing(ws, [book_id], force, now) as (session, _):
        pages, decisions = _counts(session, book_id)
        _open_again(session, book_id, now)
        details = {"pages": pages, "decisions": decisions}
        audit.append(session, by, AuditAction.BOOK_REMOVED, book=book_id, details=details, now=now)
        book_moves.forget_book(session, book_id)
    forget_hand(ws.folder, book_id)
    return BookChange("", pages, decisions)


@contextmanager
def _changing(
    ws: Workspace, ids: Sequence[str], force: bool, now: datetime
) -> Iterator[tuple[Session, list[Book]]]:
    """A transaction on these books, while no run and nobody else works on them."""
    if len(set(ids)) < len(ids):
        raise BadInputError(
            Text("Hai sổ phải khác nhau", "The two books must not be the same"), where=ids[0]
        )
    with run_lock(ws), ws.transaction() as session:
        known = {book.id: book for book in load_books(session, ids)}
        for one in ids:
            if one not in known:
                raise no_such("sổ", "book", one)
            if state_of(session, one) is BookState.HANDED_OVER and not force:
                raise _handed_over(one)
        if leased := book_moves.leased_fields(session, ids, now):
            raise _reviewed(ids, leased)
        yield session, [known[one] for one in ids]


def _with_free_id(session: Session, book: Book, meant: Book) -> Book:
    """The book as it should be, with an id that no other book has."""
    taken = {one.id: one.agency for one in load_books(session)}
    stem = NamingRule().stem(meant)
    own = next(one for one in ids_of(stem) if same_agency(meant.agency, taken.get(one)))
    if own == book.id:
        raise BadInputError(
            Text("Không có gì thay đổi", "Nothing would change"),
            where=book.id,
            remedy=Text(
                "Nêu số, năm, loại hoặc cơ quan mới (xem `sohoa book rename --help`)",
                "Give another number, year, type or agency (see `sohoa book rename --help`)",
            ),
        )
    if own in taken:
        raise BadInputError(
            Text(f"Đã có sổ {own}", f"There is a book {own} already"),
            where=book.id,
            remedy=Text(
                f"Hai sổ đổi số cho nhau: đổi tạm một sổ sang số chưa dùng trước. Ảnh của sổ này "
                f"đã nằm trong {own}: `sohoa book move {book.id} --to {own}`",
                f"When two books change numbers: first give one of them a number that is free. "
                f"When {own} has the scans of this one: `sohoa book move {book.id} --to {own}`",
            ),
        )
    return replace(meant, id=own, path=book.path)


def _scans_to_move(session: Session, book_id: str, to: str, names: Sequence[str]) -> set[str]:
    """Content hashes of the scans to move: those of the pages named, as far as `to` has them."""
    there = {row.digest for row in book_pages(session, to) if _is_there(row)}
    rows = {row.name: row for row in book_pages(session, book_id) if row.digest}
    for name in names:
        if name not in rows:
            raise no_such("trang", "page", f"{book_id} {name}")
    wanted = {rows[name].digest for name in names}
    if not names:  # also scans that a page of the book had before
        wanted = (scans_of(session, book_id).keys() | {row.digest for row in rows.values()}) & there
    missing = [name for name in names if rows[name].digest not in there]
    if missing or not wanted:
        raise BadInputError(
            Text(
                f"Sổ {to} không có ảnh quét của các trang này",
                f"The book {to} has no scan of these pages",
            ),
            where=f"{book_id} {', '.join(missing[:5])}".strip(),
            remedy=Text(
                f"Chuyển tệp ảnh vào thư mục của sổ {to}, chạy `sohoa run`, rồi gọi lại lệnh này",
                f"Put the scans into the folder of {to}, call `sohoa run`, then this again",
            ),
        )
    return wanted


def _is_there(row: PageRow) -> bool:
    return bool(row.digest) and row.kind not in {PageKind.GONE, *SHOWN_ELSEWHERE}


def _open_again(session: Session, book_id: str, now: datetime) -> None:
    """End an approval: what was approved is not what the book is now."""
    if state_of(session, book_id) is not BookState.OPEN:
        add_step(session, book_id, ApprovalStep.WITHDRAW, SYSTEM, now, _NOTE)


def _read_again(rows: Collection[PageRow]) -> None:
    for row in rows:
        if row.kind == PageKind.RECORD:
            row.kind, row.fingerprint, row.layout = PageKind.PENDING.value, "", ""


def _judge(session: Session, book_id: str, judge: Judge | None) -> None:
    """Judge a book at once, so that what was moved counts for whoever looks next."""
    mark_judged(session, book_id, "")  # an open question changes no judgement, but has to be found
    session.flush()
    session.expire_all()
    job = judge_job(session, book_id, judge)
    if job is not None:
        store_judgement(session, job, judge_records(job))


def _counts(session: Session, book_id: str) -> tuple[int, int]:
    return len(book_pages(session, book_id)), decisions_by_scan(session, book_id).total()


def _line(session: Session, book: Book) -> BookFigures:
    rows = book_pages(session, book.id)
    gone = sum(row.kind == PageKind.GONE for row in rows)
    decisions = decisions_by_scan(session, book.id).total()
    return BookFigures(book, state_of(session, book.id), len(rows), gone, decisions)


def _handed_over(book_id: str) -> NotAllowedYetError:
    return NotAllowedYetError(
        Text("Sổ đã bàn giao", "The book was handed over"),
        where=book_id,
        remedy=Text(
            "Thêm --force nếu chắc chắn; gói đã bàn giao phải được thay",
            "Add --force if you are sure; the package that was delivered has to be replaced",
        ),
    )


def _reviewed(ids: Sequence[str], leased: int) -> NotAllowedYetError:
    return NotAllowedYetError(
        Text(
            f"Có người đang rà soát {leased} trường của sổ này",
            f"Somebody is reviewing {leased} fields of this book",
        ),
        where=", ".join(ids),
        remedy=Text(
            "Chờ mười phút sau khi họ dừng, hoặc khi họ bấm “Thoát”, rồi gọi lại",
            "Wait until ten minutes after they stopped, or until they sign out, then call again",
        ),
    )
