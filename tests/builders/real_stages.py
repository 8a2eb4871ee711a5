"""The real work of a run, except that pages called askew are refused without looking for a form."""

from ocr_pipeline.errors import Text
from ocr_pipeline.processing.page import PageJob, PageResult, process_page
from ocr_pipeline.store.states import PageKind


def work(job: PageJob) -> PageResult:
    if job.corners is None and "nghieng" in job.ref.name:
        return PageResult(PageKind.REFUSED, cause=Text("chụp lệch", "askew"))
    return process_page(job)


def only_given(job: PageJob) -> PageResult:
    """Read pages whose corners a person gave, and no others: saves the tests their time."""
    return process_page(job) if job.corners is not None else PageResult(PageKind.REFUSED)
