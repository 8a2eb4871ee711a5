"""The sheet that is signed when a book is handed over: what is in the package, and what is not.

A PDF for printing, A4, Vietnamese first and English second. It has no date of its own making: the
same figures give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from ocr_pipeline.books.book import Book
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.written_numbers import number, numbers

_MARGIN_MM = 18
_MOST_ROWS = 1000  # of a list: thirty pages of paper
_FONT, _BOLD = "DejaVuSans", "DejaVuSans-Bold"
_SIGNERS = (
    Text("Người giao", "Handed over by"),
    Text("Người nhận", "Received by"),
    Text("Đại diện cơ quan đăng ký hộ tịch", "For the registering agency"),
)
_TO_SIGN = Text("(ký, ghi rõ họ tên, ngày)", "(signature, full name, date)")


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file of the package: its name, its length in bytes, its SHA-256 in hexadecimal."""

    name: str
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SampleFigures:
    """Accepted fields that people looked at without seeing the value, and how many were wrong.

    Attributes:
        checked: how many were looked at.
        wrong: how many of them were wrong.
        low: lower bound of the share of wrong ones at 95 %, 0–1.
        high: upper bound.

    """

    checked: int
    wrong: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class HandOverFigures:
    """What the sheet says of a book.

    Attributes:
        book: the book.
        counts: what there is how often, in the order of the sheet.
        unreadable: record and field of what nobody could read.
        aside: page and reason of scans that are no record by a person's word.
        gaps: numbers that are missing in the book, as people write them.
        repeats: numbers that stand there more than once.
        sample: the error of the fields that only the machine saw; None when none was looked at.
        files: the files of the package; empty when nothing was exported since the approval.
        approved: by whom and when; None when the book is not approved.
        trail: number and hash of the newest line of the audit trail about the book.

    """

    book: Book
    counts: Sequence[tuple[Text, int]]
    unreadable: Sequence[tuple[str, Text]] = ()
    aside: Sequence[tuple[str, Text]] = ()
    gaps: Sequence[str] = ()
    repeats: Sequence[str] = ()
    sample: SampleFigures | None = None
    files: Sequence[HandedFile] = ()
    approved: Text | None = None
    trail: tuple[int, str] | None = None


def hand_over_sheet(figures: HandOverFigures) -> bytes:
    """The sheet as PDF.

    Raises:
        MachineError: the font is not installed.

    """
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    _register_fonts()
    out = io.BytesIO()
    margin = _MARGIN_MM * mm
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=margin, rightMargin=margin, topMargin=margin,
        bottomMargin=margin, title=f"Biên bản bàn giao {figures.book.id}", author="sohoa",
        invariant=1,
    )  # fmt: skip
    document.build(list(_parts(figures)), canvasmaker=_canvas_with_page_numbers(figures.book.id))
    return out.getvalue()


def _parts(figures: HandOverFigures) -> Iterable[Any]:
    yield _paragraph("BIÊN BẢN BÀN GIAO DỮ LIỆU SỐ HÓA SỔ HỘ TỊCH", "title")
    yield _paragraph("Hand-over of a digitised civil-status register", "subtitle")
    yield _table(_head(figures), widths=(55, 119))
    yield from _section(Text("Số lượng", "Counts"))
    yield _table([(_said(what), number(count)) for what, count in figures.counts], (119, 55))
    yield from _section(
        Text("Sai sót của các giá trị máy tự chấp nhận", "Error of accepted values")
    )
    yield _paragraph(_said(_sample(figures.sample)))
    yield from _section(Text("Số đăng ký thiếu và trùng", "Missing and repeated numbers"))
    yield _paragraph(_said(_numbers(figures)))
    yield from _list(Text("Không đọc được", "Unreadable"), figures.unreadable)
    yield from _list(Text("Trang để riêng", "Pages put aside"), figures.aside)
    yield _signed([*_section(Text("Tệp bàn giao", "Files")), *_files(figures)])


def _head(figures: HandOverFigures) -> list[tuple[str, str]]:
    book = figures.book
    approved = figures.approved or Text("Chưa duyệt", "Not approved")
    rows = [
        (Text("Sổ", "Book"), escape(book.id)),
        (Text("Loại sổ", "Register"), f"{book.type.value}: {_said(book.type.label)}"),
        (Text("Quyển số", "Volume"), book.volume),
        (Text("Cơ quan đăng ký", "Registering agency"), escape(book.agency.full_name)),
        (Text("Duyệt", "Approved"), _said(approved)),
    ]
    if figures.trail:
        line, hash_ = figures.trail
        rows.append((Text("Nhật ký thao tác", "Audit trail"), f"{line} · {hash_}"))
    return [(_said(what), value) for what, value in rows]


def _sample(sample: SampleFigures | None) -> Text:
    if sample is None:
        return Text(
            "Chưa ai xem mẫu kiểm tra nào: tỷ lệ sai chưa biết",
            "Nobody has looked at a sample: the error is not known",
        )
    low, high = numbers(100 * sample.low, 2), numbers(100 * sample.high, 2)
    vi = f"{sample.wrong} sai trong {sample.checked} trường được xem lại mà không thấy giá trị máy"
    en = f"{sample.wrong} wrong of {sample.checked} fields looked at without the machine's value"
    return Text(
        f"{vi}; tỷ lệ sai với độ tin cậy 95 %: {low.vi} – {high.vi} %",
        f"{en}; error at 95 %: {low.en} – {high.en} %",
    )


def _numbers(figures: HandOverFigures) -> Text:
    none = Text("không có", "none")
    gaps, repeats = ", ".join(figures.gaps), ", ".join(figures.repeats)
    return Text(
        f"Thiếu: {gaps or none.vi}. Trùng: {repeats or none.vi}",
        f"Missing: {gaps or none.en}. Repeated: {repeats or none.en}",
    )


def _list(title: Text, rows: Sequence[tuple[str, Text]]) -> Iterable[Any]:
    count = len(rows)
    yield from _section(Text(f"{title.vi} ({count})", f"{title.en} ({count})"))
    if not rows:
        yield _paragraph(_said(Text("Không có", "None")))
        return
    shown = [(escape(place), _said(what)) for place, what in rows[:_MOST_ROWS]]
    if count > _MOST_ROWS:
        rest = count - _MOST_ROWS
        shown.append(("…", _said(Text(f"và {rest} mục nữa", f"and {rest} more"))))
    yield _table(shown, (70, 104))


def _files(figures: HandOverFigures) -> Iterable[Any]:
    if not figures.files:
        yield _paragraph(
            _said(Text("Chưa xuất gói từ khi duyệt", "Nothing was exported since the approval"))
        )
        return
    rows = [
        (f"{escape(one.name)} ({number(one.length)} B)", f"SHA-256 {one.sha256}")
        for one in figures.files
    ]
    yield _table(rows, (70, 104))


def _signed(last: Sequence[Any]) -> Any:
    """The last section with the signatures under it: nobody signs a leaf that says nothing."""
    from reportlab.lib.units import mm
    from reportlab.platypus import KeepTogether, Spacer, Table

    cells = [
        [_paragraph(f"<b>{_said(who)}</b><br/>{_said(_TO_SIGN)}", "signer") for who in _SIGNERS]
    ]
    return KeepTogether(
        [
            *last,
            Spacer(1, 8 * mm),
            Table(cells, colWidths=[58 * mm] * 3, style=[("VALIGN", (0, 0), (-1, -1), "TOP")]),
            Spacer(1, 28 * mm),
        ]
    )


def _section(title: Text) -> Iterable[Any]:
    from reportlab.lib.units import mm
    from reportlab.platypus import CondPageBreak

    yield CondPageBreak(25 * mm)  # no title stands alone at the foot of a page
    yield _paragraph(_said(title), "section")


def _said(text: Text) -> str:
    """Both languages as the markup of a paragraph; once where they are alike."""
    if text.vi == text.en:
        return escape(text.vi)
    return f'{escape(text.vi)} <font color="#555555">/ {escape(text.en)}</font>'


def _paragraph(markup: str, style: str = "text") -> Any:
    from reportlab.platypus import Paragraph

    return Paragraph(markup, _styles()[style])


def _table(rows: Sequence[tuple[str, str]], widths: tuple[int, int]) -> Any:
    """Rows of two cells with markup; widths in mm."""
    from reportlab.lib import colors
    from reportlab.lib.units import mm
    from reportlab.platypus import Table, TableStyle

    cells = [[_paragraph(left), _paragraph(right)] for left, right in rows]
    lines = [
        ("GRID", (0, 0), (-1, -1), 0.4, colors.HexColor("#999999")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
    return Table(cells, colWidths=[width * mm for width in widths], style=TableStyle(lines))


@cache
def _styles() -> dict[str, Any]:
    from reportlab.lib.enums import TA_CENTER
    from reportlab.lib.styles import ParagraphStyle

    def style(name: str, size: float, font: str = _FONT, **more: Any) -> ParagraphStyle:
        # Names of files and hashes have no spaces to break at.
        return ParagraphStyle(
            name, fontName=font, fontSize=size, leading=size * 1.35, splitLongWords=1, **more
        )

    return {
        "title": style("title", 13, _BOLD, alignment=TA_CENTER, spaceAfter=2),
        "subtitle": style("subtitle", 9, alignment=TA_CENTER, spaceAfter=10),
        "section": style("section", 10, _BOLD, spaceBefore=9, spaceAfter=3),
        "text": style("text", 9),
        "signer": style("signer", 9, alignment=TA_CENTER),
    }


@cache
def _register_fonts() -> None:
    """DejaVu has all Vietnamese letters; Matplotlib brings it along."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    found = find_spec("matplotlib")
    folder = Path(found.origin if found and found.origin else "").parent / "mpl-data/fonts/ttf"
    try:
        for name in (_FONT, _BOLD):
            pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    except (OSError, TTFError) as error:
        raise MachineError(
            Text("Thiếu phông chữ để in biên bản", "The font for the sheet is missing"),
            where=str(folder),
            remedy=Text(
                "Cài lại thư viện: pip install --force-reinstall matplotlib",
                "Install the library again: pip install --force-reinstall matplotlib",
            ),
        ) from error
    pdfmetrics.registerFontFamily(_FONT, normal=_FONT, bold=_BOLD, italic=_FONT, boldItalic=_BOLD)


def _canvas_with_page_numbers(book: str) -> type[Any]:
    """A canvas that writes “book · page / pages” below each page."""
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    class NumberedCanvas(Canvas):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 -- the name is the library's
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for leaf, state in enumerate(self._kept, start=1):
                self.__dict__.update(state)
                self.setFont(_FONT, 8)
                text = f"{book} · trang / page {leaf} / {len(self._kept)}"
                self.drawCentredString(105 * mm, 9 * mm, text)
                super().showPage()
            super().save()

    return NumberedCanvas
