"""Nights are long: a worker loads the layouts anew for each book with a hand of its own."""

from __future__ import annotations

import gc
import pickle
import shutil
import weakref
from pathlib import Path

import pytest

from ocr_pipeline.layout.anchors import anchors_of
from ocr_pipeline.layout.field_crops import _print_of
from ocr_pipeline.layout.field_footing import _drawn
from ocr_pipeline.layout.free_cells import free_cells
from ocr_pipeline.layout.half_forms import halves_of
from ocr_pipeline.layout.loading import LAYOUT_FILE, load_layout
from ocr_pipeline.layout.pose import _reference_spectra
from ocr_pipeline.layout.print_amount import form_lines_mm
from ocr_pipeline.resources import shipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A table, whose sheets have halves; of this test alone, so that nobody else keeps it."""
    own = Path(shutil.copytree(shipped("layouts") / "KS" / "before-1999", tmp_path / "layout"))
    path = own / LAYOUT_FILE
    path.write_text(f"{path.read_text('utf-8')}\n# {tmp_path}\n", "utf-8")
    return own


def test_a_layout_loaded_again_is_the_one_in_use(folder):
    loaded = load_layout(folder)
    assert load_layout(folder) is loaded
    assert anchors_of(load_layout(folder)) is anchors_of(loaded)
    path = folder / LAYOUT_FILE
    path.write_text(f"{path.read_text('utf-8')}\n# changed\n", "utf-8")
    changed = load_layout(folder)
    assert changed is not loaded and changed.fingerprint != loaded.fingerprint
    assert anchors_of(changed) is not anchors_of(loaded)


@pytest.mark.parametrize(
    "make",
    [anchors_of, _drawn, _print_of, _reference_spectra, form_lines_mm, free_cells, halves_of],
)
def test_what_was_made_of_a_layout_goes_with_it(folder, make):
    loaded = load_layout(folder)
    assert make(loaded) is make(loaded)
    trace = weakref.ref(loaded)
    del loaded
    gc.collect()
    assert trace() is None


def test_another_process_gets_the_layout_without_what_was_made_of_it(folder):
    loaded = load_layout(folder)
    anchors_of(loaded)
    sent = pickle.loads(pickle.dumps(loaded))
    assert sent.layout == loaded.layout and sent.fingerprint == loaded.fingerprint
    assert (sent.reference == loaded.reference).all() and not sent.derived
