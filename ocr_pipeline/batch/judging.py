"""Judge a book: its pages' results and what people entered, into records with doubts and states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy.orm import Session

from ocr_pipeline.batch.settings import JUDGE_CODE, code_fingerprint, combine
from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.judge import Policy, judge_book
from ocr_pipeline.registers.fields import Record
from ocr_pipeline.store.approvals import is_closed
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.codec import book_to_json, pack, record_from_json
from ocr_pipeline.store.entries import ENTERED, Entry, apply_entries, latest_entries
from ocr_pipeline.store.entries import Key as EntryKey
from ocr_pipeline.store.ledger import Key, result
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.policies import policies_of
from ocr_pipeline.store.records import last_judgement, replace_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace

PAGE_STAGE = "page"
_TRIES = 4

Judge = Callable[[Book, Sequence[Record]], list[Record]]


def judge_of(session: Session, book_id: str) -> Judge:
    """The shipped rules and error budget, with the thresholds that are set for the book."""
    return partial(judge_book, policy=policy_of(session, book_id))


def policy_of(session: Session, book_id: str) -> Policy:
    """How sure the machine must be of the fields of a book."""
    return Policy(thresholds=policies_of(session, book_id).thresholds())


def page_key(
    row: PageRow,
    book_type: str,
    prior: str,
    fingerprint: str,
    home: tuple[str, ...] = (),
    given: str = "",
) -> Key:
    """The ledger's key for a page: its bytes × all else that its result depends on."""
    hand = (given,) if given else ()
    return Key(PAGE_STAGE, row.digest, combine(fingerprint, book_type, prior, *home, *hand))


def judge_and_store(workspace: Workspace, book_id: str, judge: Judge | None = None) -> bool:
    """Judge a book anew if anything it depends on has changed.

    Judging takes seconds, so nobody is locked out meanwhile: should somebody enter something, the
    judgement is made once more. An approved book stays as it was approved.

    Args:
        workspace: where its pages' results are.
        book_id: the book.
        judge: what to judge with; the shipped rules when None.

    Returns:
        Whether it had to be judged.

    """
    for patience in reversed(range(_TRIES)):
        with workspace.reading() as session:
            state = _state(session, book_id)
            if state == last_judgement(session, book_id) or is_closed(session, book_id):
                return False
            judged = _judged(session, book_id, judge) if patience else []
        with workspace.transaction() as session:
            if not patience:  # people are faster than judging: have them wait for once
                state, judged = _state(session, book_id), _judged(session, book_id, judge)
            elif _state(session, book_id) != state:
                continue
            replace_records(session, book_id, judged, state)
            return True
    return True


def _state(session: Session, book_id: str) -> str:
    """Hash of all that the judgement of a book depends on."""
    [book] = load_books(session, [book_id])
    rows = book_pages(session, book_id)
    entries = latest_entries(session, book_id)
    thresholds = policies_of(session, book_id).thresholds()
    return combine(
        code_fingerprint(JUDGE_CODE),
        pack(book_to_json(book)).hex(),
        pack(thresholds).hex(),
        *(f"{row.name}\0{row.kind}\0{row.digest}\0{row.fingerprint}" for row in rows),
        *(f"{key}\0{entry.value}\0{entry.state}" for key, entry in sorted(entries.items())),
    )


def _judged(session: Session, book_id: str, judge: Judge | None) -> list[Record]:
    """The book's records as judged; fields that people entered as the machine read them."""
    [book] = load_books(session, [book_id])
    entries = latest_entries(session, book_id)
    read = list(_read_records(session, book_pages(session, book_id)))
    judge = judge or judge_of(session, book_id)
    judged = judge(book, apply_entries(read, entries))
    return [_without_entries(*pair, entries) for pair in zip(judged, read, strict=True)]


def _without_entries(judged: Record, read: Record, entries: Mapping[EntryKey, Entry]) -> Record:
    fields = {
        code: read.fields[code] if _entered(entries, judged, code) else field
        for code, field in judged.fields.items()
    }
    return replace(judged, fields=fields)


def _entered(entries: Mapping[EntryKey, Entry], record: Record, code: str) -> bool:
    entry = entries.get((record.page, record.position, code))
    return entry is not None and entry.state in ENTERED


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
