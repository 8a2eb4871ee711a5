"""The outermost layer: foreign host names, too large requests, security headers, last errors."""

from __future__ import annotations

import json
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
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
UPLOADS = "/api/uploads/"
"""Addresses that take files; everything else takes little."""

UPLOAD_TYPE = "application/octet-stream"
_NO_STORE = "no-store"
_STATIC_CACHE = "no-cache"  # kept, but asked for again: an update shows at once
_HSTS = "max-age=31536000"

_WRONG_HOST = Text("Địa chỉ máy chủ không đúng", "The server address is not correct")
_TOO_LARGE = Text("Dữ liệu gửi lên quá lớn", "The data sent is too large")
_BUG = Text("Lỗi chương trình; đã ghi vào tệp nhật ký", "A bug in the software; it has been logged")

_PAGE = """\
<!doctype html><html lang="vi"><meta charset="utf-8"><title>sohoa</title>
<link rel="stylesheet" href="/static/css/base.css">
<body class="page"><main><h1>{vi}</h1><p lang="en">{en}</p><p><a href="/">sohoa</a></p></main>
</body></html>
"""


class TooLargeError(HTTPException):
    """A request body went over the limit."""

    def __init__(self) -> None:
        super().__init__(413)


class PackingLayer:
    """ASGI middleware that packs JSON and the files of the pages, for lines that are slow.

    A dozen fields are 76 kB of JSON, 9 kB packed: at 1 Mbit/s half a second of each twelve fields.
    HTML stays as it is: it carries the form token, and packed sizes can betray what they hold.
    """

    _PACKED = ("/api/", "/static/")
    _LEAST_BYTES = 1000
    _LEVEL = 5  # 9 kB in 2 ms; level 9 takes twice as long for 2 % less

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._packing = GZipMiddleware(app, self._LEAST_BYTES, self._LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        packed = scope["type"] == "http" and scope["path"].startswith(self._PACKED)
        await (self._packing if packed else self._plain)(scope, receive, send)


class OuterLayer:
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
        sender = _Sender(send, scope["path"], self._settings.secure)
        if not self._settings.known_host(headers.get("host", "")):
            await _refuse(sender, 400, _WRONG_HOST)
            return
        limit = self._limit(scope, headers)
        announced = headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced) > limit:
            await _refuse(sender, 413, _TOO_LARGE)
            return
        try:
            await self._app(scope, _limited(receive, limit), sender)
        except Exception as error:  # the last line of defence: no traceback reaches a user
            self._note_crash(error)
            await _refuse(sender, 500, _BUG)

    def _limit(self, scope: Scope, headers: Headers) -> int:
        """Bytes that the body of a request may have: only plain bytes to one address may be many.

        They are never held in memory: the route takes them piece by piece, after the guard.
        """
        is_plain = headers.get("content-type") == UPLOAD_TYPE
        if is_plain and scope["method"] == "PUT" and scope["path"].startswith(UPLOADS):
            return max(self._settings.max_upload, self._settings.max_body)
        return self._settings.max_body


class _Sender:
    """Sends messages with the headers put in; knows whether an answer has begun."""

    def __init__(self, send: Send, path: str, secure: bool) -> None:
        kept = path.startswith("/static/")
        self._send, self.begun = send, False
        self.for_programs = path.startswith(("/api/", "/pictures/"))
        self._extra = {**HEADERS, "Cache-Control": _STATIC_CACHE if kept else _NO_STORE}
        if secure:
            self._extra["Strict-Transport-Security"] = _HSTS

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
            raise TooLargeError
        return message

    return counted


async def _refuse(sender: _Sender, status: int, cause: Text) -> None:
    """An answer from outside the application, in both languages."""
    if sender.begun:
        return
    if sender.for_programs:
        told = {"error": {"vi": cause.vi, "en": cause.en}, "remedy": None, "where": ""}
        kind, text = "application/json", json.dumps(told, ensure_ascii=False)
    else:
        kind, text = "text/html", _PAGE.format(vi=cause.vi, en=cause.en)
    body = text.encode()
    await sender(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", f"{kind}; charset=utf-8".encode()),
                (b"content-length", str(len(body)).encode()),
            ],
        }
    )
    await sender({"type": "http.response.body", "body": body})
