"""Programs of others that do a part of a page: run within a time limit, their deaths told apart."""

from __future__ import annotations

import errno
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ocr_pipeline.errors import MachineError, Text, TransientError

#: Exit codes above this are how a shell says that its program died of signal (code - 128).
_SHELL_SIGNALS = 128
_LACKING = frozenset((errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE))


def run_program(
    command: Sequence[str | Path], *, seconds: float, where: str = "", install: Text | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end and give its exit code and output; a failing exit code is no error.

    Args:
        command: the program and its arguments; no shell.
        seconds: time limit, after which the program is killed.
        where: file or page that it works on, for messages.
        install: what to do when the program is missing.

    Raises:
        TransientError: it was killed, took longer than `seconds`, or could not be started for lack
            of memory: that says nothing about the page.
        MachineError: the program is missing or may not be run.

    """
    name = Path(command[0]).name
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, arguments of our own, no shell
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise too_slow(name, seconds, where) from error
    except OSError as error:
        if error.errno in _LACKING:
            raise _interrupted(name, str(error.strerror), str(error.strerror), where) from error
        raise MachineError(
            Text(f"Không chạy được chương trình {name}", f"The program {name} cannot be run"),
            where=where,
            remedy=install,
        ) from error
    raise_if_killed(name, done.returncode, where)
    return done


def raise_if_killed(name: str, code: int, where: str = "") -> None:
    """Raise when the exit code of program `name` says that a signal ended it.

    Raises:
        TransientError: the program was killed.

    """
    number = -code if code < 0 else code - _SHELL_SIGNALS
    if number > 0 and (code < 0 or number in signal.valid_signals()):
        shown = _signal_name(number)
        raise _interrupted(name, f"bị dừng bởi {shown}", f"killed by {shown}", where)


def too_slow(name: str, seconds: float, where: str = "") -> TransientError:
    """The error of a program that was killed at its time limit."""
    return _interrupted(
        name,
        f"quá {seconds:.0f} giây",
        f"longer than {seconds:.0f} seconds",
        where,
    )


def _interrupted(name: str, vi: str, en: str, where: str) -> TransientError:
    return TransientError(
        Text(
            f"Chương trình {name} bị dừng giữa chừng ({vi}); trang sẽ được đọc lại",
            f"The program {name} was stopped halfway ({en}); the page will be tried again",
        ),
        where=where,
        remedy=Text(
            "Nếu lặp lại: xem bộ nhớ trống, hoặc giảm --workers",
            "If it happens again: look at the free memory, or lower --workers",
        ),
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
