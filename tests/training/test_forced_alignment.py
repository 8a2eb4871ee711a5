from itertools import groupby, product

import numpy as np
import pytest

from ocr_pipeline.training.forced_alignment import force_align


def collapsed(path: tuple[int, ...]) -> list[int]:
    return [k for k, _ in groupby(path) if k]


@pytest.mark.parametrize("target", [[1], [1, 2], [2, 2], [1, 2, 1]])
@pytest.mark.parametrize("seed", range(4))
def test_the_path_is_the_best_of_all_paths(target: list[int], seed: int) -> None:
    scores = np.log(np.random.default_rng(seed).dirichlet([0.5] * 3, 5))
    every = [p for p in product(range(3), repeat=5) if collapsed(p) == target]
    best = max(every, key=lambda p: sum(scores[t, k] for t, k in enumerate(p)))
    found = force_align(scores, target)
    assert found is not None
    total = sum(scores[t, k] for t, k in enumerate(best))
    assert found.loss == pytest.approx(-total / len(target))
    runs, t = [], 0
    for k, run in groupby(best):
        length = len(list(run))
        if k:
            frames = np.arange(t, t + length)
            runs.append(np.average(frames, weights=np.exp(scores[frames, k])))
        t += length
    np.testing.assert_allclose(found.centres, runs, rtol=1e-6)


def test_a_text_longer_than_its_frames_has_no_alignment() -> None:
    scores = np.log(np.full((3, 4), 0.25))
    assert force_align(scores, [1, 2, 3]) is not None
    assert force_align(scores, [1, 1, 2]) is None  # equal characters want a blank between them
    assert force_align(scores, [1, 2, 3, 1]) is None
    assert force_align(scores, []) is None
    assert force_align(scores[:0], [1]) is None
