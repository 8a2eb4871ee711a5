"""What `model.json` says of a network: its name, its version, and how it takes lines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.errors import MachineError

#: What lies beside a network that an office made from its corrections: how it was made.
LEARNING_RECORD = "learnt.json"

PixelCount = Annotated[int, Field(ge=1)]


class NetworkFile(Strict):
    """`model.json`.

    Attributes:
        name: of the model; `version`: of these weights.
        height: of a prepared line in pixels.
        width_multiple: widths of prepared lines are multiples of it, in pixels.
        stride: pixels of a prepared line for one output frame.
        preparation: name of the way in which lines are prepared.
        blank: class that stands for no character.
        input: name of the network's input; `output`: of its output.

    """

    name: str
    version: str
    height: PixelCount
    width_multiple: PixelCount
    stride: PixelCount
    preparation: str
    blank: Literal[0]
    input: str
    output: str

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"


def load_network_file(folder: Path) -> NetworkFile:
    """The `model.json` of a model's folder.

    Raises:
        MachineError: it is missing or damaged.

    """
    return load_data(folder / "model.json", NetworkFile, MachineError)
