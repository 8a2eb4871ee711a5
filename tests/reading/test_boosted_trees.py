import numpy as np
import pytest
from pydantic import ValidationError

from ocr_pipeline.reading.boosted_trees import LEAF, BoostedTrees, TreeFile

DEEP = {
    "feature": [0, LEAF, 1, LEAF, LEAF], "threshold": [1.5, 0, -2, 0, 0],
    "left": [1, 0, 3, 0, 0], "right": [2, 0, 4, 0, 0], "value": [0, 10, 0, 200, 3000],
}  # fmt: skip
STUMP = {"feature": [LEAF], "threshold": [0], "left": [0], "right": [0], "value": [0.25]}


def file(*trees, **changes):
    columns = {name: [tree[name] for tree in trees] for name in DEEP}
    return TreeFile.model_validate({"baseline": 0.5, **columns, **changes}, strict=False)


@pytest.mark.parametrize(
    ("numbers", "total"),
    [((1.5, 0.0), 10.75), ((1.6, -2.0), 200.75), ((9.0, -1.9), 3000.75)],
)
def test_the_leaves_that_a_case_reaches_are_added_up(numbers, total):
    assert BoostedTrees.of(file(DEEP, STUMP)).total(np.array(numbers)) == total


def test_without_trees_the_baseline_is_left():
    assert BoostedTrees.of(file()).total(np.zeros(2)) == 0.5


@pytest.mark.parametrize(
    "changes",
    [
        {"left": [[0, 0, 3, 0, 0]]},  # round and round
        {"right": [[2, 0, 5, 0, 0]]},  # out of the tree
        {"value": [[0, 10, 0, 200]]},
        {"feature": [[-2, LEAF, 1, LEAF, LEAF]]},
        {"feature": [[]]},
    ],
)
def test_trees_that_lead_nowhere_are_refused(changes):
    with pytest.raises(ValidationError):
        file(DEEP, **changes)
