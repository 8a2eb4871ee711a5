from __future__ import annotations

from pathlib import Path

import pytest

from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.training.book_recipes import BookSpec, DrawnFault, HandSpec, Recipe
from ocr_pipeline.training.drawn_books import generate_books
from ocr_pipeline.training.hand_choice import HandChoice
from ocr_pipeline.training.registration_accuracy import measure
from tests.training.conftest import FONT


@pytest.mark.long
def test_turned_and_photographed_pages_are_aligned_or_refused(
    tmp_path: Path, wardrobe: HandChoice
) -> None:
    recipe = Recipe(
        books=(
            BookSpec(
                folder="phone", layout="KS-2016", province="Sơn La", year=2019, pages=2,
                condition="phone-good", hand=HandSpec(font=FONT), dpi=110, camera_turns=True,
                seed=3,
                faults=(DrawnFault(page=2, fault="upside-down"),),
            ),
        )
    )  # fmt: skip
    (book,) = generate_books(recipe, tmp_path, wardrobe)
    found = list(measure(book, load_layouts()))
    assert len(found) == 2
    assert not any(a.silently_wrong for a in found)
    assert any(a.accepted for a in found)
    for a in found:
        assert not a.accepted or a.errors.max() < 1.5
