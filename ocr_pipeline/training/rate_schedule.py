"""Schedule of the learning rate: by a cosine, or constant until a decay is asked for."""

from __future__ import annotations

import math

from ocr_pipeline.training.training_config import TrainConfig

#: Name of the file in `out` that asks for the decay; it may hold the decay's length in lines.
DECAY_FILE = "decay"


class Schedule:
    """Learning rate by steps, minutes and lines seen; the same in every process.

    Attributes:
        progress: 0–1; at 1 the training ends.
        decay: lines seen when the decay began, and its length in lines; None: it has not begun.
        decay_begins: the decay began in the step just made.

    """

    def __init__(self, config: TrainConfig) -> None:
        if config.schedule not in ("cosine", "constant"):
            raise ValueError(f"schedule {config.schedule!r} is neither cosine nor constant")
        self.config = config
        self.progress = 0.0
        self.decay: tuple[int, int] | None = None
        self.decay_begins = False

    def rate(self, step: int) -> float:
        """Learning rate of a step: a short warm-up, then down to `final_rate` at the end."""
        c = self.config
        if step < c.warm_up:
            return c.learning_rate * (step + 1) / c.warm_up
        done = min(self.progress, 1.0)
        left = 1 - done if c.schedule == "constant" else 0.5 * (1 + math.cos(math.pi * done))
        return c.final_rate + (c.learning_rate - c.final_rate) * left

    def own_progress(self, step: int, minutes: float) -> float:
        """What this process believes of the cosine: its clock differs from the others'."""
        by_time = minutes / self.config.minutes if self.config.minutes else 0.0
        return max(step / self.config.steps, by_time)

    def wish(self, lines: int) -> int:
        """Length in lines of a decay that is asked for now, 0 if none is."""
        c = self.config
        if c.schedule != "constant" or self.decay is not None:
            return 0
        if c.decay_at is not None and lines >= c.decay_at:
            return c.decay_lines
        file = c.out / DECAY_FILE
        if not file.is_file():
            return 0
        text = file.read_text().strip()
        return int(text) if text.isdigit() and int(text) else c.decay_lines

    def agree(self, progress: float, lines: int, wish: int) -> None:
        """Take over what all processes agreed on after a step."""
        self.decay_begins = bool(wish) and self.decay is None
        if self.decay_begins:
            self.decay = (lines, wish)
        if self.config.schedule == "cosine":
            self.progress = progress
        elif self.decay is not None:
            begun, length = self.decay
            self.progress = (lines - begun) / length
