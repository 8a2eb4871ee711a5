"""The handwriting network: an ONNX file, run on one thread, lines batched by width."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ocr_pipeline.arrays import Gray
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.foreign_files import foreign_file
from ocr_pipeline.reading.line_images import PREPARATION, batches, prepare_line
from ocr_pipeline.reading.network_file import load_network_file
from ocr_pipeline.reading.recogniser import Scores

_MAX_PIXELS = 64_000  # of one batch: little padding, and little memory for a worker


class OnnxRecogniser:
    """A CTC network in a model folder (`model.onnx`, `alphabet.txt`, `model.json`).

    Args:
        folder: the model's folder.
        threads: native threads; 1, because the batch run already uses one process per core.

    Raises:
        MachineError: the network cannot be loaded, or its files do not fit together.

    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        settings = load_network_file(folder)
        self._folder = folder
        try:
            self.alphabet = (folder / "alphabet.txt").read_text("utf-8").strip("\r\n")
            self._session = _session(folder / "model.onnx", threads)
        except Exception as error:  # onnxruntime raises its own kinds, all meaning the same here
            raise _broken(folder, f"{type(error).__name__}: {error}") from error
        self.name, self.preparation = settings.title, settings.preparation
        self._stride, self._height = settings.stride, settings.height
        self._input, self._output = settings.input, settings.output
        if settings.preparation != PREPARATION:
            raise _broken(folder, f"preparation {settings.preparation} is not {PREPARATION}")
        classes = self._session.get_outputs()[0].shape[-1]
        if isinstance(classes, int) and classes != 1 + len(self.alphabet):
            raise _broken(folder, f"{classes} classes, but {len(self.alphabet)} characters + blank")

    def scores(self, lines: Sequence[Gray]) -> list[Scores]:
        """Per-frame natural log-probabilities of each line, in the order given.

        Args:
            lines: (H, W) uint8 grey pictures, dark ink on light paper, any size.

        Returns:
            One (frames, 1 + len(alphabet)) float32 array a line; frames = width after
            preparation / stride; (0, …) for a line without a pixel.

        """
        empty = np.zeros((0, 1 + len(self.alphabet)), np.float32)
        out: list[Scores] = [empty] * len(lines)
        wanted = [i for i, line in enumerate(lines) if line.size]
        prepared = [prepare_line(lines[i], self._height) for i in wanted]
        for places, batch in batches(prepared, max_pixels=_MAX_PIXELS):
            result = self._run(batch)
            for row, place in enumerate(places):
                frames = -(-prepared[place].shape[1] // self._stride)
                out[wanted[place]] = result[row, :frames]
        return out

    def _run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the network gives for a batch: (lines, frames, 1 + len(alphabet))."""
        with foreign_file(lambda: _broken(self._folder, "it cannot read a line")):
            (result,) = self._session.run([self._output], {self._input: batch})
            found = np.asarray(result, np.float32)
        if found.ndim != 3 or (len(found), found.shape[2]) != (len(batch), 1 + len(self.alphabet)):
            raise _broken(self._folder, f"{found.shape} for {len(batch)} lines")
        return found


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.enable_cpu_mem_arena = False  # the arena keeps the widest batch's memory for ever
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        path.read_bytes(), options, providers=["CPUExecutionProvider"]
    )


def _broken(folder: Path, detail: str) -> MachineError:
    return MachineError(
        Text(
            f"Không dùng được mô hình chữ viết tay: {detail}",
            f"The handwriting model cannot be used: {detail}",
        ),
        where=str(folder),
        remedy=Text(
            "Cài lại mô hình hoặc chọn mô hình khác", "Install it again, or choose another"
        ),
    )
