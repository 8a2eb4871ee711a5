"""Frames of a field are found again on its page: where the network saw the ink, ink is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocr_pipeline.imaging.ink import ink_gray
from ocr_pipeline.layout.field_crops import cut
from ocr_pipeline.layout.form_drawing import FormStyle, draw_form, load_font
from ocr_pipeline.layout.loading import load_layouts
from ocr_pipeline.layout.registration import register
from ocr_pipeline.processing.field_scores import frame_edges
from ocr_pipeline.reading.confidence import Calibration
from ocr_pipeline.reading.line_images import PREPARATION
from ocr_pipeline.reading.models import Model
from ocr_pipeline.reading.reader import Reader

DPI = 200
NAME = "Quyen Thi An"
MARGIN_PIXELS = 10  # 1.3 mm: paper around the ink, remnants of the leader under it


class Spells:
    """Reads every line as the same name."""

    name, alphabet = "spells 1", "Quyen ThiA"

    def scores(self, lines):
        probabilities = np.full((2 * len(NAME), 1 + len(self.alphabet)), 1e-6)
        probabilities[1::2, 0] = 1
        for place, letter in enumerate(NAME):
            probabilities[2 * place, self.alphabet.index(letter) + 1] = 1
        return [np.log(probabilities).astype(np.float32) for _ in lines]


class Prepared(Spells):
    """The same, of lines prepared in the way of this project."""

    preparation = PREPARATION


@pytest.fixture(scope="module")
def page():
    """A form with a name and the ink of that name alone: (H, W) bool."""
    [loaded] = [one for one in load_layouts() if one.layout.id == "KS-2016"]
    empty = draw_form(loaded.layout, DPI, FormStyle())
    sheet = Image.fromarray(empty)
    [field] = [one for one in loaded.layout.fields if one.code == "nksHoTen"]
    scale = DPI / 25.4
    x, y, _, height = field.lines[0]
    place = ((x + 9) * scale, (y + height - 2.6) * scale)
    font = load_font("serif", "italic", round(4.6 * scale, 1))
    ImageDraw.Draw(sheet).text(place, NAME, 40, font, anchor="ls")
    gray = np.asarray(sheet)
    aligned = register(gray, loaded)
    flat = SimpleNamespace(gray=ink_gray(gray), pixels=np.dstack([gray] * 3))
    [record] = cut(flat, loaded, aligned)
    return record.fields["nksHoTen"], aligned, gray.astype(int) - empty < -100


def seen(crop, recogniser):
    [found] = Reader(Model(recogniser, Calibration(), "f" * 64, Path())).scores([crop])
    return found


def test_frames_lie_where_the_ink_lies_on_the_page(page):
    crop, aligned, ink = page
    writing = seen(crop, Prepared())
    [edges] = frame_edges(crop, writing, aligned)
    assert edges.shape == (2 * len(NAME) + 1, 2, 2)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert edges[0, :, 0] == pytest.approx(columns[0], abs=MARGIN_PIXELS)
    assert edges[-1, :, 0] == pytest.approx(columns[-1], abs=MARGIN_PIXELS)
    assert edges[:, 0, 1] == pytest.approx(rows[0], abs=MARGIN_PIXELS)
    assert edges[:, 1, 1] == pytest.approx(rows[-1], abs=MARGIN_PIXELS)


def test_frames_of_lines_prepared_otherwise_are_not_placed(page):
    crop, _, _ = page
    assert len(seen(crop, Prepared()).inks) == 1
    assert seen(crop, Spells()).inks == ()
