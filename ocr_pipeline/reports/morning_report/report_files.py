"""Where reports lie in a workspace: one folder for each, written whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.reports.morning_report.rendering import as_html, as_text
from ocr_pipeline.reports.morning_report.report import MorningReport
from ocr_pipeline.store.files import write_text
from ocr_pipeline.store.workspace import Workspace

FOLDER = "reports"


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where a report was written: as a page for people, and as plain text."""

    html: Path
    text: Path


def write_report(workspace: Workspace, report: MorningReport) -> ReportFiles:
    """Write a report into the workspace; one made again for the same run replaces the older one.

    Returns:
        `reports/<day and time of the run's end>/report.html` and `report.txt`.

    Raises:
        MachineError: the workspace cannot be written to.

    """
    folder = _folder(workspace.folder / FOLDER, report)
    written = ReportFiles(folder / "report.html", folder / "report.txt")
    try:
        write_text(written.html, as_html(report), within=workspace.folder)
        write_text(written.text, as_text(report), within=workspace.folder)
        write_text(folder / _RUN, f"{report.run.id}\n", within=workspace.folder)
    except OSError as error:
        raise MachineError(
            Text(
                f"Không ghi được báo cáo: {error.strerror}",
                f"The report cannot be written: {error.strerror}",
            ),
            where=str(folder),
            remedy=Text(
                "Kiểm tra đĩa và quyền ghi, rồi chạy `sohoa status --report`",
                "Check the disk and the permissions, then run `sohoa status --report`",
            ),
        ) from error
    return written


_RUN = "run"  # says whose report lies in a folder


def _folder(reports: Path, report: MorningReport) -> Path:
    """The folder of a run's report: two runs that end in the same minute have two."""
    name = f"{report.run.ended.astimezone():%Y-%m-%d-%H%M}"
    for number in range(1, 1000):
        folder = reports / (name if number == 1 else f"{name}-{number}")
        owner = folder / _RUN
        if not owner.is_file() or owner.read_text(encoding="utf-8").strip() == str(report.run.id):
            return folder
    return reports / f"{name}-{report.run.id}"
