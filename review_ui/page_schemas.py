"""The JSON of pages: how they are cut, placed and sent, and what is on them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, model_validator

from ocr_pipeline.registers.fields import State
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review.page_order import BookOrder
from ocr_pipeline.store.states import LARGEST_ID, PageKind
from review_ui.schemas import (
    Id,
    MessageOut,
    Name,
    PictureOut,
    RequestModel,
    ResponseModel,
    Words,
)

Corner = Annotated[
    list[Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]],
    Field(min_length=2, max_length=2),
]


class RereadIn(RequestModel):
    """How a refused page is to be read."""

    layout: Name
    corners: list[Corner] = Field(
        min_length=4,
        max_length=4,
        description="x, y in pixels of the scan picture, clockwise from the form's top left",
    )
    trust: bool = Field(False, description="cut along the corners even if the form does not fit")
    accepted: int = Field(
        0, ge=0, le=100_000, description="decided fields that may lose their decision"
    )


class SharedCutIn(RequestModel):
    """Whose cut is to be tried on a refused page."""

    like: int = Field(ge=1, le=LARGEST_ID, description="id of a page of the book that was cut")


class SharedCutPageOut(ResponseModel):
    """A page that the cut of another one may help."""

    page: int
    name: str


class SharedCutOut(ResponseModel):
    """What the cut of a page can do for its book; nothing where this page was not cut."""

    refused: list[SharedCutPageOut] = Field(description="refused pages that nobody has cut")
    ill_fitting: list[SharedCutPageOut] = Field(description="pages that its form fits badly")
    read: list[SharedCutPageOut] = Field(description="pages that were read like this one")


class RestoreIn(RequestModel):
    """How much may be lost when what the machine found counts again."""

    accepted: int = Field(
        0, ge=0, le=100_000, description="decided fields that may lose their decision"
    )


class CutPreviewIn(RequestModel):
    """A cut that is only looked at; without a layout that of the machine."""

    layout: Name = ""
    corners: list[Corner] = Field([], max_length=4, description="as for `reread`")
    trust: bool = False


class AsideIn(RequestModel):
    """Why a page is put aside."""

    reason: Name
    note: Words = ""


class HeldRecordIn(RequestModel):
    """A position of a page that holds a record although the machine left it out."""

    position: int = Field(ge=1, le=1000)


class PlaceIn(RequestModel):
    """Where a page belongs in its book; exactly one of the two."""

    after: Annotated[int, Field(ge=0, le=LARGEST_ID)] | None = Field(
        None, description="page it follows; 0: it is the first"
    )
    continuation_of: Id | None = Field(None, description="page whose last record goes on here")
    position: Annotated[int, Field(ge=1, le=100)] | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> PlaceIn:
        if (self.after is None) == (self.continuation_of is None):
            raise ValueError("exactly one of `after` and `continuation_of`")
        return self


Pages = Annotated[list[Id], Field(min_length=1, max_length=500)]


class PagesAsideIn(RequestModel):
    """Several pages of a book without a record, and why."""

    pages: Pages
    reason: Name


class PagesPlaceIn(RequestModel):
    """Where several pages of a book belong, in the order given."""

    pages: Pages
    after: Annotated[int, Field(ge=0, le=LARGEST_ID)] = Field(
        description="page they follow; 0: they are the first"
    )


class OrderIn(RequestModel):
    """The order that all pages of a book are put in."""

    order: BookOrder


class SendIn(RequestModel):
    """The book that a page belongs to."""

    to: Name = Field(min_length=1, description="id of the book")


class PageInBookOut(ResponseModel):
    """A page in the order of its book."""

    page: int
    name: str
    ordinal: int
    kind: PageKind


class PageDecisionOut(ResponseModel):
    """What somebody decided about a page."""

    id: int
    kind: str
    details: dict[str, Any]
    user: str
    time: datetime


class SentOut(ResponseModel):
    """A page that counts for another book than that of its folder."""

    home: str = Field(description="the book whose folder has the scan")
    to: str = Field(description="the book that it counts for")
    page: int | None = Field(description="the page in the other one of these two books")


class DroppedRecordOut(ResponseModel):
    """A position that holds no record, as a person said."""

    record: int = Field(description="the id that it had; it is brought back by it")
    position: int
    user: str
    time: datetime


class RecordPositionOut(ResponseModel):
    """A position on the form of a page."""

    page: int
    position: int
    record: int | None = Field(description="the record that stands there now")


class LeftOutRowOut(ResponseModel):
    """A row of a table in which the machine saw no record of its own."""

    position: int
    part_of: int = Field(description="position of the record it goes on with; 0: nothing written")


class LeftOverOut(ResponseModel):
    """What was entered in a field that the page has no more since it was cut anew."""

    caption: MessageOut
    value: str
    state: State
    user: str
    time: datetime


class PageOut(ResponseModel):
    """A page: what it is, why, and what people decided about it."""

    page: int
    book: str
    type: RegisterType
    name: str
    ordinal: int
    kind: PageKind
    cause: MessageOut | None
    remedy: MessageOut | None
    layout: str
    likely: list[str] = Field(description="forms that the page may be, the likeliest first")
    records: list[int]
    positions: list[int] = Field(description="positions of `records` on the form")
    dropped: list[DroppedRecordOut] = Field(description="positions that hold no record")
    left_out: list[LeftOutRowOut] = Field(description="rows without a record of their own")
    left_over: list[LeftOverOut] = Field(description="entered, and in no field since a new cut")
    pages: list[PageInBookOut] = Field(description="the pages of the book in its order")
    picture: PictureOut | None = Field(None, description="the page that boxes refer to")
    scan: PictureOut | None = Field(None, description="the whole scan that corners refer to")
    is_withheld: bool = Field(False, description="it stopped its workers: no picture until asked")
    no_picture: MessageOut | None = Field(None, description="why there is no picture")
    sent: SentOut | None = None
    decisions: list[PageDecisionOut] = []


class PageOutcomeOut(ResponseModel):
    """What a page turned out to be when it was read again."""

    kind: PageKind
    cause: MessageOut | None
    remedy: MessageOut | None
    records: int
    residual_mm: float
    layout: str
    kept: bool = Field(description="false: the page stays as it was")


class CutPreviewOut(PageOutcomeOut):
    """What a page would be with another cut, and what becomes of its decided fields."""

    follow: int = Field(description="keep their decision")
    asked_again: int = Field(description="wait for a person, who is offered what was decided")
    left_over: int = Field(description="have no field any more")


class ArrivalOut(PageOutcomeOut):
    """Where a page is that was sent, and what it turned out to be there."""

    book: str
    page: int


class MillimetresOut(ResponseModel):
    """The size of a form on paper."""

    width: float
    height: float


class LayoutOut(ResponseModel):
    """A form that pages can be read with."""

    id: str
    title: MessageOut
    type: str
    era: str
    page: MillimetresOut
    outline: str | None = None


class ReasonOut(ResponseModel):
    """Why a page may be put aside."""

    id: str
    vi: str
    en: str


class LayoutsOut(ResponseModel):
    """The forms, and the reasons for putting a page aside."""

    layouts: list[LayoutOut]
    reasons: list[ReasonOut]
