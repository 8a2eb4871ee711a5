"""The JSON of office work: imports, runs, the order of books (see also `schemas`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from review_ui.schemas import MessageOut, Name, RequestModel, ResponseModel

Place = Annotated[str, StringConstraints(max_length=2000)]


class PlanFile(RequestModel):
    """A file that a browser would send."""

    place: Place = Field(description="path with the book's folder first")
    size: int = Field(ge=0, le=10**15)


class PlanIn(RequestModel):
    """The files that a browser would send."""

    files: list[PlanFile] = Field(max_length=5000)


class FileVerdict(ResponseModel):
    """What will become of a file."""

    place: str = Field(description="where it will lie below the folder of scans")
    state: Literal["new", "there", "refused"] = Field(
        description="there: a file of this name and size is there; it may be sent all the same"
    )
    cause: MessageOut | None = None
    remedy: MessageOut | None = None


class PlanOut(ResponseModel):
    """What will become of the files, in their order."""

    files: list[FileVerdict]


class UploadedScanOut(ResponseModel):
    """What became of a file."""

    place: str
    state: Literal["kept", "there"]
    pages: int
    digest: str = Field(description="SHA-256 of its bytes")
    notes: list[MessageOut]


class ScanReplacementOut(ResponseModel):
    """A page whose scan was replaced: another scan is another page."""

    page: int
    book: str
    name: str
    kind: str = Field(description="`pending`: it waits to be read by a run")


class InventoryBook(ResponseModel):
    """A book as the inventory describes it."""

    id: str
    type: str
    year: int
    number: int
    agency: str


class ScanFolderOut(ResponseModel):
    """A folder or file at the top of the scans."""

    name: str
    files: int
    line: str
    own: bool = Field(description="described at the station: may be described anew here")
    book: InventoryBook | None


class InventoryLine(ResponseModel):
    """A line of an inventory: its book, or what is wrong with it."""

    where: str
    folder: str
    book: InventoryBook | None = None
    notices: list[MessageOut] = []
    cause: MessageOut | None = None
    remedy: MessageOut | None = None


class InventoryOut(ResponseModel):
    """An inventory that was sent: as it would count, or as it counts now."""

    name: str
    accepted: bool
    former: list[str]
    lines: list[InventoryLine]
    notices: list[MessageOut]


class ScansOut(ResponseModel):
    """What lies among the scans."""

    scans: str
    folders: list[ScanFolderOut]
    faults: list[InventoryLine]
    notices: list[MessageOut]


class InventoryLineIn(RequestModel):
    """Which book the scans of a folder are: the columns of the inventory."""

    folder: Name
    type: Name = ""
    year_opened: Name = ""
    number: Name = ""
    commune: Name = ""
    district: Name = ""
    province: Name = ""
    agency: Name = ""
    as_typed: Name = ""
    layout: Name = ""
    condition: Name = ""


class InventoryLineOut(ResponseModel):
    """The book that a folder is now, and what was understood otherwise than it was typed."""

    folder: str
    book: InventoryBook
    notices: list[MessageOut]


class RunIn(RequestModel):
    """How a run is started."""

    until: Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")] = Field(
        "", description="time of day at which it stops cleanly"
    )
    retry: bool = Field(False, description="try pages again that killed their workers")


class RunOut(ResponseModel):
    """How the run goes."""

    run: dict[str, Any] | None
    words: list[MessageOut]
    books: list[str]
    starting: bool
    finishing: bool
    log: str


class OrderedBook(ResponseModel):
    """A book in the order of work."""

    id: str
    type: str
    year: int
    number: int
    agency: str
    state: str
    open: int
    pages: int
    unread: int
    refused: int
    records: int
    priority: int
    people: list[str] = Field(description="who has fields of it on the screen")


class OrderOut(ResponseModel):
    """All books in the order of work."""

    books: list[OrderedBook]


class PriorityIn(RequestModel):
    """Where a book stands in the order of work."""

    priority: int = Field(ge=-9, le=9, description="the higher, the sooner; 0 for a usual book")


class BookIn(RequestModel):
    """What a book should be; empty values stay as they are."""

    type: Name = ""
    year: Annotated[int, Field(ge=1800, le=2200)] | None = None
    number: Annotated[int, Field(ge=1, le=100_000)] | None = None


class MoveIn(RequestModel):
    """To which book what was decided goes."""

    to: Name


class BookChangeOut(ResponseModel):
    """What a change of a book did."""

    book: str
    pages: int
    decisions: int
    left: bool
