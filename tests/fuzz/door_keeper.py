"""The process that inputs are tried in: one line of JSON in, one line of JSON out.

It may hang, run out of memory or die; `tests.fuzz.trial` watches it from outside.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import tempfile
import traceback
from pathlib import Path

from ocr_pipeline.foreign_files import listening
from tests.fuzz.doors import knock
from tests.fuzz.inputs import Input, removed

MOST_MEGABYTES = 2_000


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # libraries talk
    if "-v" not in sys.argv:
        os.dup2(quiet, 2)
    for line in sys.stdin:
        asked = json.loads(line)
        answers.write(json.dumps(_tried(Path(asked["file"]), asked["memory"])) + "\n")
        answers.flush()


def _tried(file: Path, memory: bool) -> dict[str, object]:
    given = Input.from_json(file.read_text("utf-8"))
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEGABYTES * 10**6,) * 2)
    unforeseen: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="sohoa-fuzz-"))
    answer: dict[str, object] = {"find": "", "said": []}
    try:
        given.write(folder)
        with listening(lambda _, trace: unforeseen.append(trace)):
            answer["said"] = knock(given, folder)
    except BaseException as error:
        with contextlib.suppress(Exception):
            answer["find"] = f"{type(error).__name__}: {error}\n{traceback.format_exc()}"[-6000:]
        answer["find"] = answer["find"] or type(error).__name__
    finally:
        removed(folder)
    peaks = [
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    answer["megabytes"] = max(peaks) // 1000
    answer["unforeseen"] = unforeseen
    return answer


if __name__ == "__main__":
    main()
