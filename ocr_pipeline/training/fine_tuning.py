"""Teach a trained network a few hundred or thousand lines more, without forgetting the others.

The weights are drawn back towards the start in every step, and normalisation keeps its statistics:
the lines of an office are few and of few hands. Every step has its own seed, so that a training
that was cut off ends with the same bytes as one that was not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field

from ocr_pipeline.arrays import Gray
from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.reading.line_images import prepare_line
from ocr_pipeline.training.line_batches import Batch, frames_needed, mask_spans, stack
from ocr_pipeline.training.model_export import export, load_state
from ocr_pipeline.training.network import STRIDE, Architecture, LineNetwork
from ocr_pipeline.training.training_config import TrainConfig
from ocr_pipeline.training.training_run import Training

Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]

_SAVE_SECONDS = 60.0
_WIDTH_STEP = 64


class FineTuningFile(Strict):
    """`configs/fine_tuning.yaml`.

    Attributes:
        start: file in the folder of the shipped network from which the weights come.
        epochs: how often each line is seen.
        rate: learning rate of the first steps; `pull`: how far a step draws the weights back
            towards the start, in shares of the rate.
        average: share that the averaged weights keep of themselves in a step.
        dropout, masked, batch_pixels, batch_lines, threads: as in `TrainConfig`.
        quantised_on: lines that measure the scales of the eight-bit network.

    """

    start: str
    epochs: Count
    rate: Positive
    pull: Annotated[float, Field(ge=0)]
    average: Annotated[float, Field(ge=0, lt=1)]
    dropout: Annotated[float, Field(ge=0, lt=1)]
    masked: Annotated[float, Field(ge=0, le=1)]
    batch_pixels: Count
    batch_lines: Count
    threads: Count
    quantised_on: Count


def fine_tuning_settings() -> FineTuningFile:
    """The shipped settings."""
    return load_data(Path(__file__).with_name("configs") / "fine_tuning.yaml", FineTuningFile)


@dataclass(frozen=True, slots=True)
class TaughtLine:
    """A line that teaches.

    Attributes:
        image: (H, W) uint8, dark ink on light paper.
        text: what stands on it.

    """

    image: Gray
    text: str


_Prepared = tuple[npt.NDArray[np.uint8], list[int]]


def fine_tune(
    start: Path,
    lines: Sequence[TaughtLine],
    work: Path,
    settings: FineTuningFile,
    *,
    seed: int,
    seconds: float,
    told: Callable[[int, int], None] = lambda step, steps: None,
) -> bool:
    """Teach a network these lines; goes on where an earlier call with the same arguments ended.

    Args:
        start: weights to begin from (`model_export.load_state`).
        lines: what teaches; those too narrow for their text, or with other signs, teach nothing.
        work: folder of the checkpoint.
        settings: of the training.
        seed: of all chance.
        seconds: after which the training is left, to be gone on with.
        told: called after each step with its number and how many there are.

    Returns:
        Whether the training has come to its end.

    """
    state = load_state(start)
    alphabet, shape = state["alphabet"], Architecture(**state["shape"])
    prepared = _prepared(lines, alphabet, shape.height)
    plan = _plan([line.shape[1] for line, _ in prepared], settings, seed)
    run = Training(
        TrainConfig(
            alphabet=alphabet, out=work, shape=shape, weights=start, steps=max(len(plan), 1),
            seed=seed, learning_rate=settings.rate, final_rate=settings.rate / 50,
            warm_up=max(len(plan) // 20, 1), dropout=settings.dropout, ema=settings.average,
            processes=1, threads=settings.threads, bf16=False, device="cpu", resume=True,
        )
    )  # fmt: skip
    for norm in run.network.norms:
        norm.eval()
    home = [p.detach().clone().float() for p in _start_of(state, alphabet, shape).parameters()]
    done = torch.tensor(max(run.step - 1, 0) / max(len(plan), 1))  # rounded as in a step
    run.schedule.progress = float(done)  # no checkpoint holds it
    begun = saved = time.monotonic()
    while run.step < len(plan):
        torch.manual_seed(1_000_003 * seed + run.step)
        batch = _batch([prepared[n] for n in plan[run.step]], shape.height, settings, run.step)
        rate = run.schedule.rate(run.step)
        run.learn(batch)
        with torch.no_grad():
            for now, before in zip(run.network.parameters(), home, strict=True):
                now.lerp_(before, min(settings.pull * rate, 1.0))
        told(run.step, len(plan))
        if time.monotonic() - saved > _SAVE_SECONDS:
            run.save()
            saved = time.monotonic()
        if time.monotonic() - begun > seconds:
            break
    run.save()
    return run.step >= len(plan)


def write_network(
    work: Path,
    lines: Sequence[TaughtLine],
    folder: Path,
    settings: FineTuningFile,
    *,
    name: str,
    version: str,
) -> None:
    """Make an eight-bit model of a training that has come to its end.

    Args:
        work: folder of the checkpoint.
        lines: those that taught it; some of them measure the scales.
        folder: of the model.
        settings: of the training.
        name: of the model.
        version: of the model.

    Raises:
        RuntimeError: ONNX and torch disagree.

    """
    state = load_state(work / "checkpoint.pt")
    network = _start_of(state, state["alphabet"], Architecture(**state["shape"])).eval()
    step = max(len(lines) // settings.quantised_on, 1)
    usual = [prepare_line(line.image, network.shape.height) for line in lines[::step]]
    export(network, state["alphabet"], folder, version, usual, name)


def _start_of(state: dict[str, torch.Tensor], alphabet: str, shape: Architecture) -> LineNetwork:
    network = LineNetwork(len(alphabet), shape)
    network.load_state_dict(state["average"])  # type: ignore[arg-type]
    return network


def _prepared(lines: Sequence[TaughtLine], alphabet: str, height: int) -> list[_Prepared]:
    known = set(alphabet)
    out = []
    for one in lines:
        if not one.text or not known >= set(one.text):
            continue
        target = [1 + alphabet.index(c) for c in one.text]
        line = (prepare_line(one.image, height) * 255).astype(np.uint8)
        if line.shape[1] // STRIDE >= frames_needed(target):
            out.append((line, target))
    return out


def _plan(widths: Sequence[int], settings: FineTuningFile, seed: int) -> list[list[int]]:
    """The lines of each step: all of them in every epoch, those of like width together."""
    plan: list[list[int]] = []
    for epoch in range(settings.epochs):
        rng = np.random.default_rng([seed, epoch])
        order = sorted(rng.permutation(len(widths)), key=lambda n: _bucket(widths[n]))
        batches: list[list[int]] = []
        for number in order:
            most = min(settings.batch_lines, settings.batch_pixels // _bucket(widths[number]))
            if batches and len(batches[-1]) < most and _fits(batches[-1], number, widths):
                batches[-1].append(int(number))
            else:
                batches.append([int(number)])
        plan += [batches[n] for n in rng.permutation(len(batches))]
    return plan


def _fits(batch: list[int], number: int, widths: Sequence[int]) -> bool:
    return _bucket(widths[batch[0]]) == _bucket(widths[number])


def _bucket(width: int) -> int:
    return -(-max(width, _WIDTH_STEP) // _WIDTH_STEP) * _WIDTH_STEP


def _batch(lines: list[_Prepared], height: int, settings: FineTuningFile, step: int) -> Batch:
    rng = np.random.default_rng(step)
    group = []
    for line, target in lines:
        line = line.copy()
        if rng.random() < settings.masked:
            mask_spans(line, rng)
        group.append((line, target))
    return stack(group, height, _bucket(max(line.shape[1] for line, _ in group)))
