"""The files of a weekly report: an Excel file and a page, never written over another silently."""

from __future__ import annotations

from pathlib import Path

from ocr_pipeline.books.naming import unit_word
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.exchange.reporting.report_form import ReportForm
from ocr_pipeline.exchange.reporting.report_page import report_page
from ocr_pipeline.exchange.reporting.report_workbook import report_bytes
from ocr_pipeline.exchange.reporting.weekly_report import WeeklyReport
from ocr_pipeline.os_errors import write_fault
from ocr_pipeline.plain_files import read_plain
from ocr_pipeline.store.files import remove_leftovers, write_bytes

_LONGEST_NAME = 80


def report_name(report: WeeklyReport) -> str:
    """Name of a report's files without their ending: unit and week."""
    words = [unit_word(part) for part in report.unit.split(",")]
    return f"baocao.{'_'.join(filter(None, words))[:_LONGEST_NAME]}.{report.week.isoformat()}"


def write_report(
    report: WeeklyReport, form: ReportForm, folder: Path, *, replace: bool = False
) -> list[Path]:
    """Write the Excel file and the page of a report into a folder, which is made if needed.

    Args:
        report: the report.
        form: its form.
        folder: where to.
        replace: write over a report of the same unit and week.

    Raises:
        BadInputError: there is such a file with another content, and `replace` is not given.
        MachineError: the folder cannot be written to, or the disk is full.

    """
    name = report_name(report)
    files = {
        folder / f"{name}.xlsx": report_bytes(report, form),
        folder / f"{name}.html": report_page(report, form).encode("utf-8"),
    }
    try:
        changed = [path for path, data in files.items() if not _holds(path, data)]
        if not replace and (there := [path for path in changed if path.exists()]):
            raise BadInputError(
                Text("Đã có tệp này, với nội dung khác", "This file exists, with other content"),
                where=str(there[0]),
                remedy=Text(
                    "Chọn thư mục khác (--out), hoặc thêm --replace để ghi đè",
                    "Choose another folder (--out), or add --replace to write over it",
                ),
            )
        remove_leftovers(folder)
        for path in changed:
            write_bytes(path, files[path])
    except OSError as error:
        raise write_fault(
            error,
            Text("Không ghi được", "It cannot be written"),
            str(folder),
            Text("Kiểm tra quyền ghi và chỗ trống trên đĩa", "Check permission and free disk"),
        ) from error
    return list(files)


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(data) and read_plain(path) == data
