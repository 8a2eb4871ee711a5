"""What the workspace shows and hands out now, compared with what it follows from.

Books, judged records and results carry seals (`sealed_rows`). The table of fields has none: each
row must say what follows from its record, the newest entry and what is open about the field. A page
that needs nobody must be what its result or a person said.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session, aliased

from ocr_pipeline.errors import Text
from ocr_pipeline.registers.left_out_rows import left_out_rows
from ocr_pipeline.store.approvals import is_closed
from ocr_pipeline.store.codec import record_from_json, unpack
from ocr_pipeline.store.dropped_records import Position, records_as_said
from ocr_pipeline.store.ledger import PAGE_STAGE, LedgerKey, payloads
from ocr_pipeline.store.models import BookRow, FieldRow, LedgerRow, PageRow, RecordRow, TableBase
from ocr_pipeline.store.page_decisions import DecisionKind, PageDecision, decisions_in_force
from ocr_pipeline.store.records import PresentFields, record_of
from ocr_pipeline.store.sealed_rows import content, told_columns
from ocr_pipeline.store.states import Lane, PageKind
from ocr_pipeline.store.trail_fault import TrailFault
from ocr_pipeline.store.trail_key import keyed_digest

_AT_ONCE = 500
_SHOWN = ("state", "value", "entry", "kind")
"""Columns that are compared; the lane is, too, but for the sample, which policies draw anew."""
_BY_MACHINE = frozenset({PageKind.RECORD, PageKind.BLANK, PageKind.COVER})
_BY_PEOPLE = {
    PageKind.ASIDE: (DecisionKind.ASIDE, DecisionKind.SEND),
    PageKind.CONTINUATION: (DecisionKind.CONTINUATION,),
}

_SEAL = {
    "books": Text(
        "Thông tin của sổ đã bị sửa ngoài chương trình",
        "What is known of the book was altered outside of the program",
    ),
    "records": Text(
        "Kết quả máy đọc của bản ghi đã bị sửa ngoài chương trình",
        "What the machine read of the record was altered outside of the program",
    ),
    "ledger": Text(
        "Kết quả đã lưu của trang đã bị sửa ngoài chương trình",
        "The result kept of a page was altered outside of the program",
    ),
}
_FIELD = Text(
    "Giá trị hiện thời của trường không khớp với kết quả máy đọc và giá trị đã nhập",
    "The present value of the field does not follow from the reading and what was entered",
)
_NO_FIELD = Text("Trường không có trong bản ghi, hoặc bị thiếu", "A field too many, or missing")
_PAGE = Text(
    "Trạng thái của trang không khớp với kết quả đã lưu hay quyết định nào",
    "The state of the page follows from no result and no decision",
)
_FORM = Text(
    "Trang được đọc bằng biểu mẫu khác với bản ghi của nó: tiến trình đọc chưa xong, hoặc có người "
    "đã sửa; chạy `sohoa run` rồi kiểm tra lại",
    "The page was read with another form than its record: a run is not finished, or somebody "
    "changed it; run `sohoa run`, then verify again",
)
_RECORDS = Text(
    "Số bản ghi của trang không khớp với kết quả đã lưu, mà sổ đã duyệt",
    "The page has not as many records as its result, and the book is approved",
)


def present_faults(
    session: Session, key: bytes, deleted: Collection[str] = ()
) -> Iterator[TrailFault]:
    """What was changed outside of the program, book by book; then in the results of pages.

    Args:
        session: only looks.
        key: of the workspace's audit trail.
        deleted: books whose data were deleted: nothing of theirs follows from anything.

    """
    books = list(session.scalars(select(BookRow.id).order_by(BookRow.id)))
    for book in (one for one in books if one not in deleted):
        yield from _of_book(session, key, book)
        session.expunge_all()
    yield from _results(session, key)


def _of_book(session: Session, key: bytes, book: str) -> Iterator[TrailFault]:
    row = session.get_one(BookRow, book)
    if not _sealed(key, BookRow, _columns(row, BookRow), row.seal):
        yield TrailFault(0, _SEAL["books"], book)
    pages = list(session.scalars(select(PageRow).where(PageRow.book == book)))
    forms = {page.name: page.layout for page in pages}
    positions: dict[str, set[int]] = {}
    view, shown = PresentFields(session, book), _fields(session, book)
    records = select(RecordRow).where(RecordRow.book == book).order_by(RecordRow.ordinal)
    for record in list(session.scalars(records)):
        positions.setdefault(record.page, set()).add(record.position)
        where = f"{book} {record.page} {record.position}"
        if not _sealed(key, RecordRow, _columns(record, RecordRow), record.seal):
            yield TrailFault(0, _SEAL["records"], where)
        elif forms.get(record.page) not in ("", record.layout, None):
            yield TrailFault(0, _FORM, where)
        else:
            yield from _of_record(view, record, shown.get(record.id, {}), where)
    yield from _pages(session, book, pages)
    if is_closed(session, book):
        yield from _missing(session, pages, positions, records_as_said(session, book))


def _fields(session: Session, book: str) -> dict[int, dict[str, FieldRow]]:
    """The rows of the fields of a book by record and code."""
    found: dict[int, dict[str, FieldRow]] = {}
    for row in session.scalars(select(FieldRow).where(FieldRow.book == book)):
        found.setdefault(row.record, {})[row.code] = row
    return found


def _of_record(
    view: PresentFields, record: RecordRow, shown: Mapping[str, FieldRow], where: str
) -> Iterator[TrailFault]:
    wanted = view.rows_of(record_of(record))
    for code in sorted({*wanted, *shown}):
        if code not in wanted or code not in shown:
            yield TrailFault(0, _NO_FIELD, f"{where} {code}")
        elif not _same(wanted[code], shown[code]):
            yield TrailFault(0, _FIELD, f"{where} {code}")


def _same(wanted: Mapping[str, Any], shown: FieldRow) -> bool:
    lanes = {wanted["lane"], shown.lane} - {"", Lane.SAMPLE.value}
    one_lane = not lanes or wanted["lane"] == shown.lane
    return one_lane and all(wanted[name] == getattr(shown, name) for name in _SHOWN)


def _pages(session: Session, book: str, pages: list[PageRow]) -> Iterator[TrailFault]:
    """Pages that hold nothing back must be so by their result or by what a person said."""
    decided = decisions_in_force(session, book, pages)
    result = aliased(LedgerRow)
    same = and_(
        result.stage == PAGE_STAGE,
        result.input == PageRow.digest,
        result.fingerprint == PageRow.fingerprint,
    )
    query = select(PageRow.name, result.outcome).join(result, same).where(PageRow.book == book)
    outcomes = {name: outcome for name, outcome in session.execute(query)}
    number: Counter[str] = Counter(page.digest for page in pages)
    names = {page.name for page in pages}
    for page in pages:
        if not _follows(page, outcomes, decided, number, names):
            yield TrailFault(0, _PAGE, f"{book} {page.name}")


def _follows(
    page: PageRow,
    outcomes: Mapping[str, str],
    decided: Mapping[str, PageDecision],
    number: Mapping[str, int],
    names: AbstractSet[str],
) -> bool:
    kind = PageKind(page.kind)
    if kind in _BY_MACHINE:
        return outcomes.get(page.name) == kind
    if kind in _BY_PEOPLE:
        decision = decided.get(page.name)
        return decision is not None and decision.kind in _BY_PEOPLE[kind]
    if kind is PageKind.DUPLICATE:
        return number[page.digest] > 1
    if kind is PageKind.HALF:
        return page.duplicate_of in names
    return kind is not PageKind.SKIPPED or not page.digest


def _missing(
    session: Session,
    pages: list[PageRow],
    positions: Mapping[str, AbstractSet[int]],
    said: Mapping[Position, bool],
) -> Iterator[TrailFault]:
    """Pages of an approved book that have lost records, or have too many.

    Rows that the machine leaves out may be among them: a former version made records of these.
    """
    read = [page for page in pages if page.kind == PageKind.RECORD]
    for start in range(0, len(read), _AT_ONCE):
        part = read[start : start + _AT_ONCE]
        keys = {page.name: LedgerKey.of_page(page.digest, page.fingerprint) for page in part}
        kept = payloads(session, list(keys.values()))
        for page in part:
            payload = kept.get(keys[page.name])
            if payload is None:
                continue
            there = positions.get(page.name, set())
            allowed = {
                one["position"]
                for one in unpack(payload)["records"]
                if said.get((page.name, one["position"]), True)
            }
            missing = allowed - there
            if missing and not any((page.name, at) in said for at in missing):
                missing -= _left_out(payload, page.name)
            if missing or there - allowed:
                yield TrailFault(0, _RECORDS, f"{page.book} {page.name}")


def _left_out(payload: bytes, page: str) -> AbstractSet[int]:
    """Positions of a page that its book does without, as the machine says."""
    records = [record_from_json(one, page=page) for one in unpack(payload)["records"]]
    return left_out_rows(records).keys()


def _results(session: Session, key: bytes) -> Iterator[TrailFault]:
    """Results of pages whose seal is wrong, each named by a page that shows it."""
    columns = LedgerRow.__table__.c
    place = [columns.stage, columns.input, columns.fingerprint]
    query = select(*told_columns(LedgerRow), columns.seal).order_by(*place).limit(_AT_ONCE)
    after: tuple[str, ...] | None = None
    while True:
        part = query if after is None else query.where(_beyond(after))
        rows = session.connection().execute(part).mappings().all()
        if not rows:
            return
        for row in rows:
            if not _sealed(key, LedgerRow, dict(row), row["seal"]):
                yield TrailFault(0, _SEAL["ledger"], _page_of(session, row["input"]))
        after = tuple(rows[-1][name] for name in ("stage", "input", "fingerprint"))


def _beyond(after: tuple[str, ...]) -> Any:
    columns = LedgerRow.__table__.c
    return tuple_(columns.stage, columns.input, columns.fingerprint) > after


def _page_of(session: Session, digest: str) -> str:
    query = select(PageRow.book, PageRow.name).where(PageRow.digest == digest).limit(1)
    found = session.execute(query).first()
    return f"{found.book} {found.name}" if found else digest


def _sealed(key: bytes, table: type[TableBase], values: Mapping[str, Any], seal: str) -> bool:
    return hmac.compare_digest(seal, keyed_digest(key, *content(table, values)))


def _columns(row: TableBase, table: type[TableBase]) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in told_columns(table)}
