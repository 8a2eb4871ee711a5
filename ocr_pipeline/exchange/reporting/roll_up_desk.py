"""Weekly reports of units added up in the station: their files come in, the sum goes out."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.exchange.reporting.report_desk import StationReport
from ocr_pipeline.exchange.reporting.report_form import report_form
from ocr_pipeline.exchange.reporting.roll_up import RefusedReport, roll_up, unit_list
from ocr_pipeline.exchange.reporting.unit_report import ReportChoices
from ocr_pipeline.private_files import make_private
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.rights import require
from ocr_pipeline.review.sent_files import SentFileRules, SentFiles
from ocr_pipeline.review.uploads import Upload
from ocr_pipeline.store.files import file_errors_explained, write_text
from ocr_pipeline.store.workspace import Workspace

UNITS = "don_vi.txt"
"""Name of the list of units, in a batch as in the workspace, where it is kept for the next week."""

_RULES = SentFileRules(
    purpose="roll-up",
    suffixes=(".xlsx", ".txt"),
    most_files=2000,
    wrong=Text("Không phải tệp báo cáo tuần", "This is no weekly report"),
    remedy=Text("Gửi tệp .xlsx mà xã đã lập", "Send the .xlsx that the unit has made"),
)


@dataclass(frozen=True, slots=True)
class RollUpChoices:
    """What a person asks for.

    Attributes:
        unit: who rolls the reports up.
        week: any day of the week; None: this week.
        batch: the files that came.

    """

    unit: str
    week: datetime.date | None
    batch: str


@dataclass(frozen=True, slots=True)
class StationRollUp:
    """The sum, files that are not in it, and names of files that came twice."""

    made: StationReport
    refused: tuple[RefusedReport, ...]
    copies: tuple[str, ...]


class RollUpDesk:
    """Adds up the weekly reports that people send.

    Args:
        workspace: of the station; files wait there until an hour after they came.
        clock: gives the time (UTC).

    """

    def __init__(self, workspace: Workspace, clock: Callable[[], datetime.datetime]) -> None:
        self._ws, self._clock = workspace, clock
        self._sent = SentFiles(workspace, _RULES)

    def add(self, user: User, upload: Upload, batch: str, name: str) -> None:
        """Keep a report of a unit, or the list of units (`UNITS`).

        Raises:
            ForbiddenError: the role may not.
            UploadNameError, UploadError: as `SentFiles.add`.

        """
        require(user, "figures")
        self._sent.add(upload, batch, name)

    def units(self, user: User) -> tuple[str, ...]:
        """The units of the last time; none when there was none."""
        require(user, "figures")
        try:
            return unit_list(self._kept)
        except BadInputError:
            return ()

    def make(self, user: User, asked: RollUpChoices) -> StationRollUp:
        """Add the reports of a batch up.

        Raises:
            ForbiddenError: the role may not.
            UsageError: nobody said who rolls the reports up.
            BadInputError: the list of units names nobody.
            NotFoundError: the files are gone.

        """
        require(user, "figures")
        folder = self._sent.folder(asked.batch)
        units = unit_list(folder / UNITS)
        form = report_form(None)
        made = self._clock().astimezone().replace(tzinfo=None, second=0, microsecond=0)
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".xlsx")
        found = roll_up(files, units, ReportChoices(form, made, asked.unit, week=asked.week))
        with file_errors_explained(self._ws.folder):
            write_text(self._kept, "\n".join(units) + "\n", within=self._ws.folder)
            make_private(self._kept)
        faults = tuple(fault for file in found.files for fault in file.faults)
        return StationRollUp(
            StationReport(found.report, form, faults),
            found.refused,
            tuple(path.name for path in found.copies),
        )

    @property
    def _kept(self) -> Path:
        return self._ws.folder / UNITS
