import hashlib
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr_pipeline.errors import MachineError
from ocr_pipeline.reading.confidence import FEATURES, UNCALIBRATED_CAP, Calibration
from ocr_pipeline.reading.models import load_model
from ocr_pipeline.reading.network_file import load_network_file
from ocr_pipeline.reading.onnx_recogniser import OnnxRecogniser
from ocr_pipeline.resources import shipped

SHIPPED = ("free", "htr")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("models") / "htr", tmp_path / "mẫu"))


def line(text: str) -> np.ndarray:
    picture = np.full((64, 40 + 22 * len(text)), 255, np.uint8)
    cv2.putText(picture, text, (15, 45), cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.0, 30, 2, cv2.LINE_AA)
    return picture


def test_a_model_by_path_and_by_name_is_the_same(copy: Path) -> None:
    assert load_model(str(copy)).fingerprint == load_model("htr").fingerprint


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_is_whole_and_says_what_it_was_made_of(name: str) -> None:
    folder = shipped("models") / name
    card = (folder / "card.md").read_text("utf-8")
    assert "licence" in card.lower() and "How it was trained" in card
    assert load_network_file(folder).title.startswith(name)
    assert load_model(name).folder == folder


@pytest.mark.parametrize("name", SHIPPED)
def test_lines_of_any_width_keep_their_order(name: str) -> None:
    recogniser = OnnxRecogniser(shipped("models") / name)
    lines = [line("nam"), line("huyen Binh Dai"), np.zeros((0, 0), np.uint8), line("12")]
    together = recogniser.scores(lines)
    assert together[2].shape == (0, 1 + len(recogniser.alphabet))
    for picture, scores in zip(lines, together, strict=True):
        (alone,) = recogniser.scores([picture])
        assert alone.shape == scores.shape
        # Eight-bit scales belong to the batch: neighbours move the scores a little.
        assert np.abs(np.exp(alone) - np.exp(scores)).sum() <= 0.002 * scores.size
        assert np.allclose(np.exp(scores).sum(axis=1), 1, atol=1e-3)
    assert recogniser.scores([]) == []


def test_a_changed_file_is_refused(copy: Path) -> None:
    (copy / "alphabet.txt").write_text("abc", encoding="utf-8")
    with pytest.raises(MachineError, match="SHA-256"):
        load_model(str(copy))


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "model.onnx").unlink()
    with pytest.raises(MachineError) as caught:
        load_model(str(copy))
    assert caught.value.where.endswith("model.onnx") and caught.value.remedy


def test_a_file_that_does_not_fit_the_network_is_told(copy: Path) -> None:
    (copy / "alphabet.txt").write_text("abc", encoding="utf-8")
    sums = "".join(
        f"{hashlib.sha256((copy / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ("model.onnx", "alphabet.txt", "model.json")
    )
    (copy / "SHA256SUMS").write_text(sums, encoding="utf-8")
    with pytest.raises(MachineError, match="3 characters"):
        load_model(str(copy))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(MachineError) as caught:
        load_model("no-such-model")
    assert "htr" in str(caught.value)


def test_without_calibration_nothing_is_sure(copy: Path) -> None:
    (copy / "calibration.json").unlink(missing_ok=True)
    calibration = Calibration.load(copy)
    surest = np.full(len(FEATURES), 50.0)
    assert calibration.probability("date", surest) <= UNCALIBRATED_CAP
    assert calibration.blank_probability(0.0) <= UNCALIBRATED_CAP
    assert calibration.tick_probability(1.0) <= UNCALIBRATED_CAP


def test_a_calibration_changes_the_fingerprint_and_damage_is_told(copy: Path) -> None:
    plain = load_model(str(copy)).fingerprint
    (copy / "calibration.json").write_text(json.dumps({"features": []}), encoding="utf-8")
    with pytest.raises(MachineError, match="calibrate"):
        load_model(str(copy))
    assert plain


@pytest.mark.parametrize("table", ["kinds", "nothing"])
def test_a_calibration_that_says_nothing_of_other_kinds_is_told(copy: Path, table: str) -> None:
    path = copy / "calibration.json"
    data = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**data, table: {"date": 0.5}}), encoding="utf-8")
    with pytest.raises(MachineError, match="calibrate"):
        load_model(str(copy))


def test_a_calibration_for_other_features_is_told_and_can_be_fitted_anew(copy: Path) -> None:
    (copy / "calibration.json").write_text('{"features": ["old"]}', encoding="utf-8")
    with pytest.raises(MachineError, match="calibrate"):
        load_model(str(copy))
    assert not load_model(str(copy), calibrated=False).calibration.fitted


def test_a_misspelt_key_of_a_network_or_calibration_is_named(copy: Path) -> None:
    shutil.copy(shipped("models") / "htr" / "calibration.json", copy)
    for name, key in (("model.json", "stride"), ("calibration.json", "kinds")):
        path = copy / name
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(f'"{key}"', f'"{key}s"'), encoding="utf-8")
        with pytest.raises(MachineError, match=f"{key}s") as caught:
            load_network_file(copy) if name == "model.json" else Calibration.load(copy)
        assert caught.value.where.endswith(name)
