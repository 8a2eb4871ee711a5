"""The work behind `sohoa layout adapt`: pages of a book in, its own layout out, and what moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocr_pipeline.cli.layout_files import write_picture
from ocr_pipeline.cli.output import print_json, print_table, progress, say, say_error
from ocr_pipeline.errors import BadInputError, ExitCode, ScanError, Text
from ocr_pipeline.processing.book_adaptation import (
    BookAdaptation,
    learn_book_print,
    legible_page,
)
from ocr_pipeline.processing.book_print import (
    FOLDER,
    forget_book_print,
    keep_book_print,
    version_folder,
)
from ocr_pipeline.processing.form_pages import form_pages
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.processing.stages import layouts_in_use
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.page_parts import page_ref
from ocr_pipeline.usual_options import USUAL
from ocr_pipeline.written_numbers import numbers

if TYPE_CHECKING:
    from ocr_pipeline.books.book import Book
    from ocr_pipeline.imaging.flat_page import FlatPage
    from ocr_pipeline.scans.pages import PageRef
    from ocr_pipeline.store.workspace import Workspace

_TOLD_FIELDS = 12
_COMPARISON = "comparison.png"


@dataclass(frozen=True, slots=True)
class AdaptationRequest:
    """What `sohoa layout adapt` was asked for.

    Attributes:
        book: id of the book.
        pages: names of the pages to learn from; chosen when empty.
        out: where the picture goes; beside the layout when None.
        layouts: folder of layouts in place of the shipped ones; those of the last run when None.
            Layouts that the workspace has of its own are known besides.
        dry: only show what would change.
        anyway: keep a layout that the check does not confirm.

    """

    book: str
    pages: tuple[str, ...] = ()
    out: Path | None = None
    layouts: Path | None = None
    dry: bool = False
    anyway: bool = False


def adapt_book(workspace: Workspace, asked: AdaptationRequest, *, as_json: bool) -> ExitCode:
    """Learn the print of a book, tell the difference, and keep it for this book.

    Raises:
        BadInputError: no such book, or too few pages of one print.

    """
    book, refs = _pages(workspace, asked)
    settings = current_settings(workspace.folder)
    if asked.layouts is not None:
        settings = replace(settings, layouts=str(asked.layouts))
    known = layouts_in_use(settings).values()
    layouts = [one for one in known if one.layout.type == book.type.value]
    flats = _flat_pages(refs)
    found = learn_book_print(flats, layouts)
    version = 0
    if not asked.dry and (found.check.holds or asked.anyway):
        version = keep_book_print(workspace.folder, book.id, found.layout_text, found.reference_png)
    picture = asked.out
    if picture is None and version:
        picture = version_folder(workspace.folder, book.id, version) / _COMPARISON
    if picture is not None:
        write_picture(picture, found.picture(flats[0]))
    if as_json:
        print_json(_as_json(book, found, version, picture))
    else:
        _tell(book, found, version, picture, dry=asked.dry)
    return ExitCode.DONE if found.check.holds else ExitCode.FAILURES


def forget_book(workspace: Workspace, book: str) -> None:
    """Take back what was learned last of a book's print.

    Raises:
        BadInputError: nothing was learned.

    """
    version = forget_book_print(workspace.folder, book)
    now = (
        Text(f"bản in đã học lần {version}", f"the print as learned the {version}. time")
        if version
        else Text("biểu mẫu có sẵn", "the installed layout")
    )
    say(
        Text(
            f"Sổ {book} lại được đọc theo {now.vi} từ lần chạy sau",
            f"From the next run on, {book} is read with {now.en} again",
        )
    )


def _pages(workspace: Workspace, asked: AdaptationRequest) -> tuple[Book, list[PageRef]]:
    with workspace.read_session() as session:
        books = load_books(session, [asked.book])
        if not books:
            raise BadInputError(
                Text("không có sổ này", "there is no such book"),
                where=asked.book,
                remedy=Text("xem: sohoa book list", "see: sohoa book list"),
            )
        return books[0], [page_ref(row) for row in form_pages(session, asked.book, asked.pages)]


def _flat_pages(refs: Sequence[PageRef]) -> list[FlatPage]:
    """The pages that can be opened, straight."""
    flats = []
    title = Text("Đang mở các trang của sổ", "Opening pages of the book")
    with progress(title, len(refs)) as advance:
        for ref in refs:
            try:
                flats.append(opened(legible_page, ref, ref.name, seconds=USUAL.page_seconds))
            except ScanError as error:
                say_error(error.cause, where=ref.name, remedy=error.remedy)
            advance.step()
    return flats


def _tell(
    book: Book, found: BookAdaptation, version: int, picture: Path | None, *, dry: bool
) -> None:
    check, adapted = found.check, found.adapted
    say(
        Text(
            f"Sổ {book.id}: gần nhất là {found.like.layout.id}; biểu mẫu có sẵn khớp "
            f"{found.fitted_before}/{found.pages} trang, bản in đã học khớp "
            f"{check.accepted}/{check.pages} trang không dùng để học",
            f"{book.id}: nearest is {found.like.layout.id}; the installed layout fits "
            f"{found.fitted_before} of {found.pages} pages, the learned print {check.accepted} of "
            f"{check.pages} pages that it was not learned from",
        )
    )
    columns = (
        Text("trường", "field"), Text("dời (mm)", "moved (mm)"), Text("lệch (mm)", "off (mm)"),
        Text("xác nhận", "confirmed"),
    )  # fmt: skip
    yes, no = Text("có", "yes"), Text("chưa", "no")
    shown = [one for one in check.fields if not one.confirmed]
    shown += [one for one in check.fields if one.confirmed][:_TOLD_FIELDS]
    rows = [
        (one.code, numbers(one.moved_mm, 1).vi, numbers(one.off_mm, 1).vi,
         str(yes if one.confirmed else no))
        for one in shown
    ]  # fmt: skip
    print_table(Text("Các ô đã dời", "Fields that moved"), columns, rows)
    _tell_words(adapted.missing, adapted.reworded)
    if picture is not None:
        say(Text(f"Hãy mở ảnh so sánh: {picture}", f"Open the comparison: {picture}"))
    if version:
        say(
            Text(
                f"Đã lưu bản in lần {version} cho riêng sổ này; lần chạy sau chỉ đọc lại sổ này. "
                f"Bỏ: sohoa layout adapt {book.id} --forget",
                f"Kept as version {version} for this book alone; the next run reads only its pages "
                f"again. Take it back: sohoa layout adapt {book.id} --forget",
            ),
            style="green",
        )
    elif not check.holds:
        say_error(
            Text(
                f"Chưa lưu: {len(check.unconfirmed)} trường chưa được xác nhận, khớp "
                f"{check.accepted}/{check.pages} trang",
                f"Not kept: {len(check.unconfirmed)} fields are not confirmed, it fits "
                f"{check.accepted} of {check.pages} pages",
            ),
            remedy=Text(
                "Xem ảnh (--out), thử các trang khác (--page), hoặc vẫn lưu: --anyway",
                "Look at the picture (--out), try other pages (--page), or keep it: --anyway",
            ),
        )
    elif dry:
        say(Text("Chưa lưu gì (--dry-run)", "Nothing was kept (--dry-run)"))


def _tell_words(missing: Sequence[str], reworded: Sequence[str]) -> None:
    if reworded:
        words = ", ".join(f"“{text}”" for text in dict.fromkeys(reworded))
        say(Text(f"In chữ khác ở chỗ của: {words}", f"Worded otherwise: {words}"))
    if missing:
        words = ", ".join(f"“{text}”" for text in dict.fromkeys(missing))
        say(Text(f"Không thấy chữ in: {words}", f"Print that was not found: {words}"))


def _as_json(
    book: Book, found: BookAdaptation, version: int, picture: Path | None
) -> dict[str, Any]:
    check = found.check
    return {
        "book": book.id,
        "like": found.like.layout.id,
        "version": version,
        "holds": check.holds,
        "pages": {"checked": check.pages, "accepted": check.accepted,
                  "before": found.fitted_before, "looked_at": found.pages},
        "residual_mm": round(check.residual_mm, 2),
        "fields": [
            {"code": one.code, "moved_mm": one.moved_mm, "off_mm": one.off_mm,
             "apart_mm": one.apart_mm, "confirmed": one.confirmed}
            for one in check.fields
        ],
        "missing": list(found.adapted.missing),
        "reworded": list(found.adapted.reworded),
        "folder": f"{FOLDER}/{book.id}/{version:03d}" if version else "",
        "picture": str(picture) if picture else "",
    }  # fmt: skip
