"""The store as a run uses it: where it does not answer, it is waited for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from ocr_pipeline.batch.run_observer import RunObserver
from ocr_pipeline.errors import DatabaseUnreachableError
from ocr_pipeline.store.workspace import Workspace

Out = TypeVar("Out")

_PATIENCE_SECONDS = 600.0  # seconds that the run waits for a store that does not answer
_REST_SECONDS = 5.0


class PatientStore:
    """Changes and reads a workspace's store; while it does not answer, the run rests.

    Args:
        workspace: whose store.
        reporter: told that the run rests and goes on.
        log: structured log without personal data.
        rest: waits for so many seconds.

    """

    def __init__(
        self,
        workspace: Workspace,
        reporter: RunObserver,
        log: Any,
        rest: Callable[[float], None],
    ) -> None:
        self._workspace, self._reporter, self._log, self._rest = workspace, reporter, log, rest

    def change(self, action: Callable[[Session], Out]) -> Out:
        """Do something in one transaction; from its beginning again after a wait.

        Raises:
            DatabaseUnreachableError: the store has not answered for too long.

        """
        return self._patiently(self._workspace.transaction, action)

    def read(self, action: Callable[[Session], Out]) -> Out:
        """Look something up; again after a wait.

        Raises:
            DatabaseUnreachableError: the store has not answered for too long.

        """
        return self._patiently(self._workspace.read_session, action)

    def _patiently(
        self, begin: Callable[[], AbstractContextManager[Session]], action: Callable[[Session], Out]
    ) -> Out:
        waited = 0.0
        while True:
            try:
                with begin() as session:
                    result = action(session)
            except DatabaseUnreachableError as error:
                if waited >= _PATIENCE_SECONDS:
                    raise
                self._log.warning("the store does not answer", cause=error.cause.en)
                self._reporter.paused(error.cause)
                self._rest(_REST_SECONDS)
                waited += _REST_SECONDS
                continue
            if waited:
                self._reporter.resumed()
            return result
