"""A network that anybody may use is trained and measured on CC-BY scans and fonts alone."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocr_pipeline.layout.form_drawing import load_font
from ocr_pipeline.training.line_sampler import load_free_material, load_material, usual_lines

OTHERS = ("vnondb_strokes.npz", "vnondb_line_strokes.npz", "cinnamon_addresses.zip")
ALPHABET = " abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two French lines; the other files cannot be opened."""
    for name in OTHERS:
        (tmp_path / name).write_bytes(b"not to be opened")
    with zipfile.ZipFile(tmp_path / "fr_copiste.zip", "w") as archive:
        for number, text in enumerate(("le petit chat", "une maison")):
            page = Image.new("L", (400, 56), 240)
            ImageDraw.Draw(page).text((12, 12), text, 30, load_font("serif", "italic", 28))
            data = io.BytesIO()
            page.save(data, "JPEG")
            archive.writestr(f"{number}.jpg", data.getvalue())
        archive.writestr("labels.tsv", "0.jpg\tle petit chat\n1.jpg\tune maison\n")
    return tmp_path


def test_only_cc_by_scans_are_opened(folder):
    material = load_free_material(folder, None)
    assert [scan.text for scan in material.french] == ["le petit chat", "une maison"]
    assert not (material.real or material.scribes or material.addresses)
    with pytest.raises(Exception, match="zip|pickle|npz"):
        load_material(folder, None, validation=False)


def test_scales_are_measured_on_them_too(folder):
    lines = usual_lines(folder, None, ALPHABET, 48, count=12, free=True)
    assert len(lines) == 12
    assert all(line.shape[0] == 48 and line.dtype == np.float32 for line in lines)
