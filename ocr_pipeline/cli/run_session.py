"""Run the pipeline while telling people how it goes; then the report, the notices, the tables."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ocr_pipeline.batch.run import RunConditions, RunSummary, run
from ocr_pipeline.cli.output import note_crash, say, say_error, warn
from ocr_pipeline.cli.run_progress import night_reporter
from ocr_pipeline.cli.status_tables import tell_failures, tell_status, tell_unattended
from ocr_pipeline.errors import ExitCode, SohoaError, Text
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.reports.morning_report import (
    MorningReport,
    as_html,
    as_text,
    make_report,
    write_report,
)
from ocr_pipeline.reports.morning_report.verdict import verdict
from ocr_pipeline.reports.notices.delivery import Notices, SentNotice, send_notices
from ocr_pipeline.reports.status import status
from ocr_pipeline.store.runs import RunEnding, latest_run, update_run
from ocr_pipeline.store.workspace import Workspace
from ocr_pipeline.store.workspace_log import open_log
from ocr_pipeline.written_paths import written

_TOO_EARLY = {  # endings that leave work undone, with what they tell other programs
    RunEnding.UNTIL: ExitCode.FAILURES,
    RunEnding.ASKED: ExitCode.FAILURES,
    RunEnding.DISK: ExitCode.ENVIRONMENT,
    RunEnding.MEMORY: ExitCode.ENVIRONMENT,
    RunEnding.CLUSTER: ExitCode.ENVIRONMENT,
    RunEnding.ERROR: ExitCode.ENVIRONMENT,
}


def run_and_tell(
    workspace: Workspace,
    scans: Path,
    *,
    settings: RunSettings,
    conditions: RunConditions,
    force: bool = False,
    retry: bool = False,
    learn: bool = True,
    notices: Notices = Notices(),  # noqa: B008 (frozen)
) -> ExitCode:
    """Run, report, and tell what came out; returns what to tell other programs.

    Raises:
        SohoaError: as `batch.run.run`; its report has been made nevertheless.

    """
    before, scans = _latest(workspace), scans.absolute()  # others look from other folders
    try:
        with night_reporter() as reporter:
            done = run(
                workspace,
                scans,
                settings=settings,
                conditions=conditions,
                force=force,
                retry=retry,
                learn=learn,
                reporter=reporter,
            )
    except (Exception, KeyboardInterrupt) as error:
        number = _latest(workspace)
        if number is not None and number != before:
            asked = isinstance(error, KeyboardInterrupt)  # somebody is there and knows
            _report(workspace, number, Notices() if asked else notices)
        raise
    return _tell_all(workspace, scans, done, notices)


def _tell_all(workspace: Workspace, scans: Path, done: RunSummary, notices: Notices) -> ExitCode:
    state = status(workspace)
    here = set(done.books)
    state["books"] = [book for book in state["books"] if book["id"] in here]
    state["problems"] = [row for row in state["problems"] if row["scans"] == written(scans)]
    tell_status(state)
    tell_unattended(state)
    failures = tell_failures(state)
    say(
        Text(
            f"Xong sau {done.seconds:.0f} giây: đọc {done.read} trang, {done.known} trang đã đọc "
            "từ trước",
            f"Done in {done.seconds:.0f} seconds: {done.read} pages read, {done.known} read before",
        )
        if done.ending is RunEnding.DONE
        else Text(
            f"Dừng sau {done.seconds:.0f} giây: đọc {done.read} trang",
            f"Stopped after {done.seconds:.0f} seconds: {done.read} pages read",
        )
    )
    _report(workspace, done.run, notices)
    code = _TOO_EARLY.get(done.ending)
    if code is None:
        return ExitCode.FAILURES if failures else ExitCode.DONE
    if code is ExitCode.ENVIRONMENT and done.cause is not None:
        say_error(done.cause, where=str(workspace.folder))
    return code


def report_and_tell(workspace: Workspace, number: int | None = None) -> None:
    """Make the report of a run (the latest one when None) again, and say where it is."""
    _write(workspace, make_report(workspace, number))


def _report(workspace: Workspace, number: int, notices: Notices) -> None:
    """Make the report, send the notices, and put into the report what became of them.

    What goes wrong here is told, and changes nothing about the run.
    """
    try:
        report = make_report(workspace, number)
        with suppress(SohoaError):  # told below; on a full disk the mail is all there is
            write_report(workspace, report)  # at once: a mail server may take its time
        sent = send_notices(notices, report, lambda: as_html(report), lambda: as_text(report))
        if sent:
            rows = [notice.as_json() for notice in sent]
            report = replace(report, run=replace(report.run, notices=tuple(rows)))
            _tell_notices(sent)
            _keep_notices(workspace, number, sent)
        _write(workspace, report)
    except SohoaError as error:
        say_error(error.cause, where=error.where, remedy=error.remedy)
    except Exception as error:  # the night's result must not depend on its report
        say_error(
            Text(
                f"Lỗi chương trình khi làm báo cáo ({type(error).__name__})",
                f"A bug in the software while making the report ({type(error).__name__})",
            ),
            where=str(note_crash(error)),
            remedy=Text("Kết quả đọc vẫn còn nguyên", "What has been read is safe"),
        )


def _write(workspace: Workspace, report: MorningReport) -> None:
    sentence = verdict(report).sentence
    written = write_report(workspace, report)
    say(sentence, style="bold")
    say(Text(f"Báo cáo: {written.html}", f"Report: {written.html}"))


def _tell_notices(sent: Sequence[SentNotice]) -> None:
    for notice in sent:
        if notice.cause is not None:
            warn(
                Text(
                    f"Không gửi được thông báo tới {notice.to}: {notice.cause.vi}",
                    f"The notice to {notice.to} could not be sent: {notice.cause.en}",
                )
            )


def _keep_notices(workspace: Workspace, number: int, sent: Sequence[SentNotice]) -> None:
    with open_log(workspace) as log:
        for notice in sent:
            way = "mail" if "@" in notice.to else "webhook"
            cause = notice.cause.en if notice.cause else ""
            log.info("notice", run=number, way=way, sent=not cause, tries=notice.tries, cause=cause)
    with workspace.transaction() as session:
        update_run(session, number, notices=[notice.as_json() for notice in sent])


def _latest(workspace: Workspace) -> int | None:
    """The latest run that this process began; None when it has begun none."""
    with suppress(SohoaError), workspace.read_session() as session:
        row = latest_run(session)
        if row is not None and (row.pid, row.host) == (os.getpid(), socket.gethostname()):
            return row.id
    return None
