"""The outermost layer: foreign host names, too large requests, security headers, last errors."""

from __future__ import annotations

import json
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ocr_pipeline.errors import Text
from review_ui.settings import Settings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_NO_STORE = "no-store"
_STATIC_CACHE = "no-cache"  # kept, but asked for again: an update shows at once
_HSTS = "max-age=31536000"

_WRONG_HOST = Text("Tên máy chủ không đúng", "This server is not known under that name")
_TOO_LARGE = Text("Yêu cầu quá lớn", "The request is too large")
_BUG = Text("Lỗi chương trình; đã ghi vào nhật ký", "A bug in the software; it has been logged")


class TooLarge(Exception):
    """A request body went over the limit."""


class Shield:
    """ASGI middleware around the whole application.

    Args:
        app: the application.
        settings: names and limits of this server.
        note_crash: called with an exception nobody expected; keeps where it came from.

    """

    def __init__(
        self, app: ASGIApp, settings: Settings, note_crash: Callable[[Exception], object]
    ) -> None:
        self._app, self._settings, self._note_crash = app, settings, note_crash

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        sender = _Sender(send, self._extra(scope["path"]))
        if not self._settings.known_host(headers.get("host", "")):
            await _refuse(sender, 400, _WRONG_HOST)
            return
        limit = self._settings.max_body
        if (
            not headers.get("content-length", "0").isdecimal()
            or int(headers.get("content-length", "0")) > limit
        ):
            await _refuse(sender, 413, _TOO_LARGE)
            return
        try:
            await self._app(scope, _limited(receive, limit), sender)
        except TooLarge:
            await _refuse(sender, 413, _TOO_LARGE)
        except Exception as error:  # the last line of defence: no traceback reaches a user
            self._note_crash(error)
            await _refuse(sender, 500, _BUG)

    def _extra(self, path: str) -> dict[str, str]:
        kept = path.startswith("/static/")
        extra = {**HEADERS, "Cache-Control": _STATIC_CACHE if kept else _NO_STORE}
        if self._settings.secure:
            extra["Strict-Transport-Security"] = _HSTS
        return extra


class _Sender:
    """Sends messages with the headers put in; knows whether an answer has begun."""

    def __init__(self, send: Send, extra: dict[str, str]) -> None:
        self._send, self._extra, self.begun = send, extra, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in self._extra.items():
                headers[name] = value
        await self._send(message)


def _limited(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise TooLarge
        return message

    return counted


async def _refuse(sender: _Sender, status: int, cause: Text) -> None:
    """An answer from outside the application, in both languages."""
    if sender.begun:
        return
    body = json.dumps(
        {"error": {"vi": cause.vi, "en": cause.en}, "remedy": None, "where": ""},
        ensure_ascii=False,
    ).encode()
    await sender(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
            ],
        }
    )
    await sender({"type": "http.response.body", "body": body})
