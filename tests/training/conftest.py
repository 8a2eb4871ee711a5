from __future__ import annotations

from pathlib import Path

import pytest

import ocr_pipeline.layout.form_drawing as drawing
from ocr_pipeline.training.wardrobe import Wardrobe

#: The form's own letters serve as a hand: tests need no font from the network.
FONT = "form-serif-italic"


@pytest.fixture(scope="session")
def wardrobe() -> Wardrobe:
    return Wardrobe(Path(drawing.__file__).parent / "fonts")
