"""The check before the import: a file beyond the limits is one fault, the others are checked."""

import shutil

import pytest

from ocr_pipeline.export.preimport import check, check_paths
from ocr_pipeline.processes.limited_calls import LimitedCalls
from ocr_pipeline.processes.worker import TaskLimits
from tests.builders import hostile_files
from tests.builders.births import PDFS, STEM
from tests.builders.package_files import archive, errors, pair, pdf

__all__ = ["pair"]


@pytest.fixture
def few(monkeypatch):
    """The check with 300 MB for a file."""
    calls = LimitedCalls(1, TaskLimits(seconds=60, memory_mb=300, nice=0))
    monkeypatch.setattr(check, "foreign_calls", lambda: calls)
    yield
    calls.close()


@pytest.mark.long
def test_a_workbook_beyond_the_limits_costs_no_other_its_check(few, pair, tmp_path):
    """400 MB of shared texts in 400 kB."""
    excel, zipped = pair()
    folder = tmp_path / "0"
    folder.mkdir()
    shutil.copy(zipped, folder)
    hostile_files.write_long_workbook(folder / f"{STEM}.xlsx", 10, text_megabytes=400)
    hostile, healthy = check_paths([folder, excel])
    [unreadable] = [one for one in hostile.faults if one.rule == "file_unreadable"]
    assert unreadable.message.en.endswith("opening it takes more than 300 MB")
    assert hostile.pdfs == len(PDFS), "the zip beside it is checked all the same"
    assert errors(healthy) == []


def test_an_archive_beyond_the_limits_costs_no_other_its_check(few, pair, tmp_path):
    """One of its PDFs has an array of 60 million numbers in 1 kB."""
    excel, zipped = pair()
    folder = tmp_path / "0"
    folder.mkdir()
    shutil.copy(excel, folder)
    bomb = hostile_files.pdf_of_wide_array()
    archive(folder / f"{STEM}.zip", [(PDFS[0], bomb), (PDFS[1], pdf())])
    hostile, healthy = check_paths([folder, excel])
    assert {rule for rule, _, _ in errors(hostile)} & {"broken_zip", "broken_pdf"}
    assert hostile.rows == 2 and errors(healthy) == []
