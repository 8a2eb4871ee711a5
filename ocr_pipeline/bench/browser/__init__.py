"""Measures the review station in a real browser: `python -m ocr_pipeline.bench.browser`."""
