"""The curve of a book's own hand: what it is measured on, and what is told where nothing is."""

from __future__ import annotations

import shutil

import pytest

from ocr_pipeline.bench.hand_curve import measure_hands
from ocr_pipeline.bench.validation_books import draw_validation_books
from ocr_pipeline.errors import BadInputError
from ocr_pipeline.resources import shipped


def test_without_strokes_of_real_writers_no_book_is_drawn(tmp_path):
    with pytest.raises(BadInputError) as told:
        draw_validation_books(tmp_path, tmp_path / "out", [1], 6, 1)
    assert "vnondb_strokes.npz" in told.value.cause.en and told.value.where == str(tmp_path)


@pytest.mark.long
def test_corrected_fields_teach_and_the_pages_held_back_are_the_same_for_all(tmp_path):
    for name in ("books.csv", "ks-2018"):
        source = next(shipped("sample_scans").glob(name))
        copy = shutil.copytree if source.is_dir() else shutil.copyfile
        copy(source, tmp_path / name)
    curve = measure_hands([tmp_path / "ks-2018"], "htr", (0, 12))
    nothing, some = curve.points
    assert nothing.lines == 0 and nothing.hand == nothing.alone
    assert 0 < nothing.alone.right <= nothing.alone.fields == some.hand.fields
    assert some.lines > 0 and some.books == 1
    assert nothing.alone.wrong <= nothing.alone.accepted <= nothing.alone.fields
