"""Judge a book: its pages' results and what people entered, into records with doubts and states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from sqlalchemy.orm import Session

from ocr_pipeline.batch.settings import JUDGE_CODE, code_fingerprint, combine
from ocr_pipeline.books.book import Book
from ocr_pipeline.registers.fields import Record
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.codec import book_to_json, pack, record_from_json
from ocr_pipeline.store.entries import apply_entries, latest_entries
from ocr_pipeline.store.ledger import Key, result
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.records import last_judgement, replace_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

PAGE_STAGE = "page"

Judge = Callable[[Book, Sequence[Record]], list[Record]]


def default_judge() -> Judge:
    """The rules and the error budget that the software ships with."""
    from ocr_pipeline.checks.judge import Policy, judge_book

    return partial(judge_book, policy=Policy())


def page_key(
    row: PageRow, book_type: str, prior: str, fingerprint: str, home: tuple[str, ...] = ()
) -> Key:
    """The ledger's key for a page: its bytes × all else that its result depends on."""
    return Key(PAGE_STAGE, row.digest, combine(fingerprint, book_type, prior, *home))


def judge_and_store(workspace: Workspace, book_id: str, judge: Judge | None = None) -> bool:
    """Judge a book anew if anything it depends on has changed.

    Args:
        workspace: where its pages' results are.
        book_id: the book.
        judge: what to judge with; the shipped rules when None.

    Returns:
        Whether it had to be judged.

    """
    judge = judge or default_judge()
    with workspace.transaction() as session:
        [book] = load_books(session, [book_id])
        rows = book_pages(session, book_id)
        entries = latest_entries(session, book_id)
        state = combine(
            code_fingerprint(JUDGE_CODE),
            pack(book_to_json(book)).hex(),
            *(f"{row.name}\0{row.kind}\0{row.digest}\0{row.fingerprint}" for row in rows),
            *(f"{key}\0{entry.value}\0{entry.state}" for key, entry in sorted(entries.items())),
        )
        if state == last_judgement(session, book_id):
            return False
        read = list(_read_records(session, rows))
        judged = judge(book, apply_entries(read, entries))
        replace_records(session, book_id, apply_entries(judged, entries), state)
        return True


def _read_records(session: Session, rows: Iterable[PageRow]) -> Iterable[Record]:
    for row in rows:
        if row.kind == PageKind.RECORD:
            data = result(session, Key(PAGE_STAGE, row.digest, row.fingerprint)) or {"records": []}
            yield from (record_from_json(record, page=row.name) for record in data["records"])


def type_code(book: Book) -> str:
    """Code of the book's register type."""
    return book.type.value


def prior_of(book: Book) -> str:
    """Id of the layout that the inventory names for the book; "" when it names none."""
    return book.layout or ""
