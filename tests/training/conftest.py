from __future__ import annotations

from pathlib import Path

import pytest

import ocr_pipeline.layout.form_drawing as drawing
from ocr_pipeline.training.hand_choice import HandChoice

#: The form's own letters serve as a hand: tests need no font from the network.
FONT = "form-serif-italic"


@pytest.fixture(scope="session")
def wardrobe() -> HandChoice:
    return HandChoice(Path(drawing.__file__).parent / "fonts")
