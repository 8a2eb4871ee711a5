"""Runs the web server until it is told to stop, and says what to open."""

from __future__ import annotations

import shlex
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypedDict

import uvicorn

from ocr_pipeline.errors import MachineError, Text
from ocr_pipeline.review.accounts import any_user
from ocr_pipeline.review.page_sources import waiting_pages
from ocr_pipeline.store.workspace import Workspace
from review_ui.app import create_app
from review_ui.connections import KEEP_ALIVE_SECONDS, LimitedConnection
from review_ui.settings import Settings

_BACKLOG = 1024  # connections that wait for being taken; the system may keep fewer
_OPEN_FILES = 4096
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen (port 0: any free one), and the address of the proxy that is believed."""

    host: str
    port: int
    proxy: str = "127.0.0.1"


def serve_forever(
    workspace: Workspace,
    settings: Settings,
    address: Address,
    *,
    location: str,
    tell: Callable[[Text], None],
) -> None:
    """Serve the workspace until a signal ends it.

    Args:
        workspace: the job, open.
        settings: how the server is reached, and its limits.
        address: where to listen.
        location: the workspace as the user named it.
        tell: told what to open, and what to do when nobody can sign in yet.

    Raises:
        MachineError: the port is taken, or may not be used.

    """
    _allow_open_files()
    app = create_app(workspace, settings)
    with _listening(address) as listener:
        port = listener.getsockname()[1]
        shown = settings.public_url or f"http://{_bracketed(address.host)}:{port}"
        tell(Text(f"Mở trong trình duyệt: {shown}", f"Open in a browser: {shown}"))
        if not any_user(workspace):
            tell(_nobody_yet(location))
        config = uvicorn.Config(
            app,
            http=LimitedConnection,
            ws="none",
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            access_log=False,
            log_level="warning",
            server_header=False,
            **_belief(settings, address),
            timeout_graceful_shutdown=10,
        )
        with suppress(KeyboardInterrupt):  # Ctrl-C is how a server is closed
            uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def served(workspace: Workspace, settings: Settings) -> Iterator[str]:
    """The station in a thread of this process, for measurements; gives the address to open.

    The pictures of waiting pages are made first, as the server does before people come.
    """
    app = create_app(workspace, settings)
    app.state.station.pictures.prepare_pages(waiting_pages(workspace))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(_LOOK_SECONDS)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def _allow_open_files() -> None:
    """Let this process open files beside all connections: many systems begin with 256 or 1,024."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class _Belief(TypedDict):
    proxy_headers: bool
    forwarded_allow_ips: str


def _belief(settings: Settings, address: Address) -> _Belief:
    """Whose word on the origin of a request counts: the proxy's alone, and only where one is."""
    return {"proxy_headers": settings.secure, "forwarded_allow_ips": address.proxy}


def _listening(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        raise MachineError(
            Text(
                "Không mở được cổng (đang bị chương trình khác dùng?)",
                "The port cannot be opened (does another program use it?)",
            ),
            where=f"{address.host}:{address.port}",
            remedy=Text("Chọn cổng khác bằng --port", "Choose another one with --port"),
        ) from error


def _nobody_yet(location: str) -> Text:
    command = f"sohoa user add TÊN --role admin --workspace {shlex.quote(location)}"
    return Text(
        f"Chưa có người dùng nào. Tạo người quản trị đầu tiên: {command}",
        "Nobody can sign in yet. Make the first administrator: " + command.replace("TÊN", "NAME"),
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
