"""Settings of a training: what `sohoa train --config` reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import create_model

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.errors import BadInputError
from ocr_pipeline.training import line_sampler
from ocr_pipeline.training.network import Architecture


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
        weights: checkpoint, `training.npz`, or `weights.npz` of a model of the same shape, whose
            averaged weights start a new schedule (`resume` goes on with one); the count of lines
            seen goes on where the file holds one.
        lines_before: lines that `weights` had seen, where its file does not say.
        verifier: model folder of a trained network that finds the letters of real words and reads
            composed words again; None composes from estimated widths, unverified.
        free: train on CC-BY scans and fonts alone, so that anybody may use the weights; the other
            lines of `data` only measure.
        letters: weights that find the letters of the CC-BY scans, so that marks can be added to
            them (`free` alone); None: no marks.
        cut_lines: zip of lines cut out of drawn pages (see `cut_lines`); None: none.
        cache: folder where the letters found are kept; None: `out`.
        schedule: `cosine` over `steps` or `minutes`, or `constant` until a decay is asked for.
        steps: length of the cosine schedule, in batches.
        minutes: the schedule also ends after so long, whichever comes first; None: by steps alone.
        decay_at: lines seen at which a constant rate begins to fall in a straight line; None: when
            a file `decay` lies in `out` (it may hold another number than `decay_lines`).
        decay_lines: length of that fall, in lines; the training ends with it.
        processes: copies of the network that share each step (gradients are averaged); on busy
            cores two processes of one thread lose less than one process of two threads.
        width_step: widths of batches are multiples of this.
        batch_pixels: width of all lines of a process's batch together, padding included.
        trim: lines with a loss per character above this, and above twice the batch's median, teach
            nothing: nobody could read them.
        masked: share of lines with spans of columns blanked out (see `line_batches`).
        mix: how often each source is drawn (see `line_sampler.MIX`).
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
    lines_before: int = 0
    verifier: Path | None = None
    free: bool = False
    letters: Path | None = None
    cut_lines: Path | None = None
    cache: Path | None = None
    schedule: str = "cosine"
    decay_at: int | None = None
    decay_lines: int = 40_000
    seed: int = 1
    steps: int = 10_000
    learning_rate: float = 8e-4
    final_rate: float = 1e-5
    warm_up: int = 200
    weight_decay: float = 0.01
    dropout: float = 0.1
    ema: float = 0.998
    trim: float = 4.0
    masked: float = 0.0
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
    mix: dict[str, float] = field(default_factory=lambda: dict(line_sampler.MIX))


_FILES = (
    "out", "data", "fonts", "init", "init_alphabet", "weights", "verifier", "letters", "cut_lines",
    "cache",
)  # fmt: skip

_SETTINGS: dict[str, Any] = {n: (kind, None) for n, kind in get_type_hints(TrainConfig).items()}
TrainFile: type[Strict] = create_model("TrainFile", __base__=Strict, **_SETTINGS)
"""A file of settings: any of those of `TrainConfig`; the folders come from the command line."""


def read_config(path: Path, **given: Any) -> TrainConfig:
    """Read a YAML file; keyword arguments that are not None override it.

    Raises:
        BadInputError: the file has a setting that does not exist, or of the wrong type.

    """
    found = load_data(path, TrainFile, BadInputError)
    values = {name: getattr(found, name) for name in found.model_fields_set}
    values |= {k: v for k, v in given.items() if v is not None}
    for name in _FILES:
        if values.get(name) is not None:
            values[name] = Path(values[name])
    return TrainConfig(**values)
