"""What `sohoa status` says page by page."""

from __future__ import annotations

import pytest

from ocr_pipeline.cli.status_tables import tell_failures
from ocr_pipeline.reports.status import status
from tests.builders.run_office import RunOffice, office

__all__ = ["office"]


def test_every_page_without_a_record_is_named(
    office: RunOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = {"1.png": "record 1", "2.png": "blank", "3.png": "record 3", "4.png": "blank 1"}
    office.book("ks", {**pages, "5.png": "blank 2"})
    office.run()
    assert tell_failures(status(office.workspace)) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "3 pages taken for blank pages or covers" in said
    assert "blank: 2.png → 02/2016 is missing here" in said
    assert "blank: 4.png, 5.png" in said
