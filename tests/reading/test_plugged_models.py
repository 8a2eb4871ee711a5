"""Recognisers of other packages: found by name, part of the fingerprint, told when broken."""

import cv2
import numpy as np
import pytest

from ocr_pipeline.plugins import PluginError
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.processing.stages import stages_for
from ocr_pipeline.reading.models import load_model
from ocr_pipeline.reading.reader import Reader
from tests.builders.plugin_packages import install, site

__all__ = ["site"]
RECOGNISERS = "sohoa.recognisers"


def line(text):
    picture = np.full((60, 300), 255, np.uint8)
    cv2.putText(picture, text, (5, 45), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.4, 0, 2)
    return picture


def test_a_plugged_recogniser_reads_and_has_no_fitted_confidence(site):
    entries = {RECOGNISERS: {"constant": "office_plugins:ConstantRecogniser"}}
    install(site, "office-plugins", "office_plugins", entries)
    model = load_model("constant")
    [field] = Reader(model).read_lines([line("x")], "free_text")
    assert field.as_written == "7" and field.versions["model"] == "constant 1"
    assert not model.calibration.fitted and model.folder is None


def test_its_fingerprint_is_part_of_that_of_the_pages(site, monkeypatch):
    entries = {RECOGNISERS: {"constant": "office_plugins:ConstantRecogniser"}}
    install(site, "office-plugins", "office_plugins", entries)
    settings = RunSettings(model="constant")
    before = stages_for(settings).fingerprint
    stages_for.cache_clear()
    assert stages_for(settings).fingerprint == before
    import office_plugins

    monkeypatch.setattr(office_plugins.ConstantRecogniser, "fingerprint", "2")
    stages_for.cache_clear()
    assert stages_for(settings).fingerprint != before
    stages_for.cache_clear()


def test_a_shipped_model_goes_before_a_plugged_one_of_its_name(site):
    entries = {RECOGNISERS: {"htr": "office_plugins:ConstantRecogniser"}}
    install(site, "office-plugins", "office_plugins", entries)
    assert load_model("htr").recogniser.name.startswith("htr")


@pytest.mark.parametrize("value", ["no_such_module:Reader", "office_plugins:NoExporter"])
def test_a_broken_recogniser_is_told_with_its_package_cause_and_remedy(site, value):
    install(site, "office-plugins", "office_plugins", {RECOGNISERS: {"broken": value}})
    with pytest.raises(PluginError) as told:
        load_model("broken")
    error = told.value
    assert "office-plugins 1.0" in error.cause.vi and value in error.where and error.remedy


def test_a_network_on_openvino_reads_as_the_same_network_on_onnxruntime(site):
    pytest.importorskip("openvino", reason="pip install openvino: 60 MB, not part of the dev set")
    entries = {RECOGNISERS: {"openvino": "openvino_recogniser:OpenVinoRecogniser"}}
    install(site, "sohoa-openvino", "openvino_recogniser", entries)
    lines = [line("62/2017"), np.zeros((0, 0), np.uint8), line("Nguyen")]
    plugged, own = load_model("openvino"), load_model("htr")
    assert plugged.fingerprint != own.fingerprint
    for there, here in zip(
        plugged.recogniser.scores(lines), own.recogniser.scores(lines), strict=True
    ):
        assert there.shape == here.shape
        assert np.allclose(np.exp(there), np.exp(here), atol=0.01)  # other kernels, same network
