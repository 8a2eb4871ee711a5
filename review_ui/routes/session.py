"""Sessions for pages that are open: who is signed in, sign in within the page, lock the screen."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from ocr_pipeline.review import accounts
from ocr_pipeline.review.accounts import User
from ocr_pipeline.store.audit_actions import AuditAction
from review_ui.access import GuardedRoute
from review_ui.routes.login import give_cookie, new_session
from review_ui.schemas import RequestModel, ResponseModel
from review_ui.station import At, By, Station

router = APIRouter(prefix="/api/session", route_class=GuardedRoute, include_in_schema=False)


class SignInIn(RequestModel):
    """A name and its password."""

    name: Annotated[str, Field(max_length=200)]
    password: str  # one that is too long is a wrong one, as any other


class SessionOut(ResponseModel):
    """Who is signed in, and the token that requests which change something carry."""

    user: str
    role: str
    token: str


@router.get("")
def session(request: Request, at: At, by: By) -> SessionOut:
    """Who is signed in here; a page whose person is at work asks once a minute."""
    return _told(at, by, request.state.session)


@router.post("")
async def sign_in(request: Request, at: At, wanted: SignInIn) -> Response:
    """Open a session from a page whose own one has ended, without leaving it."""
    user, token = await new_session(request, at, wanted.name, wanted.password)
    answer = JSONResponse(_told(at, user, token).model_dump())
    give_cookie(answer, at, token)
    return answer


@router.post("/lock", status_code=204)
def lock(request: Request, at: At) -> Response:
    """Nobody has been at the computer: end the session; what is typed stays in the page."""
    accounts.close_session(
        at.workspace, request.state.session, at.clock(), AuditAction.SCREEN_LOCKED
    )
    return Response(status_code=204)


def _told(at: Station, user: User, token: str) -> SessionOut:
    return SessionOut(user=user.name, role=str(user.role), token=at.signer.form_token(token))
