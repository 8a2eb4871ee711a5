"""Pages on which the machine saw no record: what their book says of them.

Running numbers show where a record may have been overlooked; a cover is held against the inventory.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.checks.book_judgement import book_row, book_rule_codes
from ocr_pipeline.checks.number_sequence import Number, gaps_beside, listed
from ocr_pipeline.errors import Text
from ocr_pipeline.processing.cover_check import cover_remedies
from ocr_pipeline.store.books import book_pages
from ocr_pipeline.store.browse_queries import records_by_page
from ocr_pipeline.store.keyings import values_of
from ocr_pipeline.store.states import NO_RECORD
from ocr_pipeline.text.numbers import parse_number_year


def tell_gaps(session: Session, book: Book) -> bool:
    """Say at each page without a record which numbers are missing there; whether that is news.

    What to do about such a page stands in its row as the remedy, and so does what the cover says
    otherwise than the inventory; it has none where no number is missing and nothing differs.
    """
    rows = book_pages(session, book.id)
    if not any(row.kind in NO_RECORD for row in rows):
        return False
    records = records_by_page(session, book.id)
    values = values_of(session, book.id, book_rule_codes(book.type))
    numbers = {record: _number(own, book) for record, own in values.items()}
    found = gaps_beside(
        [
            None
            if row.kind in NO_RECORD
            else [numbers.get(record) for record in records.get(row.name, [])]
            for row in rows
        ]
    )
    covers = cover_remedies(session, book, rows)
    news = False
    for place, row in enumerate(rows):
        if row.kind not in NO_RECORD:
            continue
        gap = _remedy(listed(found[place])) if place in found else None
        remedy = _joined(covers.get(row.name), gap)
        if row.remedy_vi != (remedy.vi if remedy else ""):
            row.remedy_vi, row.remedy_en = (remedy.vi, remedy.en) if remedy else ("", "")
            news = True
    return news


def _joined(one: Text | None, other: Text | None) -> Text | None:
    if one is None or other is None:
        return one or other
    return Text(f"{one.vi}. {other.vi}", f"{one.en}. {other.en}")


def _number(values: dict[str, str], book: Book) -> Number | None:
    parsed = parse_number_year(book_row(values, book).get("so", ""))
    return None if parsed is None else (parsed[1] or 0, parsed[0])


def _remedy(numbers: str) -> Text:
    return Text(
        f"Số thứ tự thiếu {numbers} ở chỗ này: mở trang xem có bản ghi không; "
        "nếu có, chọn “Đây là trang có bản ghi”",
        f"{numbers} is missing here: open the page and look for a record; "
        "if there is one, choose “This page has a record”",
    )
