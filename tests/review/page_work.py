"""The real work of a run, except that pages called askew are refused without looking for a form."""

from ocr_pipeline.batch.page import PageJob, PageResult, process_page
from ocr_pipeline.errors import Text
from ocr_pipeline.store.states import PageKind


def work(job: PageJob) -> PageResult:
    if job.given is None and "nghieng" in job.ref.name:
        return PageResult(PageKind.REFUSED, cause=Text("chụp lệch", "askew"))
    return process_page(job)
