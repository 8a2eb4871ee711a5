from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ocr_pipeline.errors import BadInputError  # noqa: E402
from ocr_pipeline.training import model_export, training_run  # noqa: E402
from ocr_pipeline.training.line_batches import mask_spans  # noqa: E402
from ocr_pipeline.training.network import Architecture  # noqa: E402
from ocr_pipeline.training.rate_schedule import Schedule  # noqa: E402

pytestmark = pytest.mark.long  # PyTorch

ALPHABET = " abc"


def config(out: Path, **more: object) -> training_run.TrainConfig:
    shape = Architecture(channels=(4,) * 7, hidden=8, layers=1)
    return training_run.TrainConfig(
        alphabet=ALPHABET, out=out, shape=shape, bf16=False, processes=1, warm_up=2,
        learning_rate=1e-3, final_rate=0.0, schedule="constant", decay_lines=8, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def batch() -> tuple[object, ...]:
    pictures = torch.randint(0, 255, (2, 1, 48, 64), dtype=torch.uint8)
    return pictures, torch.tensor([16, 16]), torch.tensor([1, 2, 3]), torch.tensor([2, 1])


def test_a_constant_rate_falls_in_a_straight_line_once_a_file_asks_for_it(tmp_path: Path) -> None:
    run = training_run.Training(config(tmp_path))
    for _ in range(5):
        run.learn(batch())
    assert run.lines == 10
    assert run.schedule.rate(run.step) == pytest.approx(1e-3)
    (tmp_path / "decay").write_text("")
    rates = []
    for _ in range(5):
        run.learn(batch())
        rates.append(run.schedule.rate(run.step))
    assert rates == pytest.approx([1e-3, 7.5e-4, 5e-4, 2.5e-4, 0], abs=1e-9)
    assert run.schedule.decay == (12, 8)
    assert run.done


def test_the_decay_may_begin_at_a_number_of_lines_and_survives_a_stop(tmp_path: Path) -> None:
    run = training_run.Training(config(tmp_path, decay_at=2))
    for _ in range(3):
        run.learn(batch())
    run.save()
    again = training_run.Training(config(tmp_path, decay_at=2, resume=True))
    again.learn(batch())
    assert again.schedule.decay == run.schedule.decay == (4, 8)
    assert again.lines == 8 and again.schedule.progress == 0.5


def test_the_file_may_hold_the_length_of_the_decay(tmp_path: Path) -> None:
    schedule = Schedule(config(tmp_path))
    assert schedule.wish(5) == 0
    (tmp_path / "decay").write_text("123\n")
    assert schedule.wish(5) == 123
    with pytest.raises(ValueError, match="neither"):
        Schedule(training_run.TrainConfig(alphabet="", out=tmp_path, schedule="square"))


def test_the_average_is_kept_in_half_precision_with_the_lines_it_has_seen(tmp_path: Path) -> None:
    run = training_run.Training(config(tmp_path))
    for _ in range(3):
        run.learn(batch())
    run.save()
    kept = tmp_path / "training.npz"
    assert model_export.write_training(run.file, kept) == 6
    again = training_run.Training(config(tmp_path / "next", weights=kept))
    assert again.lines == 6 and again.step == 0
    for name, value in run.average.state_dict().items():
        np.testing.assert_allclose(again.network.state_dict()[name], value, rtol=2e-3, atol=1e-6)


def test_the_weights_it_began_from_are_mixed_in_by_their_share(tmp_path: Path) -> None:
    begun, run = (training_run.Training(config(tmp_path / name)) for name in ("a", "b"))
    for _ in range(3):
        run.learn(batch())
    for one in (begun, run):
        one.config.out.mkdir()
        one.save()
    mixed = tmp_path / "mixed.npz"
    model_export.write_training(run.file, mixed, begun.file, 0.25)
    found = model_export.load_state(mixed)["average"]
    before, after = begun.average.state_dict(), run.average.state_dict()
    assert any(not np.allclose(before[name], after[name], atol=1e-4) for name in found)
    for name, value in found.items():
        if value.is_floating_point():
            wanted = 0.75 * after[name] + 0.25 * before[name]
            np.testing.assert_allclose(value, wanted, rtol=2e-3, atol=1e-6)


def test_weights_of_another_shape_are_not_mixed_in(tmp_path: Path) -> None:
    run = training_run.Training(config(tmp_path))
    run.save()
    with pytest.raises(BadInputError, match="another shape"):
        model_export.write_training(
            run.file, tmp_path / "x.npz", Path("models/free/weights.npz"), 0.5
        )


def test_masked_spans_are_few_and_narrow() -> None:
    line = np.full((8, 1000), 200, np.uint8)
    mask_spans(line, np.random.default_rng(0))
    blank = (line == 0).all(axis=0).sum()
    assert 5 <= blank <= 5 * 26
    short = np.full((8, 90), 200, np.uint8)
    mask_spans(short, np.random.default_rng(0))
    assert short.all()
