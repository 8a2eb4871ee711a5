"""The morning report: what a run did, what it could not do, and what people have before them."""

from ocr_pipeline.batch.report.facts import Report
from ocr_pipeline.batch.report.gather import make_report
from ocr_pipeline.batch.report.rendering import as_html, as_text
from ocr_pipeline.batch.report.writing import Written, write_report

__all__ = ["Report", "Written", "as_html", "as_text", "make_report", "write_report"]
