"""The workspace's log: JSON lines with ids, page names and times; never what stands on a page."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

from ocr_pipeline.store.workspace import Workspace

FILE = "sohoa.log"

#: All that a line may tell besides its event. Anything else is left out: a value of a field has no
#: key here, and whoever adds one has to think about it.
KEYS = frozenset(
    {
        "run", "book", "page", "kind", "books", "pages", "seconds", "by", "cause", "trace",
        "deaths", "way", "sent", "tries",
    }
)  # fmt: skip
_OWN = frozenset({"event", "level", "timestamp"})


@contextmanager
def open_log(workspace: Workspace) -> Iterator[Any]:
    """A structlog logger that appends to the workspace's log file, one JSON object a line."""
    with (workspace.logs / FILE).open("a", encoding="utf-8", buffering=1) as file:
        yield structlog.wrap_logger(
            structlog.WriteLogger(file),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _only_known,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )


def _only_known(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {key: value for key, value in line.items() if key in KEYS | _OWN}
