"""A run goes on in a workspace that was restored elsewhere, over scans that lie elsewhere."""

from __future__ import annotations

import shutil

from ocr_pipeline.batch.run import RunConditions, run
from ocr_pipeline.store.books import find_page
from ocr_pipeline.store.restore import restore
from ocr_pipeline.store.workspace import Workspace
from tests.builders.backups import back_up


def test_a_run_goes_on_on_another_machine(office, tmp_path):
    office.book("a", {"1.jpg": "record 1", "2.jpg": "record 2"})
    office.run()
    made = back_up(office.workspace, tmp_path / "out")
    read = office.called()
    office.book("b", {"1.jpg": "record 3"})
    elsewhere = tmp_path / "elsewhere" / "scans"
    shutil.copytree(office.scans, elsewhere)
    shutil.rmtree(office.scans)
    restore(made.path, str(tmp_path / "elsewhere" / "ws"))
    with Workspace.open(tmp_path / "elsewhere" / "ws", create=False) as restored:
        conditions = RunConditions(workers=1, nice=0)
        run(restored, elsewhere, conditions=conditions, dependencies=office.dependencies)
        with restored.read_session() as session:
            books = session.connection().exec_driver_sql("SELECT id FROM books").scalars().all()
            paths = [find_page(session, book, "1.jpg").path for book in books]
    assert len(read) == 2 and len(office.called()) == 3, "only the new page is read"
    assert all(str(path).startswith(str(elsewhere)) for path in paths) and len(books) == 2
