"""`sohoa labelstudio push`, `pull`, `remove`: corrections through Label Studio."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocr_pipeline.cli.options import JsonOption, WorkspaceOption, example, open_workspace
from ocr_pipeline.errors import ExitCode, Text, UsageError

if TYPE_CHECKING:
    from ocr_pipeline.exchange.labelstudio.server import Server

KEY = "LABEL_STUDIO_API_KEY"

UrlOption = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="LABEL_STUDIO_URL",
        metavar="URL",
        help="Địa chỉ Label Studio. / Where Label Studio is.",
    ),
]
KeyFileOption = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help=f"Tệp chứa khóa truy cập; nếu không có thì lấy từ {KEY}. "
        f"/ File with the access token; else {KEY} is taken.",
    ),
]
RemoteOption = Annotated[
    bool,
    typer.Option(
        "--allow-remote",
        help="Cho phép gửi ảnh sang máy khác. / Allow pictures to go to another machine.",
    ),
]
_URL = "http://127.0.0.1:8080"


def register(app: typer.Typer) -> None:
    """Add this group of commands to the program."""
    group = typer.Typer(
        help="Sửa bằng Label Studio.\n\nCorrections through Label Studio.", no_args_is_help=True
    )
    group.command(
        "push",
        short_help="Gửi trường nghi ngờ / send doubtful fields",
        epilog=example("sohoa labelstudio push --workspace ho_so/ --key-file khoa.txt"),
    )(push)
    group.command(
        "pull",
        short_help="Lấy kết quả sửa / fetch corrections",
        epilog=example("sohoa labelstudio pull -w ho_so/ --account lan@xa.example=lan"),
    )(pull)
    group.command(
        "remove",
        short_help="Xóa dự án ở Label Studio / delete the project there",
        epilog=example("sohoa labelstudio remove -w ho_so/ --key-file khoa.txt"),
    )(remove)
    app.add_typer(
        group, name="labelstudio", short_help="Sửa bằng Label Studio / correct in Label Studio"
    )


def push(
    workspace: WorkspaceOption,
    books: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[BOOK…]", help="Chỉ các sổ này. / Only these books (see sohoa status)."
        ),
    ] = None,
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help="Chỉ loại trường này. / Only this kind."),
    ] = None,
    limit: Annotated[
        int,
        typer.Option("--limit", min=0, metavar="N", help="Nhiều nhất N; 0 = hết. / At most N."),
    ] = 0,
    url: UrlOption = _URL,
    key_file: KeyFileOption = None,
    allow_remote: RemoteOption = False,
    as_json: JsonOption = False,
) -> None:
    """Tạo ở Label Studio một việc cho mỗi trường nghi ngờ; gọi lại không tạo trùng.

    Make a Label Studio task of every field in doubt; calling it again makes none twice.
    """
    from dataclasses import asdict

    from ocr_pipeline.cli.output import print_json, progress, say
    from ocr_pipeline.exchange.labelstudio.push import push as send

    with open_workspace(workspace) as opened:
        server = _server(url, key_file, allow_remote)
        with progress(Text("Đang gửi", "Sending"), None) as bar:

            def step(made: int, total: int) -> None:
                bar.total(total)
                bar.step(f"{made}/{total}")

            done = send(
                opened, server, books=books or (), kinds=kinds or (), limit=limit, progress=step
            )
    if as_json:
        print_json(asdict(done))
        return
    say(
        Text(
            f"Dự án {done.project}: thêm {done.added}, đã có {done.known}, thu về {done.removed}",
            f"Project {done.project}: {done.added} added, {done.known} there before, "
            f"{done.removed} taken back",
        )
    )


def pull(
    workspace: WorkspaceOption,
    accounts: Annotated[
        list[str] | None,
        typer.Option(
            "--account",
            metavar="EMAIL=NAME",
            help="Người ở Label Studio là ai trong sohoa. / Who a Label Studio person is here.",
        ),
    ] = None,
    url: UrlOption = _URL,
    key_file: KeyFileOption = None,
    allow_remote: RemoteOption = False,
    as_json: JsonOption = False,
) -> ExitCode:
    """Đưa kết quả sửa ở Label Studio vào kho rà soát; không bao giờ ghi đè người khác.

    Take corrections over into the review store; nobody's work is ever written over.
    """
    from dataclasses import asdict

    from ocr_pipeline.cli.output import print_json, say
    from ocr_pipeline.exchange.labelstudio.pull import pull as fetch

    known = _accounts(accounts or [])
    with open_workspace(workspace) as opened:
        done = fetch(opened, _server(url, key_file, allow_remote), accounts=known)
    if as_json:
        print_json(asdict(done))
    else:
        say(
            Text(
                f"Đã lấy {done.kept}, đã có từ trước {done.known}, từ chối {len(done.refused)}",
                f"{done.kept} taken over, {done.known} known before, {len(done.refused)} refused",
            )
        )
        for refusal in done.refused:
            _tell(refusal)
    return ExitCode.FAILURES if done.refused else ExitCode.DONE


def remove(
    workspace: WorkspaceOption,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Xóa cả kết quả chưa lấy về. / Also what has not been pulled.",
        ),
    ] = False,
    url: UrlOption = _URL,
    key_file: KeyFileOption = None,
    allow_remote: RemoteOption = False,
) -> None:
    """Xóa dự án của không gian làm việc này ở Label Studio, cùng mọi ảnh đã gửi.

    Delete this workspace's project in Label Studio, with all pictures sent there.
    """
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.exchange.labelstudio.removal import remove as delete

    with open_workspace(workspace) as opened:
        deleted = delete(opened, _server(url, key_file, allow_remote), force=force)
    if deleted is None:
        say(
            Text(
                "Ở đó không có dự án nào của không gian làm việc này",
                "There is no project of this workspace",
            )
        )
    else:
        say(Text(f"Đã xóa dự án {deleted}", f"Project {deleted} is deleted"))


def _server(url: str, key_file: Path | None, allow_remote: bool) -> Server:
    from ocr_pipeline.exchange.labelstudio.server import Server
    from ocr_pipeline.plain_files import read_plain

    try:
        key = read_plain(key_file).decode("ascii") if key_file else os.environ.get(KEY, "")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            Text("Không đọc được tệp khóa", "The file with the token cannot be read"),
            where=str(key_file),
        ) from error
    if not key.strip():
        raise UsageError(
            Text("Thiếu khóa truy cập Label Studio", "There is no Label Studio access token"),
            remedy=Text(
                f"Dùng --key-file TỆP, hoặc đặt biến {KEY}", f"Use --key-file FILE, or set {KEY}"
            ),
        )
    return Server(url, key.strip(), allow_remote=allow_remote)


def _accounts(pairs: list[str]) -> dict[str, str]:
    known = {}
    for pair in pairs:
        email, equals, name = pair.partition("=")
        if not equals or not email.strip() or not name.strip():
            raise UsageError(
                Text("Giá trị của --account không đúng dạng", "--account has the wrong form"),
                where=pair,
                remedy=Text("Ví dụ: lan@xa.example=lan", "For example: lan@xa.example=lan"),
            )
        known[email.strip()] = name.strip()
    return known


def _tell(refusal: object) -> None:
    from ocr_pipeline.cli.output import say_error
    from ocr_pipeline.exchange.labelstudio.pull import Refusal

    assert isinstance(refusal, Refusal)
    said = f" ({refusal.person}: “{refusal.value}”)"
    by = f", {refusal.standing_by}" if refusal.standing_by else ""
    holds = f" [“{refusal.standing}”{by}]" if refusal.standing or by else ""
    say_error(
        Text(refusal.reason.vi + said + holds, refusal.reason.en + said + holds),
        where=refusal.place,
    )
