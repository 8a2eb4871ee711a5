"""The JSON of books, records, pages, policies and figures (see also `schemas`)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ocr_pipeline.registers.fields import Kind
from ocr_pipeline.review.policies import Mode
from ocr_pipeline.store.states import PageKind
from review_ui.schemas import (
    LARGEST_ID,
    FieldOut,
    Id,
    Message,
    Name,
    Picture,
    Told,
    Wanted,
    Words,
)

Corner = Annotated[
    list[Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]],
    Field(min_length=2, max_length=2),
]


class RereadIn(Wanted):
    """How a refused page is to be read."""

    layout: Name
    corners: list[Corner] = Field(
        min_length=4,
        max_length=4,
        description="x, y in pixels of the scan picture, clockwise from the form's top left",
    )
    trust: bool = Field(False, description="cut along the corners even if the form does not fit")


class AsideIn(Wanted):
    """Why a page is put aside."""

    reason: Name
    note: Words = ""


class PlaceIn(Wanted):
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


class PolicyIn(Wanted):
    """How fields of a kind in a book are reviewed; "" stands for all."""

    book: Name = ""
    kind: Kind | Literal[""] = ""
    mode: Mode = Mode.SINGLE
    sample: float = Field(0.02, ge=0, le=1, allow_inf_nan=False)
    threshold: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)


class PoliciesIn(Wanted):
    """The policies to set; others stay as they are."""

    policies: list[PolicyIn] = Field(min_length=1, max_length=500)


class RecordOut(Told):
    """A whole record beside its scan."""

    record: int
    book: str
    type: str
    page: int
    page_name: str
    position: int
    layout: str
    picture: Picture | None = None
    fields: list[FieldOut]
    previous: int | None
    next: int | None


class PageInBook(Told):
    """A page in the order of its book."""

    page: int
    name: str
    ordinal: int
    kind: PageKind


class PageDecisionOut(Told):
    """What somebody decided about a page."""

    id: int
    kind: str
    details: dict[str, Any]
    user: str
    time: datetime


class PageOut(Told):
    """A page: what it is, why, and what people decided about it."""

    page: int
    book: str
    name: str
    ordinal: int
    kind: PageKind
    cause: Message | None
    remedy: Message | None
    layout: str
    records: list[int]
    pages: list[PageInBook] = Field(description="the pages of the book in its order")
    picture: Picture | None = Field(None, description="the page that boxes refer to")
    scan: Picture | None = Field(None, description="the whole scan that corners refer to")
    decisions: list[PageDecisionOut] = []


class PageOutcomeOut(Told):
    """What a page turned out to be when it was read again."""

    kind: PageKind
    cause: Message | None
    remedy: Message | None
    records: int
    residual_mm: float
    layout: str


class Millimetres(Told):
    """The size of a form on paper."""

    width: float
    height: float


class LayoutOut(Told):
    """A form that pages can be read with."""

    id: str
    title: Message
    type: str
    era: str
    page: Millimetres
    outline: str | None = None


class Reason(Told):
    """Why a page may be put aside."""

    id: str
    vi: str
    en: str


class Layouts(Told):
    """The forms, and the reasons for putting a page aside."""

    layouts: list[LayoutOut]
    reasons: list[Reason]


class PolicyOut(Told):
    """How fields of a kind in a book are reviewed; "" stands for all."""

    book: str
    kind: str
    mode: Mode
    sample: float
    threshold: float | None


class Policies(Told):
    """All policies that are set."""

    policies: list[PolicyOut]


class BookOut(Told):
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


class Books(Told):
    """All books of the workspace."""

    books: list[BookOut]


class BookPage(PageInBook):
    """A page in its book, with what is on it or why nothing is."""

    cause: Message | None
    remedy: Message | None
    records: list[int]


class Obstacle(Told):
    """Why a book cannot be approved yet."""

    rule: str
    message: Message
    remedy: Message | None = None
    page: int | None = None
    record: int | None = None
    field: int | None = None


class BookDetail(BookOut):
    """A book: its pages, its numbers, and what keeps it from being approved."""

    gaps: list[str] = Field(description="numbers that are missing")
    repeats: list[str] = Field(description="numbers that stand there more than once")
    pages_in_order: list[BookPage]
    obstacles: list[Obstacle]


class NoteIn(Wanted):
    """A remark on a step of approval."""

    note: Words = ""


class ThroughputOut(Told):
    """How many decisions a person made in an hour."""

    day: date
    hour: int = Field(description="0–23, UTC")
    user: str
    decisions: int


class PersonOut(Told):
    """How much a person got done."""

    user: str
    decisions: int
    seconds_median: float
    per_hour: float = Field(description="at work: breaks are left out")


class SecondsOut(Told):
    """Time for one field of a kind."""

    kind: str
    action: str
    count: int
    median: float
    p90: float
    keys_median: float


class ShareOut(Told):
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


class Dashboard(Told):
    """Figures of some days."""

    books: list[BookOut]
    throughput: list[ThroughputOut]
    people: list[PersonOut]
    seconds: list[SecondsOut]
    samples: list[SampleOut]
    corrections: list[CorrectionsOut]
    agreement: list[AgreementOut]
