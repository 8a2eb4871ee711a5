"""The trial of a sketch on other pages: which ones, and what came of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ocr_pipeline.data_files import Strict, Wording, load_data
from ocr_pipeline.errors import BadInputError, MachineError, Text
from ocr_pipeline.processing.form_pages import form_pages
from ocr_pipeline.proposing.common_sheet import MOST_PAGES as COMPARED_PAGES
from ocr_pipeline.review.open_page import page_row
from ocr_pipeline.review.sketch_files import SketchFile, SketchFolder, SketchScan, missing
from ocr_pipeline.review.sketch_pages import TriedPage
from ocr_pipeline.scans.pages import PageRef
from ocr_pipeline.store.files import write_bytes, write_text
from ocr_pipeline.store.page_parts import page_ref
from ocr_pipeline.store.workspace import Workspace

MOST_PAGES = 20
"""Pages of one trial: each takes some seconds."""

_FILE = "trial.json"


class TrialPage(Strict):
    """What came of one page; all but the first two are not known before it was tried.

    Attributes:
        name: for people.
        page: id of the page; 0 for a file that was sent.
        done: it was tried.
        accepted: as of `sketch_pages.TriedPage`, like those below.
        fault: why it could not be tried.

    """

    name: str
    page: int = 0
    done: bool = False
    accepted: bool = False
    layout: str = ""
    residual_mm: float = 0.0
    words: float = 0.0
    coverage: float = 0.0
    reason: Wording | None = None
    fault: Wording | None = None
    readings: tuple[tuple[int, str, str, float], ...] = ()


class Trial(Strict):
    """`trial.json`.

    Attributes:
        revision: of the sketch that was tried.
        pages: in the order in which they are tried.
        stopped: why it stopped before all pages were tried.

    """

    revision: Annotated[int, Field(ge=0)]
    pages: tuple[TrialPage, ...] = ()
    stopped: Wording | None = None

    @property
    def is_finished(self) -> bool:
        """Nothing of it is still to come."""
        return self.stopped is not None or all(page.done for page in self.pages)


def trial_scans(ws: Workspace, sketch: SketchFile, wanted: list[int]) -> list[SketchScan]:
    """The pages to try a sketch on.

    Args:
        ws: the workspace.
        sketch: the sketch.
        wanted: ids of pages; when empty the machine chooses pages of the book, refused ones first,
            or takes all files that were sent.

    Raises:
        NotFoundError: there is no page of such an id.
        BadInputError: there is nothing to try it on, or too much.

    """
    if len(wanted) > MOST_PAGES:
        raise BadInputError(
            Text(f"Nhiều nhất {MOST_PAGES} trang một lần", f"At most {MOST_PAGES} pages at once")
        )
    with ws.read_session() as session:
        if wanted:
            rows = [page_row(session, one) for one in wanted]
        elif sketch.book:
            rows = form_pages(session, sketch.book)
        else:
            return list(sketch.scans[:MOST_PAGES])
        found = [SketchScan(name=row.name, page=row.id) for row in rows if row.digest]
    if not found:
        raise BadInputError(
            Text("Không có trang nào để thử", "There is no page to try it on"), where=sketch.book
        )
    return found


def compared_scans(ws: Workspace, sketch: SketchFile) -> tuple[SketchScan, ...]:
    """The scans whose print the machine compares, the one that is drawn on first.

    A single page of a book is compared with other pages of the book.
    """
    if len(sketch.scans) > 1 or not sketch.book:
        return sketch.scans[:COMPARED_PAGES]
    with ws.read_session() as session:
        rows = form_pages(session, sketch.book)
        others = [
            SketchScan(name=row.name, page=row.id)
            for row in rows
            if row.digest and row.id != sketch.scans[0].page
        ]
    return (*sketch.scans, *others)[:COMPARED_PAGES]


def ref_of(ws: Workspace, folder: SketchFolder, scan: SketchScan) -> PageRef:
    """Where the bytes of a scan are.

    Raises:
        NotFoundError: the page is gone.

    """
    if not scan.page:
        return PageRef(folder.scan_path(scan), scan.index, scan.name)
    with ws.read_session() as session:
        return page_ref(page_row(session, scan.page))


def load_trial(folder: SketchFolder) -> Trial:
    """The last trial of a sketch.

    Raises:
        NotFoundError: it was never tried.

    """
    path = folder.trial / _FILE
    if not path.is_file():
        raise missing(f"{folder.id}/trial")
    return load_data(path, Trial, MachineError)


def store_trial(folder: SketchFolder, trial: Trial) -> None:
    """Keep a trial as far as it has come."""
    text = json.dumps(trial.model_dump(mode="json"), ensure_ascii=False)
    write_text(folder.trial / _FILE, text + "\n", within=folder.workspace)


def with_result(
    folder: SketchFolder, trial: Trial, number: int, tried: TriedPage | None, fault: Text | None
) -> Trial:
    """The trial with what came of page `number` (from 0); its picture is kept beside."""
    page = trial.pages[number]
    if tried is None:
        told = Wording(vi=fault.vi, en=fault.en) if fault else None
        page = page.model_copy(update={"done": True, "fault": told})
    else:
        reason = tried.reason
        write_bytes(_overlay(folder, number), tried.overlay, within=folder.workspace)
        page = page.model_copy(
            update={
                "done": True,
                "accepted": tried.accepted,
                "layout": tried.layout,
                "residual_mm": tried.residual_mm,
                "words": tried.words,
                "coverage": tried.coverage,
                "reason": Wording(vi=reason.vi, en=reason.en) if reason else None,
                "readings": tuple(
                    (one.position, one.code, one.value, round(one.confidence, 3))
                    for one in tried.readings
                ),
            }
        )
    pages = (*trial.pages[:number], page, *trial.pages[number + 1 :])
    return trial.model_copy(update={"pages": pages})


def overlay_picture(folder: SketchFolder, number: int) -> bytes:
    """The picture of a tried page (from 0), JPEG.

    Raises:
        NotFoundError: it was not tried.

    """
    try:
        return _overlay(folder, number).read_bytes()
    except FileNotFoundError:
        raise missing(f"{folder.id}/trial/{number}") from None


def _overlay(folder: SketchFolder, number: int) -> Path:
    return folder.trial / f"{number:02d}.jpg"
