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
from ocr_pipeline.reading.book_hand import BookHand, Features
from ocr_pipeline.reading.line_images import PREPARATION, batches, prepare_line
from ocr_pipeline.reading.network_bytes import last_features, with_output
from ocr_pipeline.reading.network_file import load_network_file
from ocr_pipeline.reading.recogniser import Scores

_MAX_PIXELS = 64_000  # of one batch: little padding, and little memory for a worker


class OnnxRecogniser:
    """A CTC network in a model folder (`model.onnx`, `alphabet.txt`, `model.json`).

    Args:
        folder: the model's folder.
        hand: what a book's own hand adds to the last layer; None reads as the network does.
        features: `seen` gives them, too; a hand needs them anyway.
        threads: native threads; 1, because the batch run already uses one process per core.

    Raises:
        MachineError: the network cannot be loaded, or its files do not fit together.

    """

    def __init__(
        self,
        folder: Path,
        *,
        hand: BookHand | None = None,
        features: bool = False,
        threads: int = 1,
    ) -> None:
        settings = load_network_file(folder)
        self._folder, self._hand, self._features = folder, hand, ""
        try:
            self.alphabet = (folder / "alphabet.txt").read_text("utf-8").strip("\r\n")
            network = (folder / "model.onnx").read_bytes()
            if features or hand is not None:
                self._features = last_features(network)
                network = with_output(network, self._features)
            self._session = _session(network, threads)
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
        if self._hand is None:
            [out] = self._answers(lines, [self._output])
            return out
        hand = self._hand
        return [
            hand.read(scores, features) if len(scores) else scores
            for scores, features in self.seen(lines)
        ]

    def seen(self, lines: Sequence[Gray]) -> list[tuple[Scores, Features]]:
        """The scores of each line without any hand, and the features behind them.

        Only of a recogniser that was asked for features.
        """
        scores, features = self._answers(lines, [self._output, self._features])
        return list(zip(scores, features, strict=True))

    def _answers(
        self, lines: Sequence[Gray], outputs: list[str]
    ) -> list[list[NDArray[np.float32]]]:
        """For each output its frames of each line; (0, classes) for a line without a pixel."""
        empty = np.zeros((0, 1 + len(self.alphabet)), np.float32)
        out: list[list[NDArray[np.float32]]] = [[empty] * len(lines) for _ in outputs]
        wanted = [i for i, line in enumerate(lines) if line.size]
        prepared = [prepare_line(lines[i], self._height) for i in wanted]
        for places, batch in batches(prepared, max_pixels=_MAX_PIXELS):
            for number, result in enumerate(self._run(outputs, batch)):
                for row, place in enumerate(places):
                    frames = -(-prepared[place].shape[1] // self._stride)
                    out[number][wanted[place]] = result[row, :frames]
        return out

    def _run(self, outputs: list[str], batch: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """What the network gives for a batch: (lines, frames, 1 + len(alphabet)) first."""
        with foreign_file(lambda: _broken(self._folder, "it cannot read a line")):
            results = self._session.run(outputs, {self._input: batch})
            found = [np.asarray(result, np.float32) for result in results]
        first = found[0]
        if first.ndim != 3 or (len(first), first.shape[2]) != (len(batch), 1 + len(self.alphabet)):
            raise _broken(self._folder, f"{first.shape} for {len(batch)} lines")
        return found


def _session(network: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.enable_cpu_mem_arena = False  # the arena keeps the widest batch's memory for ever
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


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
