"""One's own password."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from ocr_pipeline.errors import SohoaError
from ocr_pipeline.review import accounts
from ocr_pipeline.review.accounts import ThrottledError
from review_ui.access import GuardedRoute
from review_ui.error_responses import status_of
from review_ui.html_pages import render
from review_ui.routes.login import Password, address_of
from review_ui.station import At, By

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)


@router.get("/account")
def account(request: Request) -> Response:
    """The form."""
    return render(request, "account.html", {"error": None})


@router.post("/account")
def change(request: Request, at: At, by: By, old: Password, new: Password) -> Response:
    """Change one's own password; sign in again with it."""
    now = at.clock()
    try:
        accounts.authenticate(at.workspace, by.name, old, address_of(request), now)
        accounts.set_password(at.workspace, by.name, new, by=by.name, now=now)
    except SohoaError as error:
        answer: Response = render(request, "account.html", {"error": error}, status_of(error))
        if isinstance(error, ThrottledError):
            answer.headers["Retry-After"] = str(error.seconds)
        return answer
    return RedirectResponse("/login", 303)
