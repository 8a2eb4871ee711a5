"""`sohoa serve`: the review station in the browser."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocr_pipeline.cli.options import WorkspaceOption, example, open_workspace

if TYPE_CHECKING:
    from ocr_pipeline.errors import Text


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command(
        "serve",
        short_help="Mở trạm rà soát trên trình duyệt / the review station",
        epilog=example(
            "sohoa serve --workspace ho_so/",
            "sohoa serve --workspace ho_so/ --new",
            "sohoa serve -w ho_so/ --host 0.0.0.0 --behind-tls https://sohoa.xa.example",
        ),
    )(serve)


def serve(
    workspace: WorkspaceOption,
    host: Annotated[
        str,
        typer.Option("--host", metavar="ADDR", help="Địa chỉ lắng nghe. / Address to listen on."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="N", help="Cổng. / Port.")
    ] = 8700,
    behind_tls: Annotated[
        str,
        typer.Option(
            "--behind-tls",
            metavar="URL",
            help="Địa chỉ https mà máy chủ ủy quyền TLS phía trước phục vụ. "
            "/ The https address that a TLS reverse proxy in front serves.",
        ),
    ] = "",
    proxy: Annotated[
        str,
        typer.Option(
            "--proxy",
            metavar="ADDR",
            help="Địa chỉ của máy chủ ủy quyền đó. / Address of that proxy.",
        ),
    ] = "127.0.0.1",
    scans: Annotated[
        Path | None,
        typer.Option(
            "--scans",
            metavar="FOLDER",
            help="Thư mục nhận ảnh quét gửi từ trình duyệt (mặc định: scans/ trong không gian làm "
            "việc). / Folder for scans sent by browsers (scans/ in the workspace by default).",
        ),
    ] = None,
    new: Annotated[
        bool,
        typer.Option(
            "--new",
            help="Tạo không gian làm việc nếu chưa có. / Make the workspace where there is none.",
        ),
    ] = False,
) -> None:
    """Mở trạm rà soát cho trình duyệt trên máy này (hoặc sau một máy chủ ủy quyền TLS).

    Open the review station to browsers on this machine (or behind a TLS reverse proxy).
    """
    from ocr_pipeline.cli.output import say
    from ocr_pipeline.cli.terminal import outlived_terminal
    from ocr_pipeline.errors import Text
    from review_ui.server import Address, serve_forever
    from review_ui.settings import Settings, checked_address, checked_proxy

    checked_address(host, behind_tls)
    checked_proxy(proxy)
    settings = Settings(
        public_url=behind_tls.rstrip("/"), scans=scans.absolute() if scans else None
    )
    with outlived_terminal(), open_workspace(workspace, create=new) as opened:
        serve_forever(
            opened, settings, Address(host, port, proxy), location=workspace, tell=_say_now
        )
    say(Text("Đã đóng", "Closed"))


def _say_now(message: Text) -> None:
    """Say it at once, also to a log file: the server goes on for days."""
    from ocr_pipeline.cli.output import say

    say(message)
    sys.stdout.flush()
