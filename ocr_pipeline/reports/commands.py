"""Commands that people are told to call next, ready to be pasted into a shell."""

from __future__ import annotations

import os
import shlex

from ocr_pipeline.written_paths import shown, unwritten


def run_command(scans: str, workspace: str) -> str:
    """The command that goes on with a run.

    Args:
        scans: the folder of scans, also as `written_paths.written` gives it.
        workspace: location of the workspace.

    """
    return f"sohoa run {_quoted(unwritten(scans))} --workspace {shlex.quote(workspace)}"


def _quoted(path: str) -> str:
    """A path as a shell takes it; bytes that no keyboard types are written as bash reads them."""
    if shown(path) == path:
        return shlex.quote(path)
    plain = frozenset(b"'\\")
    data = os.fsencode(path)
    letters = (
        chr(byte) if 0x20 <= byte < 0x7F and byte not in plain else f"\\x{byte:02x}"
        for byte in data
    )
    return f"$'{''.join(letters)}'"
