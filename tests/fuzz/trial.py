"""Tries inputs one after the other in a watched process and keeps what must not happen."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.fuzz.door_keeper import MOST_MEGABYTES
from tests.fuzz.inputs import Input

MOST_SECONDS = 60.0
PROCESS_SECONDS = 180.0  # a run may give a page its own minute, and try it again
_ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Outcome:
    """What became of an input.

    Attributes:
        find: what must not happen; "" when all is well.
        said: what the door said.
        unforeseen: places in the code whose errors no rule of ours foresees; they were told as
            faults of their file.
        seconds: it took.

    """

    find: str = ""
    said: list[str] = field(default_factory=list)
    unforeseen: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Keeper:
    """A process that tries inputs; started anew after it hung, died or grew."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._peak = 0

    def try_input(self, given: Input) -> Outcome:
        """Try an input; hangs, deaths and too much memory are finds like exceptions."""
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            file.write(given.as_json())
            file.flush()
            started = time.monotonic()
            limit = MOST_SECONDS if given.door != "process" else PROCESS_SECONDS
            # Whole processes have limits of their own; a limit here would be handed down to them.
            answer = self._ask({"file": file.name, "memory": given.door != "process"}, limit)
        outcome = Outcome(seconds=time.monotonic() - started)
        if isinstance(answer, str):
            self.close()
            outcome.find = answer
            return outcome
        outcome.find = str(answer["find"])
        outcome.said, outcome.unforeseen = answer["said"], answer["unforeseen"]
        peak = int(answer["megabytes"])
        if peak > MOST_MEGABYTES:
            outcome.find = outcome.find or f"{peak} MB of memory"
            self.close()
        elif peak > MOST_MEGABYTES // 2 or given.door == "process":
            self.close()  # so that the next input's memory is seen
        return outcome

    def _ask(self, asked: dict[str, object], limit: float) -> dict[str, object] | str:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.fuzz.door_keeper"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=_ROOT,
                start_new_session=True,
            )
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(asked).encode() + b"\n")
        process.stdin.flush()
        if hang := self._awaited(process, limit):
            return hang
        line = process.stdout.readline()
        if not line:
            return f"the process died: {process.wait()}"
        answer: dict[str, object] = json.loads(line)
        return answer

    @staticmethod
    def _awaited(process: subprocess.Popen[bytes], limit: float) -> str:
        """Wait for an answer; why there is none, "" when it is there.

        Seconds of work count, and seconds in which nothing is done: a machine with much else to do
        makes no hang.
        """
        worked, waited, since = _work_seconds(process.pid), 0.0, time.monotonic()
        before = worked
        while not select.select([process.stdout], [], [], min(5.0, limit))[0]:
            now = _work_seconds(process.pid)
            waited = 0.0 if now - before > 0.05 else waited + time.monotonic() - since
            before, since = now, time.monotonic()
            if now - worked > limit or waited > limit:
                return f"no answer after {now - worked:.0f} s of work, {waited:.0f} s of waiting"
        return ""

    def close(self) -> None:
        """End the process and all that it has started."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()
            self._process = None


def _work_seconds(pid: int) -> float:
    """Seconds of the processor that a process and all below it have used."""
    spent = 0.0
    with contextlib.suppress(psutil.Error):
        top = psutil.Process(pid)
        for one in (top, *top.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                times = one.cpu_times()
                spent += times.user + times.system + times.children_user + times.children_system
    return spent


@dataclass(slots=True)
class Tally:
    """What came of many inputs.

    Attributes:
        inputs: how many were tried.
        doors: how many at each door.
        seconds: spent at each door.
        finds: number and outcome of those that must not happen.
        unforeseen: how often each place raised what no rule foresees.
        slowest: seconds of the slowest.

    """

    inputs: int = 0
    doors: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    finds: list[tuple[str, Outcome]] = field(default_factory=list)
    unforeseen: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0


def try_all(
    inputs: Iterable[tuple[str, Input]],
    kept: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Tally:
    """Try inputs, each under a name; those that are finds are kept as files.

    Args:
        inputs: name and input.
        kept: folder for the finds; None keeps none.
        tell: is told of finds and of each hundredth input.

    """
    tally, keeper = Tally(), Keeper()
    try:
        for name, given in inputs:
            outcome = keeper.try_input(given)
            tally.inputs += 1
            tally.doors[given.door] += 1
            tally.seconds[given.door] += outcome.seconds
            tally.slowest = max(tally.slowest, outcome.seconds)
            tally.unforeseen.update("\n".join(one.splitlines()[-2:]) for one in outcome.unforeseen)
            if outcome.find:
                tally.finds.append((name, outcome))
                tell(f"{name} ({given.door}): {outcome.find.strip().splitlines()[-1][:200]}")
                if kept is not None:
                    kept.mkdir(parents=True, exist_ok=True)
                    (kept / f"{name}.json").write_text(given.as_json(), "utf-8")
                    (kept / f"{name}.txt").write_text(outcome.find, "utf-8", "backslashreplace")
            if tally.inputs % 100 == 0:
                tell(f"{tally.inputs} inputs, {len(tally.finds)} finds")
    finally:
        keeper.close()
    return tally
