"""A book's hand: what its file holds, what the network gives for it, and how it is learnt."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr_pipeline.errors import MachineError
from ocr_pipeline.reading.book_hand import BookHand, HandFacts, load_hand, packed_hand
from ocr_pipeline.reading.hand_fitting import HandFitting, LearntLine, fit_hand, occupancies
from ocr_pipeline.reading.network_bytes import last_features, with_output
from ocr_pipeline.reading.onnx_recogniser import OnnxRecogniser
from ocr_pipeline.resources import shipped

FACTS = HandFacts(base="b", page="p", learnt="l", features=1, classes=1, left=("aa", "bb"))


def picture(text):
    lines = np.full((64, 40 + 22 * len(text)), 255, np.uint8)
    cv2.putText(lines, text, (15, 45), cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.0, 30, 2, cv2.LINE_AA)
    return lines


def random_hand(features=3, classes=4, seed=1):
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, 0.1, (features, classes)).astype(np.float32)
    return BookHand(weights, rng.normal(0, 0.1, classes).astype(np.float32)).rounded()


def log_softmax(logits):
    return (logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)).astype(np.float32)


def test_a_hand_comes_back_from_its_file_as_it_was_kept(tmp_path: Path):
    hand, file = random_hand(), tmp_path / "một sổ.hand"
    file.write_bytes(packed_hand(hand, FACTS))
    found, facts = load_hand(file)
    assert np.array_equal(found.weights, hand.weights)
    assert np.array_equal(found.bias, hand.bias)
    assert (facts.features, facts.classes, facts.left) == (3, 4, ("aa", "bb"))


@pytest.mark.parametrize("damage", ["cut", "changed", "no head", "gone"])
def test_a_damaged_file_is_told_with_its_remedy(tmp_path: Path, damage):
    file = tmp_path / "a.hand"
    data = packed_hand(random_hand(), FACTS)
    broken = {"cut": data[:-1], "changed": data[:-1] + b"\0", "no head": b"\xff" * 90}
    if damage != "gone":
        file.write_bytes(broken[damage])
    with pytest.raises(MachineError) as told:
        load_hand(file)
    assert "--forget" in str(told.value.remedy)


def test_a_hand_gives_probabilities_and_one_of_nothing_changes_nothing():
    scores = log_softmax(np.random.default_rng(0).normal(0, 2, (6, 4)))
    features = np.random.default_rng(1).normal(0, 1, (6, 3)).astype(np.float32)
    read = random_hand().read(scores, features)
    assert np.exp(read).sum(axis=1) == pytest.approx(np.ones(6), abs=1e-5)
    nothing = BookHand(np.zeros((3, 4), np.float32), np.zeros(4, np.float32))
    assert nothing.read(scores, features) == pytest.approx(scores, abs=1e-6)


@pytest.mark.parametrize("target", [(1,), (1, 2), (1, 1), (2, 1, 2)])
def test_occupancies_are_those_of_all_alignments(target):
    scores = log_softmax(np.random.default_rng(len(target)).normal(0, 2, (5, 3)))
    other = log_softmax(np.random.default_rng(9).normal(0, 2, (4, 3)))  # beside it, padded
    expected = np.zeros(scores.shape)
    for path in itertools.product(range(3), repeat=len(scores)):
        read = tuple(k for k, _ in itertools.groupby(path) if k)
        if read == target:
            chance = np.exp(sum(float(scores[t, k]) for t, k in enumerate(path)))
            expected[range(len(path)), path] += chance
    expected /= expected.sum(axis=1, keepdims=True)
    found, _ = occupancies([scores, other], [target, (1,)])
    assert found == pytest.approx(expected, abs=1e-9)


def confused_lines(count=24):
    """Lines of two letters which the network confuses, though the features tell them apart."""
    rng = np.random.default_rng(3)
    lines = []
    for number in range(count):
        target = (1 + number % 2, 2 - number % 2)
        features, logits = np.zeros((6, 5), np.float32), np.full((6, 3), -3.0)
        for place, letter in enumerate(target):
            features[2 * place, letter] = 1
            logits[2 * place, 1:] = (1, 0.8)  # always read as the first letter
            logits[2 * place + 1, 0] = 3
        logits[4:, 0] = 3
        features += rng.normal(0, 0.05, features.shape).astype(np.float32)
        lines.append(LearntLine(features, log_softmax(logits), target))
    return lines


def wrong(lines, hand=None):
    read = [
        line.scores if hand is None else hand.read(line.scores, line.features) for line in lines
    ]
    best = [tuple(k for k, _ in itertools.groupby(r.argmax(axis=1)) if k) for r in read]
    return sum(b != line.target for b, line in zip(best, lines, strict=True))


def test_letters_that_the_network_confuses_are_learnt_and_the_bytes_are_always_the_same():
    lines = confused_lines()
    how = HandFitting(rounds=60, rate=0.02, pull=0.1)
    hand = fit_hand(lines, how)
    assert wrong(lines) == len(lines)
    assert wrong(lines, hand) == 0
    assert packed_hand(fit_hand(confused_lines(), how), FACTS) == packed_hand(hand, FACTS)


def test_few_lines_change_little():
    one, all_ = fit_hand(confused_lines(1)), fit_hand(confused_lines(24))
    free = fit_hand(confused_lines(1), HandFitting(pull=0.0))
    assert np.abs(one.weights).sum() < 0.8 * np.abs(free.weights).sum()
    assert np.isfinite(all_.weights).all()


def test_a_text_longer_than_its_frames_is_left_out():
    long = confused_lines(1)[0]
    long = LearntLine(long.features[:3], long.scores[:3], (1, 1, 1))
    with pytest.raises(ValueError, match="nothing to learn from"):
        fit_hand([long])
    assert np.array_equal(
        fit_hand([*confused_lines(3)]).weights, fit_hand([*confused_lines(3), long]).weights
    )


def test_the_shipped_network_tells_the_features_behind_its_scores():
    folder = shipped("models") / "htr"
    lines = [picture("nam 1987"), np.zeros((0, 0), np.uint8), picture("Binh Dai")]
    plain = OnnxRecogniser(folder).scores(lines)
    deep = OnnxRecogniser(folder, features=True)
    for scores, (same, features) in zip(plain, deep.seen(lines), strict=True):
        assert np.array_equal(scores, same)
        assert len(features) == len(scores)
    width = deep.seen(lines[:1])[0][1].shape[1]
    classes = 1 + len(deep.alphabet)
    nothing = BookHand(np.zeros((width, classes), np.float32), np.zeros(classes, np.float32))
    for scores, read in zip(plain, OnnxRecogniser(folder, hand=nothing).scores(lines), strict=True):
        assert read == pytest.approx(scores, abs=1e-4)
    shifted = BookHand(nothing.weights, nothing.bias.copy())
    shifted.bias[5] = 500
    [read] = OnnxRecogniser(folder, hand=shifted).scores(lines[:1])
    assert (read.argmax(axis=1) == 5).all()


def test_what_is_no_network_has_no_features():
    network = (shipped("models") / "htr" / "model.onnx").read_bytes()
    assert last_features(network) == last_features(with_output(network, "x"))
    for data in (b"", b"\x3a\xff", network[: len(network) // 2]):
        with pytest.raises(ValueError):
            last_features(data)
