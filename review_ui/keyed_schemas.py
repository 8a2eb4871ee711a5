"""The JSON of keyed files: what they hold, what is mended, and how they were divided."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from review_ui.schemas import MessageOut, RequestModel, ResponseModel


class KeyedFilesIn(RequestModel):
    """What is to be done with the files that were sent."""

    batch: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    split: bool = Field(False, description="divide them by registering agency")
    province: Annotated[str, Field(max_length=100)] = Field(
        "", description="of rows that name none; that of most other rows when empty"
    )
    one_file: bool = Field(False, description="one .xls for each type, not for each book")


class KeyedFileOut(ResponseModel):
    """A file that could be opened."""

    name: str
    forms: list[str] = Field(description="register type and generation of each sheet")
    rows: int
    notices: list[MessageOut]


class RefusedFileOut(ResponseModel):
    """A file that cannot be read."""

    name: str
    cause: MessageOut
    remedy: MessageOut | None


class MendedKindOut(ResponseModel):
    """One kind of change, with an example."""

    rule: str
    column: str
    count: int
    before: str
    after: str
    row: int
    meaning: MessageOut


class FaultKindOut(ResponseModel):
    """One kind of what is not understood, with its first place."""

    rule: str
    column: str
    count: int
    place: str
    row: int
    message: MessageOut
    remedy: MessageOut
    harmless: bool


class StatedAgencyOut(ResponseModel):
    """An agency that is in no list of units."""

    text: str
    rows: int
    why: MessageOut | None
    nearest: list[str]


class SplitOut(ResponseModel):
    """How the files were divided; the archive is at `/keyed/{batch}/archive`."""

    agencies: int
    files: int
    placed: int
    unknown: int = Field(description="rows of agencies that are not known")
    unknown_agencies: list[StatedAgencyOut]


class KeyedFoundOut(ResponseModel):
    """What the files hold: `rows` = `records` + `aside`."""

    files: list[KeyedFileOut]
    refused: list[RefusedFileOut]
    rows: int
    records: int
    doubles: int
    aside: int
    rows_left: int = Field(description="rows of sheets that are not read")
    mended: list[MendedKindOut]
    faults: list[FaultKindOut]
    split: SplitOut | None


class KeyedJobOut(ResponseModel):
    """How it stands with the files of a batch."""

    rows: int = Field(description="gone through so far")
    count: int = Field(description="of all files; 0 while they are opened")
    done: bool
    error: MessageOut | None
    remedy: MessageOut | None
    found: KeyedFoundOut | None
