"""The handbook, so that it can be read where the station is and without a network."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from ocr_pipeline.errors import Text
from ocr_pipeline.review.errors import NotFoundError
from review_ui import handbook
from review_ui.access import GuardedRoute
from review_ui.html_pages import language_of, render

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)

_NO_PAGE = Text("Sổ tay không có trang này", "The handbook has no such page")
_CONTENTS = Text("Mở mục lục của sổ tay", "Open the contents of the handbook")


@router.get("/handbook")
def contents(request: Request) -> Response:
    """The contents of the handbook."""
    return page(request, handbook.CONTENTS)


@router.get("/handbook/{name}")
def page(
    request: Request, name: str, lang: Annotated[Literal["vi", "en"] | None, Query()] = None
) -> Response:
    """A page of the handbook, in the reader's language unless another one is asked for."""
    if name not in handbook.pages():
        raise NotFoundError(_NO_PAGE, where=name, remedy=_CONTENTS)
    shown = handbook.handbook_page(lang or language_of(request), name)
    return render(request, "handbook.html", {"page": shown})


@router.get("/handbook/images/{name}")
def image(name: str) -> Response:
    """A picture of the handbook."""
    path = handbook.pictures().get(name)
    if path is None:
        raise NotFoundError(_NO_PAGE, where=name, remedy=_CONTENTS)
    return FileResponse(path, media_type=handbook.PICTURE_TYPES[path.suffix])
