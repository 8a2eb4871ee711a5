"""Judge a book: its pages' results and what people entered, into records with doubts and states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.acceptance import AcceptancePolicy
from ocr_pipeline.checks.book_judgement import judge_book
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.json_types import Json
from ocr_pipeline.processing.former_values import FormerValues
from ocr_pipeline.processing.number_gaps import tell_gaps
from ocr_pipeline.processing.office_policy import office_policy
from ocr_pipeline.processing.settings import JUDGE_CODE, code_fingerprint, combined_hash
from ocr_pipeline.registers.fields import Record
from ocr_pipeline.registers.left_out_rows import left_out_rows
from ocr_pipeline.store.approvals import is_closed
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.codec import book_to_json, pack, record_from_json, unpack
from ocr_pipeline.store.commit_points import CommitPoint, reached
from ocr_pipeline.store.dropped_records import Position, records_as_said
from ocr_pipeline.store.entries import ENTERED, Entry, apply_entries, entries_by_worth
from ocr_pipeline.store.entries import Key as EntryKey
from ocr_pipeline.store.ledger import LedgerKey, payloads
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.policies import policies_of
from ocr_pipeline.store.records import last_judgement, mark_judged, replace_records
from ocr_pipeline.store.states import NO_RECORD, PageKind
from ocr_pipeline.store.workspace import Workspace

_TRIES = 4

Judge = Callable[[Book, Sequence[Record]], list[Record]]


def judge_of(session: Session, book_id: str) -> Judge:
    """The shipped rules and error budget, with the thresholds that are set for the book."""
    return partial(judge_book, policy=policy_of(session, book_id))


def policy_of(session: Session, book_id: str) -> AcceptancePolicy:
    """How sure the machine must be of the fields of a book: station, office, shipped values.

    Where wrong samples ask for more (`processing.raised_thresholds`), that counts; for less, never.

    Raises:
        BadInputError: the policy file of the office cannot be used.

    """
    office = office_policy(session.info["folder"])
    policies = policies_of(session, book_id)
    said = AcceptancePolicy.of(office, policies.thresholds())
    return said.at_least(policies.raised_thresholds())


def judge_and_store(workspace: Workspace, book_id: str, judge: Judge | None = None) -> bool:
    """Judge a book anew if anything it depends on has changed, in this process.

    Judging takes seconds, so nobody is locked out meanwhile: should somebody enter something, the
    judgement is made once more. An approved book stays as it was approved.

    Args:
        workspace: where its pages' results are.
        book_id: the book.
        judge: what to judge with; the shipped rules when None.

    Returns:
        Whether it had to be judged.

    Raises:
        MachineError: a result that it needs has been spoilt on the disk.

    """
    for patience in reversed(range(_TRIES)):
        with workspace.read_session() as session:
            job = judge_job(session, book_id, judge)
            if job is None:
                return False
            judged = judge_records(job) if patience else []
        with workspace.transaction() as session:
            if not patience:  # people are faster than judging: have them wait for once
                job = judge_job(session, book_id, judge) or job
                judged = judge_records(job)
            if store_judgement(session, job, judged):
                return True
    return True


@dataclass(frozen=True, slots=True)
class JudgeJob:
    """All that the judgement of a book depends on; can be pickled.

    Attributes:
        book: the book.
        read: names of its pages with records, each with its result as the ledger keeps it.
        entries: what people entered.
        former: what they entered when pages were other scans.
        said: whether a position holds a record, where they said so.
        judge: what to judge with.
        state: hash of all of these.

    """

    book: Book
    read: tuple[tuple[str, bytes], ...]
    entries: Mapping[EntryKey, Entry]
    former: FormerValues
    said: Mapping[Position, bool]
    judge: Judge
    state: str


def judge_job(session: Session, book_id: str, judge: Judge | None = None) -> JudgeJob | None:
    """What has to be judged; None when the last judgement still holds or the book is approved.

    Raises:
        MachineError: a result that it needs has been spoilt on the disk.

    """
    state = state_of(session, book_id)
    if state == last_judgement(session, book_id) or is_closed(session, book_id):
        return None
    [book] = load_books(session, [book_id])
    read = tuple(_read_pages(session, book_pages(session, book_id)))
    judge = judge or judge_of(session, book_id)
    entries = entries_by_worth(session, book_id)
    former = FormerValues.of(session, book_id, entries)
    said = records_as_said(session, book_id)
    return JudgeJob(book, read, entries.counting, former, said, judge, state)


def judge_records(job: JudgeJob) -> list[Record]:
    """The book's records as judged; fields that people entered as the machine read them."""
    read = [
        record
        for page, payload in job.read
        for record in _written_records(job, page, unpack(payload)["records"])
    ]
    judged = job.judge(job.book, apply_entries(read, job.entries))
    offered = job.former.offer(judged)
    return [_without_entries(*pair, job.entries) for pair in zip(offered, read, strict=True)]


def _written_records(job: JudgeJob, page: str, records: Sequence[Json]) -> list[Record]:
    """The records of a sheet, without what holds none as people or the machine say."""
    on_form = [record_from_json(record, page=page) for record in records]
    holds = dict.fromkeys(left_out_rows(on_form), False)
    holds |= {number: True for name, number, _ in job.entries if name == page}
    holds |= {number: held for (name, number), held in job.said.items() if name == page}
    return [record for record in on_form if holds.get(record.position, True)]


def left_out_of(session: Session, row: PageRow, counting: Sequence[int]) -> dict[int, int]:
    """Positions of a page that its book does without, as `left_out_rows` gives them.

    None of a page whose result is damaged: the page can be looked at all the same.

    Args:
        session: of the workspace.
        row: the page.
        counting: positions of its records.

    """
    if row.kind != PageKind.RECORD:
        return {}
    kept = payloads(session, [LedgerKey.of_page(row.digest, row.fingerprint)])
    found = [
        record_from_json(record, page=row.name)
        for payload in kept.values()
        for record in unpack(payload)["records"]
    ]
    said = records_as_said(session, row.book)
    left_out = sorted(left_out_rows(found).items())
    return {at: of for at, of in left_out if at not in counting and (row.name, at) not in said}


def store_judgement(session: Session, job: JudgeJob, judged: Sequence[Record]) -> bool:
    """Keep a judgement; whether it still is about what the book is now (else nothing is kept).

    A book that was approved meanwhile stays as it was approved.
    """
    if is_closed(session, job.book.id) or state_of(session, job.book.id) != job.state:
        return False
    replace_records(session, job.book.id, judged, job.state)
    if tell_gaps(session, job.book):
        mark_judged(session, job.book.id, state_of(session, job.book.id))
    reached(CommitPoint.JUDGEMENT_WRITTEN)
    return True


def state_of(session: Session, book_id: str) -> str:
    """Hash of all that the judgement of a book depends on."""
    [book] = load_books(session, [book_id])
    rows = book_pages(session, book_id)
    entries = entries_by_worth(session, book_id)
    former = FormerValues.of(session, book_id, entries).identity
    policy = asdict(policy_of(session, book_id))
    return combined_hash(
        code_fingerprint(JUDGE_CODE),
        pack(book_to_json(book)).hex(),
        pack(policy).hex(),
        *(f"{row.name}\0{row.kind}\0{row.digest}\0{row.fingerprint}" for row in rows),
        *(f"{row.name}\0{row.remedy_vi}" for row in rows if row.kind in NO_RECORD),
        *(
            f"{key}\0{entry.value}\0{entry.state}"
            for key, entry in sorted(entries.counting.items())
        ),
        *filter(None, [former]),
        *(
            f"{'held' if held else 'dropped'}\0{page}\0{number}"
            for (page, number), held in records_as_said(session, book_id).items()
        ),
    )


def _without_entries(judged: Record, read: Record, entries: Mapping[EntryKey, Entry]) -> Record:
    fields = {
        code: read.fields[code] if _entered(entries, judged, code) else field
        for code, field in judged.fields.items()
    }
    return replace(judged, fields=fields)


def _entered(entries: Mapping[EntryKey, Entry], record: Record, code: str) -> bool:
    entry = entries.get((record.page, record.position, code))
    return entry is not None and entry.state in ENTERED


def _read_pages(session: Session, rows: Iterable[PageRow]) -> Iterator[tuple[str, bytes]]:
    pages = [
        (row, LedgerKey.of_page(row.digest, row.fingerprint))
        for row in rows
        if row.kind == PageKind.RECORD
    ]
    found = payloads(session, [key for _, key in pages])
    for row, key in pages:
        if key not in found:
            raise _spoilt(row)
        yield row.name, found[key]


def _spoilt(row: PageRow) -> MachineError:
    return MachineError(
        Text(
            "Kết quả đã lưu của trang bị hỏng trên đĩa",
            "The result kept for the page has been damaged on the disk",
        ),
        where=f"{row.book} {row.name}",
        remedy=Text(
            "Chạy lại `sohoa run`: trang được đọc lại; kiểm tra đĩa",
            "Run `sohoa run`: the page is read again; check the disk",
        ),
    )
