"""Measure how fast this machine reads pictures of single lines, beside Tesseract on them."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocr_pipeline.arrays import Gray
from ocr_pipeline.bench.page_speed import peak_memory_mb
from ocr_pipeline.errors import BadInputError, Text
from ocr_pipeline.hardware import cores
from ocr_pipeline.processing.line_readings import LINE_LIMITS

_MOST = 512  # pictures; more only take longer to load


@dataclass(frozen=True, slots=True)
class LineSpeed:
    """What a measurement gave; rates are of all workers together.

    Attributes:
        lines_per_second: preparation and network, lines batched by width.
        decoded_per_second: decoding and confidence besides: what `sohoa read` does.
        tesseract_per_second: Tesseract `vie` on the same pictures, as many processes at once;
            0 when it was not asked for.
        peak_memory_mb: of the worker that took most (Tesseract not counted).
        workers: processes of one thread.
        lines: different pictures.
        mean_width: of the pictures brought to 40 pixels of height, to compare machines by.

    """

    lines_per_second: float
    decoded_per_second: float
    tesseract_per_second: float
    peak_memory_mb: float
    workers: int
    lines: int
    mean_width: float

    @property
    def ratio(self) -> float:
        """How many times faster than Tesseract, decoding included; 0 when not measured."""
        if not self.tesseract_per_second:
            return 0.0
        return self.decoded_per_second / self.tesseract_per_second


def measure_lines(
    model: str,
    folder: Path,
    kind: str,
    *,
    seconds: float = 10.0,
    workers: int = 0,
    tesseract: bool = True,
) -> LineSpeed:
    """Measure with the pictures of a folder.

    Args:
        model: name or folder of the model.
        folder: pictures of lines.
        kind: what they show (decides the decoding).
        seconds: how long each of the three things is measured.
        workers: processes; 0 for one per core.
        tesseract: measure Tesseract, too.

    Raises:
        BadInputError: there is no picture in the folder.

    """
    count = workers or cores()
    lines = _load(folder)
    jobs = [(model, folder, kind, seconds, tesseract)] * count
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        parts = pool.starmap(_measure, jobs, chunksize=1)
    network, decoded, slow = (round(sum(part[k] for part in parts), 2) for k in range(3))
    return LineSpeed(
        lines_per_second=network,
        decoded_per_second=decoded,
        tesseract_per_second=slow,
        peak_memory_mb=round(max(part[3] for part in parts), 1),
        workers=count,
        lines=len(lines),
        mean_width=round(float(np.mean([40 * x.shape[1] / x.shape[0] for x in lines])), 1),
    )


def _measure(
    model: str, folder: Path, kind: str, seconds: float, tesseract: bool
) -> tuple[float, float, float, float]:
    """One worker: three rates (lines a second) and its peak memory."""
    from ocr_pipeline.reading.models import load_model
    from ocr_pipeline.reading.reader import Reader
    from ocr_pipeline.reading.tesseract import read_print

    cv2.setNumThreads(0)
    lines = _load(folder)
    reader = Reader(load_model(model))
    network = _rate(reader.model.recogniser.scores, lines, seconds, 64)
    decoded = _rate(lambda some: reader.read_lines(some, kind), lines, seconds, 64)
    memory = peak_memory_mb()
    slow = 0.0
    if tesseract:
        slow = _rate(lambda some: [read_print(one) for one in some], lines, seconds, 1)
    return network, decoded, slow, memory


def _rate(
    read: Callable[[Sequence[Gray]], object], lines: Sequence[Gray], seconds: float, batch: int
) -> float:
    read(lines[: min(batch, 8)])  # what is only done once does not count
    start, done = time.perf_counter(), 0
    while (spent := time.perf_counter() - start) < seconds:
        at = done % len(lines)
        some = lines[at : at + batch]
        read(some)
        done += len(some)
    return done / spent


def _load(folder: Path) -> list[Gray]:
    from ocr_pipeline.scans.pages import find_pages, load_page

    refs, _ = find_pages(folder)
    pictures = (load_page(ref, LINE_LIMITS).pixels for ref in refs[:_MOST])
    lines = [np.asarray(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), np.uint8) for p in pictures]
    if not lines:
        raise BadInputError(
            Text("Không có ảnh nào để đo", "There is no picture to measure with"),
            where=str(folder),
            remedy=Text("Chỉ rõ thư mục ảnh từng dòng", "Name a folder with pictures of lines"),
        )
    return lines
