"""Runs that never took place, for reports and notices: rows in the store, and finished reports."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ocr_pipeline.errors import Text
from ocr_pipeline.reports.morning_report.report import (
    KindLine,
    MorningReport,
    ReportedBook,
    RunFacts,
)
from ocr_pipeline.store.runs import begin_run

START = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
END = START + timedelta(hours=10)


def begin(workspace, scans, **columns) -> int:
    """A row of a run that has read 300 of 1000 pages in an hour, unless told otherwise."""
    columns = {
        "host": "may-xa",
        "pid": 1,
        "executor": "local",
        "workers": 2,
        "started": START,
        "updated": START + timedelta(hours=1),
        "phase": "reading",
        "done": 300,
        "pages": 1000,
        "pages_expected": 1000,
        **columns,
    }
    with workspace.transaction() as session:
        return begin_run(session, scans=str(scans), **columns)


FACTS = RunFacts(
    id=7,
    scans="/so quet",
    host="may-xa",
    executor="local",
    workers=2,
    started=START,
    ended=END,
    until=None,
    ending="done",
    cause=None,
    remedy=None,
    done=3400,
    known=12,
    left=0,
    again=0,
    pauses=0,
    paused=0.0,
    busy=70000.0,
    stages={"load": 340.0, "read": 1360.0},
    peak_mb=612.0,
    made_by={"software": "sohoa 1", "model": "htr 1"},
    notices=(),
)
BOOK = ReportedBook("xa.KS.2016.01", "KS", 10, 0, 0, 10, 100, 5, 20, 0, 0.4)


def report(run=None, **parts) -> MorningReport:
    """A report of one book without faults; `run`: what differs in the facts of the run."""
    whole = MorningReport(
        workspace="/ho so",
        made=END,
        run=replace(FACTS, **(run or {})),
        books=(BOOK,),
        page_kinds={"record": 10},
        layouts={"KS-2016": 10},
        faults=(),
        problems=(),
        kinds=(KindLine("person_name", 100, 5, 20, 0.4, 10.0, 0),),
        rules=(),
    )
    return replace(whole, **parts)


WHY = Text("hỏng", "broken")
