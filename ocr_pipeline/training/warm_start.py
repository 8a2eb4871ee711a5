"""Start a network from an ONNX file of an earlier export, also of a narrower or lower one."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ocr_pipeline.training.network import LineNetwork
from ocr_pipeline.training.network_contexts import LstmContext


def load_onnx_weights(
    network: LineNetwork,
    model: Path,
    theirs: str,
    ours: str,
    lines: Tensor,
    seed: int = 0,
    context: bool = True,
) -> list[str]:
    """Fill a network so that it computes what the file computes, as far as shapes allow.

    Convolutions and LSTM may be wider than the file's: what is new begins at random and does not
    disturb what is old. Another context than an LSTM, and the auxiliary head, stay as they are.
    Batch normalisation begins as the identity on `lines`. Rows of the last layer are matched by
    character; a new character starts from the row of its nearest relative in the old alphabet
    (other case, or without marks), a little disturbed.

    Args:
        network: filled in place.
        model: ONNX file with seven Conv, LSTM layers and one MatMul, as `model_export` writes it.
        theirs: alphabet of the file.
        ours: alphabet of `network`.
        lines: (n, 1, height, width) in 0–1, usual lines; only their statistics matter.
        seed: of the disturbance.
        context: take the LSTM and the last layer, too, not the convolutions alone.

    Returns:
        The characters that the file did not know.

    Raises:
        ValueError: the file holds another architecture.

    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(model)).graph
    arrays = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    convs = [n for n in graph.node if n.op_type == "Conv"]
    lstms = [n for n in graph.node if n.op_type == "LSTM"]
    last = [n for n in graph.node if n.op_type in ("MatMul", "Gemm")][-1]
    if len(convs) < len(network.convs):
        raise ValueError(f"{model} holds another architecture")
    with torch.no_grad():
        x = lines
        for number in range(len(network.convs)):
            weight, bias = (arrays[convs[number].input[k]] for k in (1, 2))
            _fill_conv(network, number, torch.tensor(weight), torch.tensor(bias), x)
            x = network.through(x, number)
        if not context or not isinstance(network.context, LstmContext):
            return []
        if len(lstms) != network.context.lstm.num_layers:
            raise ValueError(f"{model} holds another architecture")
        for layer, node in enumerate(lstms):
            _fill_lstm(network.context.lstm, layer, *(arrays[node.input[k]] for k in (1, 2, 3)))
        weight = next(arrays[i] for i in last.input if i in arrays and arrays[i].ndim == 2)
        if weight.shape[0] != 1 + len(theirs):
            weight = weight.T
        bias = next(a for a in arrays.values() if a.shape == (1 + len(theirs),))
        return _fill_scores(network, weight, bias, theirs, ours, np.random.default_rng(seed))


def _fill_conv(network: LineNetwork, number: int, weight: Tensor, bias: Tensor, x: Tensor) -> None:
    """One convolution, and its normalisation as the identity on `x` for the channels it knew."""
    conv, norm = network.convs[number], network.norms[number]
    assert isinstance(conv, nn.Conv2d) and conv.bias is not None
    outs, ins = weight.shape[:2]
    conv.weight[:outs, ins:] = 0
    conv.weight[:outs, :ins] = weight
    conv.bias[:outs] = bias
    if not isinstance(norm, nn.BatchNorm2d):
        return
    assert norm.running_mean is not None and norm.running_var is not None
    y = conv(x)
    mean, var = y.mean((0, 2, 3)), y.var((0, 2, 3), unbiased=False)
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(var)
    norm.weight[:outs] = (var + norm.eps).sqrt()[:outs]
    norm.bias[:outs] = mean[:outs]


def _fill_lstm(
    context: nn.LSTM,
    layer: int,
    inputs: npt.NDArray[np.float32],
    recurrent: npt.NDArray[np.float32],
    bias: npt.NDArray[np.float32],
) -> None:
    """ONNX gates come as input, output, forget, cell; torch wants input, forget, cell, output."""

    def gates(array: npt.NDArray[np.float32]) -> list[Tensor]:
        i, o, f, c = (torch.tensor(part) for part in np.split(array, 4))
        return [i, f, c, o]

    own = context.hidden_size
    old = recurrent.shape[-1]
    for direction, suffix in enumerate(("", "_reverse")):
        ours, theirs = np.split(bias[direction], 2)
        values = {
            "weight_ih": inputs[direction],
            "weight_hh": recurrent[direction],
            "bias_ih": ours,
            "bias_hh": theirs,
        }
        for name, value in values.items():
            target = getattr(context, f"{name}_l{layer}{suffix}")
            for number, gate in enumerate(gates(value)):
                rows = target[number * own : number * own + old]
                if gate.ndim == 1:
                    rows.copy_(gate)
                    continue
                rows.zero_()
                if name == "weight_ih" and layer:  # inputs are the two directions below
                    rows[:, :old] = gate[:, :old]
                    rows[:, own : own + old] = gate[:, old:]
                else:
                    rows[:, : gate.shape[1]] = gate


def _fill_scores(
    network: LineNetwork,
    weight: npt.NDArray[np.float32],
    bias: npt.NDArray[np.float32],
    theirs: str,
    ours: str,
    rng: np.random.Generator,
) -> list[str]:
    rows = [0]
    unknown = []
    for character in ours:
        if character in theirs:
            rows.append(1 + theirs.index(character))
            continue
        unknown.append(character)
        rows.append(next((1 + theirs.index(c) for c in _relatives(character) if c in theirs), 0))
    new_weight, new_bias = weight[rows].copy(), bias[rows].copy()
    for character in unknown:
        row = 1 + ours.index(character)
        new_weight[row] += rng.normal(0, 0.02, new_weight.shape[1])
        new_bias[row] = min(new_bias[row], 0.0) - 2.0
    old, own = new_weight.shape[1] // 2, network.scores.in_features // 2
    network.scores.weight.zero_()
    network.scores.weight[:, :old] = torch.tensor(new_weight[:, :old])
    network.scores.weight[:, own : own + old] = torch.tensor(new_weight[:, old:])
    network.scores.bias.copy_(torch.tensor(new_bias))
    return unknown


def _relatives(character: str) -> list[str]:
    """Characters that look like it: the other case, then fewer and fewer marks."""
    parts = unicodedata.normalize("NFD", character)
    bases = [unicodedata.normalize("NFC", parts[:n]) for n in range(len(parts), 0, -1)]
    return [c for base in bases for c in (base, base.lower(), base.upper())]
