from pathlib import Path

import pytest

import ocr_pipeline
from ocr_pipeline.processing.settings import JUDGE_CODE, PAGE_CODE

ROOT = Path(ocr_pipeline.__file__).parent


@pytest.mark.parametrize("name", sorted({*PAGE_CODE, *JUDGE_CODE}))
def test_what_a_fingerprint_names_is_there(name: str):
    """A module that moved would leave the fingerprint without a word: old results would stay."""
    assert (ROOT / name).exists()
