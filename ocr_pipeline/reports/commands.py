"""Commands that people are told to call next, ready to be pasted into a shell."""

from __future__ import annotations

import shlex


def run_command(scans: str, workspace: str) -> str:
    """The command that goes on with a run."""
    return f"sohoa run {shlex.quote(scans)} --workspace {shlex.quote(workspace)}"
