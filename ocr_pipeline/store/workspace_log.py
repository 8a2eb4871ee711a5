"""The workspace's log: JSON lines with ids, page names and times; never what stands on a page."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any

import structlog

from ocr_pipeline.private_files import make_private_file
from ocr_pipeline.store.workspace import Workspace

FILE = "sohoa.log"

#: All that a line may tell besides its event. Anything else is left out: a value of a field has no
#: key here, and whoever adds one has to think about it.
KEYS = frozenset(
    {
        "run", "book", "page", "kind", "books", "pages", "seconds", "by", "cause", "trace",
        "deaths", "way", "sent", "tries", "result", "fields", "tested", "before", "after", "sheets",
        "by_order", "alone",
    }
)  # fmt: skip
_OWN = frozenset({"event", "level", "timestamp"})


@contextmanager
def open_log(workspace: Workspace) -> Iterator[Any]:
    """A structlog logger that appends to the workspace's log file, one JSON object a line.

    Lines that the disk does not take are left out: the log must not cost anybody the night.
    """
    lines = _Lines(workspace)
    try:
        yield structlog.wrap_logger(
            structlog.WriteLogger(lines),  # type: ignore[arg-type]
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _only_known,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    finally:
        lines.close()


class _Lines:
    """The end of the log file; not buffered, so that what is told survives the process."""

    def __init__(self, workspace: Workspace) -> None:
        self._file = None
        with suppress(OSError):
            self._file = _appended(workspace.logs / FILE)

    def write(self, line: str) -> None:
        """Append a line, if the disk takes it."""
        if self._file is not None:
            with suppress(OSError):
                self._file.write(line.encode())

    def flush(self) -> None:
        """Nothing waits to be written."""

    def close(self) -> None:
        """No more lines."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()


def _appended(path: Path) -> FileIO:
    with suppress(FileExistsError):
        make_private_file(path)
    return path.open("ab", buffering=0)


def _only_known(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {key: value for key, value in line.items() if key in KEYS | _OWN}
