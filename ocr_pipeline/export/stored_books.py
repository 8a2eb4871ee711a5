"""Books of a workspace, gathered from the store as `BookData`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from ocr_pipeline.errors import Text
from ocr_pipeline.export.book_data import BookData
from ocr_pipeline.export.results import unknown_book
from ocr_pipeline.registers.fields import Doubt, Record, Severity, State
from ocr_pipeline.store.approvals import ApprovalStep, newest_step
from ocr_pipeline.store.books import book_pages, load_books
from ocr_pipeline.store.codec import record_from_json, unpack
from ocr_pipeline.store.dropped_records import dropped_records
from ocr_pipeline.store.keyings import fields_in_lanes, unsettled
from ocr_pipeline.store.ledger import LedgerKey, payloads
from ocr_pipeline.store.masking import hidden_values, masked_doubts
from ocr_pipeline.store.models import FieldRow, PageRow
from ocr_pipeline.store.page_decisions import PageDecision, decisions_in_force
from ocr_pipeline.store.page_parts import page_ref
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.review_models import ApprovalRow
from ocr_pipeline.store.scans import pages_elsewhere
from ocr_pipeline.store.states import FAILURES, PageKind
from ocr_pipeline.store.workspace import Workspace

_ASTRAY = Text(
    "Trang được ghi là phần tiếp của trang {page}, nhưng trang đó không còn bản ghi",
    "The page is marked as continuing page {page}, which has no such record any more",
)
_ELSEWHERE = Text(
    "Quyết định về ảnh quét này còn ở sổ {book}: `sohoa book move {book} --to {to}`, hoặc ở sổ đó "
    "chọn “Ảnh quét đã được bỏ có chủ ý”",
    "What was decided on this scan is still in book {book}: `sohoa book move {book} --to {to}`, or "
    "choose there “The scan was taken out on purpose”",
)
_BLIND = Doubt(
    "blind",
    Severity.CONFIDENCE,
    Text("nhập mù (mẫu kiểm tra hoặc lần hai) – chưa nhập", "keyed blind – not keyed yet"),
)
_NOT_READ = Text("Trang chưa được đọc", "The page has not been read yet")


def load_book_data(workspace: Workspace, book_id: str, hidden: Collection[str] = ()) -> BookData:
    """Gather the data of a book.

    Args:
        workspace: the job.
        book_id: id of the book.
        hidden: queues whose fields are to be keyed blind: they have no value, and say so.

    Raises:
        BadInputError: the workspace has no such book.

    """
    with workspace.read_session() as session:
        books = load_books(session, [book_id])
        if not books:
            raise unknown_book(book_id)
        rows = book_pages(session, book_id)
        records = load_records(session, book_id)
        decided = decisions_in_force(session, book_id, rows)
        open_fields = unsettled(session, book_id)
        step = newest_step(session, book_id)
        held = _held_elsewhere(session, book_id, rows)
        dropped = _dropped(session, book_id, rows)
        if hidden:
            records = _without_hidden(session, book_id, records, hidden)
    waiting = [(row.name, Text(row.cause_vi, row.cause_en)) for row in rows if row.kind in FAILURES]
    waiting += [(row.name, _NOT_READ) for row in rows if row.kind == PageKind.PENDING]
    waiting += held
    further, astray = _continuations(rows, records, decided)
    waiting += astray
    scans = [row for row in rows if row.digest and row.kind != PageKind.GONE]
    return BookData(
        book=books[0],
        records=records,
        pages={row.name: page_ref(row) for row in scans},
        turns={row.name: row.turn for row in scans if row.turn},
        digests={row.name: row.digest for row in scans},
        waiting=waiting,
        continuations=further,
        dropped=dropped,
        unsettled=open_fields,
        unapproved=_unapproved(step),
    )


def _without_hidden(
    session: Session, book_id: str, records: Sequence[Record], hidden: Collection[str]
) -> list[Record]:
    """The records without the values of fields that wait in these queues."""
    own: dict[tuple[str, int], list[FieldRow]] = {}
    for row, place in fields_in_lanes(session, book_id, sorted(hidden)):
        own.setdefault((place.page, place.position), []).append(row)
    shown = []
    for record in records:
        rows = own.get((record.page, record.position), ())
        unseen, quoted = {row.code for row in rows}, hidden_values(rows, hidden)
        fields = {
            code: replace(
                field, value="", as_written="", n_best=(), confidence=0.0, doubts=(_BLIND,),
                state=State.IN_REVIEW,
            ) if code in unseen else replace(field, doubts=masked_doubts(field.doubts, quoted))
            for code, field in record.fields.items()
        }  # fmt: skip
        shown.append(replace(record, fields=fields))
    return shown


def _dropped(session: Session, book_id: str, rows: Sequence[PageRow]) -> list[Record]:
    """What the machine read at the positions that hold no record, as people say."""
    dropped = dropped_records(session, book_id)
    pages = {page for page, _ in dropped}
    keys = {
        row.name: LedgerKey.of_page(row.digest, row.fingerprint)
        for row in rows
        if row.name in pages
    }
    kept = payloads(session, list(keys.values())) if keys else {}
    read = [
        record_from_json(record, page=page)
        for page, key in keys.items()
        if key in kept
        for record in unpack(kept[key])["records"]
    ]
    return [record for record in read if (record.page, record.position) in dropped]


def _held_elsewhere(
    session: Session, book_id: str, rows: Sequence[PageRow]
) -> list[tuple[str, Text]]:
    """Pages with decisions that are still with the book which had their scans before."""
    shown = {row.digest: row.name for row in rows if row.digest and row.kind != PageKind.GONE}
    others = pages_elsewhere(session, book_id, shown, PageKind.GONE)
    return [
        (shown[digest], _ELSEWHERE.format(book=row.book, to=book_id))
        for digest, row in sorted(others.items(), key=lambda item: shown[item[0]])
    ]


def _unapproved(step: ApprovalRow | None) -> Text | None:
    """Why a book does not count as approved, by its newest step; None when it is approved."""
    if step is None:
        return Text("Sổ chưa được duyệt", "The book has not been approved")
    if step.action != ApprovalStep.WITHDRAW:
        return None
    why = f"{step.user}, {step.time:%d.%m.%Y}" + (f": {step.note}" if step.note else "")
    return Text(
        f"Việc duyệt sổ đã được rút lại ({why})",
        f"The approval of the book was withdrawn ({why})",
    )


def _continuations(
    rows: Sequence[PageRow], records: Sequence[Record], decided: Mapping[str, PageDecision]
) -> tuple[dict[tuple[str, int], list[str]], list[tuple[str, Text]]]:
    """Further pages of records in the order of the book, and pages that go on from no record."""
    there = {(record.page, record.position) for record in records}
    further: dict[tuple[str, int], list[str]] = {}
    astray: list[tuple[str, Text]] = []
    for row in rows:
        if row.kind == PageKind.CONTINUATION:
            details = decided[row.name].details
            record = (details["page"], details["position"])
            if record in there:
                further.setdefault(record, []).append(row.name)
            else:
                astray.append((row.name, _ASTRAY.format(page=details["page"])))
    return further, astray


def book_ids(workspace: Workspace) -> list[str]:
    """Ids of all books of the workspace, in order."""
    with workspace.read_session() as session:
        return [book.id for book in load_books(session)]
