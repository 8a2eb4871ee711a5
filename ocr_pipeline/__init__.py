"""sohoa: scanned Vietnamese civil-status registers in, official Excel and PDF packages out.

The names below are what a notebook needs (docs/notebook.md); each is imported when it is first
used, so that the command line and the workers start without what they do not need.
"""

from __future__ import annotations

from importlib import import_module
from os import environ
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocr_pipeline.books.book import Agency, Book
    from ocr_pipeline.checks.acceptance import AcceptancePolicy
    from ocr_pipeline.checks.book_judgement import judge_book
    from ocr_pipeline.imaging.flat_page import flatten
    from ocr_pipeline.layout.detection import detect
    from ocr_pipeline.layout.field_crops import cut
    from ocr_pipeline.layout.loading import load_layouts
    from ocr_pipeline.layout.registration import register
    from ocr_pipeline.processing.page import PageJob, read_page
    from ocr_pipeline.processing.stages import stages_for
    from ocr_pipeline.reading.reader import load_reader
    from ocr_pipeline.scans.page_image import PageImage
    from ocr_pipeline.scans.pages import find_pages, load_page

__version__ = "0.1.0"

#: What keeps libraries from calling others. Set here, by force, because every process of ours comes
#: by before it imports a library: commands, workers, Dask's workers, the station, notebooks.
#: `onnxruntime.disable_telemetry_events()` comes too late: by then 1.32 has made its device id.
SILENCED = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime 1.29 and later on Linux
    "OTEL_SDK_DISABLED": "true",  # OpenTelemetry, which new versions of FastAPI bring
    "FASTAPI_OTEL_AUTO_CONFIGURE": "false",  # it would send errors with their values
}
environ.update(SILENCED)

__all__ = [
    "AcceptancePolicy",
    "Agency",
    "Book",
    "PageImage",
    "PageJob",
    "cut",
    "detect",
    "find_pages",
    "flatten",
    "judge_book",
    "load_layouts",
    "load_page",
    "load_reader",
    "read_page",
    "register",
    "stages_for",
]

_HOMES = {
    "AcceptancePolicy": "checks.acceptance",
    "Agency": "books.book",
    "Book": "books.book",
    "PageImage": "scans.page_image",
    "PageJob": "processing.page",
    "cut": "layout.field_crops",
    "detect": "layout.detection",
    "find_pages": "scans.pages",
    "flatten": "imaging.flat_page",
    "judge_book": "checks.book_judgement",
    "load_layouts": "layout.loading",
    "load_page": "scans.pages",
    "load_reader": "reading.reader",
    "read_page": "processing.page",
    "register": "layout.registration",
    "stages_for": "processing.stages",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
