"""From a measurement on this machine to a whole province: scaling with cores, hours of a night."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ocr_pipeline.bench.page_speed import PageSpeed, measure_pages
from ocr_pipeline.bench.run_cost import RunCost
from ocr_pipeline.hardware import cores
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.scans.pages import PageRef

PROVINCE_RECORDS = 1_179_085
"""Records of one small province that has finished counting (reported in the press)."""

CORES = (4, 16, 64)
"""Sizes of machine, or of machines together, that the table of costs is made for."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """What one core reads, and what many cores keep of it.

    Attributes:
        pages_per_second: of one worker alone, reading pages and judging their books.
        efficiency: of `workers` workers: their pages a second, over `workers` times one's.
        workers: with how many that was measured, at least 2.
        supervisor_seconds: of the supervisor's time that a page costs, whatever the workers;
            0 when not measured.

    """

    pages_per_second: float
    efficiency: float = 1.0
    workers: int = 2
    supervisor_seconds: float = 0.0


def hours(records: int, scaling: Scaling, at: int, *, records_per_page: float = 1.0) -> float:
    """Hours that `at` cores need to read the pages of so many records.

    Each further worker takes the same share of speed from the others (memory, cache), as measured
    with a few; the supervisor hands out one page after the other, so nothing is faster than it.

    Args:
        records: to read.
        scaling: measured figures.
        at: cores, one worker each.
        records_per_page: 1 on the forms since 2006, 3–4 on the sheets before 1999.

    Raises:
        ValueError: a figure makes no sense.

    """
    if min(scaling.pages_per_second, scaling.efficiency, records_per_page) <= 0 or at < 1:
        raise ValueError("speeds, records a page and cores must be positive")
    lost = max(0.0, 1 / scaling.efficiency - 1) / max(scaling.workers - 1, 1)
    rate = at * scaling.pages_per_second / (1 + lost * (at - 1))
    if scaling.supervisor_seconds > 0:
        rate = min(rate, 1 / scaling.supervisor_seconds)
    return records / records_per_page / rate / 3600


def measure_scaling(
    pages: Sequence[tuple[PageRef, str]],
    *,
    settings: RunSettings,
    workers: int = 0,
    cost: RunCost | None = None,
    on_page: Callable[[], None] = lambda: None,
) -> PageSpeed:
    """Measure with one worker, then with all: `PageSpeed` of all, with their efficiency.

    Args:
        pages: see `measure_pages`; they are read twice.
        settings: model, layouts, time limit.
        workers: how many "all" are; 0 for one per core. With 1 nothing is compared.
        cost: what a page costs besides, in the run itself and in judging; None: not counted.
        on_page: called after each page.

    Raises:
        BadInputError: not one page could be processed.

    """
    count = workers or cores()
    alone = measure_pages(pages, settings=settings, workers=1, on_page=on_page)
    full = alone
    if count > 1:
        full = measure_pages(pages, settings=settings, workers=count, on_page=on_page)
    efficiency = full.pages_per_minute / (count * alone.pages_per_minute)
    seconds = 60 / alone.pages_per_minute + (cost.judging if cost else 0.0)
    scaling = Scaling(
        1 / seconds, min(efficiency, 1.0), max(count, 2), cost.seconds if cost else 0.0
    )
    return replace(
        full,
        one_worker=alone.pages_per_minute,
        efficiency=round(efficiency, 3),
        run_seconds=round(cost.seconds, 5) if cost else 0.0,
        judging_seconds=round(cost.judging, 5) if cost else 0.0,
        province_hours={str(at): round(hours(PROVINCE_RECORDS, scaling, at), 1) for at in CORES},
    )
