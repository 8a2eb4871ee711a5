"""Is the database whole? Asked at the beginning and the end of a run."""

from __future__ import annotations

from ocr_pipeline.store.database_errors import damaged_database
from ocr_pipeline.store.engine import is_whole
from ocr_pipeline.store.workspace import Workspace


def require_whole(workspace: Workspace) -> None:
    """Read the whole database and make sure that its pages and rows belong together.

    SQLite alone is asked (`PRAGMA quick_check`, as long as reading the file takes); a server of
    PostgreSQL looks after itself.

    Raises:
        MachineError: the database is damaged.

    """
    if workspace.engine.dialect.name != "sqlite":
        return
    with workspace.read_session() as session:
        whole = is_whole(session.connection())
    if not whole:
        raise damaged_database(workspace.engine.url, workspace.folder)
