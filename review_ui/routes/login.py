"""Signing in and out, and the choice of language."""

from __future__ import annotations

from asyncio import sleep
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from ocr_pipeline.review import accounts
from ocr_pipeline.review.accounts import BadLoginError, ThrottledError, User, tidy_name
from ocr_pipeline.review.login_attempts import attempts_of
from review_ui.access import GuardedRoute
from review_ui.error_responses import status_of
from review_ui.html_pages import LANGUAGE_COOKIE, render
from review_ui.station import At, Station

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)

_YEAR_SECONDS = 365 * 24 * 3600

Name = Annotated[str, Form(max_length=200)]
Password = Annotated[str, Form()]  # one that is too long is a wrong one, as any other


@router.get("/login")
def login_page(request: Request, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """The form; those already signed in go on."""
    if request.state.user is not None:
        return RedirectResponse(local(next), 303)
    return render(request, "login.html", {"error": None, "name": "", "next": local(next)})


@router.post("/login")
async def login(
    request: Request,
    at: At,
    name: Name,
    password: Password,
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Open a session, or say why not."""
    try:
        _, token = await new_session(request, at, name, password)
    except (BadLoginError, ThrottledError) as error:
        values = {"error": error, "name": name, "next": local(next)}
        answer: Response = render(request, "login.html", values, status_of(error))
        if isinstance(error, ThrottledError):
            answer.headers["Retry-After"] = str(error.seconds)
        return answer
    answer = RedirectResponse(local(next), 303)
    give_cookie(answer, at, token)
    return answer


async def new_session(request: Request, at: Station, name: str, password: str) -> tuple[User, str]:
    """The person and the token of a session opened now; the one the request came with ends.

    Raises:
        ThrottledError: too many failed attempts at this name from this address.
        BadLoginError: name or password is wrong, or the account is not active.

    """
    address = address_of(request)
    await sleep(attempts_of(at.workspace).pause(tidy_name(name), address))
    opened = await run_in_threadpool(_open, at, name, password, address)
    if request.state.session:
        accounts.close_session(at.workspace, request.state.session)
    return opened


def give_cookie(answer: Response, at: Station, token: str) -> None:
    """Give the browser the cookie of a session; scripts cannot read it."""
    answer.set_cookie(
        at.settings.cookie,
        token,
        httponly=True,
        samesite="strict",
        secure=at.settings.secure,
        path="/",
    )


@router.post("/logout")
def logout(request: Request, at: At) -> Response:
    """Close the session; the browser drops what it has cached of this server."""
    accounts.close_session(at.workspace, request.state.session)
    answer = RedirectResponse("/login", 303)
    # Not "storage": decisions that are not sent yet, of this person or another one, lie there.
    answer.headers["Clear-Site-Data"] = '"cache"'
    answer.delete_cookie(at.settings.cookie, path="/", secure=at.settings.secure, httponly=True)
    return answer


@router.post("/language")
def language(request: Request, at: At, lang: Annotated[Literal["vi", "en"], Form()]) -> Response:
    """Choose Vietnamese or English on this browser."""
    answer = RedirectResponse(_came_from(request), 303)
    answer.set_cookie(
        LANGUAGE_COOKIE, lang, max_age=_YEAR_SECONDS, samesite="strict", secure=at.settings.secure
    )
    return answer


def local(address: str) -> str:
    """`address` if it is a path on this server, else the home page."""
    strange = "\\" in address or any(ord(letter) < 0x20 for letter in address)
    return address if address.startswith("/") and address[1:2] != "/" and not strange else "/"


def address_of(request: Request) -> str:
    """Network address of whoever made the request, as the proxy tells it where one is believed."""
    return request.client.host[:100] if request.client else ""


def _open(at: Station, name: str, password: str, address: str) -> tuple[User, str]:
    now = at.clock()
    user = accounts.authenticate(at.workspace, name, password, address, now)
    return user, accounts.open_session(at.workspace, user, now)


def _came_from(request: Request) -> str:
    """Path of the page the form stood on."""
    parts = urlsplit(request.headers.get("referer", ""))
    return local(parts.path + (f"?{parts.query}" if parts.query else ""))
