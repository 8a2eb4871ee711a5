"""People: who may sign in, and as what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from ocr_pipeline.errors import SohoaError
from ocr_pipeline.review import accounts
from ocr_pipeline.review.accounts import Role
from review_ui.access import GuardedRoute
from review_ui.error_responses import status_of
from review_ui.html_pages import render
from review_ui.routes.login import Password
from review_ui.station import At, By, Station

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)

Typed = Annotated[str, Form(max_length=200)]
Who = Annotated[str, Path(max_length=100)]


@router.get("/people")
def people(request: Request, at: At) -> Response:
    """All people, and a form for another one."""
    return _page(request, at)


@router.post("/people")
def add(
    request: Request,
    at: At,
    by: By,
    name: Typed,
    password: Password,
    role: Annotated[Role, Form()],
    display: Typed = "",
) -> Response:
    """Add a person."""
    try:
        accounts.create_user(
            at.workspace, name, role, password, display, by=by.name, now=at.clock()
        )
    except SohoaError as error:
        return _page(request, at, error)
    return _back()


@router.post("/people/{name}/role")
def set_role(
    request: Request, name: Who, at: At, by: By, role: Annotated[Role, Form()]
) -> Response:
    """Give a person another role."""
    try:
        accounts.set_role(at.workspace, name, role, by=by.name, now=at.clock())
    except SohoaError as error:
        return _page(request, at, error)
    return _back()


@router.post("/people/{name}/password")
def set_password(request: Request, name: Who, at: At, by: By, password: Password) -> Response:
    """Give a person a new password; the old one and open sessions end."""
    try:
        accounts.set_password(at.workspace, name, password, by=by.name, now=at.clock())
    except SohoaError as error:
        return _page(request, at, error)
    return _back()


@router.post("/people/{name}/active")
def set_active(
    request: Request, name: Who, at: At, by: By, active: Annotated[bool, Form()]
) -> Response:
    """Let a person in again, or no more; what the person entered stays."""
    try:
        accounts.set_active(at.workspace, name, active, by=by.name, now=at.clock())
    except SohoaError as error:
        return _page(request, at, error)
    return _back()


def _back() -> Response:
    return RedirectResponse("/people", 303)


def _page(request: Request, at: Station, error: SohoaError | None = None) -> Response:
    values = {"people": accounts.list_users(at.workspace), "roles": list(Role), "error": error}
    return render(request, "people.html", values, status_of(error) if error else 200)
