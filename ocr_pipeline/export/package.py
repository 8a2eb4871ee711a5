"""The finished package of a book: official `.xls` and a flat `.zip` of one PDF per record.

`export_book` takes plain data and needs no workspace. Everything about it is a pure function of its
arguments and of the scans: done twice, it gives the same bytes (and then touches nothing).
"""

from __future__ import annotations

import os
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from ocr_pipeline.books.naming import NamingRule
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.export.agency_folder import agency_folder
from ocr_pipeline.export.approval_note import approval_told
from ocr_pipeline.export.book_data import BookData
from ocr_pipeline.export.cases import ExportCase
from ocr_pipeline.export.file_pair import published_pair
from ocr_pipeline.export.pdf import MAX_DPI, PagePicture, compress, record_pdf
from ocr_pipeline.export.readiness import UnfinishedBookError, require_ready
from ocr_pipeline.export.xls import Sheet, workbook
from ocr_pipeline.registers.templates import Template
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.scans.pages import PageRef, load_page
from ocr_pipeline.usual_options import USUAL

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644 << 16
_UNIX = 3
_MOST_THREADS = 4

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class Package:
    """What was exported: the pair of files and the number of records in each."""

    excel: Path
    archive: Path
    records: int


def export_book(
    data: BookData,
    template: Template,
    naming: NamingRule,
    out_dir: Path,
    *,
    workers: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Package:
    """Write `out_dir/<agency>/<stem>.xls` and `.zip`: both or neither.

    Args:
        data: the book after judgement and review.
        template: the Excel template of the book's type.
        naming: how files are named.
        out_dir: folder that receives one folder per agency.
        workers: pages compressed at the same time; 0 = one per core, at most four.
        progress: called with (records packed, all records).

    Raises:
        UnfinishedBookError: something is still open, or the book is not approved; `obstacles`
            lists all of it.
        ScanError: a scan cannot be read any more; nothing has been written.
        BadInputError: the Excel format cannot hold the data.
        MachineError: the folder cannot be written to, or the disk is full.

    """
    cases = require_ready(data, template, naming)
    folder, stem = agency_folder(out_dir, data.book, naming), naming.stem(data.book)
    with _writing_explained(folder), approval_told(folder, stem, data):
        return publish_cases(
            cases, template, folder, stem, data.pages, data.turns,
            workers=workers, progress=progress,
        )  # fmt: skip


def publish_cases(
    cases: Sequence[ExportCase],
    template: Template,
    folder: Path,
    stem: str,
    pages: Mapping[str, PageRef],
    turns: Mapping[str, int],
    *,
    workers: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Package:
    """Write `folder/<stem>.xls` and `.zip` of these cases: both or neither.

    Args:
        cases: rows with the names of their PDFs, which are all there and all different.
        template: the Excel template.
        folder: of the agency; made if missing.
        stem: of the two files.
        pages: where the scans are, by page name.
        turns: degrees clockwise that bring a page upright, by page name.
        workers: pages compressed at the same time; 0 = one per core, at most four.
        progress: called with (records packed, all records).

    Raises:
        ScanError: a scan cannot be read any more; nothing has been written.
        BadInputError: the Excel format cannot hold the data.
        MachineError: the folder cannot be written to, or the disk is full.

    """
    excel = workbook([final_sheet(cases, template)])
    threads = workers or min(_MOST_THREADS, os.cpu_count() or 1)
    pdfs = _pdfs(cases, pages, turns, threads)
    with (
        _writing_explained(folder),
        published_pair(folder, stem) as (excel_path, archive_path),
    ):
        excel_path.write_bytes(excel)
        _write_zip(archive_path, pdfs, progress, len(cases))
    return Package(folder / f"{stem}.xls", folder / f"{stem}.zip", len(cases))


@contextmanager
def _writing_explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MachineError(
            Text(
                f"Không ghi được gói: {error.strerror}",
                f"The package cannot be written: {error.strerror}",
            ),
            where=str(folder),
            remedy=Text(
                "Kiểm tra quyền ghi và chỗ trống trên đĩa", "Check write permission and disk space"
            ),
        ) from error


def _write_zip(
    path: Path,
    pdfs: Iterable[tuple[str, bytes]],
    progress: Callable[[int, int], None] | None,
    total: int,
) -> None:
    with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED) as archive:
        for done, (name, data) in enumerate(pdfs, start=1):
            archive.writestr(_entry(name), data)
            if progress:
                progress(done, total)


def final_sheet(cases: Sequence[ExportCase], template: Template) -> Sheet:
    """The one sheet of the official file: literal headers, one row per case, nothing else."""
    names = [column.name for column in template.columns]
    rows = [[case.row[name] for name in names] for case in cases]
    return Sheet(template.sheet, template.headers(), rows)


def _pdfs(
    cases: Sequence[ExportCase],
    pages: Mapping[str, PageRef],
    turns: Mapping[str, int],
    workers: int,
) -> Iterator[tuple[str, bytes]]:
    """(file name, PDF) of every case in order; each sheet is compressed once.

    Every record of a sheet gets the whole sheet: its column headings belong to the evidence, and a
    wrongly cut strip would be worse than a large page.
    """
    sheets = [(names, list(group)) for names, group in groupby(cases, key=lambda c: c.pages)]

    def render(sheet: tuple[tuple[str, ...], list[ExportCase]]) -> bytes:
        names, on_it = sheet
        several = len(on_it) > 1
        return record_pdf(
            [
                opened(
                    page_picture,
                    _PageToPack(pages[name], turns.get(name, 0), several),
                    name,
                    seconds=USUAL.page_seconds,
                )
                for name in names
            ]
        )

    for (_, on_it), pdf in zip(sheets, _in_order(render, sheets, workers), strict=True):
        for case in on_it:
            yield case.pdf, pdf


@dataclass(frozen=True, slots=True)
class _PageToPack:
    """A page that goes into a PDF: its scan, its turn, and whether it holds several records."""

    ref: PageRef
    turn: int
    several_records: bool


def page_picture(page: _PageToPack) -> PagePicture:
    """The page as it stands in the PDFs.

    Raises:
        ScanError: the scan cannot be read any more.

    """
    scan = load_page(page.ref, max_dpi=MAX_DPI)
    return compress(scan, turn=page.turn, several_records=page.several_records)


def _in_order(work: Callable[[In], Out], items: Iterable[In], workers: int) -> Iterator[Out]:
    """`map` in threads (the work is native code) with only a few results in memory."""
    with ThreadPoolExecutor(workers) as pool:
        running: deque[Future[Out]] = deque()
        for item in items:
            running.append(pool.submit(work, item))
            if len(running) > workers:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIXED_TIME)
    entry.create_system = _UNIX
    entry.external_attr = _FILE_MODE
    return entry


__all__ = ["Package", "UnfinishedBookError", "export_book", "final_sheet", "publish_cases"]
