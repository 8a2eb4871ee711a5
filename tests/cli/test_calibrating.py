"""`sohoa train calibrate`: in what order the confidences of two networks are fitted."""

import shutil

from ocr_pipeline.errors import ExitCode
from ocr_pipeline.reading.confidence import calibration_files
from ocr_pipeline.resources import shipped


def test_the_model_alone_is_calibrated_before_the_pair(sohoa, tmp_path):
    """The second network reads what the first is not sure of: that must be known first."""
    model = shutil.copytree(shipped("models") / "htr", tmp_path / "htr")
    for file in calibration_files(model):
        file.unlink()
    done = sohoa("train", "calibrate", tmp_path, "--model", model, "--second", "free")
    assert done.code is ExitCode.USAGE
    assert "--second" in done.err and "htr" in done.err
    assert calibration_files(model) == []
