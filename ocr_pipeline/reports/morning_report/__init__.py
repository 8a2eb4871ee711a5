"""The morning report: what a run did, what it could not do, and what people have before them."""

from ocr_pipeline.reports.morning_report.assembly import make_report
from ocr_pipeline.reports.morning_report.rendering import as_html, as_text
from ocr_pipeline.reports.morning_report.report import Report
from ocr_pipeline.reports.morning_report.report_files import Written, write_report

__all__ = ["Report", "Written", "as_html", "as_text", "make_report", "write_report"]
