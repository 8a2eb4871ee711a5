"""Fields and pages as JSON, with the addresses of their pictures for one person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import Request

from ocr_pipeline.errors import SohoaError
from ocr_pipeline.registers.fields import Box, FieldKind
from ocr_pipeline.review.accounts import User
from ocr_pipeline.review.crop_frame import CropFrame, crop_of, record_frame, strip_of
from ocr_pipeline.review.page_sources import PageWithSource, page_sources
from ocr_pipeline.review.queue import FieldItem
from ocr_pipeline.review.word_marks import FieldWords
from review_ui.schemas import ItemOut, PictureOut, WordOut
from review_ui.station import Station

#: First element of what a picture token stands for.
PAGE, SCAN, CUT = "page", "scan", "cut"


class FieldJson:
    """Makes addresses of pictures that are good for one person.

    Args:
        station: the server.
        user: who will look.

    """

    def __init__(self, station: Station, user: User) -> None:
        self._station, self._user = station, user

    def items(self, items: Sequence[FieldItem]) -> list[ItemOut]:
        """Items with their pictures; the crops are made ready in the background."""
        places = page_sources(self._station.workspace, {item.page for item in items})
        pictures = self._station.pictures
        pictures.prepare_pages(place.source for place in places.values())
        shown = [ItemOut.model_validate(item) for item in items]
        for item in shown:
            place = places.get(item.page)
            if place is not None:
                pictures.warm(place.source, self._add_pictures(item, place))
        return shown

    def page(self, page: int, place: PageWithSource) -> PictureOut | None:
        """The upright page that boxes refer to; None when its scan is gone."""
        size = self._size(place)
        return None if size is None else self._picture([PAGE, page], size)

    def scan(self, page: int, place: PageWithSource) -> PictureOut | None:
        """The whole scan that dragged corners refer to; None when it is gone."""
        size = self._size(PageWithSource(place.book, place.source.whole()))
        return None if size is None else self._picture([SCAN, page], size)

    def open(self, place: PageWithSource) -> None:
        """Make sure that the page's picture is there.

        Raises:
            SohoaError: it cannot be opened.

        """
        self._station.pictures.page(place.source)

    def small(self, page: int, width: int) -> str:
        """The address of the whole scan, `width` pixels wide; nothing is opened for it yet."""
        token = self._station.signer.picture_token(self._user.name, [SCAN, page])
        return f"/pictures/{token}?w={width}"

    def crop(
        self, page: int, box: Box, kind: FieldKind, place: PageWithSource
    ) -> PictureOut | None:
        """A field of a page; None when its scan is gone."""
        size = self._size(place)
        return None if size is None else self._cut(page, crop_of(box, size, kind))

    def words(self, found: FieldWords) -> list[WordOut] | None:
        """The words of a field on its picture, in its pixels; None while they are not known."""
        if not found.words:
            return None if found.words is None else []
        place = page_sources(self._station.workspace, [found.page]).get(found.page)
        size = self._size(place) if place is not None else None
        if size is None:
            return []
        crop = crop_of(found.box, size, found.kind)
        return [
            WordOut(start=begin, end=end, boxes=[list(crop.place(box)) for box in word.boxes])
            for word in found.words
            for begin, end in [word.span]
        ]

    def record(
        self, page: int, boxes: Sequence[Box], place: PageWithSource
    ) -> tuple[PictureOut, list[int]] | None:
        """A record and where it lies on its page: x, y, width, height; None without its scan."""
        size = self._size(place)
        if size is None or not boxes:
            return None
        frame = record_frame(boxes, size)
        return self._cut(page, frame), [frame.x, frame.y, frame.width, frame.height]

    def _add_pictures(self, item: ItemOut, place: PageWithSource) -> tuple[CropFrame, ...]:
        """Give an item its pictures; returns what has to be cut for them."""
        size = self._size(place)
        if size is None:
            return ()
        box = Box(*item.box)
        crop, strip = crop_of(box, size, item.kind), strip_of(box, size)
        item.crop, item.context = self._cut(item.page, crop), self._cut(item.page, strip)
        item.crop_box = list(strip.place(box))
        item.page_picture = self._picture([PAGE, item.page], size)
        return crop, strip

    def _size(self, place: PageWithSource) -> tuple[int, int] | None:
        try:
            return self._station.pictures.page(place.source).size
        except SohoaError:
            return None

    def _cut(self, page: int, cut: CropFrame) -> PictureOut:
        what = [CUT, page, cut.x, cut.y, cut.width, cut.height, cut.widest]
        return self._picture(what, cut.size)

    def _picture(self, what: list[Any], size: tuple[int, int]) -> PictureOut:
        token = self._station.signer.picture_token(self._user.name, what)
        return PictureOut(url=f"/pictures/{token}", width=size[0], height=size[1])


def shower(request: Request) -> FieldJson:
    """For whoever made the request."""
    return FieldJson(request.app.state.station, request.state.user)
