"""The JSON of reconciling: begun, how far it is, what became of lists that came back."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from review_ui.schemas import MessageOut, RequestModel, ResponseModel

BatchId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class ReconcileIn(RequestModel):
    """Two batches of keyed files."""

    civil: BatchId = Field(description="civil-status files")
    population: BatchId = Field(description="files of the population database")


class ReturnedIn(RequestModel):
    """Lists that came back."""

    batch: BatchId
    again: bool = Field(False, description="a new decision takes the place of an earlier one")


class ReconciliationNumberOut(ResponseModel):
    """The number of a reconciliation that was begun."""

    number: str


class ReconciliationOut(ResponseModel):
    """How far a reconciliation is."""

    number: str
    phase: str = Field(description='opening, rows, lists, returned; "": nothing goes on')
    steps: int
    count: int = Field(description="of this phase; 0 while it is not known")
    done: bool
    error: MessageOut | None
    remedy: MessageOut | None
    where: str
    summary: dict[str, Any] | None = Field(description="as `tong_hop.json` has it")
    counts: dict[str, Any] | None = Field(description="how far the decisions are")
    intake: dict[str, Any] | None = Field(description="what came of the lists sent last")
    files: list[str]
