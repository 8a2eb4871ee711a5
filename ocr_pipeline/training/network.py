"""The handwriting network: convolutions, a bidirectional LSTM and CTC scores per frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

#: Input height in pixels.
HEIGHT = 40

#: Input columns for one output frame.
STRIDE = 4


class LineNetwork(nn.Module):
    """CNN + BiLSTM + CTC.

    Seven 3×3 convolutions bring (batch, 1, 40, width) down to (batch, channels, 1, width / 4);
    a bidirectional LSTM reads the frames in context; a linear layer scores 1 + classes.
    A width that is a multiple of 16 keeps frames and columns aligned.

    Args:
        classes: number of characters; class 0 of the output is the CTC blank besides.
        channels: outputs of the seven convolutions.
        hidden: LSTM units in each direction.
        layers: LSTM layers.
        dropout: on the LSTM's input and output and between its layers, in training alone.

    """

    def __init__(
        self,
        classes: int,
        channels: tuple[int, ...] = (24, 48, 48, 96, 96, 144, 192),
        hidden: int = 160,
        layers: int = 2,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        ins = (1, *channels[:-1])
        self.convs = nn.ModuleList(
            nn.Conv2d(i, o, 3, stride=2 if n == 0 else 1, padding=1)
            for n, (i, o) in enumerate(zip(ins, channels, strict=True))
        )
        self.dropout = nn.Dropout(dropout)
        self.context = nn.LSTM(
            channels[-1],
            hidden,
            layers,
            batch_first=True,
            bidirectional=True,
            dropout=dropout if layers > 1 else 0.0,
        )
        self.scores = nn.Linear(2 * hidden, 1 + classes)

    def forward(self, lines: Tensor) -> Tensor:
        """(batch, 1, 40, width) in 0–1 → (batch, width / 4, 1 + classes) log-probabilities."""
        x = lines
        for number, conv in enumerate(self.convs):
            x = torch.relu(conv(x))
            if number == 2:
                x = nn.functional.max_pool2d(x, 2)
            elif number == 4:
                x = nn.functional.max_pool2d(x, (2, 1))
        x = nn.functional.max_pool2d(x, (5, 1))
        frames = self.dropout(x.squeeze(2).transpose(1, 2).contiguous())
        frames, _ = self.context(frames)
        return nn.functional.log_softmax(self.scores(self.dropout(frames)).float(), dim=-1)


def load_onnx_weights(
    network: LineNetwork, model: Path, theirs: str, ours: str, seed: int = 0
) -> list[str]:
    """Start a network from an ONNX file of the same architecture (an earlier export).

    Rows of the last layer are matched by character; a new character starts from the row of its
    nearest relative in the old alphabet (other case, or without marks), a little disturbed.

    Args:
        network: filled in place.
        model: ONNX file with seven Conv, LSTM layers and one MatMul, as this module exports it.
        theirs: alphabet of the file.
        ours: alphabet of `network`.
        seed: of the disturbance.

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
    if len(convs) != len(network.convs) or len(lstms) != network.context.num_layers:
        raise ValueError(f"{model} holds another architecture")
    with torch.no_grad():
        for node, conv in zip(convs, network.convs, strict=True):
            assert isinstance(conv, nn.Conv2d) and conv.bias is not None
            conv.weight.copy_(torch.tensor(arrays[node.input[1]]))
            conv.bias.copy_(torch.tensor(arrays[node.input[2]]))
        for layer, node in enumerate(lstms):
            _fill_lstm(network.context, layer, *(arrays[node.input[k]] for k in (1, 2, 3)))
        weight = next(arrays[i] for i in last.input if i in arrays and arrays[i].ndim == 2)
        if weight.shape[0] != 1 + len(theirs):
            weight = weight.T
        bias = next(a for a in arrays.values() if a.shape == (1 + len(theirs),))
        return _fill_scores(network, weight, bias, theirs, ours, np.random.default_rng(seed))


def _fill_lstm(
    context: nn.LSTM, layer: int, inputs: np.ndarray, recurrent: np.ndarray, bias: np.ndarray
) -> None:
    """ONNX gates come as input, output, forget, cell; torch wants input, forget, cell, output."""

    def reorder(array: np.ndarray) -> Tensor:
        i, o, f, c = np.split(array, 4)
        return torch.tensor(np.concatenate([i, f, c, o]))

    for direction, suffix in enumerate(("", "_reverse")):
        ours, theirs = np.split(bias[direction], 2)
        values = {
            "weight_ih": inputs[direction],
            "weight_hh": recurrent[direction],
            "bias_ih": ours,
            "bias_hh": theirs,
        }
        for name, value in values.items():
            getattr(context, f"{name}_l{layer}{suffix}").copy_(reorder(value))


def _fill_scores(
    network: LineNetwork,
    weight: np.ndarray,
    bias: np.ndarray,
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
    network.scores.weight.copy_(torch.tensor(new_weight))
    network.scores.bias.copy_(torch.tensor(new_bias))
    return unknown


def _relatives(character: str) -> list[str]:
    """Characters that look like it: the other case, then fewer and fewer marks."""
    import unicodedata

    parts = unicodedata.normalize("NFD", character)
    bases = [unicodedata.normalize("NFC", parts[:n]) for n in range(len(parts), 0, -1)]
    return [c for base in bases for c in (base, base.lower(), base.upper())]
