"""The file-naming rule (guideline of letter 1437/BTP-CNTT, section 4.3), with its local habits.

Records: `KS.2017.01.2017-07-05.062.pdf`; books: `xalocthuan_hbd_tbt.CMC.2006.01`. Provinces differ
in the padding of the number (none or 3), and older packages leave out the date.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from ocr_pipeline.books.book import Agency, Book
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.text.dates import PartialDate, parse_date
from ocr_pipeline.text.normalise import key
from ocr_pipeline.usual_options import USUAL

_TYPES = "|".join(RegisterType)
_RECORD = re.compile(
    rf"^(?P<type>{_TYPES})\.(?P<year>\d{{4}})\.(?P<book>\d+)"
    r"(?:\.(?P<date>\d{4}-\d{2}-\d{2}))?\.(?P<number>\d+)\.pdf$"
)
_STEM = re.compile(rf"^(?P<unit>[a-z0-9_]+)\.(?P<type>{_TYPES})\.(?P<year>\d{{4}})\.(?P<book>\d+)$")


@dataclass(frozen=True, slots=True)
class RecordName:
    """What the name of a record's PDF says; `date` is None in the older variant."""

    type: RegisterType
    year_opened: int
    book: int
    date: PartialDate | None
    number: int


@dataclass(frozen=True, slots=True)
class StemName:
    """What the stem of a book's package says."""

    unit: str
    type: RegisterType
    year_opened: int
    book: int


@dataclass(frozen=True, slots=True)
class NamingRule:
    """How files of a package are called.

    Attributes:
        number_padding: digits of a record's number at least; 1 for no padding.
        book_padding: digits of a book's number at least.
        with_date: put the registration date into names of records.
        with_district: put the district's initials into `<unit>` where there is a district.
        with_province: put the province's initials into `<unit>`.

    """

    number_padding: int = USUAL.number_padding
    book_padding: int = 2
    with_date: bool = True
    with_district: bool = True
    with_province: bool = True

    def unit(self, agency: Agency) -> str:
        """`xalocthuan_hbd_tbt`: smallest unit in full, initials of those above it."""
        wanted = {agency.district: self.with_district, agency.province: self.with_province}
        first, *above = agency.units or (agency.name or "unknown",)
        return "_".join([unit_word(first), *(_initials(u) for u in above if wanted.get(u, True))])

    def stem(self, book: Book) -> str:
        """Stem of the book's .xls and .zip: `xalocthuan_hbd_tbt.CMC.2006.01`."""
        number = str(book.number).zfill(self.book_padding)
        return f"{self.unit(book.agency)}.{book.type}.{book.year_opened}.{number}"

    def record_pdf(
        self, book: Book, registration_date: PartialDate | datetime.date | str, number: int | str
    ) -> str:
        """Name of a record's PDF: `KS.2017.01.2017-07-05.062.pdf`.

        Args:
            book: the book it stands in.
            registration_date: complete date (also as `dd.mm.yyyy`).
            number: the record's number; from `62/2017` only what stands before the stroke counts.

        Raises:
            BadInputError: the date is partial or the number is not one; such a record has no
                official name and waits for a person.

        """
        parts = [book.type, str(book.year_opened), str(book.number).zfill(self.book_padding)]
        if self.with_date:
            parts.append(_iso(registration_date))
        parts.append(_number(number).zfill(self.number_padding))
        return ".".join(parts) + ".pdf"


def parse_record_pdf(name: str) -> RecordName | None:
    """Read the name of a record's PDF, whatever its padding; None when it follows no known rule."""
    match = _RECORD.match(name)
    if not match:
        return None
    date = parse_date(match["date"]) if match["date"] else None
    if match["date"] and date is None:
        return None
    return RecordName(
        RegisterType(match["type"]), int(match["year"]), int(match["book"]), date,
        int(match["number"]),
    )  # fmt: skip


def parse_stem(stem: str) -> StemName | None:
    """Read the stem of a book's package; None when it follows no known rule."""
    match = _STEM.match(stem)
    if not match:
        return None
    return StemName(
        match["unit"], RegisterType(match["type"]), int(match["year"]), int(match["book"])
    )


def _iso(date: PartialDate | datetime.date | str) -> str:
    known = parse_date(date) if isinstance(date, str) else date
    if isinstance(known, datetime.date):
        return known.isoformat()
    if known is None or not known.complete:
        raise BadInputError(
            Text(
                f"Ngày đăng ký “{date}” không đủ ngày, tháng, năm nên không đặt được tên tệp",
                f"The registration date “{date}” is not complete, so the file cannot be named",
            ),
            remedy=Text("Bổ sung ngày đăng ký theo sổ", "Complete the registration date"),
        )
    return known.iso()


def _number(number: int | str) -> str:
    digits = str(number).split("/")[0].strip()
    if not digits.isdecimal():
        raise BadInputError(
            Text(f"Số “{number}” không phải là số", f"The number “{number}” is not a number"),
            remedy=Text("Sửa số đăng ký theo sổ", "Correct the record's number"),
        )
    return str(int(digits))


def unit_word(name: str) -> str:
    """The name of a unit as one word of a file name: `xã Lộc Thuận` -> `xalocthuan`."""
    return re.sub(r"[^a-z0-9]", "", key(name, accents=False))


def _initials(name: str) -> str:
    words = re.findall(r"[a-z0-9]+", key(name, accents=False))
    return "".join(word if word.isdecimal() else word[0] for word in words)
