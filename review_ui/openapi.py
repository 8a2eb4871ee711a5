"""The OpenAPI document of the JSON routes: what they take, give and refuse."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from review_ui.schemas import ErrorOut

ABOUT = """\
JSON của trạm rà soát: hàng đợi, quyết định, bản ghi, trang, sổ, quy định, số liệu.
Đăng nhập ở `/login` (cookie của phiên); yêu cầu thay đổi dữ liệu phải có tiêu đề `X-CSRF`.

JSON of the review station: queues, decisions, records, pages, books, policies, figures.
Sign in at `/login` (session cookie); requests that change something carry the header `X-CSRF`.
"""

_TOLD = {
    400: "Not possible in this state; the error says why and what to do",
    401: "Nobody is signed in, or the session timed out",
    403: "The role may not do this, or the request was not made by a page of this server",
    404: "There is no such thing",
    409: "Somebody else changed it meanwhile",
    413: "The data sent is too large",
    415: "The body must be the bytes of a file (application/octet-stream)",
    422: "The data sent is not valid",
    503: "The machine lacks something",
    507: "The disk of the server is full; what was told as kept is kept",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route for its documentation; those every route may give are added."""
    known = sorted({400, 401, 403, 422, 503, 507, *statuses})
    return {status: {"model": ErrorOut, "description": _TOLD[status]} for status in known}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document; made once."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=ABOUT, routes=app.routes
        )
        cookie = app.state.station.settings.cookie
        schema.setdefault("components", {})["securitySchemes"] = {
            "session": {"type": "apiKey", "in": "cookie", "name": cookie},
            "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF"},
        }
        for path in schema["paths"].values():
            for method, operation in path.items():
                needed = ("session",) if method == "get" else ("session", "csrf")
                operation["security"] = [{name: [] for name in needed}]
        app.openapi_schema = schema
    return app.openapi_schema
