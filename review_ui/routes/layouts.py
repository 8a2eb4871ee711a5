"""Forms that the office teaches the machine: sketches, proposals, trials, saved layouts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from ocr_pipeline.errors import Text
from ocr_pipeline.layout.form_sketch import FormSketch, is_complete
from ocr_pipeline.processing.form_pages import refused_books
from ocr_pipeline.registers.types import RegisterType
from ocr_pipeline.review import form_sketches, layout_saving, own_layouts
from ocr_pipeline.review.errors import NotFoundError
from ocr_pipeline.review.form_columns import form_columns
from ocr_pipeline.review.form_sketches import NewSketch
from ocr_pipeline.review.sketch_checks import sketch_remarks
from ocr_pipeline.review.sketch_files import SketchFile, SketchFolder
from ocr_pipeline.review.sketch_trial import Trial, load_trial, overlay_picture
from ocr_pipeline.store.states import LARGEST_ID
from review_ui.access import GuardedRoute
from review_ui.html_pages import render
from review_ui.layout_schemas import (
    ChecklistOut,
    ColumnOut,
    KeptOut,
    LookIn,
    NewSketchIn,
    RemarkOut,
    SavedLayoutOut,
    SavedOut,
    SaveIn,
    SketchChangeIn,
    SketchesOut,
    SketchOut,
    SketchRowOut,
    TrialIn,
    TrialOut,
    TrialPageOut,
    TrialReadingOut,
)
from review_ui.openapi import refusals
from review_ui.schemas import message_of
from review_ui.station import At, By, Station

router = APIRouter(route_class=GuardedRoute, tags=["layouts"], responses=refusals(404, 409))

_MOST_BOOKS = 20  # named at once: the worst ones

Identity = Annotated[str, Path(max_length=40)]
_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {}}, "description": "The picture"}
}


@router.get("/layouts", include_in_schema=False)
def layouts_page(
    request: Request, at: At, page: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0
) -> Response:
    """The forms of this workspace, and where a new one is begun."""
    with at.workspace.read_session() as session:
        refused = refused_books(session)
    values = {
        "types": list(RegisterType),
        "page_id": page,
        "own": own_layouts.own_layouts(at.workspace),
        "refused": refused[:_MOST_BOOKS],
        "further": len(refused[_MOST_BOOKS:]),
    }
    return render(request, "layouts.html", values)


@router.get("/layouts/{sketch}", include_in_schema=False)
def sketch_page(request: Request, sketch: Identity, at: At) -> Response:
    """The screen on which a form is taught."""
    SketchFolder(at.workspace.folder, sketch).load()
    return render(request, "sketch.html", {"sketch": sketch})


@router.post("/layouts/{layout}/retire", include_in_schema=False)
def retire(layout: Identity, at: At, by: By) -> Response:
    """Take a form of the office out of use."""
    own_layouts.retire_layout(at.workspace, by, layout, at.clock())
    return RedirectResponse("/layouts", 303)


@router.post("/layouts/{layout}/restore", include_in_schema=False)
def restore(layout: Identity, at: At, by: By) -> Response:
    """Take a retired form of the office back into use."""
    own_layouts.restore_layout(at.workspace, by, layout, at.clock())
    return RedirectResponse("/layouts", 303)


@router.get("/api/sketches", response_model=SketchesOut)
def sketches(at: At) -> SketchesOut:
    """All sketches of forms, and the layouts that were made in this workspace."""
    rows = [_row(one) for one in form_sketches.all_sketches(at.workspace)]
    own = [SavedLayoutOut.model_validate(one) for one in own_layouts.own_layouts(at.workspace)]
    return SketchesOut(sketches=rows, layouts=own)


@router.post("/api/sketches", response_model=SketchRowOut)
def begin(wanted: NewSketchIn, at: At, by: By) -> SketchRowOut:
    """Begin to teach a form; by a page of a book the machine looks at it at once."""
    new = NewSketch(wanted.type, wanted.era, wanted.title, wanted.page)
    sketch = form_sketches.begin_sketch(at.workspace, by, new, at.clock())
    at.sketches.go_on(sketch)
    return _row(sketch)


@router.get("/api/sketches/columns", response_model=list[ColumnOut])
def columns(type: Annotated[RegisterType, Query(description="register type")]) -> list[ColumnOut]:
    """The columns that a field of a form of this type may fill."""
    return [
        ColumnOut(
            code=one.code,
            kind=one.kind,
            name=message_of(one.name),
            values={value: message_of(text) for value, text in one.values.items()},
        )
        for one in form_columns(type.value)
    ]


@router.get("/api/sketches/{sketch}", response_model=SketchOut)
def sketch(sketch: Identity, at: At, by: By) -> SketchOut:
    """A sketch with all that its screen shows."""
    found = SketchFolder(at.workspace.folder, sketch).load()
    at.sketches.go_on(found)
    return _sketch(at, found, by.name)


@router.put("/api/sketches/{sketch}", response_model=KeptOut)
def change(sketch: Identity, wanted: SketchChangeIn, at: At, by: By) -> KeptOut:
    """Keep a sketch as it is now; 409 when it has changed meanwhile, or somebody else has it."""
    kept = form_sketches.changed_sketch(
        at.workspace, by, sketch, wanted.revision, wanted.content, at.clock()
    )
    return KeptOut(revision=kept.revision)


@router.get("/api/sketches/{sketch}/revisions/{revision}", response_model=FormSketch)
def former(
    sketch: Identity, revision: Annotated[int, Path(ge=0, le=10_000_000)], at: At
) -> FormSketch:
    """What a sketch was at an earlier revision, for undoing."""
    return SketchFolder(at.workspace.folder, sketch).former(revision)


@router.get("/api/sketches/{sketch}/picture", response_class=Response, responses=_JPEG)
def picture(sketch: Identity, at: At) -> Response:
    """The straightened page that the form is drawn on."""
    path = SketchFolder(at.workspace.folder, sketch).picture
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFoundError(
            Text("Ảnh chưa sẵn sàng", "The picture is not ready"), where=sketch
        ) from None
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.get("/api/sketches/{sketch}/checklist", response_model=ChecklistOut)
def checklist(sketch: Identity, at: At) -> ChecklistOut:
    """What a sketch lacks, as it is kept."""
    found = SketchFolder(at.workspace.folder, sketch).load()
    remarks = [
        RemarkOut(
            serious=one.serious,
            rule=one.rule,
            message=message_of(one.message),
            keys=list(one.keys),
            codes=list(one.codes),
            place=list(one.place or ()),
        )
        for one in sketch_remarks(found.content)
    ]
    return ChecklistOut(revision=found.revision, remarks=remarks)


@router.post("/api/sketches/{sketch}/take", response_model=SketchOut)
def take(sketch: Identity, at: At, by: By) -> SketchOut:
    """Go on with a sketch that somebody else holds."""
    found = form_sketches.take_sketch(at.workspace, by, sketch, at.clock())
    return _sketch(at, found, by.name)


@router.post("/api/sketches/{sketch}/look", response_model=SketchOut)
def look(sketch: Identity, wanted: LookIn, at: At, by: By) -> SketchOut:
    """Have the machine look at the scans, and propose what stands on the form."""
    found = form_sketches.look_again(at.workspace, by, sketch, at.clock(), wanted.turn)
    at.sketches.go_on(found)
    return _sketch(at, found, by.name)


@router.post("/api/sketches/{sketch}/discard", status_code=204)
def discard(sketch: Identity, at: At, by: By) -> None:
    """Throw a sketch away with its scans; layouts that were saved of it stay."""
    form_sketches.discard_sketch(at.workspace, by, sketch, at.clock())


@router.post("/api/sketches/{sketch}/trial", response_model=TrialOut)
def begin_trial(sketch: Identity, wanted: TrialIn, at: At, by: By) -> TrialOut:
    """Try a sketch on pages: each is laid, judged and read; nothing of it is kept as a result."""
    trial = at.sketches.begin_trial(by, sketch, list(wanted.pages), at.clock())
    return _trial(sketch, trial)


@router.get("/api/sketches/{sketch}/trial", response_model=TrialOut)
def trial(sketch: Identity, at: At) -> TrialOut:
    """The last trial, as far as it has come."""
    folder = SketchFolder(at.workspace.folder, sketch)
    at.sketches.go_on(folder.load())
    return _trial(sketch, load_trial(folder))


@router.get("/api/sketches/{sketch}/trial/{number}", response_class=Response, responses=_JPEG)
def trial_picture(sketch: Identity, number: Annotated[int, Path(ge=0, le=99)], at: At) -> Response:
    """A page of the last trial with the boxes and the print that was found."""
    data = overlay_picture(SketchFolder(at.workspace.folder, sketch), number)
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.post("/api/sketches/{sketch}/save", response_model=SavedOut)
def save(sketch: Identity, wanted: SaveIn, at: At, by: By) -> SavedOut:
    """Save a sketch as a layout: runs use it from now on, refused pages can be read with it."""
    saved = layout_saving.save_sketch(at.workspace, by, sketch, wanted.revision, at.clock())
    return SavedOut.model_validate(saved, from_attributes=True)


def _row(sketch: SketchFile) -> SketchRowOut:
    content = sketch.content
    return SketchRowOut(
        id=sketch.id,
        title=content.title,
        type=content.type,
        era=content.era,
        book=sketch.book,
        begun_by=sketch.begun_by,
        holder=sketch.holder,
        changed=sketch.changed,
        state=sketch.state,
        fields=sum(map(is_complete, content.fields)),
        layout=sketch.layout,
        version=sketch.version,
    )


def _sketch(at: Station, sketch: SketchFile, user: str) -> SketchOut:
    folder = SketchFolder(at.workspace.folder, sketch.id)
    is_there = sketch.state != "proposing" and folder.picture.is_file()
    stamp = folder.picture.stat().st_mtime_ns if is_there else 0
    cause, remedy = sketch.cause, sketch.remedy
    return SketchOut(
        id=sketch.id,
        revision=sketch.revision,
        state=sketch.state,
        cause=message_of(cause) if cause else None,
        remedy=message_of(remedy) if remedy else None,
        holder=sketch.holder,
        mine=sketch.holder == user or sketch.held_to <= at.clock(),
        book=sketch.book,
        scans=[scan.name for scan in sketch.scans],
        turn=sketch.turn,
        picture=f"/api/sketches/{sketch.id}/picture?{stamp}" if is_there else "",
        layout=sketch.layout,
        version=sketch.version,
        is_saved=sketch.saved_revision == sketch.revision,
        content=sketch.content,
    )


def _trial(identity: str, trial: Trial) -> TrialOut:
    pages = [
        TrialPageOut(
            **page.model_dump(exclude={"readings"}),
            overlay=f"/api/sketches/{identity}/trial/{number}?{trial.revision}"
            if page.done and not page.fault
            else "",
            readings=[
                TrialReadingOut(position=p, code=code, value=value, confidence=confidence)
                for p, code, value, confidence in page.readings
            ],
        )
        for number, page in enumerate(trial.pages)
    ]
    stopped = trial.stopped
    return TrialOut(
        revision=trial.revision,
        finished=trial.is_finished,
        stopped=message_of(stopped) if stopped else None,
        pages=pages,
    )
