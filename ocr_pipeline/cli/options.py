"""Options that several commands share: called and explained the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ocr_pipeline.store.workspace import Workspace

WorkspaceOption = Annotated[
    str,
    typer.Option(
        "--workspace",
        "-w",
        metavar="WS",
        envvar="SOHOA_WORKSPACE",
        help="Không gian làm việc: thư mục hoặc địa chỉ cơ sở dữ liệu. "
        "/ Workspace: a folder, or a database URL.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="In JSON cho chương trình khác. / Print JSON for programs.")
]
ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="NAME|PATH",
        help="Mô hình chữ viết: tên hoặc thư mục. / Handwriting model: name or folder.",
    ),
]
LayoutsOption = Annotated[
    Path | None,
    typer.Option(
        "--layouts",
        metavar="DIR",
        help="Thư mục biểu mẫu riêng. / Your folder of layouts instead of the shipped.",
    ),
]
TaughtInOption = Annotated[
    str,
    typer.Option(
        "--workspace",
        "-w",
        metavar="WS",
        help="Thêm các biểu mẫu riêng của không gian làm việc này. "
        "/ Also the layouts that were taught in this workspace.",
    ),
]
WorkersOption = Annotated[
    int,
    typer.Option(
        "--workers",
        min=0,
        metavar="N",
        help="Số tiến trình đọc; 0 = mỗi nhân một tiến trình đọc. / Processes; 0 = one per core.",
    ),
]


_command: list[str] = []


def note_command(name: str) -> None:
    """From now on, this command is what runs."""
    _command[:] = [name]


def example(*lines: str) -> str:
    """The last paragraph of a command's help: how to call it."""
    return "Ví dụ / Example:\n\n" + "\n\n".join(lines)


def open_workspace(location: str, *, create: bool = False) -> Workspace:
    """The workspace at `location`; crashes are noted there from now on.

    Until it is closed, nobody deletes it; who tries is told the name of the running command.
    """
    from ocr_pipeline.cli.output import note_crashes_in
    from ocr_pipeline.store.workspace import Workspace

    command = _command[0] if _command else "python"
    workspace = Workspace.open(location, create=create, command=command)
    note_crashes_in(workspace.logs)
    return workspace


def look_at_workspace(location: str) -> Workspace:
    """The workspace at `location` for a command that changes nothing in it (`Workspace.look`).

    A crash alone is noted there.
    """
    from ocr_pipeline.cli.output import note_crashes_in
    from ocr_pipeline.store.workspace import Workspace

    workspace = Workspace.look(location)
    note_crashes_in(workspace.folder / "logs")
    return workspace
