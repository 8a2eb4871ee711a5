"""A small network learns a few lines: the same bytes from the same seed, also after a stop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ocr_pipeline.layout.form_drawing import load_font  # noqa: E402
from ocr_pipeline.reading.onnx_recogniser import OnnxRecogniser  # noqa: E402
from ocr_pipeline.training import fine_tuning, model_export  # noqa: E402
from ocr_pipeline.training.fine_tuning import TaughtLine, fine_tune, write_network  # noqa: E402
from ocr_pipeline.training.network import Architecture, LineNetwork  # noqa: E402

pytestmark = pytest.mark.long  # PyTorch

ALPHABET = " ANanđ"
SHAPE = Architecture(
    channels=(8, 8, 8, 16, 16, 16, 16), context="attention", hidden=32, layers=1
)  # fmt: skip
TUNING = fine_tuning.fine_tuning_settings().model_copy(
    update={"epochs": 12, "rate": 3e-3, "pull": 0.0, "batch_lines": 4, "masked": 0.2}
)


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Path:
    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("start")
    model_export.export(LineNetwork(len(ALPHABET), SHAPE).eval(), ALPHABET, folder, "1")
    return folder / "weights.npz"


@pytest.fixture(scope="module")
def lines() -> list[TaughtLine]:
    from PIL import Image, ImageDraw

    font = load_font("serif", "italic", 12.0)
    out = []
    for number, text in enumerate(["An", "Na", "đa", "nan", "An Na", "Nan", "ana", "đan"]):
        image = Image.new("L", (110, 40), 235)
        ImageDraw.Draw(image).text((8 + number, 6), text, 30, font.font_variant(size=24))
        out.append(TaughtLine(np.asarray(image), text))
    return [*out, TaughtLine(out[0].image, "Ω"), TaughtLine(out[0].image, "")]


def made(folder: Path, lines: list[TaughtLine]) -> dict[str, bytes]:
    write_network(folder, lines, folder / "made", TUNING, name="htr", version="1+1")
    return {path.name: path.read_bytes() for path in (folder / "made").iterdir()}


def test_the_same_seed_gives_the_same_bytes_also_after_a_stop(start, lines, tmp_path):
    told = []
    assert fine_tune(start, lines, tmp_path, TUNING, seed=1, seconds=600,
                     told=lambda step, steps: told.append((step, steps)))  # fmt: skip
    assert told[-1][0] == told[-1][1] == len(told)
    whole = made(tmp_path, lines)
    calls = 0
    stopped = tmp_path / "stopped"
    stopped.mkdir()
    while not fine_tune(start, lines, stopped, TUNING, seed=1, seconds=0):
        calls += 1  # one step each time
    assert calls > 3
    assert made(stopped, lines) == whole
    other = tmp_path / "other"
    other.mkdir()
    assert fine_tune(start, lines, other, TUNING, seed=2, seconds=600)
    assert made(other, lines)["model.onnx"] != whole["model.onnx"]
    recogniser = OnnxRecogniser(tmp_path / "made")
    assert recogniser.name == "htr 1+1" and recogniser.alphabet == ALPHABET


def test_lines_are_learnt_and_the_pull_keeps_what_was_there(start, lines, tmp_path):
    def distance(pull: float) -> tuple[float, float]:
        folder = tmp_path / str(pull)
        folder.mkdir()
        settings = TUNING.model_copy(update={"pull": pull, "masked": 0.0})
        fine_tune(start, lines, folder, settings, seed=1, seconds=600)
        now, before = (
            model_export.load_state(file)["average"] for file in (folder / "checkpoint.pt", start)
        )
        moved = sum(float((now[k].float() - w.float()).abs().sum()) for k, w in before.items())
        return moved, loss(folder / "checkpoint.pt")

    def loss(file: Path) -> float:
        network, _ = model_export.load_checkpoint(file)
        ready = fine_tuning._prepared(lines, ALPHABET, SHAPE.height)
        plain = TUNING.model_copy(update={"masked": 0.0})
        batch = fine_tuning._batch(ready, SHAPE.height, plain, 0)
        pictures, frames, targets, lengths = batch
        scores = network.eval()(pictures.float() / 255).transpose(0, 1)
        return float(torch.nn.functional.ctc_loss(scores, targets, frames, lengths).detach())

    free, held = distance(0.0), distance(100.0)
    assert free[1] < 0.8 * loss(start)
    assert held[0] < 0.7 * free[0]
