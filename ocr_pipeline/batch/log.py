"""The workspace's log: JSON lines with ids, page names and times; never what stands on a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from ocr_pipeline.store.workspace import Workspace

FILE = "sohoa.log"


@contextmanager
def open_log(workspace: Workspace) -> Iterator[Any]:
    """A structlog logger that appends to the workspace's log file, one JSON object a line."""
    with (workspace.logs / FILE).open("a", encoding="utf-8", buffering=1) as file:
        yield structlog.wrap_logger(
            structlog.WriteLogger(file),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
