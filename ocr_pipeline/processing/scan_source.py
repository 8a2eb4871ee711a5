"""Where a run has its books and pages from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocr_pipeline.books.inventory import Inventory, read_inventory
from ocr_pipeline.errors import ScanError
from ocr_pipeline.scans.limited_pages import find_pages, picture_digest
from ocr_pipeline.scans.pages import PageRef, digest
from ocr_pipeline.scans.strays import find_strays


@dataclass(frozen=True, slots=True)
class ScanSource:
    """The doors to a folder of scans; tests put fakes here."""

    read_inventory: Callable[[Path], Inventory] = read_inventory
    find_strays: Callable[[Path, Sequence[Path]], list[ScanError]] = find_strays
    find_pages: Callable[[Path], tuple[list[PageRef], list[ScanError]]] = find_pages
    digest: Callable[[PageRef], str] = digest
    picture: Callable[[PageRef], str] = picture_digest
