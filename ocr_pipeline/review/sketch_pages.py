"""What is made of scans of a form, in processes with limits: proposals, and trials on pages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr_pipeline.arrays import Gray, Rgb
from ocr_pipeline.errors import BadInputError, ScanError, Text
from ocr_pipeline.imaging.flat_page import FlatPage, flatten, page_content
from ocr_pipeline.layout.form_sketch import (
    REFERENCE_DPI,
    FormSketch,
    SketchField,
    SketchLeader,
    SketchRule,
    sketch_of,
)
from ocr_pipeline.layout.layout_draft import found_lines
from ocr_pipeline.layout.loading import LoadedLayout, record_box
from ocr_pipeline.layout.overlay import overlay
from ocr_pipeline.layout.pose import turned
from ocr_pipeline.layout.registration import Registration
from ocr_pipeline.layout.schema import Layout, PageSize
from ocr_pipeline.processing.book_print import BookPrint, stages_of_book
from ocr_pipeline.processing.page import PALE
from ocr_pipeline.processing.settings import RunSettings
from ocr_pipeline.processing.stages import Stages
from ocr_pipeline.proposing.drafted_layout import clean_reference
from ocr_pipeline.proposing.form_proposal import FormName, propose_layout
from ocr_pipeline.proposing.layout_proposal import LayoutProposal
from ocr_pipeline.registers.fields import Record
from ocr_pipeline.scans.pages import PageRef, load_page

_SHOWN_PIXELS = 2400  # longer side of the picture that is drawn on; A4 then has 8 pixels a mm
_QUALITY = 85
_OVERLAY_QUALITY = 80
_SIZES_MM = ((148.0, 210.0), (210.0, 297.0), (297.0, 420.0))  # A5, A4, A3
_PROPOSED_SIZES = ((210.0, 297.0), (420.0, 297.0))  # that proposals see by the shape alone
_SIZE_TOLERANCE = 0.06  # a scanner's glass is larger than the sheet


@dataclass(frozen=True, slots=True)
class PrepareJob:
    """Scans of a form to be looked at.

    Attributes:
        refs: pages with the form, the one that is drawn on first.
        turn: degrees clockwise that bring them upright.
        content: what is known of the form: type, era, title.

    """

    refs: tuple[PageRef, ...]
    turn: int
    content: FormSketch


@dataclass(frozen=True, slots=True)
class PreparedForm:
    """What the machine makes of the scans of a form.

    Attributes:
        content: with everything that it proposes.
        picture: JPEG of the print that the pages share, or of the one straightened page with all
            that is written on it.
        notice: what a person should know of it; None: nothing.

    """

    content: FormSketch
    picture: bytes
    notice: Text | None


def prepare_form(job: PrepareJob) -> PreparedForm:
    """Straighten the scans and propose what stands on the form.

    A page on which no form is seen can be drawn on all the same: its ruled and dotted lines are
    found, and the notice tells why nothing is proposed.

    Raises:
        ScanError: the first scan cannot be opened.
        MachineError: Tesseract is missing.

    """
    flats = [_opened(job.refs[0], job.turn), *_others(job)]
    size, known = page_size(flats[0]), job.content
    usual = (size.width, size.height) in _PROPOSED_SIZES
    name = FormName(f"{known.type}-x", known.type, known.era, known.title)
    try:
        made = propose_layout(flats, name, None if usual else (size.width, size.height))
    except BadInputError as error:
        return _lines_alone(flats[0], size, known, error.cause)
    return PreparedForm(_proposed(made, known), _picture(made.sheet), made.about_pages)


def _others(job: PrepareJob) -> list[FlatPage]:
    """The further pages, those left out that cannot be opened: they only help."""
    found = []
    for ref in job.refs[1:]:
        try:
            found.append(_opened(ref, job.turn))
        except ScanError:
            continue
    return found


def _opened(ref: PageRef, turn: int) -> FlatPage:
    return _upright(flatten(load_page(ref)), turn)


def reference_of(picture: bytes, layout: Layout) -> bytes:
    """The reference picture of a layout, PNG: the print that it knows, and nothing of the writing.

    Args:
        picture: the straightened page, as of `PreparedForm`.
        layout: the layout.

    """
    sheet = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    if sheet is None:
        raise ValueError("the picture of the sketch is damaged")
    repeated = [
        one.model_copy(update={"box": record_box(one.box, offset)})
        for one in layout.captions
        for offset in layout.offsets_of(one.scope)
    ]
    whole = layout.model_copy(update={"captions": tuple(repeated)})
    return _encoded_png(clean_reference(np.asarray(sheet, np.uint8), whole))


def _proposed(made: LayoutProposal, known: FormSketch) -> FormSketch:
    """What was proposed as a sketch; blanks without a column are fields that lack it."""
    sketch = sketch_of(made.layout, accepted=False)
    open_blanks = [
        SketchField(key=f"b{number}", lines=blank.lines, accepted=False)
        for number, blank in enumerate(made.blanks, start=1)
    ]
    named = {"type": known.type, "era": known.era, "title": known.title}
    fields = (*sketch.fields, *open_blanks)
    return sketch.model_copy(update={**named, "fields": fields})


def _lines_alone(flat: FlatPage, size: PageSize, known: FormSketch, cause: Text) -> PreparedForm:
    reference = _resampled(flat.gray, size)
    rules, leaders = found_lines(reference)
    lines = {
        "rules": tuple(SketchRule(key=f"r{n}", **one) for n, one in enumerate(rules, 1)),
        "leaders": tuple(SketchLeader(key=f"l{n}", **one) for n, one in enumerate(leaders, 1)),
    }
    content = known.model_copy(update={"page": size, **lines})
    return PreparedForm(content, _picture(_shown(flat.gray)), cause)


def _picture(gray: Gray) -> bytes:
    return _jpeg(np.dstack([gray] * 3), _QUALITY)


def page_size(flat: FlatPage) -> PageSize:
    """Size of a page in mm: an ISO size that is near what the scan says, else A4 by its shape."""
    height, width = flat.gray.shape
    if flat.dpi:
        seen = (width / flat.dpi * 25.4, height / flat.dpi * 25.4)
        for short, long in _SIZES_MM:
            for size in ((short, long), (long, short)):
                if all(abs(a / b - 1) < _SIZE_TOLERANCE for a, b in zip(seen, size, strict=True)):
                    return PageSize(width=size[0], height=size[1])
        if 60 <= min(seen) and max(seen) <= 1200:
            return PageSize(width=round(seen[0], 1), height=round(seen[1], 1))
    short, long = _SIZES_MM[1]
    return (
        PageSize(width=long, height=short) if width > height else PageSize(width=short, height=long)
    )


@dataclass(frozen=True, slots=True)
class TrialJob:
    """A page to be read with a sketch.

    Attributes:
        ref: where its bytes are.
        settings: of the workspace now.
        home: units of the book's agency, smallest first.
        layout: `layout.yaml` of the sketch.
        reference: `reference.png` of the sketch.

    """

    ref: PageRef
    settings: RunSettings
    home: tuple[str, ...]
    layout: bytes
    reference: bytes


@dataclass(frozen=True, slots=True)
class TrialReading:
    """What was read in one field of a page."""

    position: int
    code: str
    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TriedPage:
    """How a sketch does on a page.

    Attributes:
        accepted: the gate takes the page.
        layout: id of the layout that fits the page best; "" for none.
        residual_mm: what is left between print found and expected.
        words: share of the printed words that were found.
        coverage: share of the fields with print near them.
        reason: why it is refused; None when accepted.
        overlay: the picture with boxes and print, JPEG.
        readings: of each field of each record; none of a refused page.

    """

    accepted: bool
    layout: str
    residual_mm: float
    words: float
    coverage: float
    reason: Text | None
    overlay: bytes
    readings: tuple[TrialReading, ...] = ()


def try_page(job: TrialJob) -> TriedPage:
    """Lay a sketch on a page as a run would, and read the fields; nothing is kept.

    Raises:
        ScanError: the page cannot be opened.
        LayoutError: the sketch makes no layout.
        MachineError: the model is missing.

    """
    digest = hashlib.sha256(job.layout + job.reference).hexdigest()
    sketch = BookPrint(0, digest, job.layout, job.reference)
    stages, loaded = stages_of_book(job.settings, sketch), sketch.loaded()
    flat = stages.flatten(stages.load(job.ref))
    seen = stages.deepen(flat) if page_content(flat.gray) in PALE else flat
    registration, layout, reason = _laid(stages, seen, loaded)
    accepted = registration.accepted and layout == loaded.layout.id
    readings: tuple[TrialReading, ...] = ()
    if accepted:
        crops = stages.cut(seen, loaded, registration)
        readings = _told(stages.read(crops, job.ref.name, layout, job.home))
    return TriedPage(
        accepted=accepted,
        layout=layout,
        residual_mm=round(min(registration.residual_mm, 99.0), 2),
        words=registration.evidence.words,
        coverage=registration.coverage,
        reason=reason,
        overlay=_jpeg(overlay(seen, loaded, registration), _OVERLAY_QUALITY),
        readings=readings,
    )


def _laid(
    stages: Stages, seen: FlatPage, loaded: LoadedLayout
) -> tuple[Registration, str, Text | None]:
    """Where the sketch lies on the page, which layout fits best, why it is refused."""
    found = stages.detect(seen.gray, list(stages.layouts.values()), loaded.layout.id)
    if found.layout_id == loaded.layout.id:
        laid = found.registration or stages.register(seen.gray, loaded, found.turn)
        return laid, found.layout_id, laid.reason
    alone = stages.detect(seen.gray, [loaded], loaded.layout.id)
    laid = alone.registration or stages.register(seen.gray, loaded, alone.turn)
    other = found.layout_id or ""
    if other:
        told = Text(f"khớp biểu mẫu {other} hơn", f"the layout {other} fits better")
        return laid, other, told
    return laid, "", laid.reason or found.reason


def _told(records: Sequence[Record]) -> tuple[TrialReading, ...]:
    return tuple(
        TrialReading(record.position, code, field.value or field.as_written, field.confidence)
        for record in records
        for code, field in record.fields.items()
    )


def _encoded_png(picture: Gray) -> bytes:
    """A grey picture as PNG, packed as tightly as it goes."""
    done, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not done:
        raise ValueError("OpenCV cannot write this picture as PNG")
    return data.tobytes()


def _upright(flat: FlatPage, turn: int) -> FlatPage:
    if not turn:
        return flat
    return replace(flat, pixels=turned(flat.pixels, turn), gray=turned(flat.gray, turn))


def _resampled(gray: Gray, size: PageSize) -> Gray:
    width, height = (round(mm * REFERENCE_DPI / 25.4) for mm in (size.width, size.height))
    return np.asarray(cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _shown(gray: Gray) -> Gray:
    factor = _SHOWN_PIXELS / max(gray.shape)
    if factor >= 1:
        return gray
    small = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _jpeg(pixels: Rgb, quality: int) -> bytes:
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("OpenCV cannot write this picture as JPEG")
    return data.tobytes()
