"""Books, lines and faults of inventories as JSON."""

from __future__ import annotations

from pathlib import Path

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.inventory import Inventory, InventoryNotice
from ocr_pipeline.review.inventory_uploads import InventoryPreview
from ocr_pipeline.written_paths import written
from review_ui.office_schemas import InventoryBook, InventoryLine, InventoryOut
from review_ui.schemas import MessageOut, message_of, remedy_of


def inventory_json(preview: InventoryPreview, scans: Path, *, accepted: bool) -> InventoryOut:
    """An inventory that was sent, its lines in their order."""
    found = preview.inventory
    lines = [_line_of(book, found, scans) for book in found.books] + faults_json(found)
    lines.sort(key=lambda line: _number(line.where))
    return InventoryOut(
        name=preview.name,
        accepted=accepted,
        former=list(preview.former),
        lines=lines,
        notices=notices_json(found),
    )


def faults_json(found: Inventory) -> list[InventoryLine]:
    """What is wrong with lines of an inventory, or with folders that none names."""
    return [
        InventoryLine(
            where=one.where, folder="", cause=message_of(one.cause), remedy=remedy_of(one)
        )
        for one in found.problems
    ]


def notices_json(found: Inventory) -> list[MessageOut]:
    """What concerns no single book: a table that is not used, a remark below the table."""
    return [_placed(one) for one in found.notices if one.path is None]


def book_json(book: Book) -> InventoryBook:
    """A book as an inventory describes it."""
    return InventoryBook(
        id=book.id,
        type=book.type.value,
        year=book.year_opened,
        number=book.number,
        agency=book.agency.full_name,
    )


def notices_of(notices: list[InventoryNotice]) -> list[MessageOut]:
    """What was understood otherwise than it is written."""
    return [message_of(one.text) for one in notices]


def _line_of(book: Book, found: Inventory, scans: Path) -> InventoryLine:
    place = book.path.relative_to(scans) if book.path.is_relative_to(scans) else book.path
    return InventoryLine(
        where=found.lines.get(book.path, ""),
        folder=written(place),
        book=book_json(book),
        notices=[message_of(one.text) for one in found.notices if one.path == book.path],
    )


def _number(where: str) -> tuple[int, str]:
    last = where.rpartition(":")[2]
    return (int(last) if last.isdecimal() else 0, where)


def _placed(one: InventoryNotice) -> MessageOut:
    return MessageOut(vi=f"{one.where}: {one.text.vi}", en=f"{one.where}: {one.text.en}")
