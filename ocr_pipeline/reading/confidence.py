"""Calibrated confidence: the probability that a field's value is right.

A logistic regression over what decoding knows of the field, with an intercept for each kind, then
a monotone table that straightens its tail. Its parameters lie in `calibration.json`, fitted by
`training.calibration` on books that the thresholds are not chosen on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ocr_pipeline.errors import MachineError, Text

FEATURES = (
    "margin",
    "acoustic",
    "gap",
    "strain",
    "rival",
    "distance",
    "edits",
    "language",
    "weakest",
    "lowest",
    "mean",
    "length",
    "open",
    "valueless",
    "typed",
    "struck",
)
"""Names of the features, in the order of the weights."""

UNCALIBRATED_CAP = 0.5
"""Highest confidence without a calibration: everything goes to a person."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Parameters of the confidence.

    Attributes:
        weights: (features,) of the standardised features; empty when not calibrated.
        centre, scale: (features,) for standardising.
        intercepts: by kind; "" is the intercept of kinds never seen.
        tail: (x, y) points of a monotone table from the regression's probability to the final one.
        blank: (slope, intercept) of the probability that a field is really blank, on its ink.
        tick: the same for ticks, on the logit of their probability.

    """

    weights: tuple[float, ...] = ()
    centre: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    intercepts: Mapping[str, float] = field(default_factory=dict)
    tail: tuple[tuple[float, ...], tuple[float, ...]] = ((0.0, 1.0), (0.0, 1.0))
    blank: tuple[float, float] = (-1.2, 6.0)
    tick: tuple[float, float] = (1.4, 0.0)

    @property
    def fitted(self) -> bool:
        """Whether confidences mean what they say."""
        return bool(self.weights)

    @classmethod
    def load(cls, folder: Path) -> Calibration:
        """The calibration of a model folder; the cautious default where there is none.

        Raises:
            MachineError: the file is damaged, or made for other features.

        """
        path = folder / "calibration.json"
        if not path.is_file():
            return cls()
        try:
            data = json.loads(path.read_text("utf-8"))
            if tuple(data["features"]) != FEATURES:
                raise ValueError("made for other features")
            return cls(
                tuple(data["weights"]),
                tuple(data["centre"]),
                tuple(data["scale"]),
                dict(data["intercepts"]),
                (tuple(data["tail"][0]), tuple(data["tail"][1])),
                (data["blank"][0], data["blank"][1]),
                (data["tick"][0], data["tick"][1]),
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise MachineError(
                Text(f"Tệp hiệu chỉnh hỏng: {error}", f"The calibration file is damaged: {error}"),
                where=str(path),
                remedy=Text(
                    "Chạy lại “sohoa train calibrate” hoặc cài lại mô hình",
                    "Run “sohoa train calibrate” again, or install the model again",
                ),
            ) from error

    def probability(self, kind: str, features: npt.NDArray[np.float64]) -> float:
        """Probability (0–1) that a field's value is right.

        Args:
            kind: the field's kind.
            features: (len(FEATURES),) as `features` of the reader gives them.

        """
        if not self.fitted:
            return float(min(_sigmoid(float(features[0]) - 2), UNCALIBRATED_CAP))
        x = (features - np.array(self.centre)) / np.array(self.scale)
        intercept = self.intercepts.get(kind, self.intercepts.get("", 0.0))
        plain = _sigmoid(float(x @ np.array(self.weights)) + intercept)
        return float(np.interp(plain, self.tail[0], self.tail[1]))

    def blank_probability(self, ink_mm2: float) -> float:
        """Probability that a field found blank is blank, from what ink is left in it (mm²)."""
        plain = _sigmoid(self.blank[0] * ink_mm2 + self.blank[1])
        return plain if self.fitted else min(plain, UNCALIBRATED_CAP)

    def tick_probability(self, probability: float) -> float:
        """Calibrated probability that the boxes are read right."""
        p = min(max(probability, 1e-6), 1 - 1e-6)
        plain = _sigmoid(self.tick[0] * float(np.log(p / (1 - p))) + self.tick[1])
        return plain if self.fitted else min(plain, UNCALIBRATED_CAP)


def _sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(x, -40, 40))))
