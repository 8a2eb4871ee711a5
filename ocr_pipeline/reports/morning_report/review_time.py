"""How long people will need: measured in this workspace where it can be, else by a stated model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml


def longest() -> float:
    """Seconds after which looking at a field counts as a break."""
    return float(_data()["longest"])


def seconds_for(kind: str, measured: Mapping[str, tuple[int, float]]) -> tuple[float, int]:
    """Seconds a person needs for a field of this kind, and the number of decisions behind them.

    Args:
        kind: of the field.
        measured: decisions and mean seconds by kind, in this workspace.

    Returns:
        Seconds, and 0 decisions where these are the model's of `hours.yaml`.

    """
    number, mean = measured.get(kind, (0, 0.0))
    if number >= _data()["enough"]:
        return mean, number
    return model_seconds(kind), 0


def model_seconds(kind: str) -> float:
    """Seconds for a field of this kind by the keystroke-level model (see `hours.yaml`)."""
    data = _data()
    keys = data["keys_per_character"] * data["characters"].get(kind, data["other"])
    typing = data["hand"] + data["mental"] + data["keystroke"] * keys
    look = 2 * data["mental"] + data["keystroke"]
    return float(look + data["wrong"] * typing)


@cache
def _data() -> dict[str, Any]:
    path = Path(__file__).with_name("hours.yaml")
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data
