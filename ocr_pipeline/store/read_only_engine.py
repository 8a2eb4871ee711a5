"""The database of a workspace for those who only look: nothing is made, changed or migrated."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import URL, Engine
from sqlalchemy.exc import OperationalError

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.store.engine import connect, connect_to_look, is_whole
from ocr_pipeline.store.schema import require_up_to_date

_BESIDE = ("-wal", "-journal")  # what a file of SQLite may need beside it to be whole


def read_only_engine(url: URL, kept: ExitStack) -> Engine:
    """An engine that cannot change anything.

    A file that lies where nobody may write, and that a killed program left with a log beside it,
    cannot be read in place: SQLite would have to finish its work first. A copy of it is read.

    Args:
        url: of the database, which exists.
        kept: ends with whoever looks; a copy is deleted then.

    Raises:
        SQLAlchemyError: the database cannot be opened.
        MachineError: it is of another version of this software, or changed while it was copied.

    """
    if url.get_backend_name() == "sqlite":
        return _of_file(Path(url.database or ""), url, kept)
    engine = connect_to_look(url)
    kept.callback(engine.dispose)
    require_up_to_date(engine)
    return engine


def _of_file(database: Path, url: URL, kept: ExitStack) -> Engine:
    engine = connect_to_look(url)
    try:
        require_up_to_date(engine)
    except OperationalError:
        engine.dispose()
        engine = _of_copy(database, kept)
        require_up_to_date(engine)
    kept.callback(engine.dispose)
    return engine


def _of_copy(database: Path, kept: ExitStack) -> Engine:
    folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="sohoa-look-")))
    for part in (database, *(database.with_name(database.name + end) for end in _BESIDE)):
        if part.is_file():
            shutil.copyfile(part, folder / part.name)
    engine = connect(URL.create("sqlite", database=str(folder / database.name)))
    with engine.connect().execution_options(sohoa_readonly=True) as connection:
        whole = is_whole(connection)
    if not whole:
        engine.dispose()
        raise MachineError(
            Text(
                "Tệp cơ sở dữ liệu bị hỏng hoặc đang được ghi từ máy khác",
                "The database file is damaged, or somebody is writing to it",
            ),
            where=str(database),
            remedy=Text(
                "Thử lại; nếu vẫn vậy, khôi phục từ bản sao lưu (`sohoa restore`)",
                "Try again; if it stays so, restore a back-up (`sohoa restore`)",
            ),
        )
    return engine
