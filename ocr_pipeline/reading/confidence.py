"""Calibrated confidence: the probability that a field's value is right.

A logistic regression over what decoding knows of the field, with an intercept for each kind, then
a monotone table that straightens its tail. Its parameters lie in `calibration.json`, fitted by
`training.calibration` on books that the thresholds are not chosen on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import field_validator

from ocr_pipeline.data_files import DataValueError, Strict, load_data
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

BLANK_TABLE = ((0.0, 0.3, 0.7, 1.5, 4.0), (0.99, 0.97, 0.6, 0.5, 0.3))
"""What is believed of blanks before any was seen: two strokes of a ditto mark have 0.7 mm²."""

UNCALIBRATED_CAP = 0.5
"""Highest confidence without a calibration: everything goes to a person."""


_FIT_ANEW = Text(
    "Chạy lại “sohoa train calibrate” hoặc cài lại mô hình",
    "Run “sohoa train calibrate” again, or install the model again",
)


class CalibrationFile(Strict):
    """`calibration.json` of a model: the parameters of `Calibration`, and where they come from.

    Attributes:
        features: names of the features that the weights belong to.
        sources: what they were fitted on; `books`: the books, for fitting and for testing.
        quality: how well confidences fit before and after.

    """

    features: tuple[str, ...]
    weights: tuple[float, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    intercepts: dict[str, float]
    tail: tuple[tuple[float, ...], tuple[float, ...]]
    blank: tuple[tuple[float, ...], tuple[float, ...]]
    tick: tuple[float, float]
    sources: str = ""
    books: dict[str, tuple[str, ...]] = {}
    quality: dict[str, dict[str, float]] = {}

    @field_validator("features")
    @classmethod
    def _are_ours(cls, features: tuple[str, ...]) -> tuple[str, ...]:
        if features != FEATURES:
            raise DataValueError("tính cho các đặc trưng khác", "made for other features")
        return features


@dataclass(frozen=True, slots=True)
class Calibration:
    """Parameters of the confidence.

    Attributes:
        weights: (features,) of the standardised features; empty when not calibrated.
        centre, scale: (features,) for standardising.
        intercepts: by kind; "" is the intercept of kinds never seen.
        tail: (x, y) points of a monotone table from the regression's probability to the final one.
        blank: (ink in mm², probability) points of a falling table: how surely a field that was
            found blank is blank, by the ink left in it.
        tick: (slope, intercept) of the probability that ticks are right, on the logit of theirs.

    """

    weights: tuple[float, ...] = ()
    centre: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    intercepts: Mapping[str, float] = field(default_factory=dict)
    tail: tuple[tuple[float, ...], tuple[float, ...]] = ((0.0, 1.0), (0.0, 1.0))
    blank: tuple[tuple[float, ...], tuple[float, ...]] = BLANK_TABLE
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
        data = load_data(path, CalibrationFile, MachineError, _FIT_ANEW)
        return cls(**{parameter.name: getattr(data, parameter.name) for parameter in fields(cls)})

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
        plain = float(np.interp(ink_mm2, *self.blank))
        return plain if self.fitted else min(plain, UNCALIBRATED_CAP)

    def tick_probability(self, probability: float) -> float:
        """Calibrated probability that the boxes are read right."""
        p = min(max(probability, 1e-6), 1 - 1e-6)
        plain = _sigmoid(self.tick[0] * float(np.log(p / (1 - p))) + self.tick[1])
        return plain if self.fitted else min(plain, UNCALIBRATED_CAP)


def _sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(x, -40, 40))))
