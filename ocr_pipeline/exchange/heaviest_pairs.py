"""Pairs of rows and columns, one to one, whose weights add up to the most."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from ocr_pipeline.arrays import Floats


def heaviest_columns(weights: Floats) -> npt.NDArray[np.intp]:
    """Column of each row, each column once at most; -1 where the row has none.

    Args:
        weights: (rows, columns); a row without a column counts 0, so that only weights above 0 are
            taken.

    """
    rows, columns = weights.shape
    # One column more for each row: to stay alone costs nothing.
    cost = np.hstack([-weights, np.zeros((rows, rows))])
    found = np.full(rows, -1, np.intp)
    for row, column in zip(*linear_sum_assignment(cost), strict=True):
        if column < columns and weights[row, column] > 0:
            found[row] = column
    return found
