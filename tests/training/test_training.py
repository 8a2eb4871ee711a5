from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ocr_pipeline.training import export, lines, measure, train  # noqa: E402
from ocr_pipeline.training.network import LineNetwork, load_onnx_weights  # noqa: E402

ALPHABET = " /0123456789ABCDEGHIKLMNOPQRSTUVXYĐàaâănguyễếhitộ"


def test_a_step_is_learnt_saved_and_exported_as_the_same_function(tmp_path: Path) -> None:
    config = train.TrainConfig(alphabet=ALPHABET, out=tmp_path, bf16=False, warm_up=1, processes=1)
    run = train.Training(config)
    lengths = torch.tensor([2, 1])
    batch = (
        torch.randint(0, 255, (2, 1, 40, 64), dtype=torch.uint8),
        torch.tensor([16, 16]), torch.tensor([1, 2, 3]), lengths,
    )  # fmt: skip
    losses = [run.learn(batch) for _ in range(4)]
    assert losses[-1] < losses[0]
    run.save()
    network, alphabet = export.load_checkpoint(run.file)
    assert alphabet == ALPHABET
    export.export(network, alphabet, tmp_path / "tiny", "test")  # raises if ONNX differs
    assert (tmp_path / "tiny" / "alphabet.txt").read_text(encoding="utf8") == ALPHABET

    more = ALPHABET + "Ễ"
    again = LineNetwork(len(more))
    unknown = load_onnx_weights(again, tmp_path / "tiny" / "model.onnx", ALPHABET, more)
    assert unknown == ["Ễ"]
    picture = torch.rand(1, 1, 40, 64)
    with torch.inference_mode():
        ours, theirs = again.eval()(picture), network(picture)
    known = theirs.exp()[..., 1:].numpy() / theirs.exp()[..., :1].numpy()
    kept = ours.exp()[..., 1:-1].numpy() / ours.exp()[..., :1].numpy()
    np.testing.assert_allclose(kept, known, rtol=1e-3, atol=1e-6)


def test_resuming_goes_on_where_the_checkpoint_stopped(tmp_path: Path) -> None:
    config = train.TrainConfig(alphabet=ALPHABET, out=tmp_path, bf16=False, processes=1)
    run = train.Training(config)
    run.step, run.minutes = 7, 1.5
    run.save()
    config.resume = True
    again = train.Training(config)
    assert (again.step, again.minutes) == (7, 1.5)


def test_the_sampler_is_seeded() -> None:
    material = lines.load_material(None, None, validation=False)
    if not material.typed_fonts:
        pytest.skip("no typed fonts on this machine")
    sampler = lines.Sampler(material, ALPHABET)
    first, second = (sampler.sample(np.random.default_rng(9)) for _ in range(2))
    assert first[1] == second[1]
    assert np.array_equal(first[0], second[0])


def test_figures_count_characters_words_and_lines() -> None:
    got = measure.compare(["an na", "x"], ["an nam", "x"])
    assert got.cer == pytest.approx(1 / 7)
    assert got.wer == pytest.approx(1 / 3)
    assert got.right == 0.5


def test_shipped_settings_are_valid(tmp_path: Path) -> None:
    settings = Path(train.__file__).parent / "configs" / "htr.yaml"
    config = train.read_config(settings, out=tmp_path)
    assert len(set(config.alphabet)) == len(config.alphabet) > 200
