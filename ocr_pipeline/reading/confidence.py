"""Calibrated confidence: the probability that a field's value is right.

Boosted trees over what decoding knows of the field, of the rest of its page and of its kind, then a
monotone table that straightens their tail. More ink explained never makes a field less sure. The
parameters lie in `calibration.json`, fitted by `training.calibration` on books that the thresholds
are not chosen on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import field_validator

from ocr_pipeline.data_files import DataValueError, Strict, load_data
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.reading.boosted_trees import BoostedTrees, TreeFile
from ocr_pipeline.registers.fields import Field

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
    "page_gap",
    "page_weakest",
    "page_mean",
    "page_edits",
)
"""Names of the features, in order."""

PAGE_MEANS = {
    "page_gap": "gap",
    "page_weakest": "weakest",
    "page_mean": "mean",
    "page_edits": "edits",
}
"""Features that are means over the page's other fields, and of what."""

SECOND_FEATURES = (
    "second_acoustic",
    "second_gap",
    "second_strain",
    "second_rival",
    "second_distance",
    "second_edits",
    "second_weakest",
    "second_lowest",
    "second_mean",
    "second_agrees",
    "second_share",
    "first_alone",
    "second_alone",
    "page_second_gap",
    "page_second_mean",
    "page_second_agrees",
)
"""Names of the further features where a second network reads, in order."""

SECOND_PAGE_MEANS = {
    "page_second_gap": "second_gap",
    "page_second_mean": "second_mean",
    "page_second_agrees": "second_agrees",
}
"""Those of them that are means over the page's other fields, and of what."""

INPUTS = (*FEATURES, "kind")
"""What the trees ask for: the features, and the log odds of fields of this kind being right."""

PAIR_INPUTS = (*FEATURES, *SECOND_FEATURES, "kind")
"""The same where a second network reads, too."""

BLANK_TABLE = ((0.0, 0.3, 0.7, 1.5, 4.0), (0.99, 0.97, 0.6, 0.5, 0.3))
"""What is believed of blanks before any was seen: two strokes of a ditto mark have 0.7 mm²."""

SURE = 0.985
"""From which confidence on a reading of the first network stands, and no second one is asked."""

SILENT = 0.1
"""Where no character is this probable in any frame, the network sees no writing in the ink."""

SILENT_TABLE = ((0.0, 0.7, 4.0), (0.98, 0.95, 0.9))
"""What is believed of such blanks before any was seen."""

CALIBRATION = "calibration.json"
"""Name of the file with a model's confidence."""

UNCALIBRATED_CAP = 0.5
"""Highest confidence without a calibration: everything goes to a person."""


_FIT_ANEW = Text(
    "Chạy lại “sohoa train calibrate” hoặc cài lại mô hình",
    "Run “sohoa train calibrate” again, or install the model again",
)


class TreesFile(Strict):
    """What a confidence fitted on books is made of, and where it comes from.

    Attributes:
        inputs: names of what the trees ask for.
        kinds, tail: as in `Calibration`.
        sources: what they were fitted on; `books`: the books fitted on, and those of them that
            `quality` was measured on, by a fit without them.
        quality: how well confidences fit before and after.

    """

    asked: ClassVar[tuple[str, ...]]
    inputs: tuple[str, ...]
    trees: TreeFile
    kinds: dict[str, float]
    tail: tuple[tuple[float, ...], tuple[float, ...]]
    sources: str = ""
    books: dict[str, tuple[str, ...]] = {}
    quality: dict[str, dict[str, float]] = {}

    @field_validator("inputs")
    @classmethod
    def _are_ours(cls, inputs: tuple[str, ...]) -> tuple[str, ...]:
        if inputs != cls.asked:
            raise DataValueError("tính cho các đặc trưng khác", "made for other features")
        return inputs

    @field_validator("trees")
    @classmethod
    def _ask_for_inputs(cls, trees: TreeFile) -> TreeFile:
        if any(asked >= len(cls.asked) for tree in trees.feature for asked in tree):
            raise DataValueError("hỏi đặc trưng không có", "asks for a feature that is not there")
        return trees

    @field_validator("kinds")
    @classmethod
    def _know_others(cls, kinds: dict[str, float]) -> dict[str, float]:
        return _with_others(kinds)


def _with_others(kinds: dict[str, float]) -> dict[str, float]:
    if "" not in kinds:
        raise DataValueError("thiếu loại “” của trường lạ", "the kind “” of others is missing")
    return kinds


class CalibrationFile(TreesFile):
    """`calibration.json` of a model: the parameters of `Calibration`."""

    asked = INPUTS
    blank: tuple[tuple[float, ...], tuple[float, ...]]
    silent: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    nothing: dict[str, float] | None = None
    tick: tuple[float, float]

    @field_validator("nothing")
    @classmethod
    def _knows_others(cls, nothing: dict[str, float] | None) -> dict[str, float] | None:
        return None if nothing is None else _with_others(nothing)


class PairCalibrationFile(TreesFile):
    """`calibration-NAME.json` of a model: its confidence where the network NAME reads, too.

    Attributes:
        second: name and version of that network.

    """

    asked = PAIR_INPUTS
    second: str


@dataclass(frozen=True, slots=True)
class Calibration:
    """Parameters of the confidence.

    Attributes:
        trees: over `INPUTS`; None when not calibrated.
        kinds: log odds of fields of a kind being right; "" stands for kinds never seen.
        tail: (x, y) points of a monotone table from the trees' probability to the final one.
        blank: (ink in mm², probability) points of a falling table: how surely a field that was
            found blank is blank, by the ink left in it.
        silent: the same of fields with ink in which the network holds no character for probable
            (`SILENT`), by their ink without what may hang in from the line above. None: no table
            of their own.
        nothing: by kind, how surely a mark that is read as one for nothing (`-`, `/`, `x`) is one;
            "" stands for kinds never seen. None: as any ink.
        tick: (slope, intercept) of the probability that ticks are right, on the logit of theirs.

    """

    trees: BoostedTrees | None = None
    kinds: Mapping[str, float] = field(default_factory=dict)
    tail: tuple[tuple[float, ...], tuple[float, ...]] = ((0.0, 1.0), (0.0, 1.0))
    blank: tuple[tuple[float, ...], tuple[float, ...]] = BLANK_TABLE
    silent: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    nothing: Mapping[str, float] | None = None
    tick: tuple[float, float] = (1.4, 0.0)

    @property
    def fitted(self) -> bool:
        """Whether confidences mean what they say."""
        return self.trees is not None

    @classmethod
    def load(cls, folder: Path) -> Calibration:
        """The calibration of a model folder; the cautious default where there is none.

        Raises:
            MachineError: the file is damaged, or made for other features.

        """
        path = folder / CALIBRATION
        if not path.is_file():
            return cls()
        data = load_data(path, CalibrationFile, MachineError, _FIT_ANEW)
        trees = BoostedTrees.of(data.trees)
        return cls(trees, data.kinds, data.tail, data.blank, data.silent, data.nothing, data.tick)

    def with_second(self, folder: Path, name: str, title: str) -> Calibration | None:
        """The confidence of fields that a second network reads, too; blanks and ticks stay.

        Args:
            folder: of the model.
            name: of the second network.
            title: its name and version.

        Returns:
            None where none was fitted with this very network.

        Raises:
            MachineError: the file is damaged, or made for other features.

        """
        path = folder / pair_file(name)
        if not path.is_file():
            return None
        data = load_data(path, PairCalibrationFile, MachineError, _FIT_ANEW)
        if data.second != title:
            return None
        return replace(self, trees=BoostedTrees.of(data.trees), kinds=data.kinds, tail=data.tail)

    def probability(self, kind: str, features: npt.NDArray[np.float64]) -> float:
        """Probability (0–1) that a field's value is right.

        Args:
            kind: the field's kind.
            features: (len(FEATURES),) as `features` of the reader gives them; followed by
                SECOND_FEATURES where the confidence was fitted with a second network.

        """
        if self.trees is None:
            return float(min(_sigmoid(float(features[0]) - 2), UNCALIBRATED_CAP))
        rate = self.kinds.get(kind, self.kinds[""])
        plain = _sigmoid(self.trees.total(np.append(features, rate)))
        return float(np.interp(plain, self.tail[0], self.tail[1]))

    def blank_probability(
        self, ink_mm2: float, loudest: float = 1.0, hanging_mm2: float = 0.0
    ) -> float:
        """Probability that a field in which nothing was read is blank.

        Args:
            ink_mm2: what ink is left in it.
            loudest: probability of the likeliest character in any frame of it (0–1).
            hanging_mm2: what of the ink may hang in from the line above.

        """
        if self.silent is not None and ink_mm2 > 0 and loudest < SILENT:
            plain = float(np.interp(ink_mm2 - hanging_mm2, *self.silent))
        else:
            plain = float(np.interp(ink_mm2, *self.blank))
        return plain if self.fitted else min(plain, UNCALIBRATED_CAP)

    def nothing_probability(self, kind: str, ink_mm2: float) -> float:
        """Probability that a mark which is read as one for nothing means that.

        Args:
            kind: the field's kind.
            ink_mm2: the mark's ink.

        """
        if self.nothing is None:
            return self.blank_probability(ink_mm2)
        plain = self.nothing.get(kind, self.nothing[""])
        return plain if self.fitted else min(plain, UNCALIBRATED_CAP)

    def tick_probability(self, probability: float) -> float:
        """Calibrated probability that the boxes are read right."""
        p = min(max(probability, 1e-6), 1 - 1e-6)
        plain = _sigmoid(self.tick[0] * float(np.log(p / (1 - p))) + self.tick[1])
        return plain if self.fitted else min(plain, UNCALIBRATED_CAP)


def pair_file(second: str) -> str:
    """Name of the file with a model's confidence where the network `second` reads, too."""
    return f"calibration-{second}.json"


def calibration_files(folder: Path) -> list[Path]:
    """A model's confidences: of itself alone, and with each second network."""
    return sorted(folder.glob("calibration*.json"))


def _sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(x, -40, 40))))


def with_confidence(field: Field, confidence: float) -> Field:
    """The field with another confidence, its alternatives sharing what is left of it."""
    if not field.n_best:
        return replace(field, confidence=confidence)
    first, *others = field.n_best
    rest = sum(one.probability for one in others)
    factor = min((1 - confidence) / rest, 1.0) if rest > 0 else 0.0
    n_best = (
        replace(first, probability=confidence),
        *(replace(one, probability=one.probability * factor) for one in others),
    )
    return replace(field, confidence=confidence, n_best=n_best)
