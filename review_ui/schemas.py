"""The JSON that goes in and out (requests are checked by these; they make the OpenAPI document)."""

from __future__ import annotations

from dataclasses import astuple
from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from ocr_pipeline.data_files import Wording
from ocr_pipeline.errors import SohoaError, Text
from ocr_pipeline.registers.fields import Box, FieldKind, Severity, State
from ocr_pipeline.review.field_decisions import Action
from ocr_pipeline.review.fresh_offers import MOST_FRESH
from ocr_pipeline.review.queue import GroupSort, Lane, Order
from ocr_pipeline.store.states import LARGEST_ID
from ocr_pipeline.text.normalise import nfc

MOST_ITEMS = 100
MOST_FIELDS = 200

_NO_CONTROLS = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Name = Annotated[str, StringConstraints(max_length=200, pattern=_NO_CONTROLS), AfterValidator(nfc)]
Words = Annotated[
    str, StringConstraints(max_length=2000, pattern=_NO_CONTROLS), AfterValidator(nfc)
]
Rectangle = Annotated[
    list[int],
    Field(min_length=4, max_length=4),
    BeforeValidator(lambda box: list(astuple(box)) if isinstance(box, Box) else box),
]


class RequestModel(BaseModel):
    """What comes in: unknown keys are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")


class ResponseModel(BaseModel):
    """What goes out; made from dataclasses of the same attributes or from dicts."""

    model_config = ConfigDict(from_attributes=True)


class MessageOut(ResponseModel):
    """Words in Vietnamese and English."""

    vi: str
    en: str


def message_of(text: Text | Wording) -> MessageOut:
    """A message of the program as an answer tells it."""
    return MessageOut(vi=text.vi, en=text.en)


def error_of(error: SohoaError | None) -> MessageOut | None:
    """Why something failed; None when it did not."""
    return message_of(error.cause) if error else None


def remedy_of(error: SohoaError | None) -> MessageOut | None:
    """What to do about it; None when there is nothing."""
    return message_of(error.remedy) if error and error.remedy else None


class ErrorOut(ResponseModel):
    """Why a request was refused, and what to do next."""

    error: MessageOut
    remedy: MessageOut | None = None
    where: str = Field("", description="place in the request, or thing, that is concerned")


class FilterIn(RequestModel):
    """Which doubtful fields: "" means all."""

    book: Name = ""
    type: Name = Field(default="", description="register type, e.g. KS")
    kind: FieldKind | Literal[""] = ""
    rule: Name = Field(default="", description="rule of a doubt")
    lane: Lane = Lane.DOUBT


class TakeIn(RequestModel):
    """Ask for work."""

    filter: FilterIn = FilterIn()
    order: Order = "field"
    count: int = Field(
        10, ge=1, le=MOST_ITEMS, description="to hold in all, with those held already"
    )


class TakeGroupIn(RequestModel):
    """Ask for the fields of a group, named as the list of groups names it."""

    filter: FilterIn = FilterIn()
    sort: GroupSort = GroupSort.VALUE
    kind: FieldKind | Literal[""] = ""
    value: Words = ""
    book: Name = ""
    code: Name = ""
    count: int = Field(60, ge=1, le=MOST_FIELDS)


class FieldsIn(RequestModel):
    """Fields that somebody holds."""

    fields: list[Id] = Field(max_length=MOST_FIELDS)


class DecisionIn(RequestModel):
    """What a person says about one field."""

    field: Id
    action: Action
    value: Words = Field("", description="as typed or in the form of the Excel cell")
    as_written: Words = ""
    base: Id | None = Field(None, description="newest entry the person saw; null: the machine's")
    lane: Lane | None = Field(
        Lane.DOUBT, description="queue it was taken from; null: edited in its record"
    )
    seconds: float = Field(0, ge=0, le=86_400, allow_inf_nan=False)
    keys: int = Field(0, ge=0, le=100_000)
    note: Words = ""
    deed: str = Field(
        "",
        max_length=40,
        pattern=r"^[0-9A-Za-z-]*$",
        description="name of what is done with several fields at once: they are undone together",
    )
    alike: bool = Field(
        False, description="say it of the fields of the book that are like it, too (`once`)"
    )


class FreshOffersIn(RequestModel):
    """A deed changes what is offered for other fields: ids of those that are asked about."""

    offers_for: list[Id] = Field(
        [],
        max_length=MOST_FRESH,
        description="fields held by the person whose offers are wanted as they are afterwards",
    )


class DecideIn(FreshOffersIn):
    """Decisions about several fields; each is kept or refused for itself."""

    decisions: list[DecisionIn] = Field(min_length=1, max_length=MOST_FIELDS)


class CheckIn(RequestModel):
    """A value somebody is typing."""

    field: Id
    value: Words


class PictureOut(ResponseModel):
    """Address of a picture, and the size that places on it refer to."""

    url: str
    width: int
    height: int


class CandidateOut(ResponseModel):
    """One of the machine's readings."""

    text: str
    value: str
    probability: float


class OfferOut(ResponseModel):
    """A value to pick with one key."""

    value: str
    as_written: str
    source: str = Field(description="reading, inventory, sequence …")
    note: MessageOut
    probability: float


class DoubtOut(ResponseModel):
    """Why a person should look."""

    rule: str
    severity: Severity
    message: MessageOut


class OptionOut(ResponseModel):
    """One value of a coded field."""

    value: str
    label: MessageOut


class KeyedOut(ResponseModel):
    """What somebody keyed (shown in arbitration only)."""

    user: str
    value: str
    state: State


class YearsOut(ResponseModel):
    """Which years a typed date can mean."""

    first: int
    last: int
    newest: int = Field(description="two digits are the newest year up to this one")


class NumberYearOut(ResponseModel):
    """The year of a number that is typed without it."""

    year: int
    sure: bool = Field(description="the paper says it elsewhere")


class FieldOut(ResponseModel):
    """One field as it stands."""

    field: int
    code: str
    kind: FieldKind
    value: str
    as_written: str
    state: State
    confidence: float
    n_best: list[CandidateOut]
    offers: list[OfferOut] = Field([], description="values to pick, best first")
    preselected: str | None = Field(None, description="what Enter accepts; null: nothing")
    once: int = Field(0, description="doubtful fields of its code in a book that is asked once")
    doubts: list[DoubtOut]
    box: Rectangle = Field(description="x, y, width, height in pixels of the page picture")
    base: int | None = Field(description="id of the newest entry; null: the machine's reading")
    caption: MessageOut
    lane: Lane | None = Field(description="null: it waits in no queue")
    blind: bool = Field(False, description="the machine's value is not shown")
    options: list[OptionOut] = []
    years: YearsOut | None = Field(None, description="of a date only")
    number_year: NumberYearOut | None = Field(None, description="of a number only")
    doubtful: list[list[int]] = Field(
        [], description="words of the value in doubt: begin and end, in characters"
    )
    question: str = Field("", description="what somebody asked about it")
    crop: PictureOut | None = None


class SiblingOut(ResponseModel):
    """Another field of the same record."""

    field: int
    code: str
    kind: FieldKind
    value: str
    state: State
    doubts: list[DoubtOut] = []
    blind: bool = Field(False, description="its value is hidden: it is to be keyed blind")


class ItemOut(FieldOut):
    """A field to decide, with its pictures."""

    record: int
    book: str
    page: int
    page_name: str
    position: int
    keyed: list[KeyedOut] = []
    siblings: list[SiblingOut] = Field(
        [], description="the record's other fields, as they are read"
    )
    context: PictureOut | None = None
    crop_box: Rectangle | None = Field(None, description="the field in pixels of `context`")
    page_picture: PictureOut | None = None


class WordOut(ResponseModel):
    """A word of a field's value on its picture."""

    start: int = Field(description="in the value, in characters")
    end: int
    boxes: list[Rectangle] = Field(description="one a line, in pixels of the field's picture")


class WordsOut(ResponseModel):
    """Where the words of a value stand."""

    words: list[WordOut] | None = Field(description="null while the page is looked at: ask again")


class ItemsOut(ResponseModel):
    """Work that is now held by who asked."""

    items: list[ItemOut]


class ConflictOut(ResponseModel):
    """What somebody else said meanwhile."""

    entry: int
    value: str
    state: State
    user: str
    time: datetime


class FieldStateOut(ResponseModel):
    """A field of the same record after the records' rules were applied again."""

    state: State
    doubts: list[DoubtOut]


class ChangedFieldOut(ResponseModel):
    """A field that a decision has changed: the decided one, and others of its record."""

    field: int
    code: str
    kind: FieldKind
    book: str
    value: str = Field(description='as it stands now; "" while it is keyed blind')
    state: State
    lane_before: Lane | None
    lane: Lane | None


class OutcomeOut(ResponseModel):
    """What became of one decision."""

    field: int
    ok: bool
    value: str = Field("", description="what was said, normalised: it replaces what was typed")
    entry: int | None = None
    conflict: ConflictOut | None = None
    message: MessageOut | None = None
    record: dict[str, FieldStateOut] = {}
    changed: list[ChangedFieldOut] = Field([], description="fields that stand otherwise now")
    alike: list[int] = Field([], description="other fields that were answered with it")


class FreshOffersOut(ResponseModel):
    """What a field is offered after the decisions."""

    field: int
    offers: list[OfferOut] = Field(description="values to pick, best first")
    preselected: str | None = Field(description="what Enter accepts; null: nothing")


class OutcomesOut(ResponseModel):
    """What became of each decision, in the order given."""

    outcomes: list[OutcomeOut]
    offers: list[FreshOffersOut] = Field(
        [], description="of `offers_for`; none of fields that are not held, blind, or decided"
    )


class UndoneOut(ResponseModel):
    """The fields of the deed that was taken back, newest decision first."""

    item: ItemOut | None = Field(description="the first of `items`, or null")
    items: list[ItemOut]
    offers: list[FreshOffersOut] = Field([], description="of `offers_for`, as after a decision")


class WaitingOut(ResponseModel):
    """How much there is to do."""

    total: int
    by_kind: dict[str, int]
    by_book: dict[str, int]
    by_rule: dict[str, int]
    leased: int
    done_today: int = Field(0, description="decisions of this person since midnight of the server")


class GroupOut(ResponseModel):
    """Fields that are decided together."""

    sort: GroupSort = Field(description="read as one value, read as empty, or a column of a book")
    kind: FieldKind | Literal[""] = Field(description="empty: blanks of all kinds")
    value: str
    book: str
    code: str
    count: int
    confidence_min: float = Field(description="of the least sure one, of a value")


class GroupsOut(ResponseModel):
    """Blanks, then columns, then values; the largest of each sort first."""

    groups: list[GroupOut]


class BookCorrectionOut(ResponseModel):
    """A corrected field, and fields of its book that stand as it stood before."""

    field: int
    book: str
    code: str
    kind: FieldKind
    was: list[str] = Field(description="what it was, by the machine and by people")
    value: str
    items: list[ItemOut] = Field(description="decided by nobody: doubtful or accepted")
    decided: list[ItemOut] = Field(description="decided by people")
    more: int = Field(description="beyond those shown")
    waiting: int = Field(description="for a second keying, an arbitration or an answer: not shown")


class CheckedOut(ResponseModel):
    """What the rules say of a value before it is kept."""

    value: str
    display: str
    doubts: list[DoubtOut]
    others: dict[str, list[DoubtOut]]


class SuggestionOut(ResponseModel):
    """A value that begins like what was typed."""

    value: str
    label: str


class SuggestionsOut(ResponseModel):
    """Best first."""

    suggestions: list[SuggestionOut]
