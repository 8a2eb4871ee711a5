"""How long people will need: measured in this workspace where it can be, else by a stated model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.registers.fields import FieldKind

Positive = Annotated[float, Field(gt=0)]


class HoursFile(Strict):
    """`hours.yaml`: the keystroke-level model.

    Attributes:
        mental: seconds of a mental act.
        keystroke: seconds of a keystroke.
        hand: seconds to move a hand to the keyboard.
        keys_per_character: keystrokes of a letter with its marks.
        wrong: share (0–1) of doubtful values that must be typed again.
        characters: usual length of a value by kind.
        other: the same for kinds that are not listed.
        enough: decisions from which on a workspace's own figures count.
        longest: seconds; longer looks are breaks.

    """

    mental: Positive
    keystroke: Positive
    hand: Positive
    keys_per_character: Positive
    wrong: Annotated[float, Field(ge=0, le=1)]
    characters: dict[FieldKind, Positive]
    other: Positive
    enough: Annotated[int, Field(ge=1)]
    longest: Positive


def longest() -> float:
    """Seconds after which looking at a field counts as a break."""
    return _data().longest


def seconds_for(kind: str, measured: Mapping[str, tuple[int, float]]) -> tuple[float, int]:
    """Seconds a person needs for a field of this kind, and the number of decisions behind them.

    Args:
        kind: of the field.
        measured: decisions and mean seconds by kind, in this workspace.

    Returns:
        Seconds, and 0 decisions where these are the model's of `hours.yaml`.

    """
    number, mean = measured.get(kind, (0, 0.0))
    if number >= _data().enough:
        return mean, number
    return model_seconds(kind), 0


def model_seconds(kind: str) -> float:
    """Seconds for a field of this kind by the keystroke-level model (see `hours.yaml`)."""
    data = _data()
    length = next((n for known, n in data.characters.items() if known == kind), data.other)
    keys = data.keys_per_character * length
    typing = data.hand + data.mental + data.keystroke * keys
    look = 2 * data.mental + data.keystroke
    return look + data.wrong * typing


@cache
def _data() -> HoursFile:
    return load_data(Path(__file__).with_name("hours.yaml"), HoursFile)
