"""The machine's part in teaching a form, in the background: proposals, and trials on pages.

What is under way is told by files of the sketch. A station that was killed goes on with it when the
sketch is opened again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ocr_pipeline.data_files import Wording
from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.layout.form_sketch import layout_of, layout_text
from ocr_pipeline.processes.worker import TaskLimits
from ocr_pipeline.processing.office_networks import current_settings
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.background_work import BackgroundWork
from ocr_pipeline.review.errors import NotAllowedYetError
from ocr_pipeline.review.form_sketches import held_sketch, keep_state, note_deed
from ocr_pipeline.review.sketch_files import SketchFile, SketchFolder, SketchScan
from ocr_pipeline.review.sketch_pages import (
    PreparedForm,
    PrepareJob,
    TrialJob,
    TriedPage,
    prepare_form,
    reference_of,
    try_page,
)
from ocr_pipeline.review.sketch_trial import (
    Trial,
    TrialPage,
    compared_scans,
    load_trial,
    ref_of,
    store_trial,
    trial_scans,
    with_result,
)
from ocr_pipeline.scans.limited_pages import opened
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.books import load_books
from ocr_pipeline.store.files import write_bytes
from ocr_pipeline.store.workspace import Workspace

TRIAL_ID = "trial"
"""Last part of the id that a sketch has while it is tried."""

_LIMITS = TaskLimits(seconds=300.0, nice=0)  # somebody waits before the screen

_FAILED = Text("Máy không xem được ảnh này", "The machine could not look at this scan")


class SketchWork:
    """Does what sketches wait for, one thing at a time; safe for use by several threads.

    Args:
        ws: the workspace.
        prepare: makes proposals; tests have their own.
        try_on: tries a page; tests have their own.

    """

    def __init__(
        self,
        ws: Workspace,
        prepare: Callable[[PrepareJob], PreparedForm] = prepare_form,
        try_on: Callable[[TrialJob], TriedPage] = try_page,
    ) -> None:
        self._ws, self._prepare, self._try_on = ws, prepare, try_on
        self._work = BackgroundWork("sketches", _LIMITS)

    def go_on(self, sketch: SketchFile) -> None:
        """Do what a sketch waits for, unless it is under way."""
        if sketch.state == "proposing":
            self._work.begin(f"propose:{sketch.id}", lambda: self._propose(sketch.id))
        folder = SketchFolder(self._ws.folder, sketch.id)
        try:
            waits = not load_trial(folder).is_finished
        except SohoaError:
            return  # it was never tried
        if waits:
            self._work.begin(f"try:{sketch.id}", lambda: self._try(sketch.id))

    def begin_trial(self, user: User, identity: str, wanted: list[int], now: datetime) -> Trial:
        """Try a sketch on pages; what comes of each is told by `load_trial`.

        Args:
            user: who wants it.
            identity: of the sketch.
            wanted: ids of pages; the machine chooses them when empty.
            now: the time (UTC).

        Raises:
            ForbiddenError, NotFoundError, StaleError: as `form_sketches.changed_sketch`.
            NotAllowedYetError: the picture is not there yet.
            BadInputError, LayoutError: the sketch makes no layout yet, or there are no pages.

        """
        sketch = held_sketch(self._ws, user, identity, now)
        folder = SketchFolder(self._ws.folder, identity)
        if not folder.picture.is_file():
            raise NotAllowedYetError(
                Text("Ảnh của biểu mẫu chưa sẵn sàng", "The picture of the form is not ready"),
                where=identity,
                remedy=Text("Chờ máy xem xong ảnh", "Wait until the machine has looked at it"),
            )
        layout_of(sketch.content, trial_identity(sketch), 1)  # raises where it makes none
        scans = trial_scans(self._ws, sketch, wanted)
        pages = tuple(TrialPage(name=scan.name, page=scan.page) for scan in scans)
        trial = Trial(revision=sketch.revision, pages=pages)
        store_trial(folder, trial)
        note_deed(self._ws, user, AuditAction.SKETCH_TRIED, sketch, now, pages=len(pages))
        self._work.begin(f"try:{identity}", lambda: self._try(identity))
        return trial

    def wait(self) -> None:
        """Wait until nothing is under way; for tests."""
        self._work.settle()

    def close(self) -> None:
        """Stop after what is at hand; a call under way is broken off."""
        self._work.close()

    def _propose(self, identity: str) -> None:
        folder = SketchFolder(self._ws.folder, identity)
        try:
            sketch = folder.load()
            refs = [ref_of(self._ws, folder, scan) for scan in compared_scans(self._ws, sketch)]
            job = PrepareJob(tuple(refs), sketch.turn, sketch.content)
            made = opened(self._prepare, job, refs[0].name, calls=self._work.calls)
            write_bytes(folder.picture, made.picture, within=self._ws.folder)
        except SohoaError as error:
            if not self._work.is_closed:
                _tell_failed(self._ws, identity, error)
            return
        keep_state(
            self._ws,
            identity,
            state="ready",
            content=made.content,
            cause=_wording(made.notice),
            remedy=None,
        )

    def _try(self, identity: str) -> None:
        folder = SketchFolder(self._ws.folder, identity)
        try:
            sketch, trial = folder.load(), load_trial(folder)
            job = _trial_job(self._ws, folder, sketch)
        except (SohoaError, OSError) as error:
            told = error.cause if isinstance(error, SohoaError) else _FAILED
            _stop(folder, told)
            return
        for number, page in enumerate(trial.pages):
            if page.done or self._work.is_closed:
                continue
            if load_trial(folder).pages != trial.pages:  # another trial was begun meanwhile
                self._try(identity)
                return
            tried, fault = self._tried(folder, job, sketch, page)
            if self._work.is_closed:
                return
            trial = with_result(folder, trial, number, tried, fault)
            store_trial(folder, trial)

    def _tried(
        self,
        folder: SketchFolder,
        job: Callable[[SketchScan], TrialJob],
        sketch: SketchFile,
        page: TrialPage,
    ) -> tuple[TriedPage | None, Text | None]:
        sent = (scan for scan in sketch.scans if scan.name == page.name)
        scan = SketchScan(name=page.name, page=page.page) if page.page else next(sent, None)
        if scan is None:
            return None, Text("Trang không còn nữa", "The page is gone")
        try:
            return opened(self._try_on, job(scan), page.name, calls=self._work.calls), None
        except SohoaError as error:
            return None, error.cause


def trial_identity(sketch: SketchFile) -> str:
    """Id of the layout that a sketch makes while it is tried."""
    return sketch.layout or f"{sketch.content.type}-{TRIAL_ID}"


def _trial_job(
    ws: Workspace, folder: SketchFolder, sketch: SketchFile
) -> Callable[[SketchScan], TrialJob]:
    made = layout_of(sketch.content, trial_identity(sketch), 1)
    layout, reference = layout_text(made).encode(), reference_of(folder.picture.read_bytes(), made)
    settings = current_settings(ws.folder)
    home: tuple[str, ...] = ()
    if sketch.book:
        with ws.read_session() as session:
            books = load_books(session, [sketch.book])
        home = books[0].agency.units if books else ()
    return lambda scan: TrialJob(ref_of(ws, folder, scan), settings, home, layout, reference)


def _stop(folder: SketchFolder, cause: Text) -> None:
    trial = load_trial(folder)
    store_trial(folder, trial.model_copy(update={"stopped": _wording(cause)}))


def _tell_failed(ws: Workspace, identity: str, error: SohoaError) -> None:
    keep_state(
        ws, identity, state="failed", cause=_wording(error.cause), remedy=_wording(error.remedy)
    )


def _wording(text: Text | None) -> Wording | None:
    return Wording(vi=text.vi, en=text.en) if text else None
