from pathlib import Path

import pytest

from ocr_pipeline.reading.models import load_model
from ocr_pipeline.training.field_observations import true_books
from ocr_pipeline.training.reading_gains import STEPS, measure

BOOK = Path(__file__).parents[2] / "sample_scans" / "hn-2021"


@pytest.mark.long
def test_each_step_is_counted_on_the_same_fields_and_knowledge_helps() -> None:
    counts = measure([BOOK], load_model())
    fields, *right = counts[""]
    assert len(right) == len(STEPS)
    assert fields == sum(row[0] for kind, row in counts.items() if kind) > 40
    assert all(0 <= r <= fields for r in right)
    assert right[2] > right[0] and right[4] >= right[2]


@pytest.mark.long
def test_books_come_with_their_home_and_the_truth_of_their_pages() -> None:
    [book] = true_books([BOOK])
    assert book.book is not None and book.home == book.book.agency.units
    assert book.pages and all(page.crops and page.truth for page in book.pages)
