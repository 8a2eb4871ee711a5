"""The gallery shows the forms as they are, in the handbook, too."""

import cv2
import numpy as np
import pytest

from ocr_pipeline.layout.gallery import INDEX, form_picture, gallery, picture_name
from ocr_pipeline.layout.loading import load_layouts
from tests.builders.markdown import ROOT

LAYOUTS = load_layouts()
PICTURES = ROOT / "docs" / "images" / "forms"


@pytest.mark.parametrize("loaded", LAYOUTS, ids=lambda one: one.layout.id)
def test_the_picture_of_the_handbook_shows_the_layout_as_it_is(loaded):
    data = np.fromfile(PICTURES / picture_name(loaded), np.uint8)
    shipped = cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    drawn = form_picture(loaded)
    assert shipped.shape == drawn.shape
    # compressing differs by 38–44, a box moved by 0.6 mm by 59–84
    apart = np.abs(cv2.blur(shipped, (5, 5)).astype(int) - cv2.blur(drawn, (5, 5)))
    assert apart.max() < 52, "sohoa layout gallery docs/images/forms draws it anew"


def test_the_handbook_has_no_picture_of_a_form_that_is_gone():
    assert {path.name for path in PICTURES.iterdir()} == {picture_name(one) for one in LAYOUTS}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_of_the_handbook_shows_every_form_once(language):
    text = (ROOT / "docs" / language / "forms.md").read_text(encoding="utf-8")
    for one in LAYOUTS:
        assert text.count(f"### `{one.layout.id}`\n") == 1
        assert text.count(f"({'../images/forms/' + picture_name(one)})") == 1


def test_the_page_shows_every_picture():
    *pictures, (index, page) = gallery(LAYOUTS[:2])
    assert index == INDEX
    for (name, data), one in zip(pictures, LAYOUTS, strict=False):
        assert data[8:12] == b"WEBP"
        assert f'src="{name}"' in page.decode() and one.layout.title in page.decode()
