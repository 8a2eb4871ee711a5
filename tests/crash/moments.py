"""Kill supervisors, workers and the programs they start at random moments of a run."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter

from tests.crash.office import DisturbedOffice

WORKERS = 2
_SUPERVISORS = 3  # kills of a round at most
_OTHERS = 2  # a third one of the same page would rightly poison it
_LOOKS = 2.0  # seconds that a victim is looked for


def victims(office: DisturbedOffice) -> dict[str, list[int]]:
    """Processes of a run by what they are."""
    found: dict[str, list[int]] = {"worker": [], "grandchild": []}
    for pid, command in office.processes().items():
        if "spawn_main" in command:
            found["worker"].append(pid)
        elif command.startswith("sleep"):
            found["grandchild"].append(pid)
    return found


def disturb(office: DisturbedOffice, seed: int) -> Counter[str]:
    """Bring a run to its end although it is killed again and again; returns what was killed."""
    chance, killed = random.Random(seed), Counter[str]()
    supervisor = office.start(workers=WORKERS)
    plan = ["supervisor"] * chance.randint(1, _SUPERVISORS) + chance.choices(
        ["worker", "grandchild"], k=chance.randint(1, _OTHERS)
    )
    chance.shuffle(plan)
    for wish in plan:
        status = _wait_for_moment(office, supervisor, chance)
        if status is None:
            hit = _kill(_victim(office, supervisor, wish))
            if wish == "supervisor":
                status = supervisor.wait()
            else:
                killed[wish] += hit
        if status == -signal.SIGKILL:
            office.all_gone()
            killed[wish] += 1
            office.kills += 1
            supervisor = office.start(workers=WORKERS)
        elif status is not None:
            assert status == 0, f"seed {seed}: {status}\n{supervisor.told()}"
            return killed
    status = supervisor.wait()
    assert status == 0, f"seed {seed}: {status}\n{supervisor.told()}"
    return killed


def _wait_for_moment(office: DisturbedOffice, supervisor, chance: random.Random) -> int | None:
    """Wait until some pages more have been begun, or just so long; the status if it ended."""
    pages = sum(office.begun().values()) + chance.randint(1, 6)
    deadline = time.monotonic() + (chance.uniform(0, 1.5) if chance.random() < 0.3 else 20)
    while sum(office.begun().values()) < pages and time.monotonic() < deadline:
        if (status := supervisor.poll()) is not None:
            return status
        time.sleep(0.005)
    time.sleep(chance.uniform(0, 0.06))
    return None


def _victim(office: DisturbedOffice, supervisor, wish: str) -> int | None:
    if wish == "supervisor":
        return supervisor.pid
    deadline = time.monotonic() + _LOOKS
    while time.monotonic() < deadline:
        if found := victims(office)[wish]:
            return found[0]
    return None


def _kill(pid: int | None) -> bool:
    """Kill a process; whether it was there."""
    if pid is None:
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def rounds(default: int) -> range:
    """The seeds to try; `SOHOA_CRASH_ROUNDS` says how many, `SOHOA_CRASH_SEED` where to begin."""
    first = int(os.environ.get("SOHOA_CRASH_SEED", "1"))
    return range(first, first + int(os.environ.get("SOHOA_CRASH_ROUNDS", default)))
