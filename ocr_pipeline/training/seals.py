"""Red seals over signatures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ocr_pipeline.layout.form_drawing import load_font
from ocr_pipeline.layout.schema import Layout
from ocr_pipeline.training.drawn_pages import FilledPage, lay
from ocr_pipeline.training.ink_marks import stamp
from ocr_pipeline.training.invented_people import Place

_RED = (205, 38, 44)
_DIAMETER = 36.0  # mm, as decrees on seals prescribe for communes
_SIGNERS = ("nguoiKy", "nguoiThucHien", "chucVuNguoiKy")


def stamped(
    page: FilledPage, layout: Layout, commune: Place, rng: np.random.Generator
) -> FilledPage:
    """A copy of the page with the commune's seal beside and over the signer of a record."""
    places = [f for f in layout.fields if f.code in _SIGNERS]
    if not places:
        return page
    x, y, width, height = places[int(rng.integers(len(places)))].lines[0]
    dx, dy = layout.records.offsets[int(rng.integers(len(layout.records.offsets)))]
    text = f"ỦY BAN NHÂN DÂN {commune.commune.upper()}"
    font = str(load_font("serif", "bold", 10.0).path)
    scale = page.scale
    ink = stamp(text, commune.district.upper(), _DIAMETER * scale, font, rng)
    centre = (
        x + dx + width * rng.uniform(0.3, 0.9) + rng.normal(0, 4),
        y + dy + height / 2 + rng.normal(-4, 6),
    )
    pixels = page.pixels.copy()
    left, top = (round(c * scale - ink.shape[0] / 2) for c in centre)
    lay(pixels, ink, left, top, _RED, float(rng.uniform(0.55, 0.85)))
    return replace(page, pixels=pixels)
