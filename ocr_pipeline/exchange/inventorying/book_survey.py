"""What a look at the cover and at ten pages of a book tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.exchange.inventorying.work_order import Condition, WorkOrderFile
from ocr_pipeline.processing.page import PageJob, read_page
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.processing.stages import stages_for
from ocr_pipeline.reading.cover import Cover
from ocr_pipeline.registers.fields import Script
from ocr_pipeline.scans.limited_pages import find_pages, opened
from ocr_pipeline.scans.pages import PageRef
from ocr_pipeline.scans.scan_errors import SkippedFileError
from ocr_pipeline.store.states import PageKind

_COVER_PAGES = 2  # the cover is among the first of them: a sheet may lie before it
_REFUSED = frozenset({PageKind.REFUSED, PageKind.OTHER, PageKind.FAULT})


@dataclass(frozen=True, slots=True)
class SurveyedPage:
    """What became of one page.

    Attributes:
        kind: what it turned out to be.
        layout: id of the layout found; "" when none fits.
        type: register type of that layout.
        confidence: mean of the fields that are written, 0–1; None without any.
        cover: what it says as a cover.

    """

    kind: PageKind
    layout: str = ""
    type: str = ""
    confidence: float | None = None
    cover: Cover | None = None


@dataclass(frozen=True, slots=True)
class BookSurvey:
    """What was seen of a book.

    Attributes:
        pages: how many pages it has.
        faults: files that give no page, in words.
        first_file: name of the file of its first page.
        cover: what its cover says; None where none was read.
        cover_page: name of the page that is the cover; the first page where none was found.
        cover_seen: whether a page looks like a cover at all.
        layout: id of the layout on most sampled pages; "" for none.
        type: register type of that layout.
        fitting: how many of the sampled pages have that layout.
        sampled: how many pages were looked at, blank ones and the cover left out.
        refused: share of them on which no form was found, 0–1.
        confidence: mean of what is written on the others, 0–1.
        condition: what that is called.

    """

    pages: int
    faults: tuple[Text, ...]
    first_file: str
    cover: Cover | None
    cover_page: str
    cover_seen: bool
    layout: str = ""
    type: str = ""
    fitting: int = 0
    sampled: int = 0
    refused: float = 0.0
    confidence: float = 0.0
    condition: Condition = "unknown"


def survey_book(path: Path, settings: RunSettings, order: WorkOrderFile) -> BookSurvey:
    """Look at a book: its cover and some of its pages, each opened within limits.

    Args:
        path: folder or file of the book.
        settings: model and layouts to read with.
        order: how many pages are looked at, and what their condition is called.

    Raises:
        MachineError: the model or the layouts are missing.

    """
    pages, errors = find_pages(path)
    faults = tuple(e.cause for e in errors if not isinstance(e, SkippedFileError))
    if not pages:
        return BookSurvey(0, faults, "", None, "", cover_seen=False)
    seen: dict[PageRef, SurveyedPage] = {}
    type = ""
    for page in _sample(pages, order.sampled_pages):
        seen[page] = _surveyed(page, type, settings)
        type = seen[page].type or type
    covers = [page for page in seen if seen[page].kind is PageKind.COVER]
    read = next((page for page in covers if seen[page].cover is not None), None)
    empty = (PageKind.COVER, PageKind.BLANK)
    counted = [one for one in seen.values() if one.kind not in empty]
    survey = BookSurvey(
        len(pages),
        faults,
        pages[0].path.name,
        seen[read].cover if read else None,
        (read or next(iter(covers), pages[0])).name,
        bool(covers),
    )
    return _with_condition(survey, counted, order) if counted else survey


def _with_condition(
    survey: BookSurvey, counted: Sequence[SurveyedPage], order: WorkOrderFile
) -> BookSurvey:
    layouts = Counter((one.layout, one.type) for one in counted if one.kind is PageKind.RECORD)
    (layout, type), fitting = layouts.most_common(1)[0] if layouts else (("", ""), 0)
    refused = sum(one.kind in _REFUSED for one in counted) / len(counted)
    sure = [one.confidence for one in counted if one.confidence is not None]
    confidence = fmean(sure) if sure else 0.0
    return replace(
        survey,
        layout=layout,
        type=type,
        fitting=fitting,
        sampled=len(counted),
        refused=refused,
        confidence=confidence,
        condition=order.condition(refused, confidence),
    )


def _sample(pages: Sequence[PageRef], number: int) -> list[PageRef]:
    """The first pages, where the cover is, and others at even distances."""
    rest = pages[_COVER_PAGES:]
    wanted = min(max(number - _COVER_PAGES, 1), len(rest))
    step = len(rest) / wanted if wanted else 1
    return [*pages[:_COVER_PAGES], *(rest[int((n + 0.5) * step)] for n in range(wanted))]


def _surveyed(page: PageRef, type: str, settings: RunSettings) -> SurveyedPage:
    """A page, whatever happens to it."""
    job = PageJob(page, type, settings=settings)
    try:
        return opened(survey_page, job, page.name, seconds=settings.page_seconds)
    except SohoaError as error:
        if error.exit_code == 4:  # the machine lacks something: no page can be read
            raise
        return SurveyedPage(PageKind.FAULT)


def survey_page(job: PageJob) -> SurveyedPage:
    """Read a page under whatever layout it has; what a limited process does.

    Raises:
        MachineError: the model or the layouts are missing.
        TransientError: a helper program was killed.

    """
    stages = stages_for(job.settings)
    result = read_page(job, stages)
    if result.kind is PageKind.OTHER:  # of another type than expected: under that type, then
        own = stages.layouts[result.layout].layout.type
        result = read_page(replace(job, type=own), stages)
    fields = [field for record in result.records for field in record.fields.values()]
    sure = [field.confidence for field in fields if field.script is not Script.BLANK]
    known = stages.layouts.get(result.layout) if result.kind is PageKind.RECORD else None
    return SurveyedPage(
        result.kind,
        result.layout if known else "",
        known.layout.type if known else "",
        fmean(sure) if sure else None,
        result.cover,
    )
