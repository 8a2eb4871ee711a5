"""The JSON of teaching forms: sketches, what they lack, trials on pages."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ocr_pipeline.layout.form_sketch import FormSketch
from ocr_pipeline.review.sketch_trial import MOST_PAGES
from ocr_pipeline.store.states import LARGEST_ID
from review_ui.schemas import Id, MessageOut, Name, RequestModel, ResponseModel

Revision = Annotated[int, Field(ge=0, le=10_000_000)]


class NewSketchIn(RequestModel):
    """A form to be taught: by a page of a book, or by files that are sent afterwards."""

    type: Name = Field("", description="register type; that of the book when empty")
    era: Name = Field("", description="years or circular of the form; the book's when empty")
    title: Name = Field("", description="what people call the form")
    page: int = Field(0, ge=0, le=LARGEST_ID, description="id of a page with the form; 0: none")


class SketchChangeIn(RequestModel):
    """A sketch as it is now."""

    revision: Revision = Field(description="that the change was begun with")
    content: FormSketch


class LookIn(RequestModel):
    """How the machine is to look at the scans."""

    turn: Literal[0, 90, 180, 270] | None = Field(
        None, description="degrees clockwise; as before when null"
    )


class TrialIn(RequestModel):
    """The pages to try a sketch on."""

    pages: list[Id] = Field([], max_length=MOST_PAGES, description="the machine chooses when empty")


class SaveIn(RequestModel):
    """A sketch to be saved as a layout."""

    revision: Revision = Field(description="that the person has seen")


class SketchRowOut(ResponseModel):
    """A sketch in the list."""

    id: str
    title: str
    type: str
    era: str
    book: str
    begun_by: str
    holder: str
    changed: str
    state: str
    fields: int = Field(description="accepted ones")
    layout: str
    version: int


class SavedLayoutOut(ResponseModel):
    """A layout that was taught in this workspace."""

    id: str
    versions: int = Field(description="how many different ones were saved")
    is_retired: bool = Field(description="no further page is read with it")
    pages: int = Field(description="pages that were read with it")


class SketchesOut(ResponseModel):
    """All sketches, the one changed last first, and the workspace's own layouts."""

    sketches: list[SketchRowOut]
    layouts: list[SavedLayoutOut]


class ColumnOut(ResponseModel):
    """A column that a field may fill."""

    code: str
    kind: str
    name: MessageOut
    values: dict[str, MessageOut] = Field(description="codes of a tick field and what they mean")


class SketchOut(ResponseModel):
    """A sketch with all that its screen shows."""

    id: str
    revision: int
    state: str
    cause: MessageOut | None = None
    remedy: MessageOut | None = None
    holder: str
    mine: bool = Field(description="the person may change it now")
    book: str
    scans: list[str] = Field(description="names")
    turn: int
    picture: str = Field(description='address of the straightened page; "" until it is ready')
    layout: str
    version: int
    is_saved: bool = Field(description="nothing has changed since it was saved")
    content: FormSketch


class KeptOut(ResponseModel):
    """A change that is kept."""

    revision: int


class RemarkOut(ResponseModel):
    """Something that a sketch lacks, or that looks wrong, and where."""

    serious: bool
    rule: str
    message: MessageOut
    keys: list[str] = Field(description="things of the sketch that are meant")
    codes: list[str] = Field(description="columns that are meant")
    place: list[float] = Field(description="x, y in mm to look at; empty: no place")


class ChecklistOut(ResponseModel):
    """What a sketch lacks."""

    revision: int
    remarks: list[RemarkOut]


class TrialReadingOut(ResponseModel):
    """What was read in a field."""

    position: int
    code: str
    value: str
    confidence: float


class TrialPageOut(ResponseModel):
    """What came of a page of a trial."""

    name: str
    page: int
    done: bool
    accepted: bool
    layout: str
    residual_mm: float
    words: float
    coverage: float
    reason: MessageOut | None = None
    fault: MessageOut | None = None
    overlay: str = Field(description='address of the picture; "" where there is none')
    readings: list[TrialReadingOut]


class TrialOut(ResponseModel):
    """A trial of a sketch, as far as it has come."""

    revision: int
    finished: bool
    stopped: MessageOut | None = None
    pages: list[TrialPageOut]


class SavedOut(ResponseModel):
    """The layout that a sketch has become."""

    layout: str
    version: int
    left_out: int = Field(description="fields that are not in it, because they are not complete")
