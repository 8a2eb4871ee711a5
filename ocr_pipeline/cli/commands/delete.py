"""`sohoa delete`: a finished job is deleted for good."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ocr_pipeline.cli.options import WorkspaceOption, example
from ocr_pipeline.errors import Text, UsageError


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command(
        "delete",
        short_help="Xóa hẳn không gian làm việc đã xong / delete a finished workspace",
        epilog=example(
            "sohoa delete --workspace ho_so/ --confirm ho_so",
            "sohoa delete -w ho_so/ --confirm ho_so --certificate luu/ho_so.json",
        ),
    )(delete)


def delete(
    workspace: WorkspaceOption,
    confirm: Annotated[
        str,
        typer.Option(
            "--confirm",
            metavar="NAME",
            help="Tên thư mục của không gian làm việc, để xác nhận. "
            "/ Name of the workspace's folder, to confirm.",
        ),
    ] = "",
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate",
            metavar="FILE",
            help="Nơi ghi giấy chứng nhận xóa. / Where the deletion certificate goes.",
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Dù còn sổ chưa bàn giao. / Although books are not handed over.",
        ),
    ] = False,
) -> None:
    """Xóa hẳn dữ liệu, ảnh, tệp nhật ký của không gian làm việc đã bàn giao; có giấy chứng nhận.

    Delete database, pictures and logs of a workspace that was handed over; a certificate stays.
    """
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.review.deletion import delete_job, resume
    from ocr_pipeline.store.workspace import Workspace, folder_of

    folder = folder_of(workspace)
    path = resume(workspace, certificate)
    if path is None:
        _require_confirmed(folder.name, confirm)
        with Workspace.open(workspace, create=False) as opened:  # without a place among holders
            path = delete_job(opened, force=force, certificate=certificate)
    say(Text(f"Đã xóa {folder}", f"{folder} is deleted"))
    say(Text(f"Giấy chứng nhận: {path}", f"Certificate: {path}"))


def _require_confirmed(name: str, confirm: str) -> None:
    if not confirm and sys.stdin.isatty():
        question = Text(
            f"Không thể lấy lại được. Gõ “{name}” để xóa:",
            f"This cannot be undone. Type “{name}” to delete:",
        )
        confirm = typer.prompt(str(question), default="", show_default=False)
    if confirm != name:
        raise UsageError(
            Text("Chưa xác nhận, không xóa gì", "Not confirmed, nothing is deleted"),
            where=name,
            remedy=Text(f"Thêm --confirm {name}", f"Add --confirm {name}"),
        )
