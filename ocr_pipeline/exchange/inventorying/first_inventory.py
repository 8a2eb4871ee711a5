"""A first inventory of a folder of scans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ocr_pipeline.books.book import Agency
from ocr_pipeline.books.inventory import BOOK_FILE
from ocr_pipeline.books.typed_agency import choose_units, typed_agency
from ocr_pipeline.errors import BadInputError, Text, UsageError
from ocr_pipeline.exchange.inventorying.book_survey import BookSurvey, survey_book
from ocr_pipeline.exchange.inventorying.inventory_line import (
    BookLine,
    CellDoubt,
    inventory_line,
)
from ocr_pipeline.exchange.inventorying.inventory_workbook import column_title, inventory_bytes
from ocr_pipeline.exchange.inventorying.kept_surveys import KeptSurveys
from ocr_pipeline.exchange.inventorying.scanned_books import ScannedBook, find_scanned_books
from ocr_pipeline.exchange.inventorying.work_order import WorkOrderFile
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.processing.stages import stages_for
from ocr_pipeline.store.codec import cover_to_json
from ocr_pipeline.store.files import write_bytes
from ocr_pipeline.written_paths import written

_USUAL_NAME = "books.xlsx"
_AGENCY_YEAR = 2019
_SAME_BOOK = Text(
    "sổ khác trong danh mục sổ có cùng loại, cơ quan, năm và số quyển",
    "another book of the inventory has the same type, agency, year and number",
)


@dataclass(frozen=True, slots=True)
class InventoryChoices:
    """What the operator chooses.

    Attributes:
        agency: units of the agency of all books, as typed; "" where the covers tell.
        plan: name of the order of work; "" for the usual one.
        workers: books that are looked at side by side.

    """

    agency: str = ""
    plan: str = ""
    workers: int = 1


def inventory_file(scans: Path, out: Path | None) -> Path:
    """Where the inventory goes; never over another one.

    Raises:
        UsageError: there is such a file already, or it is not called `.xlsx`.

    """
    path = out or scans / _USUAL_NAME
    if path.suffix.lower() != ".xlsx":
        raise UsageError(
            Text("Danh mục sổ được ghi dạng .xlsx", "The inventory is written as .xlsx"),
            where=written(path),
            remedy=Text("Đặt tên kết thúc bằng .xlsx", "Choose a name that ends in .xlsx"),
        )
    if path.exists() or path.is_symlink():
        raise UsageError(
            Text("Đã có danh mục sổ; không ghi đè", "There is an inventory; it is not overwritten"),
            where=written(path),
            remedy=Text(
                "Ghi ra tệp khác bằng --out, so sánh rồi tự thay, hoặc đổi tên tệp cũ",
                "Write to another file with --out and compare, or rename the old one",
            ),
        )
    return path


def make_inventory(
    scans: Path,
    out: Path,
    order: WorkOrderFile,
    choices: InventoryChoices = InventoryChoices(),  # noqa: B008
    settings: RunSettings = RunSettings(),  # noqa: B008
    begun: Callable[[int], None] = lambda _: None,
    done: Callable[[str], None] = lambda _: None,
) -> list[BookLine]:
    """Look at all books and write the inventory.

    Args:
        scans: folder of scans.
        out: the `.xlsx` to write; beside it, what was seen is kept until all books are done.
        order: orders of work.
        choices: of the operator.
        settings: model and layouts to read with.
        begun: is given the number of books.
        done: is given each book's folder.

    Raises:
        BadInputError: no folder, no scans in it, or an agency that no list has.
        MachineError: the model or the layouts are missing.

    """
    plan, agency = order.plan(choices.plan), _given_agency(choices.agency)
    books = _books(scans)
    begun(len(books))
    kept = KeptSurveys(
        out.with_name(f".{out.name}.part"),
        f"{stages_for(settings).fingerprint}{order.model_dump_json()}",
    )
    lines: list[BookLine] = []

    def looked_at(book: ScannedBook) -> tuple[ScannedBook, BookSurvey, bool]:
        known = kept.find(book.path)
        return book, known or survey_book(book.path, settings, order), known is not None

    pool = ThreadPoolExecutor(max(choices.workers, 1))
    try:
        for book, survey, known in pool.map(looked_at, books):
            if not known:
                kept.keep(book.path, survey)
            folder = written(book.path.relative_to(scans))
            lines.append(inventory_line(book, folder, survey, agency, plan))
            done(folder)
    finally:
        pool.shutdown(cancel_futures=True)
    lines = _doubles_told(lines)
    write_bytes(inventory_file(scans, out), inventory_bytes(lines))
    kept.remove()
    return lines


def _books(scans: Path) -> list[ScannedBook]:
    if not scans.is_dir():
        raise BadInputError(
            Text("Không có thư mục ảnh quét này", "There is no such folder of scans"),
            where=written(scans),
            remedy=Text("Kiểm tra đường dẫn", "Check the path"),
        )
    books = find_scanned_books(scans)
    if not books:
        raise BadInputError(
            Text("Không thấy ảnh quét hoặc PDF nào", "There is no scan and no PDF"),
            where=written(scans),
            remedy=Text("Kiểm tra đường dẫn và ổ đĩa", "Check the path and the disk"),
        )
    own = Text(
        "thư mục có book.yaml riêng: tệp đó được dùng trước dòng này",
        "the folder has a book.yaml of its own, which goes before this line",
    )
    return [replace(one, doubt=own) if (one.path / BOOK_FILE).is_file() else one for one in books]


def _given_agency(typed: str) -> Agency | None:
    if not typed:
        return None
    choice = choose_units(typed_agency(typed, "", ""), _AGENCY_YEAR)
    if len(choice.agencies) == 1:
        return choice.agencies[0]
    near = "; ".join(choice.nearest)
    raise UsageError(
        Text("Không xác định được đơn vị này", "This unit cannot be made out"),
        where=typed,
        remedy=Text(
            f"Ghi đủ xã, huyện, tỉnh. Gần giống: {near}",
            f"Write commune, district and province. Alike: {near}",
        ),
    )


def _doubles_told(lines: Sequence[BookLine]) -> list[BookLine]:
    """Lines in the order of work; two that would be one book say so."""
    same: dict[tuple[str, ...], list[BookLine]] = defaultdict(list)
    names = ("type", "commune", "district", "province", "year_opened", "number")
    for line in lines:
        key = tuple(line.cells[name] for name in names)
        if line.cells["number"] and line.cells["year_opened"]:
            same[key].append(line)
    for group in same.values():
        for line in group if len(group) > 1 else ():
            others = ", ".join(one.folder for one in group if one is not line)
            why = Text(f"{_SAME_BOOK.vi}: {others}", f"{_SAME_BOOK.en}: {others}")
            line.doubts.append(CellDoubt("number", line.cells["number"], {}, why))
    return sorted(lines, key=lambda line: (line.order, line.folder))


def lines_json(lines: Sequence[BookLine]) -> list[dict[str, Any]]:
    """The lines for other programs."""
    return [
        {
            **line.cells,
            "order": line.order,
            "pages": line.survey.pages,
            "sampled": line.survey.sampled,
            "refused": round(line.survey.refused, 3),
            "confidence": round(line.survey.confidence, 3),
            "cover_page": line.survey.cover_page if line.survey.cover_seen else "",
            "cover": cover_to_json(line.survey.cover) if line.survey.cover else None,
            "faults": [{"vi": one.vi, "en": one.en} for one in line.survey.faults],
            "doubts": [
                {
                    "column": doubt.column,
                    "title": column_title(doubt.column).vi,
                    "taken": doubt.taken,
                    "said": dict(doubt.said),
                    "why": {"vi": doubt.why.vi, "en": doubt.why.en},
                }
                for doubt in line.doubts
            ],
        }
        for line in lines
    ]
