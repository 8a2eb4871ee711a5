"""What becomes of errors: a status, cause and remedy in both languages, as JSON or as a page."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from ocr_pipeline.errors import DiskFullError, MachineError, ScanError, SohoaError, Text
from ocr_pipeline.os_errors import is_full, write_fault
from ocr_pipeline.review.accounts import BadLoginError, ThrottledError
from ocr_pipeline.review.errors import (
    BookClosedError,
    BusyError,
    NotAllowedYetError,
    NotFoundError,
    StaleError,
)
from ocr_pipeline.review.rights import ForbiddenError
from review_ui.access import ForeignRequestError, SignInError
from review_ui.html_pages import render

#: The first class that fits gives the status.
STATUSES: tuple[tuple[type[SohoaError], HTTPStatus], ...] = (
    (SignInError, HTTPStatus.UNAUTHORIZED),
    (BadLoginError, HTTPStatus.UNAUTHORIZED),
    (ForeignRequestError, HTTPStatus.FORBIDDEN),
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (ScanError, HTTPStatus.NOT_FOUND),
    (StaleError, HTTPStatus.CONFLICT),
    (BookClosedError, HTTPStatus.CONFLICT),
    (NotAllowedYetError, HTTPStatus.CONFLICT),
    (ThrottledError, HTTPStatus.TOO_MANY_REQUESTS),
    (DiskFullError, HTTPStatus.INSUFFICIENT_STORAGE),
    (MachineError, HTTPStatus.SERVICE_UNAVAILABLE),
    (SohoaError, HTTPStatus.BAD_REQUEST),
)

_BUSY_SECONDS = 5  # a page that hangs is given up after a minute, a healthy one is made in 1

_CAUSES = {
    404: Text("Không tìm thấy trang này", "This page does not exist"),
    405: Text(
        "Trang này không hỗ trợ thao tác vừa gửi", "This page does not support what was sent"
    ),
    413: Text("Dữ liệu gửi lên quá lớn", "The data sent is too large"),
    415: Text("Dữ liệu gửi lên phải ở dạng JSON", "The data sent must be JSON"),
}
_BAD_REQUEST = Text("Yêu cầu không hợp lệ", "The request is not valid")
_TELL_OPERATOR = Text(
    "Báo người vận hành; mục đã báo là đã lưu thì không mất, mục khác sẽ tự gửi lại",
    "Tell the operator; what was told as kept is kept, the rest is sent again by itself",
)
_INVALID = Text("Dữ liệu gửi lên không hợp lệ", "The data sent is not valid")


def status_of(error: SohoaError) -> HTTPStatus:
    """The HTTP status that tells an error."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def register(app: FastAPI) -> None:
    """Make the application answer errors in this way."""
    app.add_exception_handler(SohoaError, _own)
    app.add_exception_handler(OSError, _system)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def fault_json(error: SohoaError) -> dict[str, object]:
    """The body that tells an error."""
    remedy = error.remedy
    return {
        "error": {"vi": error.cause.vi, "en": error.cause.en},
        "remedy": {"vi": remedy.vi, "en": remedy.en} if remedy else None,
        "where": error.where,
    }


async def _own(request: Request, error: Exception) -> Response:
    assert isinstance(error, SohoaError)
    if isinstance(error, SignInError) and _is_page(request) and request.method == "GET":
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(here)}", HTTPStatus.SEE_OTHER)
    answer = _answer(request, error, status_of(error))
    if isinstance(error, ThrottledError):
        answer.headers["Retry-After"] = str(error.seconds)
    if isinstance(error, BusyError):
        answer.headers["Retry-After"] = str(_BUSY_SECONDS)
    return answer


async def _system(request: Request, error: Exception) -> Response:
    """What the system refused: a full disk, a folder that may not be written to."""
    assert isinstance(error, OSError)
    if not is_full(error) and error.filename is None:
        raise error
    cause = Text("Máy chủ không ghi được", "The server cannot write")
    told = write_fault(error, cause, remedy=_TELL_OPERATOR)
    return _answer(request, told, status_of(told))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = {".".join(str(part) for part in fault["loc"]) for fault in error.errors()}
    told = SohoaError(_INVALID, where=", ".join(sorted(places)))
    return _answer(request, told, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    told = SohoaError(_CAUSES.get(error.status_code, _BAD_REQUEST))
    answer = _answer(request, told, HTTPStatus(error.status_code))
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


def _is_page(request: Request) -> bool:
    return not request.url.path.startswith(("/api/", "/pictures/", "/static/"))


def _answer(request: Request, error: SohoaError, status: HTTPStatus) -> Response:
    if _is_page(request):
        return render(request, "error.html", {"error": error, "status": int(status)}, status)
    return JSONResponse(fault_json(error), status)
