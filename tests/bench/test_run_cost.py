"""What a run costs besides the work of its workers, measured on pages that are read for real."""

from ocr_pipeline.bench.run_cost import measure_run
from ocr_pipeline.bench.sample_pages import sample_pages
from ocr_pipeline.processing.settings import RunSettings


def test_every_page_is_counted_and_the_work_of_workers_is_not(tmp_path):
    samples = sample_pages(tmp_path / "cache", 2)
    seen = []
    (tmp_path / "run").mkdir()
    cost = measure_run(
        tmp_path / "run", samples, settings=RunSettings(), pages=120, workers=4,
        on_page=lambda: seen.append(1),
    )  # fmt: skip
    assert cost.pages == 200 == len(seen), "whole books of a hundred pages"
    assert cost.records >= 200
    assert 0 < cost.seconds < 0.2, "reading a page takes far longer"
    assert cost.judging > 0
