"""Train the handwriting network: resumable, seeded, on CPU or GPU."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.distributed as dist
import yaml
from torch import Tensor
from torch.multiprocessing.spawn import spawn
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from ocr_pipeline.reading.line_images import prepare_line
from ocr_pipeline.training import lines, measure
from ocr_pipeline.training.export import load_state
from ocr_pipeline.training.network import STRIDE, Architecture, LineNetwork
from ocr_pipeline.training.warm_start import load_onnx_weights

Batch = tuple[Tensor, Tensor, Tensor, Tensor]
"""Lines (n, 1, height, w) uint8, frames per line, targets joined end to end, target lengths."""


@dataclass
class TrainConfig:
    """What `sohoa train --config` reads; folders come from the command line.

    Attributes:
        alphabet: characters of the output, in order; class 0 (blank) comes before them.
        out: folder for checkpoints and the learning curve.
        data: handwriting folder; None trains on fonts alone.
        fonts: folder with handwriting fonts (TTF).
        shape: of the network (see `network.Architecture`).
        early: share of the auxiliary head in the loss; 0 trains without it.
        init: ONNX file of an earlier export to start from, with `init_alphabet`.
        init_context: take its context and last layer, too, not the convolutions alone.
        weights: checkpoint, or `weights.npz` of a model of the same shape, whose averaged weights
            start a new schedule (`resume` goes on with one).
        steps: length of the cosine schedule, in batches.
        minutes: the schedule also ends after so long, whichever comes first; None: by steps alone.
        processes: copies of the network that share each step (gradients are averaged); on busy
            cores two processes of one thread lose less than one process of two threads.
        width_step: widths of batches are multiples of this.
        batch_pixels: width of all lines of a process's batch together, padding included.
        trim: lines with a loss per character above this, and above twice the batch's median, teach
            nothing: nobody could read them.
        mix: how often each source is drawn (see `lines.MIX`).
        validate_every: steps between validations; `checkpoint_minutes` between checkpoints.

    """

    alphabet: str
    out: Path
    data: Path | None = None
    fonts: Path | None = None
    shape: Architecture = field(default_factory=Architecture)
    early: float = 0.2
    init: Path | None = None
    init_alphabet: Path | None = None
    init_context: bool = True
    weights: Path | None = None
    seed: int = 1
    steps: int = 10_000
    learning_rate: float = 8e-4
    final_rate: float = 1e-5
    warm_up: int = 200
    weight_decay: float = 0.01
    dropout: float = 0.1
    ema: float = 0.998
    trim: float = 4.0
    batch_pixels: int = 10_000
    batch_lines: int = 48
    width_step: int = 64
    minutes: float | None = None
    processes: int = 2
    threads: int = 1
    workers: int = 0
    bf16: bool = True
    device: str = "auto"
    validate_every: int = 500
    validate_lines: int = 150
    checkpoint_minutes: float = 5.0
    resume: bool = False
    mix: dict[str, float] = field(default_factory=lambda: dict(lines.MIX))


def read_config(path: Path, **given: Any) -> TrainConfig:
    """Read a YAML file; keyword arguments that are not None override it."""
    values = yaml.safe_load(path.read_text(encoding="utf8"))
    values |= {k: v for k, v in given.items() if v is not None}
    for name in ("out", "data", "fonts", "init", "init_alphabet", "weights"):
        if values.get(name) is not None:
            values[name] = Path(values[name])
    if "shape" in values:
        shape = dict(values["shape"])
        values["shape"] = Architecture(**shape | {"channels": tuple(shape["channels"])})
    unknown = set(values) - {f.name for f in fields(TrainConfig)}
    if unknown:
        raise ValueError(f"{path}: unknown settings {sorted(unknown)}")
    return TrainConfig(**values)


class Stream(IterableDataset[Batch]):
    """Endless batches of lines of like width; every worker draws its own."""

    def __init__(
        self, config: TrainConfig, material: lines.Material, start: int, rank: int = 0
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
        sampler = lines.Sampler(self.material, self.config.alphabet, self.config.mix)
        waiting: dict[int, list[tuple[npt.NDArray[np.uint8], list[int]]]] = {}
        while True:
            line, target = self._prepare(*sampler.sample(rng))
            if line.shape[1] // STRIDE < _frames_needed(target):
                continue  # too narrow for its text: CTC cannot learn from it
            width = self._bucket(line.shape[1])
            group = waiting.setdefault(width, [])
            group.append((line, target))
            if len(group) >= min(
                self.config.batch_lines, max(self.config.batch_pixels // width, 1)
            ):
                yield self._stack(waiting.pop(width), width)

    def _bucket(self, width: int) -> int:
        """Few different widths: every new shape costs the CPU library a compilation."""
        return -(-max(width, 64) // self.config.width_step) * self.config.width_step

    def _prepare(
        self, grey: npt.NDArray[np.uint8], text: str
    ) -> tuple[npt.NDArray[np.uint8], list[int]]:
        line = (prepare_line(grey, self.config.shape.height) * 255).astype(np.uint8)
        return line, [1 + self.config.alphabet.index(c) for c in text]

    def _stack(self, group: list[tuple[npt.NDArray[np.uint8], list[int]]], width: int) -> Batch:
        out = np.zeros((len(group), 1, self.config.shape.height, width), np.uint8)
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


def _frames_needed(target: list[int]) -> int:
    """CTC wants a blank frame between two equal characters."""
    return len(target) + sum(a == b for a, b in zip(target, target[1:], strict=False))


class Training:
    """The state of a run: network, averaged network, optimiser, step; saved and loaded whole."""

    def __init__(self, config: TrainConfig) -> None:
        self.config = config
        gpu = config.device == "cuda" or (config.device == "auto" and torch.cuda.is_available())
        self.device = torch.device("cuda" if gpu else "cpu")
        torch.manual_seed(config.seed)
        torch.set_num_threads(config.threads)
        self.network = LineNetwork(len(config.alphabet), config.shape, config.dropout)
        self.network.to(device=self.device)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = LineNetwork(len(config.alphabet), config.shape)
        self.average.load_state_dict(self.network.state_dict())
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(),
            config.learning_rate,
            weight_decay=config.weight_decay,
            fused=True,
        )
        self.step = 0
        self.minutes = 0.0
        self.progress = 0.0
        if config.resume and self.file.is_file():
            self.load(self.file)
        elif config.weights is not None:
            self._load_weights(config.weights)

    def warm_start(self, batches: list[Batch]) -> None:
        """Fill a fresh network from `init`, the same in every process; `batches`: usual lines.

        No-op after `resume` or `weights`, or when there is nothing to start from.
        """
        c = self.config
        if c.init is None or c.init_alphabet is None or self.step or c.weights is not None:
            return
        theirs = c.init_alphabet.read_text(encoding="utf8").strip("\n")
        tiles = [p.unflatten(-1, (-1, 64)).movedim(-2, 1).flatten(0, 1) for p, *_ in batches]
        lines = torch.cat(tiles).to(self.device).float().div_(255)
        load_onnx_weights(
            self.network, c.init, theirs, c.alphabet, lines, c.seed, context=c.init_context
        )
        if c.processes > 1:
            for tensor in self.network.state_dict().values():
                dist.broadcast(tensor, 0)
        self.average.load_state_dict(self.network.state_dict())

    @property
    def file(self) -> Path:
        """The checkpoint: written beside and renamed, so that it is always whole."""
        return self.config.out / "checkpoint.pt"

    def save(self) -> None:
        """Write the checkpoint."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "minutes": self.minutes,
            "alphabet": self.config.alphabet,
            "shape": asdict(self.config.shape),
        }
        part = self.file.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.file)

    def load(self, file: Path) -> None:
        """Go on from a checkpoint of the same alphabet."""
        state = torch.load(file, weights_only=True, map_location="cpu")
        if state["alphabet"] != self.config.alphabet:
            raise ValueError(f"{file} was trained with another alphabet")
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.minutes = state["step"], state["minutes"]

    def _load_weights(self, file: Path) -> None:
        """Begin a new schedule with the averaged weights of another run, or of a model."""
        state = load_state(file)
        if state["alphabet"] != self.config.alphabet:
            raise ValueError(f"{file} was trained with another alphabet")
        self.network.load_state_dict(state["average"])
        self.average.load_state_dict(state["average"])

    def rate(self) -> float:
        """Learning rate: a short warm-up, then half a cosine down to `final_rate`."""
        c = self.config
        if self.step < c.warm_up:
            return c.learning_rate * (self.step + 1) / c.warm_up
        return c.final_rate + (c.learning_rate - c.final_rate) * 0.5 * (
            1 + math.cos(math.pi * min(self.progress, 1.0))
        )

    def _own_progress(self) -> float:
        by_time = self.minutes / self.config.minutes if self.config.minutes else 0.0
        return max(self.step / self.config.steps, by_time)

    def learn(self, batch: Batch) -> float:
        """One step; returns the loss (nats per character)."""
        pictures, frames, targets, lengths = batch
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        x = pictures.to(self.device).float().div_(255).to(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.bf16):
            scores, early = self.network.both(x)
        goal = (targets.to(self.device), frames, lengths)
        per_line = _ctc(scores, *goal)
        # An empty line has no characters to count its loss by: it counts as a sparse one.
        weights = torch.maximum(lengths, frames // 16).clamp(min=1).to(self.device)
        each = per_line.detach() / weights
        legible = each <= max(self.config.trim, 2 * float(each.median()))  # a new net reads none
        share = self.config.early
        mixed = per_line if not share else (1 - share) * per_line + share * _ctc(early, *goal)
        loss = (mixed * legible).sum() / (weights * legible).sum().clamp(min=1)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self._share()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimiser.step()
        self.step += 1
        decay = min(self.config.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, now in zip(self.average.parameters(), self.network.parameters(), strict=True):
                mean.lerp_(now.to(mean.device), 1 - decay)
            statistics = zip(self.average.buffers(), self.network.buffers(), strict=True)
            for kept, seen in statistics:
                if kept.is_floating_point():
                    kept.lerp_(seen.to(kept.device), 1 - decay)
        return float((per_line.detach() * legible).sum() / (weights * legible).sum().clamp(min=1))

    def _share(self) -> None:
        """Average gradients, and the place in the schedule, over all processes."""
        self.progress = self._own_progress()
        if self.config.processes < 2:
            return
        grads = [p.grad for p in self.network.parameters() if p.grad is not None]
        flat = torch.cat([g.reshape(-1) for g in grads] + [torch.tensor([self.progress])])
        dist.all_reduce(flat)
        flat /= self.config.processes
        for grad, own in zip(grads, flat[:-1].split([g.numel() for g in grads]), strict=True):
            grad.copy_(own.view_as(grad))
        self.progress = float(flat[-1])


def _ctc(scores: Tensor, targets: Tensor, frames: Tensor, lengths: Tensor) -> Tensor:
    """CTC loss of each line, (n,)."""
    return torch.nn.functional.ctc_loss(
        scores.transpose(0, 1), targets, frames, lengths, reduction="none", zero_infinity=True
    )


def train(config: TrainConfig) -> None:
    """Train until `steps` or `minutes`; `config.out` gets `checkpoint.pt` and `curve.tsv`."""
    config.out.mkdir(parents=True, exist_ok=True)
    settings = {k: str(v) if isinstance(v, Path) else v for k, v in asdict(config).items()}
    (config.out / "config.json").write_text(json.dumps(settings, ensure_ascii=False, indent=1))
    if torch.cuda.is_available() and config.device != "cpu":
        config.processes = 1
    if config.processes == 1:
        _train_one(0, config)
        return
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    (config.out / "meeting").unlink(missing_ok=True)
    spawn(_train_one, (config,), nprocs=config.processes)


def _train_one(rank: int, config: TrainConfig) -> None:
    """One of the processes; the first one saves and measures."""
    if config.processes > 1:
        dist.init_process_group(
            "gloo",
            init_method=f"file://{(config.out / 'meeting').resolve()}",
            rank=rank,
            world_size=config.processes,
            timeout=timedelta(hours=2),
        )
    run = Training(config)
    material = lines.load_material(config.data, config.fonts, validation=False)
    sets: dict[str, measure.LineSet] = {}
    if rank == 0:
        sets = measure.quick_sets(
            config.data, config.fonts, config.alphabet, config.shape.height, config.validate_lines
        )
    loader = DataLoader(
        Stream(config, material, run.step, rank),
        batch_size=None,
        num_workers=config.workers,
        prefetch_factor=12 if config.workers else None,
    )
    last = saved = time.monotonic()
    losses: list[float] = []
    batches = iter(loader)
    if not run.step:
        run.warm_start([next(batches) for _ in range(8)])
    for batch in batches:
        losses.append(run.learn(batch))
        now = time.monotonic()
        run.minutes += (now - last) / 60
        last = now
        done = run.progress >= 1
        if rank == 0 and (done or now - saved > 60 * config.checkpoint_minutes):
            run.save()
            saved = now
        if rank == 0 and (done or run.step % config.validate_every == 0):
            _report(run, sets, losses)
            losses = []
        if done:
            break
    if config.processes > 1:
        dist.destroy_process_group()


def _report(run: Training, sets: dict[str, measure.LineSet], losses: list[float]) -> None:
    """Add a line to the learning curve: step, minutes, loss, CER of each quick set."""
    errors = {n: measure.measure(run.average, run.config.alphabet, s).cer for n, s in sets.items()}
    curve = run.config.out / "curve.tsv"
    if not curve.exists():
        curve.write_text("\t".join(["step", "minutes", "rate", "loss", *errors]) + "\n")
    loss = float(np.mean(losses)) if losses else float("nan")
    row = [str(run.step), f"{run.minutes:.1f}", f"{run.rate():.2e}", f"{loss:.4f}"]
    row += [f"{e:.4f}" for e in errors.values()]
    with curve.open("a") as file:
        file.write("\t".join(row) + "\n")
    print(*row, flush=True)
