"""A book of drawn pages as the linking leaves it: some pages linked, others wait for a person."""

from __future__ import annotations

from ocr_pipeline.processing.book_links import (
    BookLinks,
    FieldCheck,
    LinkRow,
    RecordLink,
    Verdict,
    save_links,
)
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.records import load_records
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.store.workspace import Workspace
from tests.builders.link_ink import row_of

NAMES = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Minh Châu", "Phạm Gia Dũng")


def link_drawn_book(workspace: Workspace, book: str, sure: int = 1) -> BookLinks:
    """Link a book of `drawn_pages.fill_book`: the first `sure` records by the machine.

    One row more than pages is there; the day of registration of each waiting row differs.
    """
    with workspace.read_session() as session:
        records = load_records(session, book)
        unread = [row.name for row in book_pages(session, book) if row.kind == PageKind.REFUSED]
    rows = tuple(row_of(place, _values(place, place >= sure)) for place in range(len(records) + 1))
    links = tuple(_link(record, place, rows, place < sure) for place, record in enumerate(records))
    made = BookLinks(book, rows, links, tuple(unread))
    with workspace.transaction() as session:
        save_links(session, made)
    return made


def _values(place: int, differs: bool) -> dict[str, str]:
    return {
        "so": f"{place + 1:02}/2016",
        "quyenSo": "01/2016",
        "ngayDangKy": "06.03.2016" if differs else "05.03.2016",
        "noiDangKy": "Ủy ban nhân dân xã Lộc Thuận",
        "loaiDangKy": "1",
        "nguoiKy": "Võ Quốc Khánh",
        "nksHoTen": NAMES[place % len(NAMES)],
        "nksNgaySinh": f"{place + 10}.02.2016",
        "nksGioiTinh": "1",
        "nksDanToc": "Kinh",
        "nksQuocTich": "Việt Nam",
    }


def _link(record, place: int, rows: tuple[LinkRow, ...], accepted: bool) -> RecordLink:
    own, others = rows[place], [row for row in rows if row is not rows[place]]
    checks = tuple(
        FieldCheck(code, _verdict(field.value, own.values[code]), own.values[code], field.value,
                   0.99 if field.value == own.values[code] else 0.02)
        for code, field in record.fields.items()
        if code in own.values
    )  # fmt: skip
    share = 0.999 if accepted else 0.7
    candidates = ((own.id, share), *((row.id, 0.1) for row in others[:2]))
    return RecordLink(
        record.page, record.position, record.layout, own.id, share, accepted, candidates, checks
    )


def _verdict(page: str, row: str) -> Verdict:
    return Verdict.AGREES if page == row else Verdict.DIFFERS
