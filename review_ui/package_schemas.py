"""The JSON of packages: what lies ready of a book, and what the check of others finds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, model_validator

from review_ui.schemas import MessageOut, RequestModel, ResponseModel


class PackageFileOut(ResponseModel):
    """A file of a package, to be had at `/packages/{book}/{form}/{name}`."""

    name: str
    length: int = Field(description="bytes")
    sha256: str


class KeptPackageOut(ResponseModel):
    """What lies ready of a book."""

    time: datetime
    by: str
    records: int
    files: list[PackageFileOut]


class PackageStateOut(ResponseModel):
    """How it stands with one form of package."""

    making: bool
    kept: KeptPackageOut | None
    failed: bool = Field(description="the last attempt was refused; the page says why")

    @model_validator(mode="before")
    @classmethod
    def _from_state(cls, state: Any) -> Any:
        return {"making": state.making, "kept": state.kept, "failed": state.error is not None}


class PackagesOut(ResponseModel):
    """The packages of a book."""

    official: PackageStateOut
    draft: PackageStateOut


class PackageCheckIn(RequestModel):
    """Which of the files that were sent are to be checked."""

    batch: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class PackageFaultOut(ResponseModel):
    """One thing that is wrong with a package."""

    rule: str
    level: str = Field(description="error: the import refuses it; warning: look at it")
    file: str
    row: int = Field(description="1-based Excel row; 0 when it concerns none")
    column: str
    message: MessageOut
    remedy: MessageOut


class PackageReportOut(ResponseModel):
    """What the check found about one package."""

    excel: str | None
    zip: str | None
    type: str
    rows: int
    pdfs: int
    acceptable: bool
    faults: list[PackageFaultOut]


class PackageCheckOut(ResponseModel):
    """The check of packages, as `sohoa check --json` tells it."""

    packages: list[PackageReportOut]
