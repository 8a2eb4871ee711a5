"""The command line: the door that people and scripts come in by."""

from ocr_pipeline.cli.app import main

__all__ = ["main"]
