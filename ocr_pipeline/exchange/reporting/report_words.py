"""What stands on the sheets and the page of a weekly report, beside what its form says."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ocr_pipeline.data_files import Strict, load_data


class ReportWords(Strict):
    """`report_words.yaml`: Vietnamese alone, for the report goes to Vietnamese offices."""

    sheets: dict[str, str]
    columns: dict[str, str]
    days: dict[str, str]
    states: dict[str, str]
    total: str
    total_of_type: str
    country: str
    motto: str
    week: str
    made: str
    due: str
    late: str
    cumulative: str
    empty: str
    lacking: str
    outside_share: str
    outside_help: str
    texts_help: str
    carried: str
    typed_twice: str
    source: str
    no_last: str
    last_altered: str
    gap: str
    fallen: str
    forecast_title: str
    forecast_none: str
    forecast_over: str
    forecast_few: str
    forecast_no_goal: str
    forecast_lacking: str
    forecast_reached: str
    forecast_standing: str
    forecast_in_time: str
    forecast_late: str
    staff_fact: str
    difficulties_fact: str
    missing: str
    late_units: str
    refused: str
    preparer: str
    sign: str
    place_and_date: str
    page: str


@cache
def report_words() -> ReportWords:
    """The words that ship with the program."""
    return load_data(Path(__file__).parent / "data" / "report_words.yaml", ReportWords)
