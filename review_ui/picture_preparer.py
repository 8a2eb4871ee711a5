"""Makes the pictures of waiting pages before anybody asks for them, without getting in the way."""

from __future__ import annotations

import os
import threading
from contextlib import suppress

from ocr_pipeline.errors import SohoaError
from ocr_pipeline.review.page_sources import waiting_pages
from ocr_pipeline.review.pictures import Pictures
from ocr_pipeline.store.workspace import Workspace

_PAUSE_SECONDS = 60.0  # seconds until it looks for new pages
_POLITE = 15  # niceness


class PicturePreparer(threading.Thread):
    """A thread of low priority that makes pictures until it is told to stop.

    Args:
        workspace: where pages wait.
        pictures: where their pictures go.

    """

    def __init__(self, workspace: Workspace, pictures: Pictures) -> None:
        super().__init__(name="preparer", daemon=True)
        self._workspace, self._pictures = workspace, pictures
        self._stopped = threading.Event()

    def run(self) -> None:
        """Work."""
        with suppress(AttributeError, OSError):  # only Linux knows priorities of threads
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _POLITE)
        while not self._stopped.is_set():
            with suppress(SohoaError):  # the database or the workspace is away: it looks again
                self._prepare()
            self._stopped.wait(_PAUSE_SECONDS)

    def stop(self) -> None:
        """Stop after the page at hand; native code must not run on while the process ends."""
        self._stopped.set()
        if self.is_alive():
            self.join()

    def _prepare(self) -> None:
        for source in waiting_pages(self._workspace):
            if self._stopped.is_set():
                return
            with suppress(SohoaError):  # told to whoever asks for the picture
                self._pictures.page(source)
