"""Pictures by opaque address: good for one person, for some hours, never kept by the browser."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from ocr_pipeline.errors import Text
from ocr_pipeline.review.crop_frame import CropFrame
from ocr_pipeline.review.errors import NotFoundError
from ocr_pipeline.review.page_sources import note_page_seen, page_sources
from review_ui.access import GuardedRoute
from review_ui.field_json import CUT, SCAN
from review_ui.openapi import refusals
from review_ui.station import At, By

router = APIRouter(route_class=GuardedRoute, tags=["pictures"], responses=refusals(404))

_GONE = Text("Không mở được ảnh này nữa", "This picture cannot be opened any more")
_AGAIN = Text("Tải lại trang", "Load the page again")


@router.get(
    "/pictures/{token}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The picture"}},
)
def picture(
    token: Annotated[str, Path(max_length=500)],
    at: At,
    by: By,
    w: Annotated[int | None, Query(ge=50, le=10_000, description="at most so many wide")] = None,
) -> Response:
    """A page, a whole scan, or a part of a page, as JPEG."""
    what = at.signer.picture(by.name, token)
    place = page_sources(at.workspace, [what[1]]).get(what[1]) if what else None
    if what is None or place is None:
        raise NotFoundError(_GONE, remedy=_AGAIN)
    if what[0] == CUT:
        data = at.pictures.cut(place.source, CropFrame(*what[2:]))
    else:
        source = place.source.whole() if what[0] == SCAN else place.source
        note_page_seen(at.workspace, by, place, at.clock())
        data = at.pictures.scaled(source, w)
    return Response(data, media_type="image/jpeg")
