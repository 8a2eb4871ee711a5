"""The job's project in Label Studio deleted, once all that was said there has been fetched."""

from __future__ import annotations

from ocr_pipeline.errors import Text, UsageError
from ocr_pipeline.exchange.labelstudio.job import FILE, find_project, job_of
from ocr_pipeline.exchange.labelstudio.pull import pending
from ocr_pipeline.exchange.labelstudio.server import Server
from ocr_pipeline.store.audit import append
from ocr_pipeline.store.audit_actions import AuditAction
from ocr_pipeline.store.workspace import Workspace


def remove(ws: Workspace, server: Server, *, force: bool = False) -> int | None:
    """Delete the project with its tasks, pictures and annotations.

    Args:
        ws: the workspace.
        server: where it is.
        force: also when corrections in it have not been taken over.

    Returns:
        The id of the project; None when there was none.

    Raises:
        UsageError: corrections in it have not been taken over.
        LabelStudioError: the server refuses.

    """
    job = job_of(ws.folder)
    project = find_project(server, job)
    if project is None:
        (ws.folder / FILE).unlink(missing_ok=True)
        return None
    waiting = 0 if force else pending(ws, server)
    if waiting:
        raise UsageError(
            Text(
                f"Còn {waiting} kết quả ở Label Studio chưa được lấy về",
                f"{waiting} corrections in Label Studio have not been taken over",
            ),
            where=server.url,
            remedy=Text(
                "Chạy `sohoa labelstudio pull` trước, hoặc thêm --force",
                "Run `sohoa labelstudio pull` first, or add --force",
            ),
        )
    server.delete_project(project)
    (ws.folder / FILE).unlink(missing_ok=True)
    with ws.transaction() as session:
        append(session, "system", AuditAction.LABEL_STUDIO_REMOVE, details={"project": project})
    return project
