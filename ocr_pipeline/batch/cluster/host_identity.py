"""What the outcome of a task depends on besides the task: must be the same on all hosts."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ocr_pipeline.processing.page import PageJob
from ocr_pipeline.processing.settings import (
    JUDGE_CODE,
    LIBRARIES,
    PAGE_CODE,
    code_fingerprint,
)

Identity = Mapping[str, str]
"""Named parts, e.g. `{"numpy": "2.2.6"}`; two machines agree when all parts are equal."""

#: The part that says it all about reading pages; the others tell people what differs.
PAGE_STAGE = "page stage"


def identity_of(job: Any) -> Identity:
    """What the outcome of `job` depends on, on this machine.

    Raises:
        MachineError: model, layouts or Tesseract are missing or damaged.

    """
    if not isinstance(job, PageJob):
        return _common()
    from ocr_pipeline.processing.stages import stages_for
    from ocr_pipeline.reading import tesseract

    stages = stages_for(job.settings)
    layouts = sorted(loaded.fingerprint for loaded in stages.layouts.values())
    return {
        **_common(),
        "code of reading": code_fingerprint(PAGE_CODE),
        "layouts": " ".join(layouts),
        "tesseract": tesseract.check(),
        PAGE_STAGE: stages.fingerprint,
    }


def differences(here: Identity, there: Identity) -> str:
    """What differs, for people: `numpy 2.2.6 ≠ 2.1.0, layouts`; "" when nothing does."""
    names = [name for name in {**here, **there} if here.get(name) != there.get(name)]
    if names == [PAGE_STAGE]:  # only the model has no part of its own
        names = ["handwriting model"]
    elif len(names) > 1:
        names = [name for name in names if name != PAGE_STAGE]
    return ", ".join(_difference(name, here.get(name, ""), there.get(name, "")) for name in names)


def _difference(name: str, here: str, there: str) -> str:
    short = max(len(here), len(there)) <= 30  # hashes tell people nothing
    return f"{name} {here or '–'} ≠ {there or '–'}" if short and (here or there) else name


@lru_cache
def _common() -> Identity:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    libraries = {name: _version(name) for name in LIBRARIES}
    judging = code_fingerprint(JUDGE_CODE)
    return {
        "sohoa": _version("sohoa"),
        "python": python,
        "code of judging": judging,
        **libraries,
    }


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
