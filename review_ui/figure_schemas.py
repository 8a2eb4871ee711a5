"""The JSON of the figures: work, people, accuracy, effort."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from review_ui.book_schemas import BookOut
from review_ui.schemas import (
    ResponseModel,
)


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
