"""`python -m ocr_pipeline.bench.browser`: keys and milliseconds a field, measured in Chromium."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from ocr_pipeline.bench.browser.invented_workspace import make_job
from ocr_pipeline.bench.browser.queue_walk import measure


def main() -> int:
    """Measure and print; exit code 4 where there is no Chromium."""
    options = argparse.ArgumentParser(
        prog="python -m ocr_pipeline.bench.browser", description=__doc__
    )
    options.add_argument(
        "--queue", type=int, default=10_000, help="doubtful fields (default 10000)"
    )
    options.add_argument("--fields", type=int, default=200, help="fields to confirm (default 200)")
    options.add_argument("--pause", type=float, default=0.6, help="seconds a field is looked at")
    options.add_argument("--chromium", default=shutil.which("chromium") or "")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    if not chosen.chromium:
        print("Không có Chromium / There is no Chromium → apt install chromium", file=sys.stderr)
        return 4
    with tempfile.TemporaryDirectory() as folder:
        workspace = make_job(Path(folder), chosen.queue)
        found = measure(workspace, chosen.chromium, chosen.fields, chosen.pause)
        workspace.close()
    if chosen.json:
        print(json.dumps(asdict(found), ensure_ascii=False))
        return 0
    print(f"{'action':<24}{'fields':>8}{'keys':>8}{'median ms':>12}{'p95 ms':>10}{'worst ms':>10}")
    for cost in found.costs:
        print(
            f"{cost.action:<24}{cost.fields:>8}{cost.keys:>8.1f}{cost.median_ms:>12.0f}"
            f"{cost.p95_ms:>10.0f}{cost.worst_ms:>10.0f}"
        )
    print(f"next field on the screen, p95 of all: {found.next_p95_ms:.0f} ms")
    print(
        f"answers of the server, p95: take {found.take_ms:.0f} ms, decide {found.decide_ms:.0f} ms"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
