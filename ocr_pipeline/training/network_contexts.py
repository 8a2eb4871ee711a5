"""Contexts: how the frames of a line see each other, (batch, frames, width) in and out."""

from __future__ import annotations

from torch import Tensor, nn


class LstmContext(nn.Module):
    """A bidirectional LSTM of some layers."""

    def __init__(self, width: int, hidden: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.out = 2 * hidden
        between = dropout if layers > 1 else 0.0
        self.lstm = nn.LSTM(
            width, hidden, layers, batch_first=True, bidirectional=True, dropout=between
        )

    def forward(self, frames: Tensor) -> Tensor:
        """(batch, frames, width) → (batch, frames, 2 · hidden)."""
        out: Tensor = self.lstm(frames)[0]
        return out


class ConvContext(nn.Module):
    """Residual blocks of a wide depthwise convolution over frames and a two-layer perceptron."""

    def __init__(self, width: int, hidden: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.out = hidden
        self.enter = nn.Linear(width, hidden)
        self.blocks = nn.ModuleList(_ConvBlock(hidden, 11, dropout) for _ in range(layers))

    def forward(self, frames: Tensor) -> Tensor:
        """(batch, frames, width) → (batch, frames, hidden)."""
        x: Tensor = self.enter(frames)
        for block in self.blocks:
            x = block(x)
        return x


class _ConvBlock(nn.Module):
    def __init__(self, hidden: int, reach: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.along = nn.Conv1d(hidden, hidden, reach, padding=reach // 2, groups=hidden)
        self.widen = nn.Linear(hidden, 2 * hidden)
        self.narrow = nn.Linear(2 * hidden, hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        seen = self.along(self.norm(x).transpose(1, 2)).transpose(1, 2)
        change: Tensor = self.dropout(self.narrow(nn.functional.gelu(self.widen(seen))))
        return x + change


class AttentionContext(nn.Module):
    """Blocks of a short convolution (which tells places apart), self-attention, perceptron."""

    def __init__(self, width: int, hidden: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.out = hidden
        self.enter = nn.Linear(width, hidden)
        self.blocks = nn.ModuleList(_AttentionBlock(hidden, 4, dropout) for _ in range(layers))

    def forward(self, frames: Tensor) -> Tensor:
        """(batch, frames, width) → (batch, frames, hidden)."""
        x: Tensor = self.enter(frames)
        for block in self.blocks:
            x = block(x)
        return x


class _AttentionBlock(nn.Module):
    def __init__(self, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.near = _ConvBlock(hidden, 7, dropout)
        self.norm = nn.LayerNorm(hidden)
        self.ask = nn.Linear(hidden, 3 * hidden)
        self.answer = nn.Linear(hidden, hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = self.near(x)
        parts = self.ask(self.norm(x)).chunk(3, dim=-1)
        query, key, value = (p.unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in parts)
        seen = nn.functional.scaled_dot_product_attention(query, key, value)
        change: Tensor = self.dropout(self.answer(seen.transpose(1, 2).flatten(2)))
        return x + change


_CONTEXTS: dict[str, type[LstmContext] | type[ConvContext] | type[AttentionContext]] = {
    "lstm": LstmContext,
    "conv": ConvContext,
    "attention": AttentionContext,
}


def make_context(
    name: str, width: int, hidden: int, layers: int, dropout: float
) -> LstmContext | ConvContext | AttentionContext:
    """A context by name; its `out` is the width of its frames.

    Raises:
        ValueError: there is no context of that name.

    """
    if name not in _CONTEXTS:
        raise ValueError(f"context {name!r} is none of {', '.join(_CONTEXTS)}")
    return _CONTEXTS[name](width, hidden, layers, dropout)
