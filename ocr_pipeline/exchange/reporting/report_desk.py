"""The weekly report as people make it in the station: choices, files that came along, results."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.errors import Text
from ocr_pipeline.exchange.reporting.report_file import TypedFault
from ocr_pipeline.exchange.reporting.report_form import ReportForm, report_form
from ocr_pipeline.exchange.reporting.report_output import report_name
from ocr_pipeline.exchange.reporting.report_page import report_page
from ocr_pipeline.exchange.reporting.report_workbook import report_bytes
from ocr_pipeline.exchange.reporting.unit_report import ReportChoices, commune_report
from ocr_pipeline.exchange.reporting.weekly_report import WeeklyReport
from ocr_pipeline.exchange.reporting.workspace_figures import WorkspaceFigures, workspace_figures
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.rights import require
from ocr_pipeline.review.sent_files import SentFileRules, SentFiles
from ocr_pipeline.review.uploads import Upload
from ocr_pipeline.store.workspace import Workspace

PARTS = ("outside", "last")
"""Files that may come along: typed figures of this week, and the report of the week before."""

_RULES = SentFileRules(
    purpose="report",
    suffixes=(".xlsx",),
    most_files=2,
    wrong=Text("Không phải tệp báo cáo tuần", "This is no weekly report"),
    remedy=Text("Gửi tệp .xlsx mà phần mềm đã lập", "Send an .xlsx that the program made"),
)


@dataclass(frozen=True, slots=True)
class StationReportChoices:
    """What a person asks for.

    Attributes:
        unit: who reports; "": the one unit that has books.
        week: any day of the week; None: this week.
        finish_by: last day of the campaign; None: that of the form.
        batch: files that came along; "" for none.

    """

    unit: str = ""
    week: datetime.date | None = None
    finish_by: datetime.date | None = None
    batch: str = ""


@dataclass(frozen=True, slots=True)
class StationReport:
    """A report, its form, and the typed cells that could not be taken."""

    report: WeeklyReport
    form: ReportForm
    faults: tuple[TypedFault, ...]

    @property
    def excel(self) -> tuple[str, bytes]:
        """Name and content of the Excel file."""
        return f"{report_name(self.report)}.xlsx", report_bytes(self.report, self.form)

    @property
    def page(self) -> tuple[str, bytes]:
        """Name and content of the page to print."""
        text = report_page(self.report, self.form)
        return f"{report_name(self.report)}.html", text.encode("utf-8")


class ReportDesk:
    """Makes weekly reports of a workspace.

    Args:
        workspace: the job, open.
        clock: gives the time (UTC).

    """

    def __init__(self, workspace: Workspace, clock: Callable[[], datetime.datetime]) -> None:
        self._ws, self._clock = workspace, clock
        self._sent = SentFiles(workspace, _RULES)

    def add(self, user: User, upload: Upload, batch: str, part: str) -> None:
        """Keep a file that comes along, for an hour.

        Args:
            user: who sends it.
            upload: the file.
            batch: 32 hexadecimal digits that the browser made up.
            part: one of `PARTS`.

        Raises:
            ForbiddenError: the role may not.
            UploadError: it did not come whole.

        """
        require(user, "figures")
        self._sent.add(upload, batch, f"{part}.xlsx")

    def figures(self, user: User) -> WorkspaceFigures:
        """What the workspace tells now; its units may report.

        Raises:
            ForbiddenError: the role may not.

        """
        require(user, "figures")
        return workspace_figures(self._ws, report_form(None), self._now())

    def make(self, user: User, asked: StationReportChoices) -> StationReport:
        """Make a report.

        Raises:
            ForbiddenError: the role may not.
            UsageError: nobody said whose report it is.
            BadInputError: a file that came along cannot be used.
            NotFoundError: the files that came along are gone.

        """
        figures, form = self.figures(user), report_form(None)
        files = {part: self._file(asked.batch, part) for part in PARTS if asked.batch}
        choices = ReportChoices(
            form,
            self._now(),
            asked.unit,
            week=asked.week,
            outside=files.get("outside"),
            last=files.get("last"),
            finish_by=asked.finish_by,
        )
        report, read = commune_report(figures, choices)
        return StationReport(report, form, tuple(fault for file in read for fault in file.faults))

    def _file(self, batch: str, part: str) -> Path | None:
        path = self._sent.folder(batch) / f"{part}.xlsx"
        return path if path.is_file() else None

    def _now(self) -> datetime.datetime:
        """Local time to the minute: deadlines are local."""
        return self._clock().astimezone().replace(tzinfo=None, second=0, microsecond=0)
