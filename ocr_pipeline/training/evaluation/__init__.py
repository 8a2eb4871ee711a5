"""How good the readings are, measured against known truth: `evaluate(truths, results)`."""

from __future__ import annotations

from ocr_pipeline.training.evaluation.pairs import (
    PageOutcomes,
    ResultLine,
    Truth,
    load_results,
    load_truths,
)
from ocr_pipeline.training.evaluation.report import Report, evaluate

__all__ = [
    "PageOutcomes",
    "Report",
    "ResultLine",
    "Truth",
    "evaluate",
    "load_results",
    "load_truths",
]
