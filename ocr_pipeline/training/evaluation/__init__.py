"""How good the readings are, measured against known truth: `evaluate(truths, results)`."""

from __future__ import annotations

from ocr_pipeline.training.evaluation.field_pairs import (
    PageOutcomes,
    ResultLine,
    Truth,
    load_results,
    load_truths,
)
from ocr_pipeline.training.evaluation.report import EvaluationReport, evaluate

__all__ = [
    "PageOutcomes",
    "EvaluationReport",
    "ResultLine",
    "Truth",
    "evaluate",
    "load_results",
    "load_truths",
]
