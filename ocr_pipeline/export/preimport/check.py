"""The pre-import check of a pair of files, or of every pair in folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ocr_pipeline.books.naming import parse_stem
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.export.draft import DOUBTS_SHEET, DRAFT_PREFIX
from ocr_pipeline.export.faults import FaultLevel, PackageFault, fault
from ocr_pipeline.export.preimport.archive import PdfEntry, check_archive
from ocr_pipeline.export.preimport.header import HeaderMatch, header_faults, recognise
from ocr_pipeline.export.preimport.links import link_faults
from ocr_pipeline.export.preimport.package_files import package_files, pairs
from ocr_pipeline.export.preimport.rows import DataRow, data_rows, row_faults, unseen_faults
from ocr_pipeline.export.preimport.sheets import MAX_BYTES, XLS, XLSX, form_of, read_sheets
from ocr_pipeline.export.preimport.spelling import spelling_faults
from ocr_pipeline.os_errors import os_reason
from ocr_pipeline.processes.limited_calls import foreign_calls, seconds_for
from ocr_pipeline.written_paths import written

_MOST_ALIKE = 20
_ARCHIVE_BYTES_A_SECOND = 1e6  # ten PDFs of 100 kB, each opened


@dataclass(frozen=True, slots=True)
class PackageReport:
    """What the check found out about one package.

    Attributes:
        excel: the Excel file, None if missing.
        archive: the zip, None if missing.
        type: register type code, "" when the columns fit no template.
        generation: generation of the template.
        variant: its variant, "" when it has none.
        rows: rows of data.
        pdfs: PDFs in the zip.
        faults: everything that is wrong, in reading order.

    """

    excel: Path | None
    archive: Path | None
    type: str = ""
    generation: str = ""
    variant: str = ""
    rows: int = 0
    pdfs: int = 0
    faults: tuple[PackageFault, ...] = field(default=())

    @property
    def acceptable(self) -> bool:
        """No errors; there may be warnings."""
        return not any(found.level is FaultLevel.ERROR for found in self.faults)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "excel": written(self.excel) if self.excel else None,
            "zip": written(self.archive) if self.archive else None,
            "type": self.type,
            "generation": self.generation,
            "variant": self.variant,
            "rows": self.rows,
            "pdfs": self.pdfs,
            "acceptable": self.acceptable,
            "faults": [found.as_dict() for found in self.faults],
        }


def check_package(excel: Path | None, archive: Path | None) -> PackageReport:
    """Check an Excel file and the zip of the same name.

    Args:
        excel: `.xls` (or `.xlsx`, which is a fault but still checked); None if there is none.
        archive: `.zip`; None if there is none: then no record has a scan.

    """
    found: list[PackageFault] = []
    stem = parse_stem((excel or archive or Path()).stem)
    match: HeaderMatch | None = None
    rows: list[DataRow] = []
    if excel:
        try:
            match, rows, found = foreign_calls().do(
                check_excel, excel, partial(_unreadable, excel), seconds_for(excel)
            )
        except (BadInputError, OSError) as error:  # it is no table, or vanished meanwhile
            reason = os_reason(error) if isinstance(error, OSError) else error.cause
            found = [fault("file_unreadable", excel, reason=reason)]
    elif archive:
        found.append(fault("no_excel", archive, expected=f"{archive.stem}.xls"))
    pdfs = 0
    if archive:
        if stem is None:
            found.append(fault("stem_form", archive, suffix=archive.suffix))
        entries, faults = _archive_entries(archive)
        found += faults
        pdfs = len(entries or ())
        if match and entries is not None:
            found += link_faults(rows, entries, stem, str(excel))
    elif excel:
        found.append(fault("no_zip", excel, expected=f"{excel.stem}.zip"))
    return PackageReport(
        excel=excel,
        archive=archive,
        type=str(match.template.type) if match else "",
        generation=match.template.generation if match else "",
        variant=match.template.variant if match else "",
        rows=len(rows),
        pdfs=pdfs,
        faults=tuple(_without_floods(found)),
    )


def check_paths(paths: Iterable[Path]) -> list[PackageReport]:
    """Check every package named by, or lying below, the given files and folders.

    A file stands for its whole package: the partner of the same name beside it is checked with it.
    A path without any package gives a report that says so.
    """
    reports = []
    for path in paths:
        files, faults = package_files(path)
        reports += [check_package(excel, archive) for excel, archive in pairs(files)]
        if not files and not faults:
            faults = [fault("nothing_found", path)]
        if faults:
            reports.append(PackageReport(None, None, faults=tuple(faults)))
    return reports


def _unreadable(file: Path, reason: Text) -> BadInputError:
    return BadInputError(reason, where=str(file))


def _archive_entries(archive: Path) -> tuple[list[PdfEntry] | None, list[PackageFault]]:
    seconds = seconds_for(archive, _ARCHIVE_BYTES_A_SECOND)
    try:
        return foreign_calls().do(check_archive, archive, partial(_unreadable, archive), seconds)
    except BadInputError as error:
        return None, [fault("broken_zip", archive, reason=error.cause)]


def check_excel(path: Path) -> tuple[HeaderMatch | None, list[DataRow], list[PackageFault]]:
    """What columns an Excel file has, its rows of data, and what is wrong with it by itself.

    Raises:
        BadInputError: it cannot be read as a table.
        OSError: the system refuses it.

    """
    file, found = str(path), []
    stem = parse_stem(path.stem)
    if not path.is_file():
        return (
            None,
            [],
            [fault("file_unreadable", file, reason=Text("không có tệp", "no such file"))],
        )
    if path.name.startswith(DRAFT_PREFIX):
        found.append(fault("draft", file))
    elif stem is None:
        found.append(fault("stem_form", file, suffix=".xls"))
    if path.stat().st_size > MAX_BYTES:
        return None, [], [*found, fault("too_large", file, size=path.stat().st_size >> 20)]
    form = form_of(path)
    if form != XLS or path.suffix.lower() != ".xls":
        found.append(fault("not_xls", file, found=form))
    if form not in (XLS, XLSX):
        return None, [], found
    try:
        sheets = read_sheets(path)
    except BadInputError as error:
        return None, [], [*found, fault("file_unreadable", file, reason=error.cause)]
    if any(sheet.name == DOUBTS_SHEET for sheet in sheets) and found[:1] != [fault("draft", file)]:
        found.append(fault("draft", file))
    match = recognise(sheets)
    if match is None:
        return None, [], [*found, fault("unknown_template", file, row=1)]
    if stem and stem.type != match.template.type:
        found.append(fault("stem_type", file, named=stem.type, found=match.template.type))
    found += header_faults(match, sheets, file)
    sheet = sheets[match.sheet]
    rows, faults = data_rows(match, sheet.rows, file)
    found += [*faults, *unseen_faults(match, sheet, file)]
    found += [*row_faults(match, rows, stem, file), *spelling_faults(match, rows, stem, file)]
    return match, rows, found


def _without_floods(found: Sequence[PackageFault]) -> Iterator[PackageFault]:
    """At most twenty faults of a kind and column, then their number."""
    counts: Counter[tuple[str, str]] = Counter((f.rule, f.column) for f in found)
    shown: Counter[tuple[str, str]] = Counter()
    for one in found:
        kind = one.rule, one.column
        shown[kind] += 1
        if shown[kind] < _MOST_ALIKE or counts[kind] <= _MOST_ALIKE:
            yield one
        elif shown[kind] == _MOST_ALIKE:
            rest = counts[kind] - _MOST_ALIKE + 1
            extra = fault("more", one.file, row=one.row, column=one.column, id=one.rule, count=rest)
            yield extra if one.level is FaultLevel.ERROR else _as_warning(extra)


def _as_warning(found: PackageFault) -> PackageFault:
    return PackageFault(
        found.rule,
        FaultLevel.WARNING,
        found.file,
        found.row,
        found.column,
        found.message,
        found.remedy,
    )
