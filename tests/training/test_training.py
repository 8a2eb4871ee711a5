import shutil
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ocr_pipeline.errors import MachineError  # noqa: E402
from ocr_pipeline.reading.onnx_recogniser import OnnxRecogniser  # noqa: E402
from ocr_pipeline.resources import shipped  # noqa: E402
from ocr_pipeline.training import (  # noqa: E402
    greedy_accuracy,
    line_sampler,
    model_export,
    training_run,
)
from ocr_pipeline.training.network import Architecture, LineNetwork  # noqa: E402
from ocr_pipeline.training.warm_start import load_onnx_weights  # noqa: E402

pytestmark = pytest.mark.long  # PyTorch

ALPHABET = " /0123456789ABCDEGHIKLMNOPQRSTUVXYĐàaâănguyễếhitộ"


SHAPES = {
    "lstm": Architecture(),
    "lstm without norm": Architecture(height=40, hidden=32, norm=False),
    "conv": Architecture(context="conv", hidden=64, layers=2),
    "attention": Architecture(context="attention", hidden=64, layers=1),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_step_is_learnt_saved_and_exported_as_the_same_function(
    tmp_path: Path, shape: Architecture
) -> None:
    config = training_run.TrainConfig(
        alphabet=ALPHABET, out=tmp_path, bf16=False, warm_up=1, processes=1, dropout=0, shape=shape
    )
    run = training_run.Training(config)
    lengths = torch.tensor([2, 1])
    batch = (
        torch.randint(0, 255, (2, 1, shape.height, 64), dtype=torch.uint8),
        torch.tensor([16, 16]), torch.tensor([1, 2, 3]), lengths,
    )  # fmt: skip
    losses = [run.learn(batch) for _ in range(4)]
    assert losses[-1] < losses[0]
    run.save()
    network, alphabet = model_export.load_checkpoint(run.file)
    assert alphabet == ALPHABET
    model_export.export(network, alphabet, tmp_path / "tiny", "test")  # raises if ONNX differs
    assert (tmp_path / "tiny" / "alphabet.txt").read_text(encoding="utf8") == ALPHABET
    recogniser = OnnxRecogniser(tmp_path / "tiny")
    page = np.full((60, 200), 230, np.uint8)
    page[20:40, 30:150:9] = 30
    assert recogniser.scores([page])[0].shape[1] == 1 + len(ALPHABET)


@pytest.mark.parametrize(("context", "share"), [("lstm", 1.0), ("attention", 0.3)])
def test_eight_bit_networks_score_alike_and_training_goes_on_from_them(
    tmp_path: Path, context: str, share: float
) -> None:
    torch.manual_seed(1)
    shape = Architecture(context=context, hidden=32, layers=2)
    network = LineNetwork(len(ALPHABET), shape)
    network.train()(torch.rand(8, 1, 48, 160))  # the normalisation has something to undo
    network.eval()
    rng = np.random.default_rng(2)
    usual = [rng.random((48, int(w)), np.float32) for w in rng.integers(40, 300, 24)]
    full, small = tmp_path / "full", tmp_path / "small"
    model_export.export(network, ALPHABET, full, "test")
    model_export.export(network, ALPHABET, small, "test", usual)
    assert (small / "model.onnx").stat().st_size < 0.4 * (full / "model.onnx").stat().st_size
    page = np.full((60, 200), 230, np.uint8)
    page[20:40, 30:150:9] = 30
    eight, real = (OnnxRecogniser(one).scores([page])[0] for one in (small, full))
    np.testing.assert_allclose(np.exp(eight), np.exp(real), atol=0.02)

    weights = small / "weights.npz"
    # The matrices lie in model.onnx; those of an LSTM cannot be told from it and stay.
    assert weights.stat().st_size < share * (full / "weights.npz").stat().st_size
    config = training_run.TrainConfig(
        alphabet=ALPHABET, out=tmp_path, bf16=False, shape=shape, weights=weights
    )
    again = training_run.Training(config).average.state_dict()
    for name, value in network.state_dict().items():
        step = float(value.abs().max()) / 127  # of eight bits
        np.testing.assert_allclose(again[name], value, rtol=2e-3, atol=1.5 * step, err_msg=name)
    read = model_export.load_checkpoint(weights)[0]
    lines = torch.from_numpy(np.stack([line[:, :40] for line in usual])[:, None])
    with torch.inference_mode():
        np.testing.assert_allclose(read(lines).exp(), network(lines).exp(), atol=0.02)


def test_weights_without_their_network_are_refused(tmp_path: Path) -> None:
    shutil.copy(shipped("models") / "free" / "weights.npz", tmp_path)
    with pytest.raises(MachineError, match="model.onnx"):
        model_export.load_state(tmp_path / "weights.npz")


def test_a_wider_network_with_more_letters_starts_as_the_function_of_a_narrow_one(
    tmp_path: Path,
) -> None:
    small = Architecture(channels=(8, 12, 12, 16, 16, 24, 32), hidden=24, norm=False)
    torch.manual_seed(3)
    network = LineNetwork(len(ALPHABET), small).eval()
    model_export.export(network, ALPHABET, tmp_path / "small", "test")

    more = ALPHABET + "Ễ"
    large = Architecture(channels=(12, 16, 16, 16, 24, 32, 40), hidden=40)
    again = LineNetwork(len(more), large)
    picture = torch.rand(2, 1, 48, 64)
    model = tmp_path / "small" / "model.onnx"
    unknown = load_onnx_weights(again, model, ALPHABET, more, picture)
    assert unknown == ["Ễ"]
    with torch.inference_mode():
        ours, theirs = again.eval()(picture), network(picture)
    known = theirs.exp()[..., 1:].numpy() / theirs.exp()[..., :1].numpy()
    kept = ours.exp()[..., 1:-1].numpy() / ours.exp()[..., :1].numpy()
    np.testing.assert_allclose(kept, known, rtol=1e-3, atol=1e-6)


def test_resuming_goes_on_where_the_checkpoint_stopped(tmp_path: Path) -> None:
    config = training_run.TrainConfig(alphabet=ALPHABET, out=tmp_path, bf16=False, processes=1)
    run = training_run.Training(config)
    run.step, run.minutes = 7, 1.5
    run.save()
    config.resume = True
    again = training_run.Training(config)
    assert (again.step, again.minutes) == (7, 1.5)


def test_the_sampler_is_seeded() -> None:
    material = line_sampler.load_material(None, None, validation=False)
    if not material.typed_fonts:
        pytest.skip("no typed fonts on this machine")
    sampler = line_sampler.Sampler(material, ALPHABET)
    first, second = (sampler.sample(np.random.default_rng(9)) for _ in range(2))
    assert first[1] == second[1]
    assert np.array_equal(first[0], second[0])


def test_figures_count_characters_words_and_lines() -> None:
    got = greedy_accuracy.compare(["an na", "x"], ["an nam", "x"])
    assert got.cer == pytest.approx(1 / 7)
    assert got.wer == pytest.approx(1 / 3)
    assert got.right == 0.5


@pytest.mark.parametrize("name", ["htr", "attention"])
def test_shipped_settings_are_valid(tmp_path: Path, name: str) -> None:
    settings = Path(training_run.__file__).parent / "configs" / f"{name}.yaml"
    config = training_run.read_config(settings, out=tmp_path)
    assert len(set(config.alphabet)) == len(config.alphabet) > 200
