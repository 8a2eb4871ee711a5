"""Batches of prepared lines, drawn without end, for the training of the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from ocr_pipeline.reading.line_images import prepare_line
from ocr_pipeline.training import line_sampler
from ocr_pipeline.training.network import STRIDE
from ocr_pipeline.training.training_config import TrainConfig

Batch = tuple[Tensor, Tensor, Tensor, Tensor]
"""Lines (n, 1, height, w) uint8, frames per line, targets joined end to end, target lengths."""

_SPAN_PX = (6, 26)  # width of a blanked span: up to about one letter
_SPAN_EVERY_PX = 200  # one span for so many columns


class LineStream(IterableDataset[Batch]):
    """Endless batches of lines of like width; every worker draws its own."""

    def __init__(
        self, config: TrainConfig, material: line_sampler.LineMaterial, start: int, rank: int = 0
    ) -> None:
        self.config = config
        self.material = material
        self.start = start
        self.rank = rank

    def __iter__(self) -> Iterator[Batch]:
        """Batches without end, in an order fixed by seed, process and worker."""
        worker = get_worker_info()
        number = worker.id if worker else 0
        cv2.setNumThreads(0)
        rng = np.random.default_rng([self.config.seed, self.start, self.rank, number])
        sampler = line_sampler.Sampler(self.material, self.config.alphabet, self.config.mix)
        waiting: dict[int, list[tuple[npt.NDArray[np.uint8], list[int]]]] = {}
        while True:
            line, target = self._prepare(*sampler.sample(rng))
            if line.shape[1] // STRIDE < frames_needed(target):
                continue  # too narrow for its text: CTC cannot learn from it
            width = self._bucket(line.shape[1])
            group = waiting.setdefault(width, [])
            if rng.random() < self.config.masked:
                mask_spans(line, rng)
            group.append((line, target))
            if len(group) >= min(
                self.config.batch_lines, max(self.config.batch_pixels // width, 1)
            ):
                yield stack(waiting.pop(width), self.config.shape.height, width)

    def _bucket(self, width: int) -> int:
        """Few different widths: every new shape costs the CPU library a compilation."""
        return -(-max(width, 64) // self.config.width_step) * self.config.width_step

    def _prepare(
        self, grey: npt.NDArray[np.uint8], text: str
    ) -> tuple[npt.NDArray[np.uint8], list[int]]:
        line = (prepare_line(grey, self.config.shape.height) * 255).astype(np.uint8)
        return line, [1 + self.config.alphabet.index(c) for c in text]


def stack(
    group: Sequence[tuple[npt.NDArray[np.uint8], list[int]]], height: int, width: int
) -> Batch:
    """A batch of prepared lines (height, up to `width`) with the classes of their characters."""
    out = np.zeros((len(group), 1, height, width), np.uint8)
    for row, (line, _) in enumerate(group):
        out[row, 0, :, : line.shape[1]] = line
    frames = [width // STRIDE] * len(group)
    lengths = [len(target) for _, target in group]
    joined = [c for _, target in group for c in target]
    return (
        torch.from_numpy(out),
        torch.tensor(frames),
        torch.tensor(joined),
        torch.tensor(lengths),
    )


def frames_needed(target: list[int]) -> int:
    """CTC wants a blank frame between two equal characters."""
    return len(target) + sum(a == b for a, b in zip(target, target[1:], strict=False))


def mask_spans(line: npt.NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Blank out spans of a prepared line (height, width) in place: context must fill them in."""
    width = line.shape[1]
    for _ in range(round(width / _SPAN_EVERY_PX)):
        start = int(rng.integers(width))
        line[:, start : start + int(rng.integers(*_SPAN_PX, endpoint=True))] = 0
