"""`python -m tests.fuzz`: damaged files of every kind at every door (see CONTRIBUTING.md)."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.inputs import Input
from tests.fuzz.specimens import KINDS, make_input
from tests.fuzz.trial import try_all


def main() -> int:
    """Try inputs of a seed, or those kept in files; 1 when there is a find."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS), help="which, parted by commas")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after")
    parser.add_argument("--kept", type=Path, default=Path("fuzz-finds"), help="folder for finds")
    parser.add_argument("--replay", type=Path, nargs="+", help="inputs kept as files, tried again")
    options = parser.parse_args()
    started = time.monotonic()

    def given() -> Iterator[tuple[str, Input]]:
        for path in options.replay or ():
            yield path.stem, Input.from_json(path.read_text("utf-8"))
        if options.replay:
            return
        kinds = tuple(options.kinds.split(","))
        for number in range(options.first, options.first + options.inputs):
            if time.monotonic() - started > options.seconds:
                return
            yield f"{options.seed}-{number}", make_input(options.seed, number, kinds)

    def tell(line: str) -> None:
        print(f"{time.monotonic() - started:7.1f} s  {line}", file=sys.stderr, flush=True)

    tally = try_all(given(), None if options.replay else options.kept, tell)
    for name, outcome in tally.finds:
        print(f"\n{name}: {outcome.find}")
    for place, count in tally.unforeseen.most_common(30):
        print(f"unforeseen {count}×: {place}")
    doors = ", ".join(
        f"{name} {count} in {tally.seconds[name]:.0f} s"
        for name, count in sorted(tally.doors.items())
    )
    spent, finds = time.monotonic() - started, len(tally.finds)
    print(f"{tally.inputs} inputs ({doors})")
    print(f"{finds} finds, slowest {tally.slowest:.1f} s, {spent:.0f} s in all")
    return 1 if tally.finds else 0


if __name__ == "__main__":
    sys.exit(main())
