"""The handwriting network: convolutions, a context over frames, and CTC scores per frame."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from pydantic import ConfigDict
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ocr_pipeline.training.network_contexts import make_context

#: Input columns for one output frame.
STRIDE = 4

#: Factor between the input's height and the rows that the last convolution sees.
_ROWS = 8


@dataclass(frozen=True)
class Architecture:
    """The shape of a network; kept in its checkpoints.

    Attributes:
        height: of a prepared line in pixels, a multiple of 8.
        channels: outputs of the seven convolutions.
        context: how frames see each other: `lstm`, `conv` or `attention` (see `network_contexts`).
        hidden: width of the context (LSTM: units in each direction).
        layers: layers of the context.
        norm: batch normalisation after each convolution; an exported network has it folded in.

    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    height: int = 48
    channels: tuple[int, ...] = (32, 48, 48, 96, 96, 160, 192)
    context: str = "lstm"
    hidden: int = 192
    layers: int = 2
    norm: bool = True


class LineNetwork(nn.Module):
    """CNN + context + CTC.

    Seven 3×3 convolutions bring (batch, 1, height, width) down to (batch, channels, 1, width / 4);
    the context reads the frames together; a linear layer scores 1 + classes. A width that is a
    multiple of 16 keeps frames and columns aligned. An auxiliary head scores the frames before
    the context, in training alone: the convolutions then learn from a short way.

    Args:
        classes: number of characters; class 0 of the output is the CTC blank besides.
        shape: see `Architecture`.
        dropout: on the context's input and output and between its layers, in training alone.

    """

    def __init__(
        self, classes: int, shape: Architecture | None = None, dropout: float = 0.1
    ) -> None:
        super().__init__()
        shape = shape or Architecture()
        self.classes = classes
        self.shape = shape
        ins = (1, *shape.channels[:-1])
        self.convs = nn.ModuleList(
            nn.Conv2d(i, o, 3, stride=2 if n == 0 else 1, padding=1)
            for n, (i, o) in enumerate(zip(ins, shape.channels, strict=True))
        )
        self.norms = nn.ModuleList(
            nn.BatchNorm2d(o) if shape.norm else nn.Identity() for o in shape.channels
        )
        self.dropout = nn.Dropout(dropout)
        width = shape.channels[-1]
        self.context = make_context(shape.context, width, shape.hidden, shape.layers, dropout)
        self.scores = nn.Linear(self.context.out, 1 + classes)
        self.early = nn.Linear(width, 1 + classes)

    def through(self, x: Tensor, number: int) -> Tensor:
        """The input of convolution `number + 1`, from that of convolution `number`."""
        x = torch.relu(self.norms[number](self.convs[number](x)))
        if number == 2:
            return nn.functional.max_pool2d(x, 2)
        if number == 4:
            return nn.functional.max_pool2d(x, (2, 1))
        return x

    def frames(self, lines: Tensor) -> Tensor:
        """(batch, 1, height, width) in 0–1 → (batch, width / 4, channels)."""
        x = lines
        for number in range(len(self.convs)):
            x = self.through(x, number)
        x = nn.functional.max_pool2d(x, (self.shape.height // _ROWS, 1))
        return x.squeeze(2).transpose(1, 2).contiguous()

    def forward(self, lines: Tensor) -> Tensor:
        """(batch, 1, height, width) in 0–1 → (batch, width / 4, 1 + classes) log-probabilities."""
        return self._judge(self.frames(lines))

    def both(self, lines: Tensor) -> tuple[Tensor, Tensor]:
        """As `forward`, with the log-probabilities of the auxiliary head besides."""
        frames = self.frames(lines)
        early = nn.functional.log_softmax(self.early(self.dropout(frames)).float(), dim=-1)
        return self._judge(frames), early

    def _judge(self, frames: Tensor) -> Tensor:
        frames = self.context(self.dropout(frames))
        return nn.functional.log_softmax(self.scores(self.dropout(frames)).float(), dim=-1)

    def fused(self) -> LineNetwork:
        """The same function without batch normalisation, for export; on the CPU, in eval mode."""
        if not self.shape.norm:
            return self
        plain = LineNetwork(self.classes, replace(self.shape, norm=False))
        state = {k: v for k, v in self.state_dict().items() if not k.startswith("norms.")}
        plain.load_state_dict(state)
        for number, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
            plain.convs[number] = fuse_conv_bn_eval(conv.eval(), norm.eval())
        return plain.eval()
