"""`sohoa bench reconcile`: two invented databases, and what is counted of them."""

from __future__ import annotations

import json

import pytest

from ocr_pipeline.errors import ExitCode

pytest.importorskip("duckdb", reason="the extra `reconcile` is not installed")
pytest.importorskip("splink", reason="the extra `reconcile` is not installed")


def test_the_figures_of_a_small_province(sohoa):
    done = sohoa("bench", "reconcile", "--rows", "300", "--seed", "5", "--json")
    assert done.code == ExitCode.DONE, done.err
    found = json.loads(done.out)
    assert 500 < found["rows"] < 660
    assert found["ids_of_others"] == 0
    assert found["recall"] > 0.95 and found["agree_right"] > 0.98
    counts = found["counts"]
    linked = counts["agree"] + counts["agree_id_missing"] + counts["differ"]
    assert 2 * linked + counts["several"] + counts["not_found"] + counts["double"] == found["rows"]
