"""The JSON of linking: how far books are, the record before a person, its rows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ocr_pipeline.exchange.link_cards import Likeness
from review_ui.package_schemas import KeptPackageOut
from review_ui.schemas import Id, MessageOut, Name, RequestModel, ResponseModel

Position = Annotated[int, Field(ge=1, le=100)]
RowId = Annotated[str, Field(max_length=100)]


class LinkPlaceIn(RequestModel):
    """A record: id of its page, position on the form."""

    page: Id
    position: Position


class NextLinkIn(RequestModel):
    """Ask for the next record."""

    skipped: list[LinkPlaceIn] = Field([], max_length=2000, description="put off: they come last")


class DecideLinkIn(NextLinkIn):
    """Which row belongs to a record."""

    page: Id
    position: Position
    row: RowId = Field(description='id of the row; "": no row belongs to it')


class LinkingIn(RequestModel):
    """What is to be linked."""

    batch: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    book: Name = Field("", description="id of the one book; all books when empty")


class CardFieldOut(ResponseModel):
    """A field of the record beside the value of a row."""

    code: str
    row: str
    page: str = Field(description="what the machine read or a person entered")
    likeness: Likeness


class CardRowOut(ResponseModel):
    """A row that may belong to the record."""

    id: str
    file: str
    sheet: str
    row: int
    person: str
    probability: float | None = Field(description="0–1; null: a person looked for it")
    fields: list[CardFieldOut]


class LinkCardOut(ResponseModel):
    """A record that waits for its row."""

    page: int
    page_name: str
    position: int
    record: int
    rows: list[CardRowOut]


class NextLinkOut(ResponseModel):
    """The next record; without `card` none is free."""

    card: LinkCardOut | None
    waiting: int
    others: int = Field(description="records that other people look at")


class FoundRowsOut(ResponseModel):
    """Rows that look like the words."""

    rows: list[CardRowOut]


class BookStandingOut(ResponseModel):
    """How far a linked book is."""

    book: str
    records: int
    rows: int
    accepted: int = Field(description="linked by the machine")
    chosen: int = Field(description="linked by people")
    no_row: int
    waiting: int
    free: int = Field(description="rows without a page")
    unread: int = Field(description="pages that could not be read")


class FreePageOut(ResponseModel):
    """A record without a row; `position` 0: nothing could be read of the page."""

    page: int
    page_name: str
    position: int
    user: str


class FreeRowOut(ResponseModel):
    """A row without a page."""

    file: str
    sheet: str
    row: int
    number: str
    date: str
    person: str


class LinkedBookOut(ResponseModel):
    """What became of a book."""

    standing: BookStandingOut
    pages: list[FreePageOut]
    rows: list[FreeRowOut]
    package: KeptPackageOut | None
    making: bool
    error: MessageOut | None
    remedy: MessageOut | None


class LinkingJobOut(ResponseModel):
    """How far the linking is that was begun last."""

    phase: str = Field(description="opening, rows, pages or packages")
    steps: int
    count: int = Field(description="of this phase; 0 while it is not known")
    done: bool
    error: MessageOut | None
    remedy: MessageOut | None
    where: str


class LinkingOut(ResponseModel):
    """The latest linking; null: none since the station was started."""

    job: LinkingJobOut | None
