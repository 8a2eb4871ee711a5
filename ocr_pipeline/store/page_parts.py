"""Pages that are parts of one scan: where they lie, kept beside the state of the file they are in.

A row's `stamp` is `size:time` of its file, and `size:time@number:left,top,width,height` for one of
several forms on a scan. The first form has the row, the name and the content hash of the scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ocr_pipeline.scans.pages import PageRef, part_digest
from ocr_pipeline.scans.scan_part import ScanPart
from ocr_pipeline.store.models import PageRow, RecordRow, ScanRow
from ocr_pipeline.store.states import PageKind

_MARK = "@"


def file_stamp(row: PageRow) -> str:
    """Size and time of the file of a page."""
    return row.stamp.partition(_MARK)[0]


def part_of(row: PageRow) -> ScanPart | None:
    """The part of its scan that a page is; None for the whole scan."""
    _, mark, part = row.stamp.partition(_MARK)
    return ScanPart.parse(part) if mark else None


def set_part(row: PageRow, part: ScanPart | None) -> None:
    """Make a page a part of its scan, or the whole scan."""
    row.stamp = file_stamp(row) + (f"{_MARK}{part}" if part else "")


def is_further(row: PageRow) -> bool:
    """Whether a page is another than the first form of its scan."""
    part = part_of(row)
    return part is not None and part.number > 1


def page_ref(row: PageRow) -> PageRef:
    """Where the bytes of a page of the store are."""
    return PageRef(Path(row.path), row.index, row.name, part_of(row))


def further_row(scan: PageRow, part: ScanPart, taken: Iterable[str]) -> PageRow:
    """A page for another form of a scan, not read yet; `taken`: names of other pages."""
    name = part.name(scan.name)
    while name in taken:  # a file may have this very name
        name += " !"
    row = PageRow(
        book=scan.book, name=name, ordinal=scan.ordinal, path=scan.path, index=scan.index,
        stamp=file_stamp(scan), digest=part_digest(scan.digest, part.number),
        kind=PageKind.PENDING.value,
    )  # fmt: skip
    set_part(row, part)
    return row


def divided_scans(session: Session, digests: Sequence[str]) -> list[PageRow]:
    """The pages with these content hashes that are the first of several forms on their scan."""
    if not digests:
        return []
    query = select(PageRow).where(PageRow.digest.in_(digests), PageRow.stamp.contains(f"{_MARK}1:"))
    return list(session.scalars(query))


def divide_page(session: Session, scan: PageRow, parts: Sequence[ScanPart]) -> list[PageRow]:
    """Make the page of a scan the first of its parts, and have pages for the others behind it.

    Args:
        session: an open transaction.
        scan: the page, already in the store.
        parts: in order, the page itself first; none makes it the whole scan again.

    Returns:
        The pages of the other parts, in order; those that were there keep their ids.

    """
    set_part(scan, parts[0] if parts else None)
    session.flush()
    query = select(PageRow).where(
        PageRow.book == scan.book, PageRow.path == scan.path, PageRow.index == scan.index
    )
    there = {part.number: row for row in session.scalars(query) if (part := part_of(row))}
    wanted = {part.number for part in parts}
    for number, row in there.items():
        if number > 1 and number not in wanted:
            session.delete(row)
    missing = [part for part in parts[1:] if part.number not in there]
    if missing:
        _make_room(session, scan, len(missing))
    for place, part in enumerate(missing, start=1):
        there[part.number] = _add_part(session, scan, part)
        there[part.number].ordinal = scan.ordinal + place
        session.flush()
    for part in parts[1:]:
        set_part(there[part.number], part)
    session.flush()
    return [there[part.number] for part in parts[1:]]


def _add_part(session: Session, scan: PageRow, part: ScanPart) -> PageRow:
    """A page for a form; it is the page of before if its scan was gone, and comes for another."""
    own = part_digest(scan.digest, part.number)
    of_book = PageRow.book == scan.book
    session.execute(delete(PageRow).where(of_book, PageRow.digest == own))
    at_name = select(PageRow).where(of_book, PageRow.name == part.name(scan.name))
    former = session.scalar(at_name.where(PageRow.kind == PageKind.GONE.value))
    if former is not None:
        before = session.get(ScanRow, (scan.book, former.digest))
        if before is not None:
            before.follower, before.same_picture = own, False
        session.execute(
            delete(RecordRow).where(RecordRow.book == scan.book, RecordRow.page == former.name)
        )
        session.delete(former)
        session.flush()
    names = set(session.scalars(select(PageRow.name).where(of_book)))
    row = further_row(scan, part, names)
    session.add(row)
    if session.get(ScanRow, (scan.book, own)) is None:
        session.add(ScanRow(book=scan.book, digest=own, page=row.name, picture="", follower=""))
    return row


def _make_room(session: Session, scan: PageRow, count: int) -> None:
    """Move all pages behind this one by so many places."""
    session.execute(
        update(PageRow)
        .where(PageRow.book == scan.book, PageRow.ordinal > scan.ordinal)
        .values(ordinal=PageRow.ordinal + count)
        .execution_options(synchronize_session="fetch")
    )
