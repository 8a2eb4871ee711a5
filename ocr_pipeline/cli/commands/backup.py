"""`sohoa backup` and `sohoa restore`: a whole copy of a workspace, and back again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocr_pipeline.cli.options import (
    JsonOption,
    WorkspaceOption,
    example,
    look_at_workspace,
    open_workspace,
)
from ocr_pipeline.errors import ExitCode, Text, UsageError
from ocr_pipeline.written_numbers import number

if TYPE_CHECKING:
    from ocr_pipeline.json_types import Json
    from ocr_pipeline.store.backup import Backup
    from ocr_pipeline.store.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command(
        "backup",
        short_help="Sao lưu không gian làm việc / back up a workspace",
        epilog=example(
            "sohoa backup /mnt/sao_luu/ --workspace ho_so/",
            "sohoa backup /mnt/sao_luu/ -w ho_so/ --keep 14",
            "sohoa backup --check /mnt/sao_luu/ho_so-20261127-193000.sohoa-backup",
        ),
    )(backup)
    app.command(
        "restore",
        short_help="Khôi phục từ bản sao lưu / restore a back-up",
        epilog=example(
            "sohoa restore ho_so-20261127-193000.sohoa-backup --workspace ho_so_moi/",
            "sohoa restore ho_so-20261127-193000.sohoa-backup -w ho_so/ --replace",
        ),
    )(restore)


def backup(
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="Thư mục có sẵn, hoặc tên tệp có đuôi. / A folder that exists, or a file a.bak.",
        ),
    ],
    workspace: WorkspaceOption = "",
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Chỉ kiểm tra bản sao lưu OUT. / Only look the back-up OUT over.",
        ),
    ] = False,
    no_pictures: Annotated[
        bool,
        typer.Option(
            "--no-pictures",
            help="Không kèm ảnh trang; máy làm lại được từ ảnh quét. "
            "/ Without pages as pictures; they are made again from the scans.",
        ),
    ] = False,
    keep: Annotated[
        int,
        typer.Option(
            "--keep",
            min=0,
            metavar="N",
            help="Chỉ giữ N bản mới nhất trong thư mục; 0 = giữ hết. "
            "/ Keep the N newest in the folder; 0 = all.",
        ),
    ] = 0,
    as_json: JsonOption = False,
) -> ExitCode:
    """Sao lưu cơ sở dữ liệu và các tệp vào một tệp, ngay cả khi máy và người đang làm việc.

    Back database and files up into one file, even while the machine and people work.
    """
    import ocr_pipeline
    from ocr_pipeline.cli.output import progress
    from ocr_pipeline.store.backup import check_backup, make_backup

    if check:
        with progress(Text("Đang kiểm tra", "Checking"), None) as bar:
            made = check_backup(out, bar.step)
    else:
        if not workspace:
            raise UsageError(
                Text("Chưa cho biết không gian làm việc", "No workspace is named"),
                remedy=Text("Thêm --workspace", "Add --workspace"),
            )
        with (
            _opened(workspace) as opened,
            progress(Text("Đang sao lưu", "Backing up"), None) as bar,
        ):
            made = make_backup(
                opened,
                out,
                software=f"sohoa {ocr_pipeline.__version__}",
                pictures=not no_pictures,
                keep=keep,
                step=bar.step,
            )
    _tell(made, check, as_json)
    whole = made.trail_holds and (check or made.noted)
    return ExitCode.DONE if whole else ExitCode.FAILURES


def _opened(location: str) -> Workspace:
    """The workspace; where its disk has become one that can only be read, for looking alone."""
    from ocr_pipeline.store.workspace import folder_of

    folder = folder_of(location)
    if folder.is_dir() and not os.access(folder, os.W_OK):
        return look_at_workspace(location)
    return open_workspace(location)


def restore(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Bản sao lưu. / The back-up.", exists=False)
    ],
    workspace: WorkspaceOption,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Thay không gian làm việc đang có; cái cũ được chuyển sang bên, không bị xóa. "
            "/ In place of the workspace that is there, which is moved aside, not deleted.",
        ),
    ] = False,
) -> ExitCode:
    """Khôi phục không gian làm việc từ bản sao lưu, vào chỗ trống hoặc thay cái đang có.

    Restore a workspace from a back-up, into an empty place or instead of the one that is there.
    """
    from ocr_pipeline.cli.output import progress, say
    from ocr_pipeline.store.restore import restore as put_back

    with progress(Text("Đang khôi phục", "Restoring"), None) as bar:
        done = put_back(file, workspace, replace=replace, step=bar.step)
    made, trail = done.manifest.made, done.manifest.trail
    say(Text(f"Đã khôi phục vào {done.folder}", f"Restored into {done.folder}"))
    say(
        Text(
            f"Sao lưu lúc {made}; nhật ký thao tác: {trail.lines} dòng, mã băm cuối {trail.head}",
            f"Made at {made}; audit trail: {trail.lines} lines, last hash {trail.head}",
        )
    )
    if done.aside or done.aside_namespace:
        places = " · ".join(str(place) for place in (done.aside, done.aside_namespace) if place)
        say(
            Text(
                f"Cái đang có trước đó nay nằm ở: {places}",
                f"What was there before is now in: {places}",
            )
        )
    _warn_of_trail(done.trail_holds)
    return ExitCode.DONE if done.trail_holds else ExitCode.FAILURES


def _tell(made: Backup, check: bool, as_json: bool) -> None:
    from ocr_pipeline.cli.output import print_json, say, warn

    told, trail = made.manifest, made.manifest.trail
    if as_json:
        print_json(_json(made))
    else:
        counts = told.counts
        say(
            Text(f"Bản sao lưu nguyên vẹn: {made.path}", f"The back-up is whole: {made.path}")
            if check
            else Text(f"Đã sao lưu vào {made.path}", f"Backed up into {made.path}")
        )
        say(
            Text(
                f"{counts['books']} sổ, {counts['pages']} trang, {counts['records']} bản ghi, "
                f"{counts['entries']} giá trị đã lưu, {len(told.files)} tệp, "
                f"{number(made.bytes / 1e6, 1)} MB; lúc {told.made}",
                f"{counts['books']} books, {counts['pages']} pages, {counts['records']} records, "
                f"{counts['entries']} entries, {len(told.files)} files, "
                f"{made.bytes / 1e6:.1f} MB; made at {told.made}",
            )
        )
        say(
            Text(
                f"Nhật ký thao tác: {trail.lines} dòng, mã băm cuối {trail.head}",
                f"Audit trail: {trail.lines} lines, last hash {trail.head}",
            )
        )
        say(Text(f"SHA-256 của tệp: {made.sha256}", f"SHA-256 of the file: {made.sha256}"))
        for path in made.removed:
            say(Text(f"Đã xóa bản cũ: {path}", f"Deleted an older one: {path}"))
    for name in told.left_out:
        warn(
            Text(
                f"Không sao lưu {name}: đó là liên kết, không phải tệp",
                f"Not backed up: {name}, which is a link, no file",
            )
        )
    if not check and not made.noted:
        warn(
            Text(
                "Không ghi được việc sao lưu vào nhật ký thao tác; bản sao lưu vẫn nguyên vẹn",
                "The audit trail has no line about this back-up, which is whole all the same",
            )
        )
    _warn_of_trail(made.trail_holds)


def _warn_of_trail(holds: bool) -> None:
    from ocr_pipeline.cli.output import warn

    if not holds:
        warn(
            Text(
                "Nhật ký thao tác trong bản sao lưu không nguyên vẹn: xem `sohoa audit verify`",
                "The audit trail in the back-up does not hold: see `sohoa audit verify`",
            )
        )


def _json(made: Backup) -> Json:
    told = made.manifest
    return {
        "file": str(made.path),
        "bytes": made.bytes,
        "sha256": made.sha256,
        "made": told.made,
        "workspace": told.workspace,
        "database": told.database.kind,
        "audit": told.trail.model_dump() | {"holds": made.trail_holds},
        "counts": told.counts,
        "files": len(told.files),
        "left_out": told.left_out,
        "removed": [str(path) for path in made.removed],
    }
