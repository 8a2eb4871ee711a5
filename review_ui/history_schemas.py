"""The JSON of what was decided before, and of searches."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.queue import Lane
from ocr_pipeline.review.record_history import StepAction
from ocr_pipeline.store.approvals import BookState
from review_ui.schemas import MessageOut, PictureOut, Rectangle, ResponseModel


class PastDecisionOut(ResponseModel):
    """One of one's own decisions."""

    decision: int
    field: int
    record: int
    book: str
    page: int
    page_name: str
    position: int
    code: str
    kind: FieldKind
    caption: MessageOut
    box: Rectangle
    action: Action
    value: str
    label: MessageOut | None = Field(description="what a coded value means")
    note: str
    time: datetime
    lane: Lane | None = Field(description="where the field waits now")
    counts: bool = Field(description="its value stands there now")
    crop: PictureOut | None = None


class PastDecisionsOut(ResponseModel):
    """Newest first."""

    decisions: list[PastDecisionOut]


class HistoryStepOut(ResponseModel):
    """One thing that was done with a field."""

    user: str
    time: datetime
    action: StepAction
    lane: str
    value: str
    as_written: str
    note: str
    withdrawn: bool
    counts: bool
    hidden: bool = Field(description="a blind keying that is undecided")


class FieldHistoryOut(ResponseModel):
    """The machine's reading, then what people did, oldest first."""

    field: int
    read: str | None = Field(description="the machine's value; null while it is keyed blind")
    confidence: float
    steps: list[HistoryStepOut]


class HistoryOut(ResponseModel):
    """The history of each field of a record, by code."""

    fields: dict[str, FieldHistoryOut]


class FoundNameOut(ResponseModel):
    """A name or number of a record."""

    caption: MessageOut
    value: str


class FoundRecordOut(ResponseModel):
    """A record that was found."""

    record: int
    book: str
    page: int
    page_name: str
    position: int
    number: str
    names: list[FoundNameOut]
    waiting: int = Field(description="fields that wait for a person")
    state: BookState = Field(description="of its book")


class FoundBookOut(ResponseModel):
    """A book that was found."""

    book: str
    commune: str
    state: BookState


class FindsOut(ResponseModel):
    """What was found, best first."""

    records: list[FoundRecordOut]
    books: list[FoundBookOut]
    more: bool
