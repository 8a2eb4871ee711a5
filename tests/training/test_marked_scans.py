"""Marks drawn on scanned lines stand where the text says, with the ink of the line."""

import unicodedata
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest
import yaml
from PIL import Image, ImageDraw, ImageFont

from ocr_pipeline.training import marked_scans
from ocr_pipeline.training.marked_scans import add_marks
from ocr_pipeline.training.scanned_lines import ScannedLine

FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
CONFIG = Path(marked_scans.__file__).parent / "configs" / "free.yaml"
ALPHABET = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["alphabet"]  # without PyTorch
BELOW = "\u0323"


def scanned(text, height=48):
    """A line set in a font, and the column of each letter's centre."""
    font = ImageFont.truetype(str(FONT), 30)
    sheet = Image.new("L", (int(font.getlength(text)) + 40, height), 235)
    ImageDraw.Draw(sheet).text((20, height - 16), text, 40, font, anchor="ls")
    ends = [20 + font.getlength(text[:k]) for k in range(len(text) + 1)]
    centres = np.array([(a + b) / 2 for a, b in zip(ends, ends[1:], strict=False)], np.float32)
    data = cv2.imencode(".png", np.asarray(sheet))[1].tobytes()
    return ScannedLine("a.png", text, data), {"a.png": centres}


@pytest.mark.parametrize("seed", range(12))
def test_ink_is_added_at_the_letters_that_the_text_marks_and_nowhere_else(seed):
    plain = "maison en nord sous un arome"
    scan, columns = scanned(plain)
    grey, text = add_marks(scan, columns, ALPHABET, np.random.default_rng(seed))
    bare = unicodedata.normalize("NFD", text.replace("đ", "d")).encode("ascii", "ignore").decode()
    assert len(text) == len(plain) and bare == plain and set(text) <= set(ALPHABET)
    before = scan.grey()
    pad = (grey.shape[0] - before.shape[0]) // 2
    was = np.pad(before, ((pad, pad), (0, 0)), constant_values=235)
    added = (was.astype(int) - grey) > 40
    marked = np.flatnonzero([a != b for a, b in zip(text, plain, strict=True)])
    assert len(marked) >= 2
    for place in marked:
        near = slice(int(columns["a.png"][place]) - 9, int(columns["a.png"][place]) + 16)
        assert added[:, near].any(), (text, place)
    reach = np.abs(np.flatnonzero(added.any(axis=0))[:, None] - columns["a.png"][marked])
    assert reach.min(axis=1).max() < 24


def test_tone_marks_below_lie_below_and_others_above():
    scan, columns = scanned("aeoauaeoauaeo")
    pad_rows = None
    for seed in range(30):
        grey, text = add_marks(scan, columns, ALPHABET, np.random.default_rng(seed))
        pad_rows = (grey.shape[0] - 48) // 2
        was = np.pad(scan.grey(), ((pad_rows, pad_rows), (0, 0)), constant_values=235)
        rows = np.flatnonzero(((was.astype(int) - grey) > 40).any(axis=1))
        base = pad_rows + 32
        below = any(BELOW in unicodedata.normalize("NFD", letter) for letter in text)
        assert (rows.max() > base + 1) == below, text
    assert pad_rows


def test_a_line_whose_letters_nobody_found_gives_nothing():
    scan, columns = scanned("maison")
    rng = np.random.default_rng(1)
    assert add_marks(scan, {}, ALPHABET, rng) is None
    assert add_marks(scan, {"a.png": columns["a.png"][:-1]}, ALPHABET, rng) is None
    assert add_marks(*scanned("17"), ALPHABET, rng) is None


@pytest.mark.long
def test_the_settings_of_the_free_network_name_no_source_with_other_terms():
    pytest.importorskip("torch")
    from ocr_pipeline.training.training_config import read_config

    config = read_config(CONFIG, out=Path("out"))
    assert config.free and config.weights is None and config.init is None
    assert set(config.mix) <= {
        "marked_scans", "font_hands", "french", "hand_fonts", "typed", "blank",
    }  # fmt: skip
