"""Work that a browser begins and looks at until it is done: one piece after the other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.errors import NotFoundError
from ocr_pipeline.store.files import file_errors_explained

_MOST_KEPT = 50  # finished jobs that can still be asked about


@dataclass
class DeskJob:
    """One piece of work.

    Attributes:
        user: who asked for it; nobody else sees it.
        phase: what is done now, as the work itself calls it.
        steps: done so far of this phase.
        count: steps of this phase; 0 while that is not known.
        done: nothing more will change.
        error: why it failed.

    """

    user: str
    phase: str = ""
    steps: int = 0
    count: int = 0
    done: bool = False
    error: SohoaError | None = None

    def begin(self, phase: str, count: int = 0) -> None:
        """Another phase begins."""
        self.phase, self.steps, self.count = phase, 0, count

    def step(self) -> None:
        """One step more."""
        self.steps += 1


class DeskJobs:
    """Jobs of one kind, done in a thread of their own; safe for use by several threads.

    Args:
        name: of the thread.
        folder: of the workspace, for messages about a full disk.

    """

    def __init__(self, name: str, folder: Path) -> None:
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, name)
        self._lock = Lock()
        self._jobs: dict[str, tuple[DeskJob, Future[None]]] = {}

    def start(self, user: User, key: str, work: Callable[[DeskJob], None]) -> DeskJob:
        """Begin a job; where one of this key is under way, nothing begins.

        Args:
            user: who asks.
            key: names the job.
            work: does it; is given the job to tell how far it is. What it raises as a `SohoaError`
                is told by the job.

        """
        with self._lock:
            known = self._jobs.get(key)
            if known is not None and not known[0].done:
                return known[0]
            for old in [one for one, (job, _) in self._jobs.items() if job.done][:-_MOST_KEPT]:
                del self._jobs[old]
            job = DeskJob(user.name)
            self._jobs[key] = job, self._thread.submit(self._run, job, work)
            return job

    def job(self, key: str) -> DeskJob | None:
        """The latest job of this key; None when there was none.

        Raises:
            Exception: the program failed while it worked.

        """
        with self._lock:
            known = self._jobs.get(key)
        if known is None:
            return None
        job, future = known
        if future.done():
            future.result()  # an error of the program is not hidden
        return job

    def own(self, user: User, key: str) -> DeskJob:
        """The latest job of this key that this person began.

        Raises:
            NotFoundError: there is none.

        """
        job = self.job(key)
        if job is None or job.user != user.name:
            raise NotFoundError(
                Text("Không còn việc này", "This work is no longer there"),
                remedy=Text("Bắt đầu lại", "Begin it again"),
            )
        return job

    def close(self) -> None:
        """Begin nothing more; what is under way is finished."""
        self._thread.shutdown(cancel_futures=True)

    def _run(self, job: DeskJob, work: Callable[[DeskJob], None]) -> None:
        try:
            with file_errors_explained(self._folder):
                work(job)
        except SohoaError as error:
            job.error = error
        finally:
            job.done = True
