"""Post the summary of a run as JSON; its schema is in docs/en/operator.md and only ever grows."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import PurePath
from typing import Any

import ocr_pipeline
from ocr_pipeline.errors import Text
from ocr_pipeline.reports.morning_report.report import MorningReport
from ocr_pipeline.reports.morning_report.verdict import verdict

SCHEMA = "sohoa-run-1"
_SECONDS = 10.0  # that the server may take
_TRIES = 3
_REST_SECONDS = 2.0  # seconds before the next try, growing
_AGAIN = {408, 425, 429, 500, 502, 503, 504}  # answers that may be others next time


def summary(report: MorningReport) -> dict[str, Any]:
    """The run in figures; no names of people or files, no values."""
    run, sentence = report.run, verdict(report)
    return {
        "schema": SCHEMA,
        "workspace": PurePath(report.workspace).name,
        "run": run.id,
        "host": run.host,
        "ending": run.ending or "running",
        "tone": sentence.tone,
        "message": {"vi": sentence.sentence.vi, "en": sentence.sentence.en},
        "started": run.started.isoformat(timespec="seconds"),
        "ended": run.ended.isoformat(timespec="seconds"),
        "pages": {
            "done": run.done,
            "known": run.known,
            "left": run.left,
            "per_minute": round(run.pages_per_minute, 1),
            "kinds": dict(report.page_kinds),
        },
        "books": {"all": len(report.books), "read": report.ready},
        "failures": report.failures,
        "problems": len(report.problems),
        "fields": {
            "accepted": report.accepted,
            "review": report.review,
            "blank": report.blank,
            "reviewed": report.reviewed,
            "by_kind": {line.kind: line.review for line in report.kinds if line.review},
        },
        "records": {
            "read": report.records,
            "unattended": report.unattended.unattended,
        },
        "review_hours": round(report.hours, 1),
        "errors_expected": round(report.wrong, 1),
        "deaths": run.again,
    }


def post_summary(
    url: str, report: MorningReport, *, rest: float = _REST_SECONDS
) -> tuple[int, Text | None]:
    """Post the summary; returns the number of tries and, if in vain, the cause."""
    request = urllib.request.Request(
        url,
        data=json.dumps(summary(report), ensure_ascii=False).encode("utf-8"),
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"sohoa/{ocr_pipeline.__version__}",
        },
        method="POST",
    )
    cause: Text | None = None
    for number in range(1, _TRIES + 1):
        try:
            with _OPENER.open(request, timeout=_SECONDS):
                return number, None
        except urllib.error.HTTPError as error:
            error.close()
            cause = Text(
                f"Máy chủ báo lỗi {error.code}", f"The server answers with the error {error.code}"
            )
            if error.code not in _AGAIN:
                return number, cause
        except (OSError, ValueError) as error:
            name = type(getattr(error, "reason", None) or error).__name__
            cause = Text(
                f"Không kết nối được máy chủ ({name})", f"The server cannot be reached ({name})"
            )
        if number < _TRIES:
            time.sleep(rest * number)
    return _TRIES, cause


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirection would turn the post into a look elsewhere: it is an answer like others."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)
