"""Where the shipped models, layouts, sample scans and handbook lie: in a checkout or the wheel."""

from __future__ import annotations

from pathlib import Path

from ocr_pipeline.errors import MachineError, Text

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Folder `name` (`models`, `layouts`, `sample_scans` or `docs`) of this installation.

    Raises:
        MachineError: the folder is missing, so the installation is damaged.

    """
    for folder in (_PACKAGE / "_resources" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise MachineError(
        Text(f"Bản cài đặt thiếu thư mục “{name}”", f"The installation lacks the folder “{name}”"),
        where=str(_PACKAGE),
        remedy=Text("Cài lại phần mềm sohoa", "Install the sohoa package again"),
    )
