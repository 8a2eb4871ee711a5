"""Boosted trees: a sum of small decision trees over numbers, read from a data file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import field_validator, model_validator

from ocr_pipeline.data_files import DataValueError, Strict

LEAF = -1
"""What stands for the feature of a node that decides nothing."""


class TreeFile(Strict):
    """Boosted trees as they are written: one list a tree, one entry a node, the root first.

    Attributes:
        baseline: what the sum begins with.
        feature: which number a node asks for, from 0; `LEAF` where it asks for none.
        threshold: the largest number that goes left.
        left, right: nodes to go on to, always later ones of the same tree.
        value: what a leaf adds; 0 elsewhere.

    """

    baseline: float
    feature: tuple[tuple[int, ...], ...]
    threshold: tuple[tuple[float, ...], ...]
    left: tuple[tuple[int, ...], ...]
    right: tuple[tuple[int, ...], ...]
    value: tuple[tuple[float, ...], ...]

    @field_validator("feature")
    @classmethod
    def _has_roots(cls, feature: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        if not all(feature):
            raise DataValueError("có cây không có nút", "there is a tree without nodes")
        return feature

    @model_validator(mode="after")
    def _fits(self) -> TreeFile:
        """Every walk ends in a leaf of its tree."""
        columns = (self.threshold, self.left, self.right, self.value)
        sizes = [len(tree) for tree in self.feature]
        if any([len(tree) for tree in column] != sizes for column in columns):
            raise DataValueError("các cột dài ngắn khác nhau", "the columns differ in length")
        for tree, left, right in zip(self.feature, self.left, self.right, strict=True):
            for node, asked in enumerate(tree):
                onward = () if asked == LEAF else (left[node], right[node])
                if asked < LEAF or any(not node < to < len(tree) for to in onward):
                    raise DataValueError(
                        f"nút {node} dẫn tới nút không có", f"node {node} leads nowhere"
                    )
        return self


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """Trees to be walked all at once.

    Attributes:
        baseline: what the sum begins with.
        feature, threshold, left, right, value: (trees, nodes) as in `TreeFile`, padded by leaves.
        depth: steps of the longest walk.

    """

    baseline: float
    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float64]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    depth: int

    @classmethod
    def of(cls, file: TreeFile) -> BoostedTrees:
        """The trees of a file."""
        walks = zip(file.feature, file.left, file.right, strict=True)
        return cls(
            file.baseline,
            _padded(file.feature, LEAF).astype(np.int64),
            _padded(file.threshold),
            _padded(file.left).astype(np.int64),
            _padded(file.right).astype(np.int64),
            _padded(file.value),
            max((_depth(*walk) for walk in walks), default=0),
        )

    def total(self, numbers: npt.NDArray[np.float64]) -> float:
        """What the trees say of one case, added up.

        Args:
            numbers: (features,) of the case.

        """
        trees = np.arange(len(self.feature))
        at: npt.NDArray[np.int64] = np.zeros(len(trees), np.int64)
        for _ in range(self.depth):
            asked = self.feature[trees, at]
            low = numbers[asked] <= self.threshold[trees, at]
            onward = np.where(low, self.left[trees, at], self.right[trees, at])
            at = np.where(asked == LEAF, at, onward)
        return self.baseline + float(self.value[trees, at].sum())


def _padded(rows: Sequence[Sequence[float]], rest: float = 0.0) -> npt.NDArray[np.float64]:
    out = np.full((len(rows), max(map(len, rows), default=1)), rest)
    for row, values in zip(out, rows, strict=True):
        row[: len(values)] = values
    return out


def _depth(feature: tuple[int, ...], left: tuple[int, ...], right: tuple[int, ...]) -> int:
    """Steps from the root to the deepest leaf; nodes lead to later ones only."""
    steps = [0] * len(feature)
    for node, asked in enumerate(feature):
        if asked != LEAF:
            steps[left[node]] = steps[right[node]] = steps[node] + 1
    return max(steps)
