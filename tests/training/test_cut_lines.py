"""Lines cut out of drawn pages: each with the text that stands on it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ocr_pipeline.text.normalise import clean
from ocr_pipeline.training.book_recipes import Recipe
from ocr_pipeline.training.cut_lines import cut_lines, write_lines
from ocr_pipeline.training.drawn_books import generate_books
from ocr_pipeline.training.hand_choice import HandChoice
from ocr_pipeline.training.line_sampler import LineMaterial, Sampler
from ocr_pipeline.training.scanned_lines import read_zip
from tests.training.test_books import spec

ALPHABET = Path("models/htr/alphabet.txt")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory, wardrobe: HandChoice) -> Path:
    out = tmp_path_factory.mktemp("drawn")
    recipe = Recipe(seed=9, books=(spec("kh", layout="KH-2016", pages=1, dpi=150),))
    [drawn] = generate_books(recipe, out, wardrobe)
    return drawn.folder


def test_a_page_gives_its_lines_with_their_texts(book: Path, tmp_path: Path) -> None:
    truth = json.loads((book / "truth.json").read_text("utf-8"))
    written = [
        clean(field.get("as_written") or field["value"])
        for page in truth["pages"]
        for record in page["records"]
        for field in record["fields"].values()
    ]
    lines = list(cut_lines([book], "htr"))
    texts = [text for _, text in lines if text]
    assert all(any(text in whole for whole in written) for text in texts), texts
    whole = [text for text in texts if text in written]
    assert len(whole) > 0.6 * sum(bool(text) for text in written), "most fields have one line"
    assert all(picture.dtype == np.uint8 and picture.ndim == 2 for picture, _ in lines)

    kept = tmp_path / "lines.zip"
    assert write_lines([*lines, (lines[0][0], "")], kept) == len(lines) + 1
    again = list(read_zip(kept, empty=True))
    assert [one.text for one in again] == [*(text for _, text in lines), ""]
    assert np.array_equal(again[0].grey(), lines[0][0])
    assert len(list(read_zip(kept))) == len(texts)

    sampler = Sampler(
        LineMaterial(cut_lines=again), ALPHABET.read_text("utf-8"), {"cut_lines": 1.0}
    )
    rng = np.random.default_rng(1)
    drawn = [sampler.sample(rng) for _ in range(60)]
    assert {text for _, text in drawn} <= {one.text for one in again}
    shapes = {picture.shape for picture, _ in drawn} - {one.grey().shape for one in again}
    assert shapes, "some are bent"
