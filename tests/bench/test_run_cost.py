"""What a run costs besides the work of its workers, measured on pages that are read for real."""

import pytest

from ocr_pipeline.bench import run_cost
from ocr_pipeline.bench.run_cost import measure_run
from ocr_pipeline.bench.sample_pages import sample_pages
from ocr_pipeline.processing.page import process_page
from ocr_pipeline.processing.settings import RunSettings


@pytest.mark.long
def test_every_page_is_counted_and_the_work_of_workers_is_not(tmp_path, monkeypatch):
    samples = sample_pages(tmp_path / "cache", 2)
    seen, read = [], []

    def counted(job):
        read.append(job.ref.name)
        return process_page(job)

    monkeypatch.setattr(run_cost, "process_page", counted)
    (tmp_path / "run").mkdir()
    cost = measure_run(
        tmp_path / "run", samples, settings=RunSettings(), pages=120, workers=4,
        on_page=lambda: seen.append(1),
    )  # fmt: skip
    assert cost.pages == 200 == len(seen), "whole books of a hundred pages"
    assert cost.records >= 200
    assert len(read) == len(samples), "no page is read while the clock runs"
    assert cost.seconds > 0
    assert cost.judging > 0
