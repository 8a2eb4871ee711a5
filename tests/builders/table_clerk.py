"""Somebody who writes in the cells of a table, in the letters of a printer."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import numpy as np
from PIL import ImageDraw, ImageFont

from ocr_pipeline.layout.field_crops import cut
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.registration import Registration, register
from tests.builders.foreign_forms import FONTS, PX
from tests.builders.foreign_tables import birth_table, laid_out

FORM = birth_table()
LOADED = laid_out(FORM)


@cache
def _laid(loaded: LoadedLayout) -> Registration:
    """Where the layout lies on its own empty form, and so on every page of a clerk."""
    registration = register(loaded.reference, loaded)
    assert registration.accepted, registration.reason
    return registration


class Clerk:
    """Writes upright letters into cells; knows the ink of each line."""

    def __init__(self, size=3.4, form=FORM, loaded=LOADED):
        self.form, self.loaded = form, loaded
        self.page = form.picture.copy()
        self.font = ImageFont.truetype(str(FONTS / "DejaVuSerif-Italic.ttf"), round(size * PX))

    def write(self, row, code, text, y, tone=40):
        """A line with its base line y mm below the top of its cell; gives the amount of ink."""
        [box] = next(one.lines for one in self.form.blanks if one.code == code)
        at = ((box[0] + 1) * PX, (box[1] + self.form.rows[row - 1] + y) * PX)
        return self.stroke(lambda draw: draw.text(at, text, tone, self.font, anchor="ls"))

    def stroke(self, drawing):
        before = np.asarray(self.page) < 128
        drawing(ImageDraw.Draw(self.page))
        return int(((np.asarray(self.page) < 128) & ~before).sum())

    def cut(self):
        gray = np.asarray(self.page)
        flat = SimpleNamespace(gray=gray, pixels=np.dstack([gray] * 3))
        return cut(flat, self.loaded, _laid(self.loaded))
