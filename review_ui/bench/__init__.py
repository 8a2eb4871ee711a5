"""Measures the review station in a real browser: `python -m review_ui.bench`."""
