import numpy as np
import pytest
from PIL import Image

from ocr_pipeline.scans.pages import PageRef, digest, load_page
from ocr_pipeline.scans.scan_part import ScanPart

LEFT, RIGHT = ScanPart(1, 0, 0, 300, 400), ScanPart(2, 300, 40, 300, 360)


@pytest.fixture
def spread(tmp_path):
    """A scan of 600×400 pixels, 150 dpi, with one black square at (450–479, 100–129)."""
    pixels = np.full((400, 600, 3), 250, np.uint8)
    pixels[100:130, 450:480] = 0
    path = tmp_path / "1.png"
    Image.fromarray(pixels).save(path, dpi=(150, 150))
    return PageRef(path, 0, "1.png")


def part_of(spread, part):
    return PageRef(spread.path, 0, part.name("1.png"), part)


def test_a_page_that_is_a_part_of_a_scan_shows_nothing_of_the_rest(spread):
    assert load_page(part_of(spread, LEFT)).pixels.min() == 250
    page = load_page(part_of(spread, RIGHT))
    assert page.pixels.shape == (360, 300, 3)
    rows, columns = np.nonzero(page.pixels[..., 0] == 0)
    assert (rows.min(), columns.min()) == (60, 150)


@pytest.mark.parametrize("dpi", [75, 50, 110])
def test_a_part_loaded_smaller_lies_where_the_part_at_full_size_does(spread, dpi):
    page = load_page(part_of(spread, RIGHT), max_dpi=dpi)
    rows, columns = np.nonzero(page.pixels[..., 0] < 120)
    middle = page.to_original @ (columns.mean(), rows.mean(), 1)
    assert np.abs(middle[:2] / middle[2] - (164.5, 74.5)).max() < 1.5


def test_the_first_form_has_the_identity_of_the_scan_and_each_further_one_its_own(spread):
    third = ScanPart(3, 0, 0, 9, 9)
    assert digest(part_of(spread, LEFT)) == digest(spread)
    assert len({digest(part_of(spread, part)) for part in (LEFT, RIGHT, third)}) == 3
    moved = ScanPart(2, 290, 0, 310, 400)  # cut a little differently: the same form
    assert digest(part_of(spread, moved)) == digest(part_of(spread, RIGHT))


def test_a_part_is_kept_as_text_and_named_after_its_scan():
    assert ScanPart.parse(str(RIGHT)) == RIGHT
    assert (LEFT.name("a/1.jpg"), RIGHT.name("a/1.jpg")) == ("a/1.jpg", "a/1.jpg (2)")
    with pytest.raises(ValueError):
        ScanPart.parse("2:1,2,3")
