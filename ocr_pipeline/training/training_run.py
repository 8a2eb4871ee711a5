"""Train the handwriting network: resumable, seeded, on CPU or GPU."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor
from torch.multiprocessing.spawn import spawn
from torch.utils.data import DataLoader

from ocr_pipeline.training import greedy_accuracy, line_sampler, scanned_lines
from ocr_pipeline.training.line_batches import Batch, LineStream
from ocr_pipeline.training.model_export import load_state
from ocr_pipeline.training.network import LineNetwork
from ocr_pipeline.training.rate_schedule import Schedule
from ocr_pipeline.training.training_config import TrainConfig, read_config
from ocr_pipeline.training.warm_start import load_onnx_weights

_TELL_EVERY = 100  # steps between lines of the log

__all__ = ["TrainConfig", "Training", "read_config", "train"]


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
        self.lines = 0  # seen by all processes together
        self.schedule = Schedule(config)
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

    def save(self, file: Path | None = None) -> None:
        """Write the checkpoint, or a copy of it elsewhere."""
        file = file or self.file
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "minutes": self.minutes,
            "lines": self.lines,
            "decay": self.schedule.decay,
            "alphabet": self.config.alphabet,
            "shape": asdict(self.config.shape),
        }
        part = file.with_suffix(".part")
        torch.save(state, part)
        part.replace(file)

    def load(self, file: Path) -> None:
        """Go on from a checkpoint of the same alphabet."""
        state = torch.load(file, weights_only=True, map_location="cpu")
        if state["alphabet"] != self.config.alphabet:
            raise ValueError(f"{file} was trained with another alphabet")
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.minutes = state["step"], state["minutes"]
        self.lines = state.get("lines", 0)
        self.schedule.decay = state.get("decay")

    def _load_weights(self, file: Path) -> None:
        """Begin a new schedule with the averaged weights of another run, or of a model."""
        state = load_state(file)
        if state["alphabet"] != self.config.alphabet:
            raise ValueError(f"{file} was trained with another alphabet")
        self.network.load_state_dict(state["average"])
        self.average.load_state_dict(state["average"])
        self.lines = state.get("lines", self.config.lines_before)

    @property
    def done(self) -> bool:
        """Whether the schedule has ended."""
        return self.schedule.progress >= 1

    def learn(self, batch: Batch) -> float:
        """One step; returns the loss (nats per character)."""
        pictures, frames, targets, lengths = batch
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.rate(self.step)
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
        self._share(len(lengths))
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

    def _share(self, count: int) -> None:
        """Average gradients, and agree on lines seen and the schedule, over all processes.

        The first process alone asks for a decay: a file appears between two looks at it.
        """
        alone = self.config.processes < 2
        first = alone or dist.get_rank() == 0
        wish = self.schedule.wish(self.lines) if first else 0
        numbers = torch.tensor([self.schedule.own_progress(self.step, self.minutes), count, wish])
        if not alone:
            grads = [p.grad for p in self.network.parameters() if p.grad is not None]
            flat = torch.cat([g.reshape(-1) for g in grads] + [numbers])
            dist.all_reduce(flat)
            sizes = [g.numel() for g in grads]
            *means, numbers = flat.split([*sizes, len(numbers)])
            for grad, total in zip(grads, means, strict=True):
                grad.copy_((total / self.config.processes).view_as(grad))
            numbers[0] /= self.config.processes
        progress, lines_now, decay = numbers.tolist()
        self.lines += round(lines_now)
        self.schedule.agree(progress, self.lines, round(decay))


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
    if config.data is not None and config.verifier is not None:
        parts = (True,) if config.free else (False, True)
        for validation in parts:  # once, before every process wants them
            line_sampler.letter_places(config.data, validation, config.verifier, _cache(config))
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
    material = _material(config, validation=False)
    sets: dict[str, greedy_accuracy.LineSet] = {}
    if rank == 0:
        sets = greedy_accuracy.quick_sets(
            _material(config, validation=True),
            config.alphabet,
            config.shape.height,
            config.validate_lines,
        )
    loader = DataLoader(
        LineStream(config, material, run.step, rank),
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
        if rank == 0 and run.schedule.decay_begins:
            run.save(config.out / "before_decay.pt")  # a later training goes on from it
        if rank == 0 and (run.done or now - saved > 60 * config.checkpoint_minutes):
            run.save()
            saved = now
        if rank == 0 and run.step % _TELL_EVERY == 0:
            print(f"step {run.step}\t{run.lines} lines\tloss {np.mean(losses):.4f}", flush=True)
        if rank == 0 and (run.done or run.step % config.validate_every == 0):
            _report(run, sets, losses, material)
            losses = []
        if run.done:
            break
    if config.processes > 1:
        dist.destroy_process_group()


def _material(config: TrainConfig, validation: bool) -> line_sampler.LineMaterial:
    if config.free and not validation and config.data is not None:
        return line_sampler.load_free_material(
            config.data, config.fonts, config.letters, _cache(config)
        )
    out = line_sampler.load_material(
        config.data, config.fonts, validation, config.verifier, _cache(config)
    )
    if config.cut_lines is not None and not validation:
        out.cut_lines = list(scanned_lines.read_zip(config.cut_lines, empty=True))
    return out


def _cache(config: TrainConfig) -> Path:
    return config.cache or config.out


def _report(
    run: Training,
    sets: dict[str, greedy_accuracy.LineSet],
    losses: list[float],
    material: line_sampler.LineMaterial,
) -> None:
    """Add a line to the learning curve: progress, share of words refused, CER of each quick set."""
    errors = {
        n: greedy_accuracy.measure(run.average, run.config.alphabet, s).cer for n, s in sets.items()
    }
    curve = run.config.out / "curve.tsv"
    if not curve.exists():
        names = ["step", "lines", "minutes", "rate", "loss", "refused", *errors]
        curve.write_text("\t".join(names) + "\n")
    loss = float(np.mean(losses)) if losses else float("nan")
    rate = run.schedule.rate(run.step)
    row = [str(run.step), str(run.lines), f"{run.minutes:.1f}", f"{rate:.2e}", f"{loss:.4f}"]
    row.append(f"{material.scribes.refusal_rate():.3f}" if material.scribes else "")
    row += [f"{e:.4f}" for e in errors.values()]
    with curve.open("a") as file:
        file.write("\t".join(row) + "\n")
    print(*row, flush=True)
