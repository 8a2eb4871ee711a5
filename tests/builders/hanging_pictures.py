"""Making pictures where a page whose name says so never ends."""

from ocr_pipeline.review.limited_pictures import upright_jpeg
from ocr_pipeline.review.upright_page import PageSource

HANGS = "treo"


def jpeg_or_hang(source: PageSource) -> bytes:
    while HANGS in source.ref.name:
        pass
    return upright_jpeg(source)
