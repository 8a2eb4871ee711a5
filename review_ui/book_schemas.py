"""The JSON of books with their records and policies."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review.policies import ReviewMode
from review_ui.page_schemas import PageInBookOut
from review_ui.schemas import (
    FieldOut,
    MessageOut,
    Name,
    PictureOut,
    Rectangle,
    RequestModel,
    ResponseModel,
)


class DropIn(RequestModel):
    """A record that is none."""

    confirm: bool = Field(False, description="also when people have decided fields of it")


class PolicyIn(RequestModel):
    """How fields of a kind in a book are reviewed; "" stands for all."""

    book: Name = ""
    kind: FieldKind | Literal[""] = ""
    mode: ReviewMode = ReviewMode.SINGLE
    sample: float = Field(0.02, ge=0, le=1, allow_inf_nan=False)
    threshold: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)


class PoliciesIn(RequestModel):
    """The policies to set; others stay as they are."""

    policies: list[PolicyIn] = Field(min_length=1, max_length=500)


class RecordOut(ResponseModel):
    """A whole record beside its scan."""

    record: int
    book: str
    type: str
    page: int
    page_name: str
    position: int
    layout: str
    on_page: int = Field(description="records on its page, those that people dropped too")
    picture: PictureOut | None = Field(None, description="the page that boxes refer to")
    cut: PictureOut | None = Field(None, description="the record alone, at full resolution")
    cut_box: Rectangle | None = Field(None, description="`cut` in pixels of `picture`")
    fields: list[FieldOut]
    previous: int | None
    next: int | None


class PolicyOut(ResponseModel):
    """How fields of a kind in a book are reviewed; "" stands for all."""

    book: str
    kind: str
    mode: ReviewMode
    sample: float
    threshold: float | None


class PoliciesOut(ResponseModel):
    """All policies that are set."""

    policies: list[PolicyOut]


class BookOut(ResponseModel):
    """How far a book is."""

    id: str
    type: str
    agency: str
    pages: int
    records: int
    fields: dict[str, int] = Field(description="number of fields by state")
    waiting: dict[str, int] = Field(description="number of waiting fields by queue")
    open: int = Field(description="fields that wait for a person")
    refused: int = Field(description="pages that wait for a person")
    state: str = Field(description="open, approved or handed_over")


class BooksOut(ResponseModel):
    """All books of the workspace."""

    books: list[BookOut]


class BookPage(PageInBookOut):
    """A page in its book, with what is on it or why nothing is."""

    cause: MessageOut | None
    remedy: MessageOut | None
    records: list[int]
    positions: list[int] = Field(description="positions of `records` on the form")


class ObstacleOut(ResponseModel):
    """Why a book cannot be approved yet."""

    rule: str
    message: MessageOut
    remedy: MessageOut | None = None
    page: int | None = None
    record: int | None = None
    field: int | None = None


class BookDetail(BookOut):
    """A book: its pages, its numbers, and what keeps it from being approved."""

    dropped: int = Field(description="positions of forms that hold no record, as people said")
    reversed: bool = Field(description="its numbers fall from page to page")
    gaps: list[str] = Field(description="numbers that are missing")
    repeats: list[str] = Field(description="numbers that stand there more than once")
    pages_in_order: list[BookPage]
    obstacles: list[ObstacleOut]
