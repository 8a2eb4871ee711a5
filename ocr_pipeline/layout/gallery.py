"""The gallery of forms: every layout as its empty form with its fields drawn on it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from ocr_pipeline.arrays import Points, Rgb
from ocr_pipeline.html_templates import html_templates
from ocr_pipeline.layout.loading import LoadedLayout
from ocr_pipeline.layout.overlay import draw_fields
from ocr_pipeline.layout.schema import PageSize
from ocr_pipeline.registers.types import RegisterType

INDEX = "index.html"
#: Longer side of a picture: the codes can still be read (11 pixels high), 20 forms take 0.8 MB.
_LONGEST_PIXELS = 1100
_QUALITY = 35


def gallery(layouts: Sequence[LoadedLayout]) -> Iterator[tuple[str, bytes]]:
    """The files of a gallery, by name: a WebP picture of each layout, then `index.html`.

    Args:
        layouts: the installed ones.

    """
    for loaded in layouts:
        target = io.BytesIO()
        picture = Image.fromarray(form_picture(loaded))
        picture.save(target, "WEBP", quality=_QUALITY, method=6)
        yield picture_name(loaded), target.getvalue()
    rows = [
        (one.layout, _type_label(one.layout.type), _size(one.layout.page), picture_name(one))
        for one in layouts
    ]
    page = html_templates("ocr_pipeline.layout").get_template("gallery.html")
    yield INDEX, page.render(rows=rows).encode("utf-8")


def picture_name(loaded: LoadedLayout) -> str:
    """The file of a layout's picture."""
    return f"{loaded.layout.id}.webp"


def form_picture(loaded: LoadedLayout) -> Rgb:
    """The empty form with the boxes and codes of its fields.

    Returns:
        (H, W, 3) uint8 RGB, at most 1100 pixels long.

    """
    scale = loaded.layout.reference_dpi / 25.4

    def to_page(points: Points) -> Points:
        return points * scale

    factor = min(1.0, _LONGEST_PIXELS / max(loaded.reference.shape))
    return draw_fields(np.dstack([loaded.reference] * 3), loaded.layout, to_page, factor)


def _size(page: PageSize) -> str:
    return f"{page.width:.0f} × {page.height:.0f} mm"


def _type_label(code: str) -> str:
    return RegisterType(code).label.vi if code in RegisterType.__members__ else code
