"""The measurement of layouts: what it counts, and pages that it draws."""

from __future__ import annotations

import numpy as np
import pytest

from ocr_pipeline.bench.drawn_hardships import HARDSHIPS, NO_FORMS, no_form
from ocr_pipeline.bench.layout_accuracy import NOT_INSTALLED, SeenPage, figures, measure_layouts
from ocr_pipeline.layout.loading import load_layouts


def seen(expected: str, found: str, *errors: float, hardship: str = "phone-good") -> SeenPage:
    return SeenPage(hardship, expected, found, errors=np.array(errors))


def test_what_is_accepted_wrongly_is_counted_apart() -> None:
    pages = [
        seen("KS-2016", "KS-2016", 0.2, 0.4),
        seen("KS-2016", "KS-2016", 0.2, 8.1),
        seen("KS-2016", "KH-2016"),
        seen("KS-2016", ""),
        seen("", "KH-2016", hardship="no-form"),
    ]
    found = figures(pages)
    phone, strangers = found.hardships["phone-good"], found.hardships["no-form"]
    assert (phone.pages, phone.refused, phone.wrong, phone.shifted) == (4, 1, 1, 1)
    assert phone.median_mm == pytest.approx(0.3)
    assert (strangers.accepted, strangers.wrong) == (1, 1)
    assert found.confusions == {"KS-2016 → KH-2016": 1, "no-form → KH-2016": 1}
    assert found.hardships["all"].pages == 5


def test_pages_without_a_form_differ_and_their_seed_gives_the_same_again() -> None:
    pictures = [no_form(kind, np.random.default_rng(1)) for kind in NO_FORMS]
    dark = {kind: float((p < 150).mean()) for kind, p in zip(NO_FORMS, pictures, strict=True)}
    edges = dark["blank"]  # what lies around the paper: 1.6 % of the picture
    assert edges < 0.03
    assert min(dark["newspaper"], dark["letter"]) > 3 * edges
    light = {kind: float((p < 200).mean()) for kind, p in zip(NO_FORMS, pictures, strict=True)}
    assert light["ruled"] > 1.5 * light["blank"]
    assert np.array_equal(pictures[0], no_form("newspaper", np.random.default_rng(1)))


@pytest.mark.long
def test_a_page_of_each_hardship_is_never_taken_for_another() -> None:
    layouts = load_layouts()
    pages = measure_layouts(layouts, len(HARDSHIPS) + 2, seed=5)
    kinds = {*HARDSHIPS, "two-pages", "no-form", NOT_INSTALLED}
    assert {page.hardship for page in pages} == kinds
    assert not any(page.wrong_layout or page.shifted for page in pages)
