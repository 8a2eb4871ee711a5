"""How long a reviewer waits from a key to the next field: run this module on a read workspace.

    python -m tests.e2e.latency WORKSPACE [FIELDS]

prints the median and the 95th percentile in milliseconds from the key that decides a field until
the crop and the value of the next one are painted, on a slow processor and on a slow line. It
works on a copy. Compare two versions in turns on one machine; on a busy one only ratios say
something.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from shutil import copytree
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import sync_playwright

from ocr_pipeline.review.accounts import Role
from tests.e2e.station import ARGUMENTS, CHROMIUM, Seat, Station

FIELDS = 110
LOOK_MS = 400  # between the picture and the key: people are slower
SLOW_TIMES = 4  # a processor four times slower
LINE = {
    "offline": False,
    "latency": 100,
    "downloadThroughput": 125_000,
    "uploadThroughput": 125_000,
}
NEXT = "() => performance.getEntriesByName('field:next').map((one) => one.duration)"


def slowed(page: Any, condition: str) -> None:
    """Slow down the processor or the line of a page."""
    devtools = page.context.new_cdp_session(page)
    if condition == "processor":
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_TIMES})
    else:
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", LINE)


def waits(own: Seat, fields: int) -> list[float]:
    """Milliseconds from each key to the next field, for so many fields."""
    own.open("/review")
    for _ in range(fields):
        if own.shown() is None:
            break
        own.page.wait_for_timeout(LOOK_MS)
        own.decide(lambda: own.press("F8"))
    own.shown()
    found: list[float] = own.page.evaluate(NEXT)
    return found


def measured(workspace: Path, condition: str, fields: int) -> list[float]:
    """The waits under a condition, on a copy of a workspace."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        copy = Path(folder) / "ws"
        copytree(workspace, copy)
        station = Station(copy)
        station.start()
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            station.person("lan", Role.OPERATOR)
            own = Seat.take(station, chromium, "lan")
            slowed(own.page, condition)
            return waits(own, fields)
        finally:
            chromium.close()
            station.kill()


def main(workspace: str, fields: str = str(FIELDS)) -> None:
    """Print the figures."""
    for condition in ("processor", "line"):
        found = measured(Path(workspace), condition, int(fields))
        p95 = quantiles(found, n=20)[-1]
        print(
            f"{condition}: n={len(found)} p50={median(found):.0f} ms p95={p95:.0f} ms", flush=True
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
