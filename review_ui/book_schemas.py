"""The JSON of books, records, pages, policies and figures (see also `schemas`)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ocr_pipeline.registers.fields import FieldKind, State
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review.page_order import BookOrder
from ocr_pipeline.review.policies import ReviewMode
from ocr_pipeline.store.states import LARGEST_ID, PageKind
from review_ui.schemas import (
    FieldOut,
    Id,
    MessageOut,
    Name,
    PictureOut,
    Rectangle,
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
    on_page: int = Field(description="positions on its page, those without a record too")
    picture: PictureOut | None = Field(None, description="the page that boxes refer to")
    cut: PictureOut | None = Field(None, description="the record alone, at full resolution")
    cut_box: Rectangle | None = Field(None, description="`cut` in pixels of `picture`")
    fields: list[FieldOut]
    previous: int | None
    next: int | None


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


class ThroughputOut(ResponseModel):
    """How many decisions a person made in an hour."""

    day: date
    hour: int = Field(description="0–23, UTC")
    user: str
    decisions: int


class PersonOut(ResponseModel):
    """How much a person got done."""

    user: str
    decisions: int
    seconds_median: float
    per_hour: float = Field(description="at work: breaks are left out")


class SecondsOut(ResponseModel):
    """Time for one field of a kind."""

    kind: str
    action: str
    count: int
    median: float
    p90: float
    keys_median: float


class ShareOut(ResponseModel):
    """A measured share with its 95 % interval (Wilson)."""

    low: float
    high: float


class SampleOut(ShareOut):
    """Errors found in a sample of the fields that the machine accepted; "" stands for all."""

    book: str
    kind: str
    checked: int
    wrong: int
    error: float


class CorrectionsOut(ShareOut):
    """How often a doubtful value was indeed wrong; "" stands for all kinds."""

    kind: str
    checked: int
    changed: int
    share: float


class AgreementOut(ShareOut):
    """How often two people who did not see each other keyed the same; "" stands for all."""

    users: list[str]
    both: int
    alike: int
    share: float


class AccuracyOut(ShareOut):
    """How often a person was right where somebody else keyed the same field."""

    user: str
    checked: int
    right: int
    share: float


class EffortOut(ResponseModel):
    """What doubtful fields cost people; "" stands for all kinds."""

    kind: str
    needless: int = Field(description="confirmed as the machine had them")
    corrected: int
    keys: int
    seconds: float


class EvidenceOut(ResponseModel):
    """What samples show of the error of accepted fields; "" stands for all books or kinds."""

    book: str
    kind: str
    checked: int
    wrong: int
    counted: int = Field(description="of those checked, drawn at one rate: `at_most` is theirs")
    unfinished: int = Field(description="drawn at that one rate, waiting still")
    at_most: float = Field(
        description="share of wrong fields not exceeded (95 %), were all `unfinished` wrong"
    )
    budget: float
    needed: int = Field(description="sampled fields to be keyed still to show the budget")
    waiting: int
    pool: int
    reachable: bool


class UnattendedOut(ResponseModel):
    """Records and fields that need nobody, as they stand now; book "" stands for all."""

    book: str
    records: int
    unattended: int = Field(description="records all of whose fields were accepted")
    fields: int
    accepted: int = Field(description="fields that were accepted, blank and sampled ones included")
    record_share: float = Field(description="`unattended` of `records`, 0–1")
    field_share: float = Field(description="`accepted` of `fields`, 0–1")


class DashboardOut(ResponseModel):
    """Figures of some days."""

    books: list[BookOut]
    throughput: list[ThroughputOut]
    people: list[PersonOut]
    seconds: list[SecondsOut]
    samples: list[SampleOut]
    corrections: list[CorrectionsOut]
    agreement: list[AgreementOut]
    accuracy: list[AccuracyOut]
    effort: list[EffortOut]
    evidence: EvidenceOut
    strata: list[EvidenceOut] = Field(description="of each kind in all books, then of each book")
    unattended: list[UnattendedOut] = Field(description="of all books, then of each with records")
