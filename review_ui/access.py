"""Who may call which route: one table, looked at before anything of a request is read."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Mount

from ocr_pipeline.data_files import load_data
from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.review.accounts import IDLE, User, find_login, session_user
from ocr_pipeline.review.rights import Action, require
from review_ui.station import Station, the_station

TABLE = Path(__file__).resolve().parent / "access.yaml"

BACKGROUND = "x-background"
"""Header (`1`) of what a page asks without a key, click or touch of its person: a poll."""

OPEN = "open"  # anybody, also without signing in
SIGNED_IN = "signed-in"  # anybody who is signed in

RouteName = Annotated[str, Field(pattern=r"^(GET|POST|PUT|PATCH|DELETE) /\S*$")]

AccessFile = dict[RouteName, Action | Literal["open", "signed-in"]]
"""`access.yaml`: the action that each route needs."""

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_OWN_SITES = frozenset({"same-origin", "none"})

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class SignInError(SohoaError):
    """Nobody is signed in, or the session has timed out."""


class ForeignRequestError(SohoaError):
    """A request that changes something did not come from a page of this server."""


class GuardedRoute(APIRoute):
    """A route that is answered only to those whom the table lets in."""

    def get_route_handler(self) -> Handler:
        """The handler with the guard before it."""
        inner = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            await admit(request)
            return await inner(request)

        return guarded


@lru_cache
def access_table() -> Mapping[str, str]:
    """The action that each route needs, by `METHOD /path`."""
    return {**load_data(TABLE, AccessFile)}


def names_of(route: APIRoute) -> list[str]:
    """The names of a route in the table: one for each method."""
    return [f"{method} {route.path_format}" for method in sorted(route.methods or ())]


def check_table(routes: Iterable[BaseRoute], table: Mapping[str, str]) -> None:
    """Make sure that no route is without a guard, and no line of the table without a route.

    Raises:
        RuntimeError: naming the routes; the server does not start like this.

    """
    names: set[str] = set()
    for route in routes:
        if isinstance(route, GuardedRoute):
            names.update(names_of(route))
        elif not isinstance(route, Mount) or route.path != "/static":
            raise RuntimeError(f"{route} has no guard")
    if names != set(table):
        raise RuntimeError(f"access.yaml and the routes differ in {sorted(names ^ set(table))}")


async def admit(request: Request) -> None:
    """Let a request in, or raise.

    Sets `request.state.user` (None when nobody is signed in), `request.state.session` and
    `request.state.held_until` (see `HeldUntil`).

    Raises:
        SignInError: the route needs somebody signed in.
        ForeignRequestError: it changes something and was not made by a page of this server.
        ForbiddenError: the person's role may not do this.

    """
    station = the_station(request)
    route: APIRoute = request.scope["route"]
    action = station.access[f"{request.method} {route.path_format}"]
    changing = request.method in _CHANGING
    if changing:
        _require_own_page(request, station)
    token = request.cookies.get(station.settings.cookie, "")
    by_itself = request.headers.get(BACKGROUND) == "1"
    user, held_until = await run_in_threadpool(_signed_in, station, token, by_itself)
    request.state.user, request.state.session = user, token if user else ""
    request.state.held_until = held_until
    if action == OPEN:
        return
    if user is None:
        raise SignInError(
            Text("Chưa đăng nhập hoặc phiên đã hết hạn", "Not signed in, or the session timed out"),
            remedy=Text("Hãy đăng nhập lại", "Sign in again"),
        )
    if action != SIGNED_IN:
        require(user, action)
    if changing and not station.signer.is_form_token(await _form_token(request), token):
        raise foreign_request()


def foreign_request() -> ForeignRequestError:
    """The error for a request that no page of this server has made."""
    return ForeignRequestError(
        Text(
            "Yêu cầu không được gửi từ trang của hệ thống này",
            "The request was not made by a page of this system",
        ),
        remedy=Text("Tải lại trang rồi thử lại", "Load the page again, then try again"),
    )


def held_until(request: Request) -> datetime | None:
    """See `HeldUntil`."""
    end: datetime | None = request.state.held_until
    return end


HeldUntil = Annotated[datetime | None, Depends(held_until)]
"""Time (UTC) to which a page may hold work whose person is away; None while he is there."""


def _signed_in(
    station: Station, token: str, by_itself: bool
) -> tuple[User | None, datetime | None]:
    if not token:
        return None, None
    if not by_itself:
        return session_user(station.workspace, token, station.clock()), None
    found = find_login(station.workspace, token, station.clock())
    return (found[0], found[1] + IDLE) if found else (None, None)


def _require_own_page(request: Request, station: Station) -> None:
    """Browsers say where a request comes from; what says nothing is no browser."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site not in _OWN_SITES:
        raise foreign_request()
    host = request.headers.get("host", "")
    if origin is not None and not station.settings.own_origin(origin.lower(), host.lower()):
        raise foreign_request()


async def _form_token(request: Request) -> str:
    header = request.headers.get("x-csrf")
    if header is not None:
        return header
    if request.headers.get("content-type", "").startswith(_FORMS):
        value = (await request.form()).get("csrf", "")
        return value if isinstance(value, str) else ""
    return ""
