"""Real disks of a few MB, for tests that fill them; only root can mount them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

mounting = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="only root can mount small disks"
)


@contextlib.contextmanager
def small_disk(folder: Path, size: str):
    """A real disk of a few MB at `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=777", "none", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave: int) -> Path:
    """Fill the disk up to `leave` bytes, or wholly where others write meanwhile."""
    ballast = folder / "ballast"
    room = shutil.disk_usage(folder).free - leave
    with contextlib.suppress(OSError):
        ballast.write_bytes(b"x" * max(room, 0))
    return ballast


def remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)
