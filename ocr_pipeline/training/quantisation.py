"""Eight-bit networks: three times as fast on a CPU, a quarter of the size, as right as before.

Convolutions get fixed scales, measured on usual lines; the LSTM and linear layers quantise their
inputs as they come. Measured in `BENCHMARKS.md`.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from ocr_pipeline.reading.line_images import batches

_FIXED = ["Conv", "Relu", "MaxPool"]
_AS_THEY_COME = ["LSTM", "MatMul"]


def quantise(model: Path, out: Path, lines: Sequence[npt.NDArray[np.float32]]) -> None:
    """Write an eight-bit version of a network.

    Args:
        model: ONNX file as `model_export` writes it.
        out: where the eight-bit file goes.
        lines: prepared lines (height, w) in 0–1 of every sort the network will see; a few hundred.

    """
    logging.getLogger().setLevel(logging.ERROR)  # it recommends what is done here already
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        ready, fixed = Path(folder) / "ready.onnx", Path(folder) / "fixed.onnx"
        # Symbolic shapes stop at the attention network (an assertion of onnxruntime 1.2x), and no
        # operator here needs them.
        quant_pre_process(str(model), str(ready), skip_symbolic_shape=True)
        quantize_static(
            str(ready),
            str(fixed),
            _Lines(lines),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            op_types_to_quantize=_FIXED,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        quantize_dynamic(
            str(fixed),
            str(out),
            op_types_to_quantize=_AS_THEY_COME,
            weight_type=QuantType.QInt8,
        )


class _Lines(CalibrationDataReader):
    """Small batches of the lines, as the library asks for them."""

    def __init__(self, lines: Sequence[npt.NDArray[np.float32]]) -> None:
        self.batches: Iterator[tuple[list[int], Any]] = batches(lines, max_lines=8)

    def get_next(self) -> dict[str, Any] | None:
        found = next(self.batches, None)
        return None if found is None else {"lines": found[1]}
