"""What the cover of a book says, held against the inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from rapidfuzz import fuzz
from sqlalchemy.orm import Session

from ocr_pipeline.books.book import Book
from ocr_pipeline.books.book_ids import same_agency
from ocr_pipeline.errors import Text
from ocr_pipeline.reading.cover import Cover, CoverName
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.store.codec import cover_from_json, unpack
from ocr_pipeline.store.ledger import LedgerKey, payloads
from ocr_pipeline.store.models import PageRow
from ocr_pipeline.store.states import PageKind
from ocr_pipeline.text.normalise import key

_ALIKE = 80  # per cent of letters: writing that may be what the inventory has

_NAMES: Mapping[CoverName, Text] = {
    "type": Text("loại sổ", "register type"),
    "agency": Text("cơ quan đăng ký", "agency"),
    "number": Text("số quyển", "book number"),
    "year": Text("năm mở sổ", "year opened"),
}


def cover_remedies(session: Session, book: Book, rows: Sequence[PageRow]) -> dict[str, Text]:
    """What is to be done about the covers of a book that say otherwise than its inventory.

    Args:
        session: of the workspace.
        book: as the inventory has it.
        rows: its pages.

    Returns:
        By page name; covers that agree with the inventory are not there.

    """
    results = {
        row.name: LedgerKey.of_page(row.digest, row.fingerprint)
        for row in rows
        if row.kind == PageKind.COVER
    }
    found = payloads(session, list(results.values()))
    remedies = {}
    for name, result in results.items():
        data = unpack(found[result]).get("cover") if result in found else None
        differences = cover_differences(cover_from_json(data), book) if data else []
        if differences:
            remedies[name] = _remedy(differences)
    return remedies


def cover_differences(cover: Cover, book: Book) -> list[Text]:
    """Where a cover says otherwise than the inventory, in words.

    A value that the writing may have counts as agreement: only what cannot be read as the
    inventory has it is told.
    """
    return [_difference(name, cover, book) for name in _differing(cover, book)]


def _differing(cover: Cover, book: Book) -> Iterator[CoverName]:
    agrees: Mapping[CoverName, Callable[[str], bool]] = {
        "type": lambda value: value == book.type.value,
        "number": lambda value: value == str(book.number),
        "year": lambda value: value == str(book.year_opened),
    }
    for name, agree in agrees.items():
        if cover.value(name) and not any(map(agree, cover.values(name))):
            yield name
    if cover.agency is not None and not same_agency(cover.agency, book.agency):
        field = cover.fields["agency"]
        listed, read = (
            key(text, accents=False) for text in (", ".join(book.agency.units), field.as_written)
        )
        if field.sure or fuzz.partial_ratio(listed, read) < _ALIKE:
            yield "agency"


def _difference(name: CoverName, cover: Cover, book: Book) -> Text:
    value, field = cover.value(name), cover.fields[name]
    listed: Text
    if name == "type":
        listed, told = book.type.label, RegisterType(value).label
    elif name == "agency":
        text = ", ".join(book.agency.units)
        listed, told = Text(text, text), Text(value, value)
    else:
        text = str(book.number if name == "number" else book.year_opened)
        listed, told = Text(text, text), Text(value, value)
    what = _NAMES[name]
    if not field.sure:
        told = Text(f"{told.vi} (đọc chưa chắc)", f"{told.en} (not read surely)")
    return Text(
        f"{what.vi}: bìa ghi {told.vi}, danh mục sổ ghi {listed.vi}",
        f"{what.en}: the cover says {told.en}, the inventory says {listed.en}",
    )


def _remedy(differences: Sequence[Text]) -> Text:
    vi, en = ("; ".join(getattr(one, way) for one in differences) for way in ("vi", "en"))
    return Text(
        f"Bìa khác danh mục sổ – {vi}. Xem bìa; nếu danh mục sổ sai thì sửa rồi chạy lại, "
        "nếu ảnh thuộc sổ khác thì chuyển sang đúng thư mục",
        f"The cover differs from the inventory – {en}. Look at the cover; correct the inventory "
        "and run again, or move the scans to their own book",
    )
