"""The morning report: what a run did, what it could not do, and what people have before them."""

from ocr_pipeline.reports.morning_report.assembly import make_report
from ocr_pipeline.reports.morning_report.rendering import as_html, as_text
from ocr_pipeline.reports.morning_report.report import MorningReport
from ocr_pipeline.reports.morning_report.report_files import ReportFiles, write_report

__all__ = ["MorningReport", "ReportFiles", "as_html", "as_text", "make_report", "write_report"]
