"""The weights that an exported network holds, under the names that training gives them.

A model's folder keeps its matrices once: `model.onnx` has them in eight bits, `weights.npz` what an
export drops (normalisation, the auxiliary head). In half precision beside it the same matrices took
5.2 MB more in every version of a network. From the eight bits PyTorch reads 3.60 % of VNOnDB's
characters wrong, from half precision 3.62 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

_EPSILON = nn.BatchNorm2d(1).eps
_DEAD = 1e-6  # a channel scaled by less says nothing: what it was scaled from cannot be told
_EIGHT_BITS, _SCALE = "_quantized", "_scale"
_LINEAR = "/MatMul_quant"


def exported_weights(file: Path) -> dict[str, Tensor]:
    """What an eight-bit ONNX file holds of a network's state.

    Args:
        file: ONNX file as `quantisation.quantise` writes it.

    Returns:
        float32 tensors by their names in the state of the network, normalisation folded into the
        convolutions. The matrices of an LSTM, and of a file that is not in eight bits, are missing.

    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(file)).graph
    arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    found = {
        name: array
        for name, array in arrays.items()
        if name.endswith((".weight", ".bias")) and array.dtype == np.float32
    }
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in arrays:
            whole, scale = (arrays[name] for name in node.input[:2])
            found[node.input[0].removesuffix(_EIGHT_BITS)] = _real(whole, scale)
        elif node.op_type == "MatMulInteger" and node.name.endswith(_LINEAR):
            layer = node.name.removesuffix(_LINEAR).strip("/").replace("/", ".")
            scale = arrays[node.input[1].removesuffix(_EIGHT_BITS) + _SCALE]
            found[f"{layer}.weight"] = _real(arrays[node.input[1]].T, scale)
    return {name: torch.from_numpy(array.copy()) for name, array in found.items()}


def _real(whole: NDArray[np.generic], scale: NDArray[np.generic]) -> NDArray[np.float32]:
    """Weights from whole numbers around 0; one scale for all, or one for each row."""
    rows = scale.reshape(-1, *[1] * (whole.ndim - 1)) if scale.size > 1 else scale
    return np.asarray(whole.astype(np.float32) * rows.astype(np.float32))


def without_normalisation(
    exported: Mapping[str, Tensor], rest: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """The same weights, the normalisation taken out of the convolutions again.

    Args:
        exported: as `exported_weights` gives them.
        rest: the further state of the network: its `norms`, if it has any.

    """
    out = dict(exported)
    number = 0
    while (norm := f"norms.{number}") + ".weight" in rest:
        weight, bias = f"convs.{number}.weight", f"convs.{number}.bias"
        spread = (rest[f"{norm}.running_var"] + _EPSILON).sqrt()
        factor = rest[f"{norm}.weight"] / spread
        known = factor.abs() > _DEAD
        back = torch.where(known, 1 / factor.where(known, torch.ones(())), torch.zeros(()))
        out[weight] = exported[weight] * back[:, None, None, None]
        out[bias] = (exported[bias] - rest[f"{norm}.bias"]) * back + rest[f"{norm}.running_mean"]
        number += 1
    return out
