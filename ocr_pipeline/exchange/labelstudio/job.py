"""Which Label Studio project belongs to a workspace: told by an identity kept in its folder."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from ocr_pipeline.data_files import Strict, load_data
from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.exchange.labelstudio.server import Server
from ocr_pipeline.exchange.labelstudio.tasks import labelling_config
from ocr_pipeline.store.files import write_text

FILE = "label-studio.json"
_TITLE = "sohoa: {name}"
_RESTORE = Text(
    "Khôi phục tệp này từ bản sao lưu; nếu xóa, lần đẩy sau tạo dự án mới",
    "Restore this file from the back-up; without it the next push makes another project",
)


class JobFile(Strict):
    """`label-studio.json`: the identity of the workspace."""

    job: str


def job_of(folder: Path) -> str:
    """Identity of the workspace towards Label Studio; made when first asked for.

    Raises:
        MachineError: the file that keeps it is damaged.

    """
    path = folder / FILE
    if path.is_file():
        return load_data(path, JobFile, MachineError, _RESTORE).job
    job = uuid.uuid4().hex
    write_text(path, json.dumps({"job": job}) + "\n", within=folder)
    return job


def find_project(server: Server, job: str) -> int | None:
    """The project of the job; None when the server has none."""
    for project, description in server.projects():
        if _mark(job) in description:
            return project
    return None


def ensure_project(server: Server, job: str, folder: Path) -> int:
    """The project of the job with our labelling config; made if missing."""
    project = find_project(server, job)
    if project is None:
        title = _TITLE.format(name=folder.name)[:50]  # the server takes no more
        return server.create_project(title, _mark(job), labelling_config())
    return project


def _mark(job: str) -> str:
    return f"sohoa-job:{job}"
