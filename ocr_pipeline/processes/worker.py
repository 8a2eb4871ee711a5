"""What a worker process is: a group of its own, limits, no life without its parent, no orphans."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from enum import Enum
from typing import Any, NoReturn

from ocr_pipeline.errors import Text
from ocr_pipeline.usual_options import USUAL

#: Native libraries must not start threads of their own: workers are the parallelism.
ONE_THREAD = {
    name: "1"
    for name in (
        "OMP_THREAD_LIMIT",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    )
}

_PR_SET_PDEATHSIG = 1  # prctl(2)
_PREFIX = "sohoa-"  # of folders for temporary files
_REMOVE = 'if [ -n "$2" ]; then rm -rf -- "$2"; fi'
_KILL_GROUP = 'kill -s KILL -- "-$1" 2>/dev/null'  # as POSIX has it: dash knows no `-KILL --`


@dataclass(frozen=True, slots=True)
class TaskLimits:
    """What a task may use.

    Attributes:
        seconds: wall-clock time; the worker is killed then.
        memory_mb: memory of the worker and the programs it started, in MB (10⁶ bytes); 0 for none.
        nice: how far workers step back for everybody else on the machine (0–19).
        tasks: a worker is replaced after so many, so that leaks of native code stay small.

    """

    seconds: float = USUAL.page_seconds
    memory_mb: int = USUAL.page_mb
    nice: int = USUAL.nice
    tasks: int = 500


class DeathKind(Enum):
    """How a worker came to its end."""

    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class Death:
    """A task came to a sudden end: its worker died or exceeded its limits, a helper was killed."""

    cause: Text
    kind: DeathKind = DeathKind.DIED


_is_worker = False


def prepare_worker(limits: TaskLimits, announce: Any) -> None:
    """Make this process a worker.

    It leads a session and process group of its own. Should it die, however suddenly, a waiting
    shell kills what is left of the group (programs it has started) and removes its temporary files:
    pages and crops of citizens' records. Should its parent die, it dies.

    Args:
        limits: memory and niceness.
        announce: a connection that is told the worker's process id.

    """
    global _is_worker
    _is_worker = True
    os.environ.update(ONE_THREAD)
    if hasattr(os, "setsid"):
        os.setsid()
        _leave_nothing_behind(_own_temporary_folder())
        with contextlib.suppress(OSError):
            os.nice(limits.nice)
        _limit_memory(limits.memory_mb)
    _die_with_parent()
    announce.send(os.getpid())
    import cv2

    cv2.setNumThreads(0)


#: Exit code of a worker that was refused memory.
OUT_OF_MEMORY = 77


def leave_out_of_memory() -> NoReturn:
    """End this worker, which was refused memory and is not to be trusted any more."""
    os._exit(OUT_OF_MEMORY)


def is_worker() -> bool:
    """Whether this process is a worker already: what it does is within limits."""
    return _is_worker


def _own_temporary_folder() -> str:
    """Have all temporary files of this process lie in one new folder; "" where none can be made."""
    try:
        folder = tempfile.mkdtemp(prefix=_PREFIX)
    except OSError:  # the disk is full: whoever needs a file is told so
        return ""
    tempfile.tempdir = folder
    os.environ["TMPDIR"] = folder  # of the programs it starts
    return folder


def _leave_nothing_behind(folder: str) -> None:
    """Start a shell, outside the group, that kills the group when this process is no more.

    It waits for the end of a pipe whose only writer is this process: the system closes it at the
    death of the process, whatever the cause. Then it removes the folder of temporary files.
    """
    reader, _writer = os.pipe()  # both are closed on exec; the writer stays open as long as we live
    subprocess.Popen(
        [
            "/bin/sh",
            "-c",
            f"read -r _; {_KILL_GROUP}; {_REMOVE}",
            "sohoa",
            str(os.getpid()),
            folder,
        ],
        stdin=reader,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(reader)


def _limit_memory(megabytes: int) -> None:
    """Have the system refuse data beyond the limit: quicker than anybody who only watches."""
    if not megabytes or not sys.platform.startswith("linux"):
        return
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 10**6, megabytes * 10**6))


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    threading.Thread(target=_wait_for_end, args=[parent], daemon=True).start()
    if sys.platform.startswith("linux"):  # also when native code never lets the thread above run
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if not parent.is_alive():
            os._exit(1)


def _wait_for_end(parent: Any) -> None:
    parent.join()
    os._exit(1)
