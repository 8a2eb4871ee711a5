"""A recogniser that runs a network of ours on OpenVINO instead of onnxruntime."""

import json
from importlib.metadata import version

import numpy as np
import openvino

from ocr_pipeline.reading.line_images import batches, prepare_line
from ocr_pipeline.resources import shipped

_OPTIONS = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"}


class OpenVinoRecogniser:
    """Reads with the shipped network."""

    def __init__(self):
        self.folder = shipped("models") / "htr"
        settings = json.loads((self.folder / "model.json").read_text("utf-8"))
        self.name = f"openvino-{settings['name']} {settings['version']}"
        self.fingerprint = f"{settings['name']} {settings['version']} {version('openvino')}"
        self.alphabet = (self.folder / "alphabet.txt").read_text("utf-8").strip("\r\n")
        self._stride, self._height = settings["stride"], settings["height"]
        self._network = openvino.Core().compile_model(self.folder / "model.onnx", "CPU", _OPTIONS)

    def scores(self, lines):
        found = [np.zeros((0, 1 + len(self.alphabet)), np.float32) for _ in lines]
        wanted = [place for place, line in enumerate(lines) if line.size]
        prepared = [prepare_line(lines[place], self._height) for place in wanted]
        for places, batch in batches(prepared, max_pixels=64_000):
            result = self._network([batch])[0]
            for row, place in enumerate(places):
                frames = -(-prepared[place].shape[1] // self._stride)
                found[wanted[place]] = result[row, :frames]
        return found
